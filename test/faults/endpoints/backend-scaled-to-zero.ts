import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const scale = (replicas: number) => ['-n', SHOP, 'scale', 'deployment/stock', `--replicas=${replicas}`];

export default defineFault({
  id: 'backend-scaled-to-zero',
  about: 'the Deployment behind the Service stock is scaled to zero',
  objects: stock,
  flow: webToStock,
  async breakIt(lab) {
    await lab.kubectl(...scale(0));
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'stock');
    const replicas = await lab.field('{.spec.replicas}', '-n', SHOP, 'deployment', 'stock');
    const pods = await lab.field('{.items[*].metadata.name}', '-n', SHOP, 'pods', '-l', 'app=stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: replicas === '0' && pods === '' && found.all === 0 && fetches[0]?.exit === 7,
      saw: `${replicas} replicas; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...scale(2));
    await lab.kubectl(...rollout);
  },
  subject: () => ({ kind: 'Deployment', namespace: SHOP, name: 'stock' }),
});
