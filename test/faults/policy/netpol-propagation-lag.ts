import { allFailed, backends, describe, direct, FAR_NODE, SHOP, webToApi, worked } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { app, client, onNode, policy } from '../objects.ts';
import { fromPods, refusedWhile, tcp } from '../policies.ts';
import { until } from '../until.ts';

const admit = (app: string) =>
  policy(SHOP, 'api-clients', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [fromPods({ app })], ports: [tcp(8080)] }],
  });
const signal = (lab: Lab, name: string) => lab.onNode(FAR_NODE, 'pkill', `-${name}`, '-x', 'netpol-enforcer');

/** Backends that a request reached, on the far node and elsewhere. */
async function reached(lab: Lab) {
  const web = await lab.from(SHOP, 'web');
  const far = lab.nodeName(FAR_NODE);
  const all = await Promise.all(
    (await backends(lab, SHOP, 'api')).map(async ({ ip, node }) => ({
      node,
      fetches: await web.fetch(`http://${ip}:8080/`),
    })),
  );
  return {
    far: all.filter(({ node }) => node === far).flatMap(({ fetches }) => fetches),
    others: all.filter(({ node }) => node !== far).flatMap(({ fetches }) => fetches),
  };
}

export default defineFault({
  id: 'netpol-propagation-lag',
  about: 'the policy of api admits web since a moment ago, and the enforcer of one node hangs and has not heard of it',
  // Something else on that node that answers: the way there works.
  objects: (lab) => [
    client(SHOP, 'other', { app: 'other' }, { containers: [app()], ...onNode(lab.nodeName(FAR_NODE)) }),
  ],
  flow: webToApi,
  matters: { policy: true },
  async breakIt(lab) {
    await lab.apply([admit('cart')], 'netpol-propagation-lag');
    await until('every enforcer closes api', async () => allFailed(await direct(lab, webToApi)), 10);
    await signal(lab, 'STOP');
    await lab.apply([admit('web')], 'netpol-propagation-lag');
  },
  async witness(lab) {
    const app = await lab.field(
      '{.spec.ingress[0].from[0].podSelector.matchLabels.app}',
      '-n',
      SHOP,
      'networkpolicy',
      'api-clients',
    );
    const [{ far, others }, packets] = await refusedWhile(lab, 'in', SHOP, 'api-', () => reached(lab));
    return {
      seen: app === 'web' && allFailed(far) && worked(others) && packets > 0,
      saw: `policy admits app=${app || '-'}; backend of the far node: ${describe(far)}; others: ${describe(others)}; enforcers refused ${packets} packets to api`,
    };
  },
  async undo(lab) {
    await signal(lab, 'CONT');
    await lab.delete([admit('web')]);
  },
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'api-clients' }),
});
