import { allFailed, ask, describe, FAR_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { farClient, farToOutside, OUTSIDE } from '../far.ts';

const RULE = ['POSTROUTING', '-s', '10.244.0.0/16', '!', '-d', '10.244.0.0/16', '-m', 'comment', '--comment'];
const rule = [...RULE, 'pods to outside', '-j', 'MASQUERADE'];

export default defineFault({
  id: 'masquerade-wrong',
  about: 'the rule that masquerades what Pods send outside is gone from one node',
  objects: (lab) => [farClient(lab)],
  flow: { ...farToOutside, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    return { node: lab.nodeName(FAR_NODE) };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-t', 'nat', '-D', ...rule);
  },
  async witness(lab, { node }) {
    const saved = await lab.onNode(FAR_NODE, 'iptables-save', '-t', 'nat');
    const itself = await lab.node(FAR_NODE, ['curl', '-s', '-m2', '-o', '/dev/null', `http://${OUTSIDE}/`]);
    const fetches = await ask(lab, farToOutside, 2);
    return {
      seen: !saved.includes('pods to outside') && itself.exitCode === 0 && allFailed(fetches),
      saw: `${node} ${saved.includes('pods to outside') ? 'masquerades' : 'does not masquerade'} Pods; from the node itself: curl exit ${itself.exitCode}; from the Pod: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-t', 'nat', '-A', ...rule);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
