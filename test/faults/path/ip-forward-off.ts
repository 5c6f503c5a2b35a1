import { ask, describe, FAR_NODE, farBackend, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

const KEY = 'net.ipv4.ip_forward';

export default defineFault({
  id: 'ip-forward-off',
  about: 'one node of the backends has net.ipv4.ip_forward=0: packets from other nodes do not get to its Pods',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip, address: await lab.field('{.status.addresses[0].address}', 'node', node) };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=0`);
  },
  async witness(lab, { node, ip, address }) {
    const web = await lab.from(SHOP, 'web');
    const setting = (await lab.onNode(FAR_NODE, 'sysctl', '-n', KEY)).trim();
    const direct = await web.fetch(`http://${ip}:8080/`);
    const ping = await web.run(['ping', '-c1', '-W1', address]);
    return {
      seen: setting === '0' && direct[0]?.exit === 28 && ping.exitCode === 0,
      saw: `${KEY} of ${node} is ${setting}; Pod IP there: ${describe(direct)}; ping of the node: exit ${ping.exitCode}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=1`);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
