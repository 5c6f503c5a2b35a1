import { allFailed, ask, describe, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, refusedWhile } from '../policies.ts';

const admit = (port: string) =>
  policy(SHOP, 'api-port-name', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app: 'web' })], ports: [{ protocol: 'TCP', port }] }],
  });

export default defineFault({
  id: 'netpol-named-port-unresolved',
  about: 'the policy of api admits the port named web; its Pods call their port http',
  objects: [admit('http')],
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([admit('web')], 'netpol-named-port-unresolved'),
  async witness(lab) {
    const named = await lab.field('{.spec.ingress[0].ports[0].port}', '-n', SHOP, 'networkpolicy', 'api-port-name');
    const declared = await lab.field(
      '{.items[*].spec.containers[*].ports[*].name}',
      '-n',
      SHOP,
      'pods',
      '-l',
      'app=api',
    );
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => ask(lab, webToApi, 3));
    return {
      seen: allFailed(fetches) && packets > 0 && !declared.split(' ').includes(named),
      saw: `admits port ${named}, the Pods declare ${declared}; by name: ${describe(fetches)}; enforcer refused ${packets} packets to api`,
    };
  },
  undo: (lab) => lab.apply([admit('http')], 'netpol-named-port-unresolved'),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-port-name' }),
});
