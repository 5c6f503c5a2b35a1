import { SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, tcp, toDns } from '../policies.ts';

const admits = [
  policy(SHOP, 'just-api', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app: 'web' })], ports: [tcp(8080)] }],
  }),
  policy(SHOP, 'just-web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [toDns, { to: [fromPods({ app: 'api' })], ports: [tcp(8080)] }],
  }),
];

export default defineTrap({
  name: 'policy-just-applied',
  about: 'policies that close web and api but for this flow were applied this very moment',
  flow: webToApi,
  makeOdd: (lab) => lab.apply(admits, 'policy-just-applied'),
  async odd(lab) {
    const names = await lab.field('{.items[*].metadata.name}', '-n', SHOP, 'networkpolicies');
    const seen = admits.every(({ metadata }) => names.split(' ').includes(metadata.name));
    return { seen, saw: `policies of ${SHOP}: ${names || 'none'}` };
  },
  undo: (lab) => lab.delete(admits),
});
