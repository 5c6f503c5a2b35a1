import { ask, describe, SHOP } from '../base.ts';
import { OUTSIDE } from '../corefile.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

const alias = (externalName: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'partner', namespace: SHOP },
  spec: { type: 'ExternalName', externalName },
});
const flow = { namespace: SHOP, source: 'web', destination: 'partner:80', url: 'http://partner/' };
const point = (lab: Lab, name: string) => lab.apply([alias(name)], 'dns-externalname-broken');

export default defineFault({
  id: 'dns-externalname-broken',
  about: 'partner is an alias of db.invalid.test, which nobody knows',
  objects: [alias(OUTSIDE.host)],
  flow,
  patience: 40,
  breakIt: (lab) => point(lab, 'db.invalid.test'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const target = await lab.field('{.spec.externalName}', '-n', SHOP, 'service', 'partner');
    const answer = await web.dig('partner.shop.svc.cluster.local.');
    const direct = await web.dig(`${target || 'nothing'}.`);
    const fetches = await ask(lab, flow);
    return {
      seen: target === 'db.invalid.test' && direct === 'NXDOMAIN' && !/ \d/.test(answer) && fetches[0]?.exit === 6,
      saw: `alias of ${target}; dig partner: ${answer}; dig ${target}: ${direct}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => point(lab, OUTSIDE.host),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'partner' }),
});
