import { allFailed, ask, backends, describe, direct, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { droppedByHand } from '../policies.ts';

// The lab's enforcer does not know this API: the object is real, and what it denies is dropped by hand.
const denyWeb: KubeObject = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'web-stays-out' },
  spec: {
    priority: 10,
    subject: {
      pods: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': SHOP } },
        podSelector: { matchLabels: { app: 'api' } },
      },
    },
    ingress: [
      {
        name: 'no-web',
        action: 'Deny',
        from: [
          {
            // As v0.1.1 of the API has it, which is what the lab installs.
            pods: {
              namespaces: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': SHOP } } },
              podSelector: { matchLabels: { app: 'web' } },
            },
          },
        ],
      },
    ],
  },
};

export default defineFault({
  id: 'netpol-cluster-policy-deny',
  about: 'an AdminNetworkPolicy denies web the way to api; no NetworkPolicy can allow it (emulated)',
  flow: webToApi,
  matters: { policy: true },
  async choose(lab) {
    const source = await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'web');
    return { source, apis: (await backends(lab, SHOP, 'api')).map(({ ip }) => ip).join(', ') };
  },
  async breakIt(lab, { source, apis }) {
    await lab.apply([denyWeb]);
    await droppedByHand(lab, SOURCE_NODE, `ip saddr ${source} ip daddr { ${apis} }`);
  },
  async witness(lab) {
    const name = await lab.field('{.metadata.name}', 'adminnetworkpolicies', 'web-stays-out');
    const fetches = [...(await ask(lab, webToApi)), ...(await direct(lab, webToApi))];
    return {
      seen: name !== '' && allFailed(fetches),
      saw: `AdminNetworkPolicy ${name || 'absent'}; by name and Pod IPs: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await droppedByHand(lab, SOURCE_NODE, null);
    await lab.delete([denyWeb]);
  },
  subject: () => ({ kind: 'AdminNetworkPolicy', name: 'web-stays-out' }),
});
