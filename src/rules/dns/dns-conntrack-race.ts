import { usesClusterDns } from '../../derive/dns.ts';
import { stalledLookups } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

/** More than these and it is a DNS that loses packets for another reason. */
const FEW = 0.5;

export default defineRule({
  id: 'dns-conntrack-race',
  rung: 'D',
  title: 'Lookups lose a packet now and then',
  needs: ['dnsServers'],
  uses: ['systemLookups', 'moreLookups', 'dnsRetries', 'dnsService', 'resolvConf', 'sourcePod'],
  lookAlikes: ['dns-replica-partial', 'dns-upstream-slow', 'packet-loss', 'conntrack-full'],
  explains: [],
  judge({ dnsServers, systemLookups, moreLookups, dnsRetries, dnsService, resolvConf, sourcePod }, { flow }) {
    const service = found(dnsService);
    if (flow.byAddress || service === null) return notApplicable('no name is asked of the cluster DNS');
    if (systemLookups === null) return unsure('source', 'the name was not looked up several times');
    if (resolvConf !== null && !usesClusterDns(resolvConf, service)) return clear('the Pod asks another DNS server');
    const collected = <T>(value: T) => ({ status: 'collected', value, command: '', atMs: 0, tookMs: 0 }) as const;
    const stalled = stalledLookups({
      systemLookups: collected(systemLookups),
      ...(moreLookups === null ? {} : { moreLookups: collected(moreLookups) }),
    });
    const lookups = [...systemLookups.lookups, ...(moreLookups?.lookups ?? [])];
    if (stalled === 0) return clear(`none of ${lookups.length} lookups at once got stuck`);
    if (moreLookups === null) return unsure('source', 'a lookup got stuck, and it was not tried more often');
    if (stalled < 2) return clear(`1 of ${lookups.length} lookups got stuck, which is one lost packet`);
    const silent = dnsServers.find(
      (reading) =>
        reading.pod !== undefined &&
        reading.outcome.kind !== 'answered' &&
        dnsRetries?.find(({ server }) => server === reading.server)?.outcome.kind !== 'answered',
    );
    if (silent !== undefined) return clear(`${silent.pod} does not answer at all`);
    if (stalled > lookups.length * FEW)
      return clear(`${stalled} of ${lookups.length} lookups got stuck, too many for a race`);
    const pod = found(sourcePod);
    const node = pod?.spec.nodeName ?? 'the source node';
    return faults(
      [
        {
          subject: { kind: 'Pod', namespace: flow.source.namespace, name: flow.source.name },
          summary: `${stalled} of ${lookups.length} lookups of ${systemLookups.name} lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself.`,
          // Only conntrack's counters on the node tell the race from plain loss.
          confidence: 'possible',
          blocks: 'name',
          evidence: [
            {
              vantage: 'source',
              command: moreLookups.command,
              saw: `${stalled} of ${lookups.length} lookups, A and AAAA at once, got no answer in 2 s`,
            },
            ...dnsServers
              .filter((reading) => reading.pod !== undefined)
              .map((reading) => proofOfLookup(reading, `${reading.pod}`)),
          ],
          notRuledOut: [
            {
              id: 'packet-loss',
              needs: `insert_failed of "conntrack -S" on ${node}: it rises with the race, not with plain loss`,
            },
          ],
          fix: [
            {
              say: `See whether insert_failed rises on ${node} while lookups stall`,
              run: `kubectl debug node/${node} -it --profile=sysadmin --image=nicolaka/netshoot:v0.16 -- conntrack -S`,
            },
            {
              say: 'If it does: NodeLocal DNSCache, or dnsConfig.options single-request-reopen (glibc) or use-vc in the workload',
            },
          ],
        },
      ],
      '',
    );
  },
});
