import { allFailed, ask, describe, FAR_NODE, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { deployment, onNode, service } from '../objects.ts';
import { until } from '../until.ts';

const flow = { namespace: SHOP, source: 'web', destination: 'depot', url: 'http://depot/' };
const port = `n${FAR_NODE}`;
const ready = (lab: Lab, node: string) => lab.field('{.status.conditions[?(@.type=="Ready")].status}', 'node', node);

export default defineFault({
  id: 'node-down',
  about: 'the node of all backends of depot is dead: kubelet stopped, cable pulled',
  objects: (lab) => [
    deployment(SHOP, 'depot', { podSpec: onNode(lab.nodeName(FAR_NODE)) }),
    service(SHOP, 'depot', { app: 'depot' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow,
  async choose(lab) {
    const node = lab.nodeName(FAR_NODE);
    return { node, address: await lab.field('{.status.addresses[0].address}', 'node', node) };
  },
  async breakIt(lab) {
    await lab.phys('ip', 'link', 'set', port, 'down');
    await lab.stop(FAR_NODE, 'kubelet');
  },
  // Seen before the cluster itself has noticed: for about 20 seconds the node is still Ready and its endpoints are still used.
  async witness(lab, { node, address }) {
    const ping = await lab.node(SOURCE_NODE, ['ping', '-c1', '-W1', address]);
    const fetches = await ask(lab, flow);
    return {
      seen: ping.exitCode !== 0 && allFailed(fetches),
      saw: `ping of ${node} from another node: exit ${ping.exitCode}; Ready=${await ready(lab, node)}; ${describe(fetches)}`,
    };
  },
  async undo(lab, { node }) {
    await lab.phys('ip', 'link', 'set', port, 'up');
    await lab.start(FAR_NODE, 'kubelet');
    await until(`${node} is Ready`, async () => (await ready(lab, node)) === 'True', 120);
  },
  patience: 45,
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
