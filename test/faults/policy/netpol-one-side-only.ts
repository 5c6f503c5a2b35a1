import { allFailed, ask, describe, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { refusedWhile } from '../policies.ts';

const webOut = policy(SHOP, 'web-out', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{}],
});
const apiIn = policy(SHOP, 'api-in', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] });

export default defineFault({
  id: 'netpol-one-side-only',
  about: 'the policy of web lets everything out, that of api lets nobody in',
  objects: [webOut],
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([apiIn], 'netpol-one-side-only'),
  async witness(lab) {
    const [[fetches, into], out] = await refusedWhile(lab, 'out', SHOP, 'web', () =>
      refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, webToApi, 3)),
    );
    return {
      seen: allFailed(fetches) && into > 0 && out === 0,
      saw: `by name: ${describe(fetches)}; enforcer refused ${into} packets to api and ${out} of web`,
    };
  },
  undo: (lab) => lab.delete([apiIn]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-in' }),
});
