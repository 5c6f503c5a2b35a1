import { ask, describe, SHOP, SOURCE_NODE, webToApi, worked } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, client, onNode, policy } from '../objects.ts';

const deny = policy(SHOP, 'agent-nothing', {
  podSelector: { matchLabels: { app: 'agent' } },
  policyTypes: ['Ingress', 'Egress'],
});
const flow = { ...webToApi, source: 'agent' };

export default defineTrap({
  name: 'policy-on-host-network',
  about: 'a policy denies everything to app=agent, but that Pod is on the host network, where policies do not reach',
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
  makeOdd: (lab) => lab.apply([deny], 'policy-on-host-network'),
  async odd(lab) {
    const name = await lab.field('{.metadata.name}', '-n', SHOP, 'networkpolicy', 'agent-nothing');
    const fetches = await ask(lab, flow, 2);
    return {
      seen: name !== '' && worked(fetches),
      saw: `policy ${name || 'absent'}; from agent: ${describe(fetches)}`,
    };
  },
  undo: (lab) => lab.delete([deny]),
});
