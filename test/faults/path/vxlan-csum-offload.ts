import { ask, describe, FAR_NODE, farBackend, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

async function invalid(lab: Lab): Promise<number> {
  const said = await lab.onNode(FAR_NODE, 'conntrack', '-S');
  return [...said.matchAll(/invalid=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const offload = async (lab: Lab, value: 'on' | 'off') => {
  const outcome = await (await lab.from(SHOP, 'web')).run(['ethtool', '-K', 'eth0', 'tx', value]);
  if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
};

export default defineFault({
  id: 'vxlan-csum-offload',
  // Emulated: a rule writes the wrong checksum where hardware would leave it out; what the kernel then does is the same.
  about: 'emulated: what comes out of the overlay on one node has a wrong TCP checksum',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip };
  },
  async breakIt(lab) {
    // Between virtual devices a checksum is not even written, and what GRO has looked at once nobody looks at again.
    await offload(lab, 'off');
    await lab.onNode(FAR_NODE, 'ethtool', '-K', 'vxlan0', 'gro', 'off');
    await lab.onNode(
      FAR_NODE,
      'nft',
      'add table netdev csum; add chain netdev csum c { type filter hook ingress device "vxlan0" priority 0; }; add rule netdev csum c tcp dport 8080 tcp checksum set 0xdead',
    );
  },
  async witness(lab, { node, ip }) {
    const web = await lab.from(SHOP, 'web');
    const before = await invalid(lab);
    const direct = await web.fetch(`http://${ip}:8080/`);
    const after = await invalid(lab);
    const ping = await web.run(['ping', '-c1', '-W1', ip]);
    return {
      seen: after > before && direct[0]?.exit === 28 && ping.exitCode === 0,
      saw: `${after - before} invalid packets on ${node} meanwhile; Pod IP there: ${describe(direct)}; ping of it: exit ${ping.exitCode}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'sh', '-c', 'nft delete table netdev csum 2>/dev/null; true');
    await lab.onNode(FAR_NODE, 'ethtool', '-K', 'vxlan0', 'gro', 'on');
    await offload(lab, 'on');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
