import { DENIAL_NEEDS, DENIAL_USES, type Denial, findDenials } from '../../derive/denials.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { denied, newPolicy, targetName, unlessUnread } from '../support/denied.ts';
import { dnsRule } from '../support/dns-rule.ts';

export default defineRule({
  id: 'netpol-default-deny-egress',
  rung: 'N',
  title: 'A policy closes the source and admits neither target nor DNS',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-egress-dns-missing', 'netpol-default-deny-ingress', 'underlay-blocked', 'dns-coredns-down'],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const closed = (denial: Denial): boolean =>
      denial.direction === 'egress' && (denial.kind === 'nobody-admitted' || denial.kind === 'other');
    const application = denials.application.filter(closed);
    const dns = denials.dns.filter(closed);
    return unlessUnread(
      application.map((denial) => {
        const lookup = dns.find((other) => other.policy === denial.policy);
        const common = denied(denial, denials, context);
        const rules = denial.policy.spec.egress?.length ?? 0;
        const admits =
          rules === 0
            ? 'has no rule that admits'
            : rules === 1
              ? 'its only rule does not admit'
              : `none of its ${rules} rules admits`;
        const target = targetName(context.flow);
        return {
          ...common,
          // Lookups come first: what closes both is met there.
          blocks: lookup !== undefined && common.blocks !== null ? 'name' : common.blocks,
          summary: `NetworkPolicy ${denial.policy.metadata.name} isolates ${context.flow.source.name} for egress, and ${admits} ${target} on ${denial.protocol} ${denial.port}${lookup === undefined ? '' : ', nor DNS'}.`,
          evidence: [
            ...common.evidence,
            ...(lookup === undefined
              ? []
              : denied(lookup, denials, context).evidence.filter((proof) => proof.vantage === 'source')),
          ],
          fix: [
            {
              say: `Admit ${target} on port ${denial.port} with a small policy of its own; the default deny stays as it is`,
              run: newPolicy(denial, denials, `allow-${context.flow.source.name}-to-${target}`.slice(0, 63)),
            },
            ...(lookup === undefined
              ? []
              : [
                  {
                    say: 'And DNS, over UDP and TCP',
                    run: dnsRule(lookup, denials, `allow-${context.flow.source.name}-dns`.slice(0, 63)),
                  },
                ]),
          ],
        };
      }),
      denials.unread.application,
      'no policy isolates the source without a near rule',
    );
  },
});
