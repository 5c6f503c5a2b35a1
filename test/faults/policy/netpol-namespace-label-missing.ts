import { allFailed, ask, describe, FRONT, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { client, policy } from '../objects.ts';
import { fromNamespaces, refusedWhile, tcp } from '../policies.ts';

const flow = { namespace: FRONT, source: 'client', destination: 'api.shop', url: 'http://api.shop/' };

export default defineFault({
  id: 'netpol-namespace-label-missing',
  about: 'the policy of api admits namespaces with team=front; front has lost that label',
  objects: [
    client(FRONT, 'client', { app: 'client' }),
    policy(SHOP, 'api-from-front', {
      podSelector: { matchLabels: { app: 'api' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [fromNamespaces({ team: 'front' })], ports: [tcp(8080)] }],
    }),
  ],
  flow,
  matters: { policy: true },
  fixable: true,
  async breakIt(lab) {
    await lab.kubectl('label', 'namespace', FRONT, 'team-');
  },
  async witness(lab) {
    const label = await lab.field('{.metadata.labels.team}', 'namespace', FRONT);
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, flow, 3));
    return {
      seen: allFailed(fetches) && packets > 0 && label === '',
      saw: `label team of front: ${label || 'none'}; by name: ${describe(fetches)}; enforcer refused ${packets} packets to api`,
    };
  },
  async undo(lab) {
    await lab.kubectl('label', '--overwrite', 'namespace', FRONT, 'team=front');
  },
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-from-front' }),
});
