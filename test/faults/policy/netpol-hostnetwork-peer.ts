import { backends, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, client, onNode, policy } from '../objects.ts';
import { fromPods, refusedWhile } from '../policies.ts';

const flow = { namespace: SHOP, source: 'agent', destination: 'api', url: 'http://api/' };
const fromAgent = policy(SHOP, 'api-from-agent', {
  podSelector: { matchLabels: { app: 'api' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [fromPods({ app: 'agent' })] }],
});

export default defineFault({
  id: 'netpol-hostnetwork-peer',
  about: 'the policy of api admits app=agent; that Pod is on the host network, so its packets come from its node',
  objects: (lab) => [
    client(
      SHOP,
      'agent',
      { app: 'agent' },
      {
        hostNetwork: true,
        dnsPolicy: 'ClusterFirstWithHostNet',
        containers: [app({ command: ['sleep', '1000000'], ports: [] })],
        ...onNode(lab.nodeName(SOURCE_NODE)),
      },
    ),
  ],
  flow,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([fromAgent], 'netpol-hostnetwork-peer'),
  async witness(lab) {
    const agent = await lab.from(SHOP, 'agent');
    const pods = await backends(lab, SHOP, 'api');
    const own = lab.nodeName(SOURCE_NODE);
    const fetch = async (here: boolean) =>
      (
        await Promise.all(
          pods.filter(({ node }) => (node === own) === here).map(({ ip }) => agent.fetch(`http://${ip}:8080/`)),
        )
      ).flat();
    const same = await fetch(true);
    const [others, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => fetch(false));
    return {
      seen: packets > 0 && others.every(({ exit }) => exit !== 0) && same.every(({ exit }) => exit === 0),
      saw: `backends of other nodes: ${describe(others)}; of the same node: ${describe(same)}; enforcer refused ${packets} packets to api`,
    };
  },
  undo: (lab) => lab.delete([fromAgent]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-from-agent' }),
});
