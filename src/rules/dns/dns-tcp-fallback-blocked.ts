import { backendsOf } from '../../derive/backends.ts';
import { policyEnd } from '../../derive/policy.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { evaluateFlow } from '../../netpol/evaluate.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-tcp-fallback-blocked',
  rung: 'D',
  title: 'DNS over TCP is blocked, so large answers never arrive',
  needs: [],
  uses: ['nameLookup', 'dnsOverTcp', 'sourcePod', 'policies', 'namespaces', 'dnsPods', 'dnsService', 'dnsSlices'],
  lookAlikes: ['mtu-blackhole', 'netpol-egress-dns-missing'],
  explains: ['dns-conntrack-race'],
  judge({ nameLookup, dnsOverTcp, sourcePod, policies, namespaces, dnsPods, dnsService, dnsSlices }, { flow }) {
    if (flow.byAddress) return notApplicable('no name is looked up');
    if (nameLookup === null) return unsure('source', 'the name was not looked up');
    if (nameLookup.truncated !== true) return clear('the answer fits into one UDP packet');
    if (nameLookup.outcome.kind === 'answered') return clear('the answer came over TCP');
    const failed = (dnsOverTcp ?? []).filter(({ outcome }) => outcome.kind !== 'answered');
    const pod = found(sourcePod);
    const service = found(dnsService);
    const tcp = service?.spec.ports?.find(({ port, protocol }) => port === 53 && (protocol ?? 'TCP') === 'TCP');
    const servers = tcp === undefined ? [] : backendsOf(dnsSlices ?? [], dnsPods ?? [], tcp);
    const denied =
      pod === null || policies === null
        ? []
        : servers.flatMap((server) => {
            if (server.pod === null || server.port === null) return [];
            const ends = {
              source: policyEnd(pod, namespaces ?? []),
              destination: policyEnd(server.pod, namespaces ?? []),
              port: server.port,
            };
            const side = evaluateFlow({ ...ends, protocol: 'TCP' }, policies).egress;
            const udp = evaluateFlow({ ...ends, protocol: 'UDP' }, policies).egress;
            if (side.allows !== 'no' || side.because !== 'isolated' || udp.allows === 'no') return [];
            return side.nearest[0]?.policy ?? side.isolatedBy[0].networkPolicy ?? [];
          });
    const [policy] = denied;
    const { name, namespace = '' } = policy?.metadata ?? { name: 'kube-dns', namespace: 'kube-system' };
    const outcome = sawDns(nameLookup.outcome);
    const index =
      policy?.spec.egress?.findIndex(({ ports }) =>
        ports?.some(({ port, protocol }) => port === 53 && protocol === 'UDP'),
      ) ?? -1;
    const patch = JSON.stringify([
      { op: 'add', path: `/spec/egress/${index}/ports/-`, value: { protocol: 'TCP', port: 53 } },
    ]);
    return faults(
      [
        {
          subject:
            policy === undefined ? { kind: 'Service', namespace, name } : { kind: 'NetworkPolicy', namespace, name },
          summary: `The answer for ${nameLookup.name} is too large for UDP, and over TCP there is none (${outcome})${policy === undefined ? '' : `: ${name} lets ${flow.source.name} ask the cluster DNS over UDP 53 only`}.`,
          confidence: policy !== undefined && failed.length > 0 ? 'proven' : 'likely',
          blocks: 'name',
          evidence: [
            proofOfLookup(nameLookup, 'cut off over UDP, then asked over TCP'),
            ...failed.slice(0, 2).map((reading) => proofOfLookup(reading, `${reading.pod ?? reading.server} over TCP`)),
            ...(policy === undefined
              ? []
              : [
                  {
                    vantage: 'api' as const,
                    command: `kubectl -n ${namespace} get networkpolicy ${name} -o yaml`,
                    saw: 'admits UDP 53 to the cluster DNS, and not TCP 53',
                  },
                ]),
          ],
          fix: [
            policy !== undefined && index >= 0
              ? {
                  say: 'Admit TCP 53 beside UDP 53',
                  run: `kubectl -n ${namespace} patch networkpolicy ${name} --type=json -p '${patch}'`,
                }
              : { say: 'Open TCP 53 from the Pod to the cluster DNS, beside UDP 53' },
          ],
        },
      ],
      '',
    );
  },
});
