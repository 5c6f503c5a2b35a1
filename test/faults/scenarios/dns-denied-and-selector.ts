import { ask, describe, endpoints, SHOP, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import { refusedWhile } from '../policies.ts';
import { onlyApi } from '../policy/netpol-egress-dns-missing.ts';

const select = (app: string) => ['-n', SHOP, 'set', 'selector', 'service/api', `app=${app}`];

export default defineScenario({
  name: 'dns-denied-and-selector',
  about: 'the egress policy of web forgets DNS, and the selector of api has a typo',
  flow: webToApi,
  matters: { policy: true },
  async breakIt(lab) {
    await lab.apply([onlyApi], 'dns-denied-and-selector');
    await lab.kubectl(...select('apis'));
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const [answer, out] = await refusedWhile(lab, 'out', SHOP, 'web', () => web.dig('api.shop.svc.cluster.local.'));
    const found = await endpoints(lab, SHOP, 'api');
    return {
      seen: answer.startsWith('no answer') && out > 0 && found.all === 0,
      saw: `dig api: ${answer}, ${out} packets of web refused; ${found.saw}; by name: ${describe(await ask(lab, webToApi))}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...select('api'));
    await lab.delete([onlyApi]);
  },
  order: () => [
    {
      id: 'netpol-egress-dns-missing',
      role: 'cause',
      subject: { kind: 'NetworkPolicy', namespace: SHOP, name: 'web-only-api' },
    },
    { id: 'selector-mismatch', role: 'next-blocker', subject: { kind: 'Service', namespace: SHOP, name: 'api' } },
  ],
});
