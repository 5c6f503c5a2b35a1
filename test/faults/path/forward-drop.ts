import { ask, describe, FAR_NODE, farBackend, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

async function dropped(lab: Lab): Promise<number> {
  const listing = await lab.onNode(FAR_NODE, 'iptables', '-w', '-nvxL', 'FORWARD');
  return Number(/policy DROP (\d+) packets/.exec(listing)?.[1] ?? -1);
}

export default defineFault({
  id: 'forward-drop',
  about: 'the policy of FORWARD on one node of the backends is DROP, as Docker and ufw set it',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-P', 'FORWARD', 'DROP');
  },
  async witness(lab, { node, ip }) {
    const web = await lab.from(SHOP, 'web');
    const before = await dropped(lab);
    const direct = await web.fetch(`http://${ip}:8080/`);
    const after = await dropped(lab);
    return {
      seen: before >= 0 && after > before && direct[0]?.exit === 28,
      saw: `FORWARD of ${node} dropped ${after - before} packets meanwhile; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-P', 'FORWARD', 'ACCEPT');
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-Z', 'FORWARD');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
