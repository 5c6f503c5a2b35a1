// A second shop front: `stock`, two Pods that are replaced all at once, for faults that a rolling update would hide.
import { SHOP } from './base.ts';
import type { Flow } from './define.ts';
import { deployment, service } from './objects.ts';

export const stock = [
  deployment(SHOP, 'stock', { spec: { strategy: { type: 'Recreate' }, progressDeadlineSeconds: 60 } }),
  service(SHOP, 'stock', { app: 'stock' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
];

export const webToStock: Flow = { namespace: SHOP, source: 'web', destination: 'stock', url: 'http://stock/' };

export const rollout = ['-n', SHOP, 'rollout', 'status', 'deployment/stock', '--timeout=30s'] as const;
