import { allFailed, ask, describe, FRONT, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { client, policy } from '../objects.ts';
import { fromNamespaces, fromPods, refusedWhile, tcp } from '../policies.ts';

const flow = { namespace: FRONT, source: 'client', destination: 'api.shop', url: 'http://api.shop/' };
const admit = (from: object) =>
  policy(SHOP, 'api-clients', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [from], ports: [tcp(8080)] }],
  });
const both = admit({ ...fromNamespaces({ team: 'front' }), ...fromPods({ app: 'client' }) });

export default defineFault({
  id: 'netpol-selector-and-or',
  about:
    'the policy of api admits app=client by a podSelector alone, which means its own namespace; the client is in front',
  objects: [client(FRONT, 'client', { app: 'client' }), both],
  flow,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([admit(fromPods({ app: 'client' }))], 'netpol-selector-and-or'),
  async witness(lab) {
    const from = await lab.field('{.spec.ingress[0].from[0]}', '-n', SHOP, 'networkpolicy', 'api-clients');
    const label = await lab.field('{.metadata.labels.app}', '-n', FRONT, 'pod', 'client');
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, flow, 3));
    return {
      seen: allFailed(fetches) && packets > 0 && !from.includes('namespaceSelector') && label === 'client',
      saw: `admits ${from}, the client has app=${label}; by name: ${describe(fetches)}; enforcer refused ${packets} packets to api`,
    };
  },
  undo: (lab) => lab.apply([both], 'netpol-selector-and-or'),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-clients' }),
});
