import { outsideTarget } from '../../derive/dns.ts';
import { sawDns } from '../../derive/reach.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { forwardsFor, serversFor } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { COREDNS_CONFIG, proofOfLog, proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-upstream-unreachable',
  rung: 'D',
  title: 'CoreDNS does not reach its upstream servers',
  needs: [],
  uses: ['service', 'nameLookup', 'dnsRetries', 'controlLookup', 'dnsLogs', 'corefile', 'upstreamLookups'],
  lookAlikes: ['dns-upstream-slow', 'dns-forward-loop', 'dns-coredns-down', 'netpol-egress-dns-missing'],
  explains: [],
  judge(
    { service, nameLookup, dnsRetries, controlLookup, dnsLogs, corefile, upstreamLookups },
    { flow, domain, seen },
  ) {
    const outside = outsideTarget(found(service), flow, domain);
    if (outside === null) return notApplicable('the destination is a name of the cluster');
    if (nameLookup === null) return unsure('source', 'an outside name can only be asked from the Pod');
    const again = dnsRetries?.find((retry) => retry.server === null && retry.name === nameLookup.name);
    const last = again ?? nameLookup;
    const { outcome } = last;
    if (outcome.kind === 'answered' && outcome.rcode !== 'SERVFAIL')
      return clear(`${outside} was answered with ${sawDns(outcome)}`);
    if (outcome.kind === 'refused' || outcome.kind === 'unreachable')
      return clear('the Pod does not even reach the cluster DNS');
    const control = controlLookup?.outcome;
    if (control === undefined) return unsure('source', 'no name of the cluster was asked for comparison');
    if (control.kind !== 'answered' || control.rcode !== 'NOERROR') return clear('names of the cluster fail as well');
    const text = found(corefile);
    const forwards = (text === null ? [] : serversFor(parseCorefile(text), outside)).flatMap((server) =>
      forwardsFor(server, outside).slice(0, 1),
    );
    const [forward] = forwards;
    const complaints = (dnsLogs ?? []).filter(({ kind }) => kind === 'upstream-failed');
    const silent = (upstreamLookups ?? []).filter((reading) => reading.outcome.kind !== 'answered');
    const named = [
      ...new Set([
        ...complaints.flatMap(({ address }) => address ?? []),
        ...silent.flatMap(({ server }) => server ?? []),
      ]),
    ];
    const to = named.length > 0 ? named : (forward?.to ?? []);
    return faults(
      [
        {
          subject: COREDNS_CONFIG,
          summary: `Names of the cluster resolve, but ${outside} does not: CoreDNS gets no answer from its upstream ${to.length === 0 ? 'servers' : `${to.length === 1 ? 'server' : 'servers'} ${to.join(', ')}`}.`,
          confidence: complaints.length > 0 ? 'proven' : 'likely',
          blocks: 'name',
          evidence: [
            proofOfLookup(last),
            ...(controlLookup === null ? [] : [proofOfLookup(controlLookup, 'a name of the cluster')]),
            ...complaints.slice(0, 2).map(proofOfLog),
            ...(forward === undefined
              ? []
              : [seen('corefile', `line ${forward.line}: forward ${forward.from} ${forward.to.join(' ')}`)]),
            ...(upstreamLookups ?? []).map((reading) =>
              proofOfLookup(reading, `${reading.server} asked by ${flow.source.name} itself`),
            ),
          ],
          fix: [
            {
              say: 'Name servers that answer, best two of them, behind forward in the Corefile; or open UDP and TCP 53 from the CoreDNS Pods to these',
              run: 'kubectl -n kube-system edit configmap coredns',
            },
            ...(forward?.to.some((target) => target.startsWith('/')) === true
              ? [
                  {
                    say: `CoreDNS takes them from ${forward.to.join(', ')} of its node: look there`,
                    run: 'kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide',
                  },
                ]
              : []),
          ],
        },
      ],
      '',
    );
  },
});
