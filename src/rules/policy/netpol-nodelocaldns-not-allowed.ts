import { serviceAddresses } from '../../derive/backends.ts';
import { DENIAL_NEEDS, DENIAL_USES, type Denial, findDenials } from '../../derive/denials.ts';
import { policyEnd, policySetOf } from '../../derive/policy.ts';
import { found } from '../../evidence/collected.ts';
import { inCidr } from '../../netpol/cidr.ts';
import { evaluateFlow } from '../../netpol/evaluate.ts';
import { outsideEnd } from '../../netpol/flow.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { denied } from '../support/denied.ts';
import { dnsFixSteps } from '../support/fix.ts';

/** Where NodeLocal DNSCache listens by default; any link-local address may be chosen. */
const LINK_LOCAL = '169.254.0.0/16';

export default defineRule({
  id: 'netpol-nodelocaldns-not-allowed',
  rung: 'N',
  title: 'An egress policy admits the cluster DNS Pods, and the Pod asks a cache on its node',
  needs: [...DENIAL_NEEDS, 'resolvConf', 'nameLookup'],
  uses: DENIAL_USES,
  lookAlikes: ['dns-nodelocal-down', 'netpol-egress-dns-missing', 'dns-nameserver-wrong'],
  explains: ['dns-nameserver-wrong', 'dns-nodelocal-down'],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    const source = found(facts.sourcePod);
    if (denials === null || source === null) return notApplicable('the source Pod does not exist');
    const service = found(facts.dnsService);
    const own = service === null ? [] : serviceAddresses(service);
    const server = facts.resolvConf.nameservers.find(
      (address) => inCidr(address, LINK_LOCAL) && !own.includes(address),
    );
    if (server === undefined) return clear('the Pod asks no cache on its node');
    if (facts.nameLookup.outcome.kind === 'answered') return clear(`${server} answers the Pod`);
    if (denials.dns.some(({ direction }) => direction === 'egress'))
      return clear('policies do not let the Pod ask the cluster DNS Pods either');
    const flow = {
      source: policyEnd(source, facts.namespaces),
      destination: outsideEnd(server),
      port: 53,
      protocol: 'UDP',
    };
    const { egress } = evaluateFlow(flow, policySetOf(facts));
    const isolatedBy =
      egress.allows === 'no' && egress.because === 'isolated'
        ? egress.isolatedBy.flatMap(({ networkPolicy }) => networkPolicy ?? [])
        : [];
    const [policy] = isolatedBy;
    if (policy === undefined) return clear(`policies let the Pod ask ${server}`);
    const direct = (facts.dnsServers ?? []).find(
      (reading) => reading.pod !== undefined && reading.outcome.kind === 'answered',
    );
    const denial: Denial = {
      direction: 'egress',
      traffic: 'dns',
      kind: 'other',
      policy,
      isolatedBy,
      nearest: null,
      flow,
      via: null,
      otherSide: { allows: 'yes', because: 'outside', walk: [] },
      peers: [],
      addresses: [server],
      port: 53,
      protocol: 'UDP',
      measured: facts.nameLookup.outcome.kind === 'timed-out' ? 'dropped' : 'rejected',
      readings: [facts.nameLookup],
      control: direct ?? null,
    };
    return faults(
      [
        {
          ...denied(denial, denials, context),
          // A cache that is down looks the same from here; only its neighbours could tell.
          confidence: direct === undefined ? 'possible' : 'likely',
          summary: `NetworkPolicy ${policy.metadata.name} lets ${source.metadata.name} ask the Pods of the cluster DNS, but its resolv.conf names ${server}, a cache on the node, which no Pod selector matches.`,
          fix: dnsFixSteps(denial, denials, context, `Admit the cache by its address, over UDP and TCP`),
        },
      ],
      '',
    );
  },
});
