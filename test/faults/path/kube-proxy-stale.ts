import { allFailed, ask, backends, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { freezeProxy, leadsTo, thawProxy } from '../node-rules.ts';
import { rollout, stock, webToStock } from '../stock.ts';

export default defineFault({
  id: 'kube-proxy-stale',
  about:
    'kube-proxy on the node of web hangs, and the Pods of stock were replaced since: its rules lead to dead addresses',
  objects: stock,
  flow: { ...webToStock, access: 'node' },
  matters: { proxyMode: true },
  confidence: ['proven'],
  async choose(lab) {
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'stock');
    return { node: lab.nodeName(SOURCE_NODE), vip };
  },
  async breakIt(lab) {
    await freezeProxy(lab, SOURCE_NODE);
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock');
    await lab.kubectl(...rollout);
  },
  async witness(lab, { node, vip }) {
    const web = await lab.from(SHOP, 'web');
    const pods = await backends(lab, SHOP, 'stock');
    const to = await leadsTo(lab, SOURCE_NODE, `${vip}`);
    const dead = to.filter((ip) => !pods.some((pod) => pod.ip === ip));
    const direct = (await Promise.all(pods.map(({ ip }) => web.fetch(`http://${ip}:8080/`)))).flat();
    const fetches = await ask(lab, webToStock, 2);
    return {
      seen: dead.length > 0 && direct.length === 2 && direct.every(({ exit }) => exit === 0) && allFailed(fetches),
      saw: `rules of ${node} lead to ${to.join(' ')}, dead: ${dead.join(' ')}; Pod IPs: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab) => thawProxy(lab, SOURCE_NODE),
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});
