import { allFailed, ask, describe, direct, SHOP, webToApi, worked } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { refusedWhile } from '../policies.ts';

const denyEgress = policy(SHOP, 'web-egress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
});

export default defineFault({
  id: 'netpol-default-deny-egress',
  about: 'a policy denies web everything outgoing, DNS included',
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  // Whoever asks may want to know whether it is closed (trap 24 of faults.md).
  says: 'web-egress blocks the flow as it is configured to',
  breakIt: (lab) => lab.apply([denyEgress], 'netpol-default-deny-egress'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const sibling = await ask(lab, { ...webToApi, source: 'tools' });
    const answer = await web.dig('api.shop.svc.cluster.local.');
    const [fetches, packets] = await refusedWhile(lab, 'out', SHOP, 'web', async () => [
      ...(await ask(lab, webToApi)),
      ...(await direct(lab, webToApi)),
    ]);
    return {
      seen: answer.startsWith('no answer') && allFailed(fetches) && packets > 0 && worked(sibling),
      saw: `dig api: ${answer}; by name and Pod IPs: ${describe(fetches)}; enforcer refused ${packets} packets of web; from tools: ${describe(sibling)}`,
    };
  },
  undo: (lab) => lab.delete([denyEgress]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'web-egress' }),
});
