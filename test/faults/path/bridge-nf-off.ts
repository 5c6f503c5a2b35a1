import { allFailed, ask, describe, FAR_NODE, oneBackend, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { farClient, farToNear, nearBackend } from '../far.ts';

const KEY = 'net.bridge.bridge-nf-call-iptables';

export default defineFault({
  id: 'bridge-nf-off',
  about: 'a node hides its bridge from iptables: a backend on the same node answers by its own address',
  objects: (lab) => [farClient(lab), ...nearBackend(lab)],
  flow: { ...farToNear, access: 'node' },
  matters: { proxyMode: true },
  confidence: ['proven'],
  async choose(lab) {
    return { node: lab.nodeName(FAR_NODE), ip: (await oneBackend(lab, SHOP, 'near')).ip };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=0`);
  },
  async witness(lab, { node, ip }) {
    const far = await lab.from(SHOP, 'far');
    const setting = (await lab.onNode(FAR_NODE, 'sysctl', '-n', KEY)).trim();
    const direct = await far.fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, farToNear, 2);
    return {
      seen: setting === '0' && direct[0]?.exit === 0 && allFailed(fetches),
      saw: `${KEY} of ${node} is ${setting}; Pod IP: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=1`);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
