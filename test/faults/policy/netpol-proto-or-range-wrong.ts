import { allFailed, ask, describe, direct, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, refusedWhile } from '../policies.ts';

const admit = (endPort: number) =>
  policy(SHOP, 'api-range', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app: 'web' })], ports: [{ protocol: 'TCP', port: 8000, endPort }] }],
  });

export default defineFault({
  id: 'netpol-proto-or-range-wrong',
  about: 'the policy of api admits ports 8000 to 8079; the packets arrive on 8080',
  objects: [admit(8080)],
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([admit(8079)], 'netpol-proto-or-range-wrong'),
  async witness(lab) {
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, webToApi, 3));
    const inside = await direct(lab, webToApi, 8079);
    return {
      seen: allFailed(fetches) && packets > 0 && inside.every(({ exit }) => exit === 7),
      saw: `by name: ${describe(fetches)}; enforcer refused ${packets} packets to api; Pod IP:8079, inside the range: ${describe(inside)}`,
    };
  },
  undo: (lab) => lab.apply([admit(8080)], 'netpol-proto-or-range-wrong'),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-range' }),
});
