import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { defineRule } from '../rule.ts';
import { admitsNone, asConfigured, judgeDenials } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-default-deny-egress',
  rung: 'N',
  title: 'A policy closes the source and admits neither target nor DNS',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-egress-dns-missing', 'netpol-default-deny-ingress', 'underlay-blocked', 'dns-coredns-down'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ direction, kind }) => direction === 'egress' && (kind === 'nobody-admitted' || kind === 'other'),
      say: (denial, { source }, dns) => ({
        summary: `NetworkPolicy ${denial.policy.metadata.name} isolates ${source.metadata.name} for egress, and ${admitsNone(denial)} ${targetName(context.flow)} on ${denial.protocol} ${denial.port}${dns === undefined ? '' : ', nor DNS'}.`,
        after: asConfigured(denial),
      }),
      otherwise: 'no policy isolates the source without a near rule',
    }),
});
