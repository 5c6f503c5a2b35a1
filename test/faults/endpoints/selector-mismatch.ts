import { ask, describe, endpoints, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

const select = (app: string) => ['-n', SHOP, 'set', 'selector', 'service/api', `app=${app}`];

export default defineFault({
  id: 'selector-mismatch',
  about: 'the selector of api has a typo: no Pod carries app=apis',
  flow: webToApi,
  async breakIt(lab) {
    await lab.kubectl(...select('apis'));
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'api');
    const matched = await lab.field('{.items[*].metadata.name}', '-n', SHOP, 'pods', '-l', 'app=apis');
    const fetches = await ask(lab, webToApi);
    const selector = await lab.field('{.spec.selector}', '-n', SHOP, 'service', 'api');
    return {
      seen: found.all === 0 && matched === '' && selector.includes('apis') && fetches[0]?.exit === 7,
      saw: `selector ${selector}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...select('api'));
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'api' }),
});
