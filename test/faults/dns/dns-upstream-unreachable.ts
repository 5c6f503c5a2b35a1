import { ask, describe, SHOP } from '../base.ts';
import { dnsLog, forwardTo, OUTSIDE, readCorefile, startWith } from '../corefile.ts';
import { defineFault } from '../define.ts';

// TEST-NET-1: routed nowhere, answered by nobody.
const DEAD = '192.0.2.1';
const flow = { namespace: SHOP, source: 'web', destination: OUTSIDE.url, url: OUTSIDE.url };

export default defineFault<{ corefile: string }>({
  id: 'dns-upstream-unreachable',
  about: `CoreDNS forwards to ${DEAD}, where nobody answers; names of the cluster still resolve`,
  flow,
  patience: 40,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  breakIt: (lab, { corefile }) => startWith(lab, forwardTo(corefile, DEAD)),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const outside = await web.dig(`${OUTSIDE.host}.`);
    const inside = await web.dig('api.shop.svc.cluster.local.');
    const log = await dnsLog(lab);
    const fetches = await ask(lab, flow);
    return {
      seen:
        !outside.startsWith('NOERROR') &&
        inside.startsWith('NOERROR') &&
        log.includes(`->${DEAD}:53`) &&
        fetches[0]?.exit !== 0,
      saw: `dig ${OUTSIDE.host}: ${outside}; dig api: ${inside}; CoreDNS's log names ${DEAD}: ${log.includes(DEAD)}; ${describe(fetches)}`,
    };
  },
  undo: (lab, { corefile }) => startWith(lab, corefile),
  subject: () => ({ kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }),
});
