import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { client } from '../objects.ts';

const PINNED = '10.9.9.9';
const till = (spec: object) => client(SHOP, 'till', { app: 'till' }, spec);
const flow = { namespace: SHOP, source: 'till', destination: 'api', url: 'http://api/' };

/** hostAliases cannot be changed on a Pod. */
async function replace(lab: Lab, spec: object): Promise<void> {
  await lab.delete([till(spec)]);
  await lab.apply([till(spec)], 'dns-hosts-override');
  await lab.ready([till(spec)]);
}

export default defineFault({
  id: 'dns-hosts-override',
  about: `hostAliases of till pin api to ${PINNED}, which is nothing; DNS has the right address`,
  objects: [till({})],
  flow,
  breakIt: (lab) => replace(lab, { hostAliases: [{ ip: PINNED, hostnames: ['api'] }] }),
  async witness(lab) {
    const pod = await lab.from(SHOP, 'till');
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api');
    const hosts = (await pod.run(['getent', 'hosts', 'api'])).stdout.trim().split(/\s+/)[0] ?? '';
    const answer = await pod.dig('api.shop.svc.cluster.local.');
    const fetches = await ask(lab, flow);
    return {
      seen: hosts === PINNED && answer === `NOERROR ${vip}` && fetches[0]?.exit !== 0,
      saw: `getent api: ${hosts}; dig: ${answer}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => replace(lab, {}),
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'till' }),
});
