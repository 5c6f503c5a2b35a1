import { usesClusterDns } from '../../derive/dns.ts';
import { nodeState } from '../../derive/node-states.ts';
import { answeredPairs, onlyPairsGetLost, stalledLookups } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import type { DnsPairs, NodeState } from '../../evidence/readings.ts';
import { type Confidence, clear, defineRule, faults, notApplicable, type Proof, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

/** More than these and it is a DNS that loses packets for another reason. */
const FEW = 0.5;

export default defineRule({
  id: 'dns-conntrack-race',
  rung: 'D',
  title: 'Lookups lose a packet now and then',
  needs: ['dnsServers'],
  uses: [
    'systemLookups',
    'moreLookups',
    'dnsPairs',
    'dnsRetries',
    'dnsService',
    'resolvConf',
    'sourcePod',
    'nodeStates',
  ],
  lookAlikes: ['dns-replica-partial', 'dns-upstream-slow', 'packet-loss', 'conntrack-full'],
  explains: [],
  judge(
    { dnsServers, systemLookups, moreLookups, dnsPairs, dnsRetries, dnsService, resolvConf, sourcePod, nodeStates },
    { flow, seen },
  ) {
    const service = found(dnsService);
    if (flow.byAddress || service === null) return notApplicable('no name is asked of the cluster DNS');
    if (systemLookups === null) return unsure('source', 'the name was not looked up several times');
    if (resolvConf !== null && !usesClusterDns(resolvConf, service)) return clear('the Pod asks another DNS server');
    const collected = <T>(value: T) => ({ status: 'collected', value, command: '', atMs: 0, tookMs: 0 }) as const;
    const stalled = stalledLookups({
      systemLookups: collected(systemLookups),
      ...(moreLookups === null ? {} : { moreLookups: collected(moreLookups) }),
      ...(dnsPairs === null ? {} : { dnsPairs: collected(dnsPairs) }),
    });
    const lookups = [...systemLookups.lookups, ...(moreLookups?.lookups ?? [])];
    if (stalled === 0) return clear(`none of ${lookups.length} lookups at once got stuck`);
    if (moreLookups === null) return unsure('source', 'a lookup got stuck, and it was not tried more often');
    if (stalled < 2) return clear(`1 of ${lookups.length} lookups got stuck, which is one lost packet`);
    const silent = dnsServers.find(
      (reading) =>
        reading.pod !== undefined &&
        reading.outcome.kind !== 'answered' &&
        dnsRetries?.find(({ server }) => server === reading.server)?.outcome.kind !== 'answered' &&
        !answeredPairs(dnsPairs, reading),
    );
    if (silent !== undefined) return clear(`${silent.pod} does not answer at all`);
    const failing = dnsServers.filter(
      ({ pod, outcome }) => pod !== undefined && outcome.kind === 'answered' && outcome.rcode === 'SERVFAIL',
    );
    if (failing.length > 0)
      return clear(`${failing.map(({ pod }) => pod).join(', ')} says SERVFAIL, which it may take its time for`);
    if (stalled > lookups.length * FEW)
      return clear(`${stalled} of ${lookups.length} lookups got stuck, too many for a race`);
    const pod = found(sourcePod);
    const node = pod?.spec.nodeName ?? 'the source node';
    const through = dnsPairs?.find((one) => one.pod === undefined) ?? null;
    const state = nodeState(nodeStates, pod?.spec.nodeName);
    const { confidence, says } = weigh(through, state);
    return faults(
      [
        {
          subject: { kind: 'Pod', namespace: flow.source.namespace, name: flow.source.name },
          summary: `${stalled} of ${lookups.length} lookups of ${systemLookups.name} lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself${says}.`,
          confidence,
          blocks: 'name',
          evidence: [
            {
              vantage: 'source',
              command: moreLookups.command,
              saw: `${stalled} of ${lookups.length} lookups, A and AAAA at once, got no answer in 2 s`,
            },
            ...(through === null ? [] : [proofOfPairs(through, 'the Service')]),
            ...(dnsPairs ?? []).flatMap((one) => (one.pod === undefined ? [] : [proofOfPairs(one, one.pod)])),
            ...dnsServers
              .filter((reading) => reading.pod !== undefined)
              .map((reading) => proofOfLookup(reading, `${reading.pod}`)),
            ...(state?.conntrack?.insertFailed === undefined
              ? []
              : [
                  seen(
                    'nodeStates',
                    `insert_failed of conntrack on ${node} since it started: ${state.conntrack.insertFailed}`,
                  ),
                ]),
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

/** What pairs through the Service and the node's counter say about the race; plain loss does not care how questions are sent. */
function weigh(
  through: DnsPairs | null,
  state: NodeState | null,
): { readonly confidence: Confidence; readonly says: string } {
  const failed = state?.conntrack?.insertFailed;
  const only =
    failed === 0 ? '; the node has lost no such race since it started, so that something else drops them' : '';
  if (through === null) return { confidence: 'possible', says: only };
  const lost = through.atOnce.times - through.atOnce.both;
  const lostInTurn = through.inTurn.times - through.inTurn.both;
  const pairs = `${lost} of ${through.atOnce.times} pairs that are sent at once lose an answer`;
  if (onlyPairsGetLost([through]))
    return {
      confidence: failed === 0 ? 'possible' : 'likely',
      says: `: ${pairs}, and ${lostInTurn === 0 ? 'none' : `${lostInTurn}`} of ${through.inTurn.times} that are sent one after the other${only}`,
    };
  if (lost > 0 && lostInTurn > 0)
    return {
      confidence: 'possible',
      says: `: ${pairs}, and ${lostInTurn} of ${through.inTurn.times} that are sent one after the other, as when packets get lost whatever is in them${only}`,
    };
  return { confidence: 'possible', says: only };
}

function proofOfPairs({ atOnce, inTurn, command }: DnsPairs, of: string): Proof {
  return {
    vantage: 'source',
    command,
    saw: `${of}: ${atOnce.both} of ${atOnce.times} pairs at once answered whole, ${inTurn.both} of ${inTurn.times} one after the other`,
  };
}
