import { ask, backends, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineScenario } from '../define.ts';
import { farClient } from '../far.ts';
import { freezeProxy, leadsTo, thawProxy } from '../node-rules.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const fromFar = { ...webToStock, source: 'far' };

export default defineScenario({
  name: 'stale-on-one-node',
  about:
    'one of two Pods of stock was replaced while kube-proxy on the node of web hangs: from there half is lost, from elsewhere nothing',
  objects: (lab) => [...stock, farClient(lab)],
  flow: { ...webToStock, access: 'node' },
  async choose(lab) {
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'stock');
    return { node: lab.nodeName(SOURCE_NODE), vip };
  },
  async breakIt(lab) {
    const [pod] = await backends(lab, SHOP, 'stock');
    await freezeProxy(lab, SOURCE_NODE);
    await lab.kubectl('-n', SHOP, 'delete', 'pod', `${pod?.name}`);
    await lab.kubectl(...rollout);
  },
  async witness(lab, { node, vip }) {
    const pods = await backends(lab, SHOP, 'stock');
    const dead = (await leadsTo(lab, SOURCE_NODE, `${vip}`)).filter((ip) => !pods.some((pod) => pod.ip === ip));
    const [here, there] = [await ask(lab, webToStock, 8), await ask(lab, fromFar, 8)];
    return {
      seen: dead.length === 1 && here.some(({ exit }) => exit !== 0) && there.every(({ exit }) => exit === 0),
      saw: `rules of ${node} lead to the dead ${dead.join(' ')}; from web: ${describe(here)}; from another node: ${describe(there)}`,
    };
  },
  undo: (lab) => thawProxy(lab, SOURCE_NODE),
  order: ({ node }) => [{ id: 'kube-proxy-stale', role: 'cause', subject: { kind: 'Node', name: node ?? '' } }],
});
