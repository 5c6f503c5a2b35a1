import { allFailed, ask, backends, describe, direct, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { policy } from '../objects.ts';
import { droppedByHand, toDns } from '../policies.ts';

// There is no Cilium on the lab. Its DaemonSet is there as an object without Pods, and what it would drop is dropped by hand.
const cilium: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'cilium', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'cilium' } },
    template: {
      metadata: { labels: { 'k8s-app': 'cilium' } },
      spec: {
        nodeSelector: { 'lab/nowhere': 'yes' },
        containers: [{ name: 'cilium-agent', image: 'localhost/pause:1', imagePullPolicy: 'Never' }],
      },
    },
  },
};
const toPods = policy(SHOP, 'web-to-pods', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [toDns, { to: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }],
});

export default defineFault({
  id: 'netpol-ipblock-ignored-identity',
  about: 'the egress policy of web admits the Pods by an ipBlock, which Cilium does not apply to Pods (emulated)',
  objects: [cilium],
  flow: webToApi,
  matters: { policy: true },
  async choose(lab) {
    const [web] = await backends(lab, SHOP, 'web');
    const source = web?.ip ?? (await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'web'));
    const apis = (await backends(lab, SHOP, 'api')).map(({ ip }) => ip).join(', ');
    return { source, apis };
  },
  async breakIt(lab, { source, apis }) {
    await lab.apply([toPods], 'netpol-ipblock-ignored-identity');
    await droppedByHand(lab, SOURCE_NODE, `ip saddr ${source} ip daddr { ${apis} }`);
  },
  async witness(lab) {
    const name = await lab.field('{.metadata.name}', '-n', SHOP, 'networkpolicy', 'web-to-pods');
    const fetches = [...(await ask(lab, webToApi)), ...(await direct(lab, webToApi))];
    return {
      seen: name !== '' && allFailed(fetches),
      saw: `policy ${name || 'absent'}; by name and Pod IPs: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await droppedByHand(lab, SOURCE_NODE, null);
    await lab.delete([toPods]);
  },
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'web-to-pods' }),
});
