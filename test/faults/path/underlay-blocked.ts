import { ask, describe, FAR_NODE, farBackend, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

const rule = ['INPUT', '-p', 'udp', '--dport', '4789', '-j', 'DROP'];

async function dropped(lab: Lab): Promise<number> {
  const listing = await lab.onNode(FAR_NODE, 'iptables', '-w', '-nvxL', 'INPUT');
  return Number(/^\s*(\d+)\s+\d+\s+DROP.*dpt:4789/m.exec(listing)?.[1] ?? 0);
}

export default defineFault({
  id: 'underlay-blocked',
  about: 'one node drops VXLAN packets (UDP 4789) of the others: its Pods cannot be reached from elsewhere',
  flow: webToApi,
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip, address: await lab.field('{.status.addresses[0].address}', 'node', node) };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-I', ...rule);
  },
  async witness(lab, { node, ip, address }) {
    const web = await lab.from(SHOP, 'web');
    const before = await dropped(lab);
    const direct = await web.fetch(`http://${ip}:8080/`);
    const count = (await dropped(lab)) - before;
    const ping = await web.run(['ping', '-c1', '-W1', address]);
    const fetches = await ask(lab, webToApi, 4);
    return {
      seen: direct[0]?.exit === 28 && count > 0 && ping.exitCode === 0,
      saw: `${count} VXLAN packets dropped on ${node} meanwhile; Pod IP there: ${describe(direct)}; ping of the node: exit ${ping.exitCode}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-D', ...rule);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
