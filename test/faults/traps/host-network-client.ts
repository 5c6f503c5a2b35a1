import { SHOP, SOURCE_NODE } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';
import { client, onNode } from '../objects.ts';

const agent = (lab: Lab) =>
  client(
    SHOP,
    'probe-agent',
    { app: 'probe-agent' },
    { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', ...onNode(lab.nodeName(SOURCE_NODE)) },
  );

export default defineTrap({
  name: 'host-network-client',
  about:
    'probe-agent has the address of its node, as other Pods there have, and the cluster’s resolv.conf all the same',
  flow: { namespace: SHOP, source: 'probe-agent', destination: 'api', url: 'http://api/' },
  async makeOdd(lab) {
    await lab.apply([agent(lab)], 'host-network-client');
    await lab.ready([agent(lab)]);
  },
  async odd(lab) {
    const ip = await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'probe-agent');
    const sharing =
      ip === '' ? '' : await lab.field(`{.items[?(@.status.podIP=="${ip}")].metadata.name}`, '-A', 'pods');
    return { seen: sharing.split(' ').length > 1, saw: `Pods with ${ip || 'no address'}: ${sharing || 'none'}` };
  },
  undo: (lab) => lab.delete([agent(lab)]),
});
