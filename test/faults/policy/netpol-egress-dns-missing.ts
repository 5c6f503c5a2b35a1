import { ask, describe, direct, SHOP, webToApi, worked } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, refusedWhile } from '../policies.ts';

export const onlyApi = policy(SHOP, 'web-only-api', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ to: [fromPods({ app: 'api' })] }],
});

export default defineFault({
  id: 'netpol-egress-dns-missing',
  about: 'the egress policy of web admits api, but not the DNS it needs to find it',
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([onlyApi], 'netpol-egress-dns-missing'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api');
    const [answer, packets] = await refusedWhile(lab, 'out', SHOP, 'web', () => web.dig('api.shop.svc.cluster.local.'));
    const tcp = await web.dig('api.shop.svc.cluster.local.', '+tcp');
    const [fetches, byAddress] = [
      await ask(lab, webToApi),
      [...(await web.fetch(`http://${vip}/`)), ...(await direct(lab, webToApi))],
    ];
    return {
      seen:
        answer.startsWith('no answer') &&
        tcp.startsWith('no answer') &&
        packets > 0 &&
        fetches[0]?.exit !== 0 &&
        worked(byAddress),
      saw: `dig api: ${answer}; dig +tcp: ${tcp}; enforcer refused ${packets} packets of web; by name: ${describe(fetches)}; by ClusterIP and Pod IPs: ${describe(byAddress)}`,
    };
  },
  undo: (lab) => lab.delete([onlyApi]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'web-only-api' }),
});
