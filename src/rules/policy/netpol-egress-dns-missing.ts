import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { denied, isOneOmission, isUnenforced } from '../support/denied.ts';
import { dnsFixSteps } from '../support/fix.ts';

export default defineRule({
  id: 'netpol-egress-dns-missing',
  rung: 'N',
  title: 'An egress policy forgets DNS',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'dns-coredns-down',
    'dns-nameserver-wrong',
    'netpol-default-deny-egress',
    'netpol-ipblock-service-cidr',
    'netpol-nodelocaldns-not-allowed',
  ],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const lookups = denials.dns.filter((denial) => denial.direction === 'egress' && !isUnenforced(denial, denials));
    const [first] = lookups;
    if (first === undefined && denials.unread.dns !== null) return unsure('api', denials.unread.dns);
    if (first === undefined) return clear('policies let the source ask the cluster DNS');
    if (first.kind === 'service-block') return clear('a rule for DNS is there; it names the Service address');
    if (denials.application.some((denial) => isOneOmission(denial, first)))
      return clear('the same policy closes the target too: it admits nothing of this flow');
    const name = targetName(context.flow);
    const direct = (facts.backendConnects ?? []).find((reading) => reading.outcome.kind === 'connected');
    return faults(
      [
        {
          ...denied(first, denials, context),
          summary: `NetworkPolicy ${first.policy.metadata.name} lets ${context.flow.source.name} send only what its egress rules admit, and DNS (UDP and TCP ${first.port}) is not among it: names do not resolve${direct === undefined ? '' : `, while ${name} itself answers at ${direct.address}`}.`,
          evidence: [
            ...denied(first, denials, context).evidence,
            ...(direct === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: direct.command,
                    saw: `${direct.owner.name} by address: connected`,
                  },
                ]),
          ],
          fix: dnsFixSteps(first, denials, context, `Admit DNS for ${context.flow.source.name}, over UDP and TCP`),
        },
      ],
      '',
    );
  },
});
