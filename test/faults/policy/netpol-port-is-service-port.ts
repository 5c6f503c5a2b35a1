import { allFailed, ask, describe, direct, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { policy } from '../objects.ts';
import { fromPods, refusedWhile, tcp } from '../policies.ts';

const admit = (port: number) =>
  policy(SHOP, 'api-port', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app: 'web' })], ports: [tcp(port)] }],
  });

export default defineFault({
  id: 'netpol-port-is-service-port',
  about: 'the policy of api admits port 80, the port of the Service; the packets arrive on 8080',
  objects: [admit(8080)],
  flow: webToApi,
  matters: { policy: true },
  fixable: true,
  breakIt: (lab) => lab.apply([admit(80)], 'netpol-port-is-service-port'),
  async witness(lab) {
    const [fetches, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', async () => [
      ...(await ask(lab, webToApi)),
      ...(await direct(lab, webToApi)),
    ]);
    const admitted = await direct(lab, webToApi, 80);
    return {
      seen: allFailed(fetches) && packets > 0 && admitted.every(({ exit }) => exit === 7),
      saw: `by name and Pod IP:8080: ${describe(fetches)}; enforcer refused ${packets} packets to api; Pod IP:80: ${describe(admitted)}`,
    };
  },
  undo: (lab) => lab.apply([admit(8080)], 'netpol-port-is-service-port'),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-port' }),
});
