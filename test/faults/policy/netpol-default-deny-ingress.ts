import { allFailed, ask, describe, direct, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { refusedWhile } from '../policies.ts';

export const denyIngress = policy(SHOP, 'default-deny', { podSelector: {}, policyTypes: ['Ingress'] });

export default defineFault({
  id: 'netpol-default-deny-ingress',
  about: 'a policy denies all ingress to the Pods of shop, and none admits web to api',
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  // Whoever asks may want to know whether it is closed (trap 24 of faults.md).
  says: 'default-deny blocks the flow as it is configured to',
  breakIt: (lab) => lab.apply([denyIngress], 'netpol-default-deny-ingress'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const answer = await web.dig('api.shop.svc.cluster.local.');
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', async () => [
      ...(await ask(lab, webToApi)),
      ...(await direct(lab, webToApi)),
    ]);
    return {
      seen: allFailed(fetches) && packets > 0 && answer.startsWith('NOERROR'),
      saw: `dig api: ${answer}; by name and Pod IPs: ${describe(fetches)}; enforcer refused ${packets} packets to api`,
    };
  },
  undo: (lab) => lab.delete([denyIngress]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'default-deny' }),
});
