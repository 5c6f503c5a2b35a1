import { allFailed, ask, describe, direct, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { refusedWhile, toDns } from '../policies.ts';

const toServices = policy(SHOP, 'web-to-services', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [toDns, { to: [{ ipBlock: { cidr: '10.96.0.0/16' } }] }],
});

export default defineFault({
  id: 'netpol-ipblock-service-cidr',
  about: 'the egress policy of web admits DNS and the range of Service addresses; the packets go to Pods',
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([toServices], 'netpol-ipblock-service-cidr'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const answer = await web.dig('api.shop.svc.cluster.local.');
    const [fetches, packets] = await refusedWhile(lab, 'out', SHOP, 'web', async () => [
      ...(await ask(lab, webToApi)),
      ...(await direct(lab, webToApi)),
    ]);
    return {
      seen: answer.startsWith('NOERROR') && allFailed(fetches) && packets > 0,
      saw: `dig api: ${answer}; by name and Pod IPs: ${describe(fetches)}; enforcer refused ${packets} packets of web`,
    };
  },
  undo: (lab) => lab.delete([toServices]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'web-to-services' }),
});
