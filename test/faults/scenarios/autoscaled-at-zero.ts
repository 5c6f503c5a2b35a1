import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const scaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'stock', namespace: SHOP },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'stock' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  },
};
const scale = (replicas: number) => ['-n', SHOP, 'scale', 'deployment/stock', `--replicas=${replicas}`];

export default defineScenario({
  name: 'autoscaled-at-zero',
  about: 'somebody scaled stock to 0, which switches its autoscaler off',
  objects: [...stock, scaler],
  flow: webToStock,
  patience: 60,
  breakIt: async (lab) => {
    await lab.kubectl(...scale(0));
  },
  async witness(lab) {
    const off = await lab.field(
      '{.status.conditions[?(@.type=="ScalingActive")].reason}',
      '-n',
      SHOP,
      'horizontalpodautoscaler',
      'stock',
    );
    const found = await endpoints(lab, SHOP, 'stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: off === 'ScalingDisabled' && found.all === 0 && fetches[0]?.exit === 7,
      saw: `ScalingActive: ${off || 'not said'}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...scale(2));
    await lab.kubectl(...rollout);
  },
  order: () => [
    {
      id: 'backend-scaled-to-zero',
      role: 'cause',
      subject: { kind: 'Deployment', namespace: SHOP, name: 'stock' },
      says: 'HorizontalPodAutoscaler stock (2 to 5 replicas) does nothing while it is at 0',
    },
  ],
});
