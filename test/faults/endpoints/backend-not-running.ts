import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { APP_IMAGE } from '../objects.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const image = (name: string) => ['-n', SHOP, 'set', 'image', 'deployment/stock', `app=${name}`];

export default defineFault({
  id: 'backend-not-running',
  about: 'stock was updated to an image that does not exist',
  objects: stock,
  flow: webToStock,
  async breakIt(lab) {
    await lab.kubectl(...image('localhost/app:2'));
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'stock');
    const state = (name: string) => lab.field(`{.items[*].status.${name}}`, '-n', SHOP, 'pods', '-l', 'app=stock');
    const reasons = await state('containerStatuses[*].state.waiting.reason');
    const phases = await state('phase');
    const fetches = await ask(lab, webToStock);
    return {
      seen: /^(\S*ImagePull\S* ?){2}$/.test(reasons) && found.ready === 0 && fetches[0]?.exit === 7,
      saw: `Pods ${phases}: ${reasons || 'not waiting'}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...image(APP_IMAGE));
    await lab.kubectl(...rollout);
  },
  subject: () => ({ kind: 'Deployment', namespace: SHOP, name: 'stock' }),
});
