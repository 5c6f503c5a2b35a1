import { allFailed, ask, describe, FAR_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { farClient, farToOutside, OUTSIDE } from '../far.ts';

const MINE = '198.51.100.1/24';

export default defineFault({
  id: 'cidr-overlap',
  about: 'the bridge for Pods on one node has a range that addresses outside are in, too',
  objects: (lab) => [farClient(lab)],
  flow: { ...farToOutside, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    return { node: lab.nodeName(FAR_NODE) };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'ip', 'addr', 'add', MINE, 'dev', 'cni0');
  },
  async witness(lab, { node }) {
    const route = await lab.onNode(FAR_NODE, 'ip', '-o', 'route', 'get', OUTSIDE);
    const fetches = await ask(lab, farToOutside, 2);
    return {
      seen: route.includes('dev cni0') && allFailed(fetches),
      saw: `route of ${node} to ${OUTSIDE}: ${route}; from the Pod: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'ip', 'addr', 'del', MINE, 'dev', 'cni0');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
