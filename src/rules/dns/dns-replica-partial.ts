import { usesClusterDns } from '../../derive/dns.ts';
import { answeredPairs, sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import type { DnsReading } from '../../evidence/readings.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-replica-partial',
  rung: 'D',
  title: 'One of the cluster DNS Pods does not answer',
  needs: ['dnsService', 'dnsServers'],
  uses: ['dnsRetries', 'dnsOverTcp', 'dnsPods', 'systemLookups', 'moreLookups', 'dnsPairs', 'resolvConf'],
  lookAlikes: ['dns-conntrack-race', 'underlay-blocked', 'node-down', 'netpol-egress-dns-missing'],
  explains: [],
  judge(
    { dnsService, dnsServers, dnsRetries, dnsOverTcp, dnsPods, systemLookups, moreLookups, dnsPairs, resolvConf },
    { flow },
  ) {
    const service = found(dnsService);
    if (service === null || flow.byAddress) return notApplicable('no name is asked of the cluster DNS');
    const direct = dnsServers.filter(({ pod }) => pod !== undefined);
    const answers = (reading: DnsReading): boolean => reading.outcome.kind === 'answered';
    const again = (reading: DnsReading): DnsReading | undefined =>
      dnsRetries?.find((retry) => retry.server === reading.server);
    const silent = direct.filter((reading) => !answers(reading));
    if (silent.length === 0) return clear(`each of the ${direct.length} cluster DNS Pods answers when asked directly`);
    if (silent.length === direct.length) return clear('none of the cluster DNS Pods answers');
    if (silent.some((reading) => reading.outcome.kind === 'timed-out') && dnsRetries === null)
      return unsure('source', 'the silent Pod was asked only once');
    const dead = silent.filter((reading) => {
      const retry = again(reading);
      return (retry === undefined || !answers(retry)) && !answeredPairs(dnsPairs, reading);
    });
    if (dead.length === 0) return clear('every cluster DNS Pod answered the second time: a packet was lost');
    const skipped = resolvConf !== null && !usesClusterDns(resolvConf, service);
    const all = [...(systemLookups?.lookups ?? []), ...(moreLookups?.lookups ?? [])];
    const stalled = all.filter(({ outcome }) => outcome === 'stalled').length;
    const share =
      all.length === 0
        ? `about ${Math.round((100 * dead.length) / direct.length)} of 100 lookups stall`
        : `${stalled} of ${all.length} lookups stalled for 2 s or more`;
    return faults(
      dead.map((reading) => {
        const pod = dnsPods?.find(({ metadata }) => metadata.name === reading.pod);
        const node = pod?.spec.nodeName;
        const tcp = dnsOverTcp?.find(({ server }) => server === reading.server);
        const retry = again(reading);
        const healthy = direct.find(answers);
        const name = reading.pod ?? '';
        return {
          subject: { kind: 'Pod', namespace: 'kube-system', name },
          summary: `${dead.length} of ${direct.length} cluster DNS Pods (${name}${node === undefined ? '' : ` on ${node}`}) does not answer ${flow.source.name}${tcp === undefined ? '' : answers(tcp) ? ' over UDP' : ', over UDP or TCP'}, while the Service still sends it queries: ${share}.`,
          confidence: 'proven' as const,
          blocks: skipped ? null : ('name' as const),
          evidence: [
            proofOfLookup(reading),
            ...(retry === undefined ? [] : [proofOfLookup(retry, 'asked once more')]),
            ...(tcp === undefined ? [] : [proofOfLookup(tcp, 'over TCP')]),
            ...(healthy === undefined ? [] : [proofOfLookup(healthy, `${healthy.pod} answers`)]),
            ...(systemLookups === null
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: systemLookups.command,
                    saw: `${stalled} of ${all.length} lookups got no answer in 2 s`,
                  },
                ]),
          ],
          fix: [
            {
              say: `Have ${name} made anew, on another node where possible`,
              run: `kubectl -n kube-system delete pod ${name}`,
            },
            ...(node === undefined
              ? []
              : [
                  {
                    say: `If the next one on ${node} is silent too, look at the way to that node`,
                    run: `kubectl netdebug -n ${flow.source.namespace} ${flow.source.name} pod/${name}.kube-system:53`,
                  },
                ]),
          ],
        };
      }),
      sawDns(reading(silent)),
    );
  },
});

function reading(silent: readonly DnsReading[]): DnsReading['outcome'] {
  return silent[0]?.outcome ?? { kind: 'timed-out' };
}
