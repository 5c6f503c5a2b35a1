import { allFailed, ask, describe, FRONT, SHOP, webToApi, worked } from '../base.ts';
import { defineFault } from '../define.ts';
import { client, policy } from '../objects.ts';
import { refusedWhile } from '../policies.ts';

const flow = { namespace: FRONT, source: 'edge', destination: 'api.shop', url: 'http://api.shop/' };
const sameNamespace = policy(SHOP, 'api-same-namespace', {
  podSelector: { matchLabels: { app: 'api' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ podSelector: {} }] }],
});

export default defineFault({
  id: 'netpol-ingress-controller-not-allowed',
  about: 'the policy of api admits its own namespace; the ingress controller is in another one',
  // What matters is whose Pod it is: the controller's own requests are what the tool and curl send from it.
  objects: [client(FRONT, 'edge', { 'app.kubernetes.io/name': 'ingress-nginx' })],
  flow,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([sameNamespace], 'netpol-ingress-controller-not-allowed'),
  async witness(lab) {
    const inside = await ask(lab, webToApi);
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, flow, 3));
    return {
      seen: allFailed(fetches) && packets > 0 && worked(inside),
      saw: `from the controller: ${describe(fetches)}; enforcer refused ${packets} packets to api; from web: ${describe(inside)}`,
    };
  },
  undo: (lab) => lab.delete([sameNamespace]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-same-namespace' }),
});
