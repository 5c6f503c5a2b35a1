import { duration } from '../../derive/connects.ts';
import { outsideTarget } from '../../derive/dns.ts';
import { SLOW_LOOKUP_MS } from '../../derive/reach.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { forwardsFor, serversFor } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { COREDNS_CONFIG, lastStepMs, proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-upstream-slow',
  rung: 'D',
  title: 'The upstream DNS servers answer slowly',
  needs: [],
  uses: [
    'service',
    'nameLookup',
    'searchLookup',
    'systemLookups',
    'freshLookup',
    'controlLookup',
    'corefile',
    'upstreamLookups',
  ],
  lookAlikes: ['dns-ndots-amplification', 'dns-coredns-overloaded', 'dns-upstream-unreachable'],
  explains: [],
  judge(
    { service, nameLookup, searchLookup, systemLookups, freshLookup, controlLookup, corefile, upstreamLookups },
    { flow, domain, seen },
  ) {
    const outside = outsideTarget(found(service), flow, domain);
    if (outside === null) return notApplicable('the destination is a name of the cluster');
    if (nameLookup === null) return unsure('source', 'an outside name can only be asked from the Pod');
    if (nameLookup.outcome.kind !== 'answered') return clear('the lookup got no answer at all');
    // Asked for the first time: what somebody asked a moment ago is in the cache.
    const slowMs = Math.max(
      nameLookup.tookMs,
      searchLookup === null ? 0 : lastStepMs(searchLookup),
      ...(systemLookups?.lookups ?? []).filter(({ outcome }) => outcome === 'found').map(({ ms }) => ms),
    );
    if (slowMs < SLOW_LOOKUP_MS) return clear(`${outside} itself was answered in ${duration(slowMs)}`);
    if (controlLookup === null || freshLookup === null)
      return unsure('source', 'no other name was asked for comparison');
    if (controlLookup.outcome.kind !== 'answered' || controlLookup.tookMs * 3 > slowMs)
      return clear('names of the cluster are slow as well');
    const freshMs = lastStepMs(freshLookup);
    if (freshMs < SLOW_LOOKUP_MS) return clear('another name of that zone was answered at once');
    const text = found(corefile);
    const [forward] = (text === null ? [] : serversFor(parseCorefile(text), outside)).flatMap((server) =>
      forwardsFor(server, outside).slice(0, 1),
    );
    const direct = (upstreamLookups ?? []).filter((reading) => reading.tookMs >= SLOW_LOOKUP_MS);
    const to = forward?.to.join(', ') ?? 'its upstream servers';
    return faults(
      [
        {
          subject: COREDNS_CONFIG,
          summary: `Outside names take ${duration(Math.min(slowMs, freshMs))} and more, names of the cluster ${duration(controlLookup.tookMs)}: CoreDNS waits for its upstream (${to}).`,
          confidence: direct.length > 0 ? 'proven' : 'likely',
          blocks: 'name',
          evidence: [
            proofOfLookup(nameLookup),
            proofOfLookup(freshLookup, 'a name that nobody had asked for'),
            proofOfLookup(controlLookup, `a name of the cluster, after ${duration(controlLookup.tookMs)}`),
            ...(forward === undefined
              ? []
              : [seen('corefile', `line ${forward.line}: forward ${forward.from} ${forward.to.join(' ')}`)]),
            ...direct.map((reading) => proofOfLookup(reading, `${reading.server} asked by ${flow.source.name} itself`)),
          ],
          fix: [
            {
              say: 'Name upstream servers that are nearer behind forward in the Corefile; where they limit queries (1024 packets a second for each interface on AWS), spread CoreDNS over more nodes or cache on every node',
              run: 'kubectl -n kube-system edit configmap coredns',
            },
          ],
        },
      ],
      '',
    );
  },
});
