// A client on the far node, which has no CoreDNS: what breaks there breaks no lookup of anybody.
import { FAR_NODE, SHOP } from './base.ts';
import type { Flow } from './define.ts';
import type { KubeObject, Lab } from './lab.ts';
import { client, deployment, onNode, service } from './objects.ts';

export const farClient = (lab: Lab): KubeObject => client(SHOP, 'far', { app: 'far' }, onNode(lab.nodeName(FAR_NODE)));

/** One Pod on the far node behind Service `near`. */
export const nearBackend = (lab: Lab): KubeObject[] => [
  deployment(SHOP, 'near', { replicas: 1, podSpec: onNode(lab.nodeName(FAR_NODE)) }),
  service(SHOP, 'near', { app: 'near' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
];

export const farToNear: Flow = { namespace: SHOP, source: 'far', destination: 'near', url: 'http://near/' };

/** Of the lab's own internet. */
export const OUTSIDE = '198.51.100.10';

export const farToOutside: Flow = {
  namespace: SHOP,
  source: 'far',
  destination: 'http://example.com',
  url: 'http://example.com/',
};
