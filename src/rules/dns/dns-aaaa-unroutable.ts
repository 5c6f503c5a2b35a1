import { duration, endpoint, sawConnect, works } from '../../derive/connects.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-aaaa-unroutable',
  rung: 'D',
  title: 'The name has an IPv6 address that the Pod cannot reach',
  needs: ['ipv6Lookup'],
  uses: ['outsideConnects', 'backendConnects'],
  lookAlikes: ['ip-family-mismatch', 'egress-filtered'],
  explains: [],
  judge({ ipv6Lookup, outsideConnects, backendConnects }, { flow }) {
    const to = flow.destination;
    if (to.kind !== 'Host') return notApplicable('the destination is no host outside the cluster');
    const { outcome } = ipv6Lookup;
    if (outcome.kind !== 'answered' || outcome.addresses.length === 0) return clear(`${to.host} has no IPv6 address`);
    const v6 = (outsideConnects ?? []).filter(({ address }) => address.includes(':'));
    if (outsideConnects === null || v6.length === 0) return unsure('source', 'its IPv6 address was not tried');
    const silent = v6.filter((reading) => reading.outcome.kind === 'timed-out');
    const [first] = silent;
    // Without any IPv6 the system says so at once, and clients go on (faults.md §9, trap 13).
    if (first === undefined) return clear(`over IPv6: ${v6.map(sawConnect)[0] ?? ''}, which no client waits for`);
    const v4 = (backendConnects ?? []).filter(({ address }) => !address.includes(':'));
    const good = v4.find(works);
    if (v4.length > 0 && good === undefined) return clear('its IPv4 addresses fail as well');
    const stallMs = first.outcome.kind === 'timed-out' ? first.outcome.afterMs : 0;
    return faults(
      [
        {
          subject: { kind: 'Host', name: to.host },
          summary: `${to.host} has the IPv6 address ${first.address}, and ${flow.source.name} has a route for it that leads nowhere: clients that try IPv6 first stall for ${duration(stallMs)} or more before they use IPv4.`,
          confidence: good === undefined ? 'likely' : 'proven',
          blocks: 'path',
          addresses: silent.map(({ address }) => address),
          evidence: [
            proofOfLookup(ipv6Lookup),
            {
              vantage: 'source',
              command: first.command,
              saw: `${endpoint(first.address, first.port)}: ${sawConnect(first)}`,
            },
            ...(good === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: good.command,
                    saw: `${endpoint(good.address, good.port)}: ${sawConnect(good)}`,
                  },
                ]),
          ],
          fix: [
            {
              say: 'Give the Pods working IPv6, or take its default route away from them, so that the system refuses at once',
            },
            {
              say: 'Or answer AAAA queries for outside names with nothing, in the Corefile: template IN AAAA . { rcode NOERROR }',
              run: 'kubectl -n kube-system edit configmap coredns',
            },
            { say: 'Java: -Djava.net.preferIPv4Stack=true' },
          ],
        },
      ],
      '',
    );
  },
});
