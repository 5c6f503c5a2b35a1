import { allFailed, ask, describe, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, refusedWhile, tcp } from '../policies.ts';

const admit = (app: string) =>
  policy(SHOP, 'api-clients', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app })], ports: [tcp(8080)] }],
  });

export default defineFault({
  id: 'netpol-peer-pod-label-mismatch',
  about: 'the policy of api admits app=webb, the client carries app=web',
  objects: [admit('web')],
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([admit('webb')], 'netpol-peer-pod-label-mismatch'),
  async witness(lab) {
    const labels = await lab.field(
      '{.spec.ingress[*].from[*].podSelector.matchLabels}',
      '-n',
      SHOP,
      'networkpolicy',
      'api-clients',
    );
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, webToApi, 3));
    return {
      seen: allFailed(fetches) && packets > 0 && labels.includes('webb'),
      saw: `admits ${labels}; by name: ${describe(fetches)}; enforcer refused ${packets} packets to api`,
    };
  },
  undo: (lab) => lab.apply([admit('web')], 'netpol-peer-pod-label-mismatch'),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-clients' }),
});
