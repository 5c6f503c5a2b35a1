import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { defineRule } from '../rule.ts';
import { admitsNone, judgeDenials, peersText } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-one-side-only',
  rung: 'N',
  title: 'A policy admits the flow at one end, and none does at the other',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-default-deny-ingress', 'netpol-default-deny-egress', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'one-side',
      say: (denial, { source }, dns) => {
        const { otherSide, direction, policy } = denial;
        const admits =
          otherSide.allows === 'yes' && otherSide.because === 'rule'
            ? `${otherSide.by.policy.kind} ${otherSide.by.policy.name} (${otherSide.by.direction}) admits ${source.metadata.name} to ${targetName(context.flow)}`
            : '';
        const closed = direction === 'ingress' ? peersText(denial) : source.metadata.name;
        const whom = direction === 'ingress' ? source.metadata.name : targetName(context.flow);
        return {
          summary: `${admits}, but NetworkPolicy ${policy.metadata.name} isolates ${closed} for ${direction}, and ${admitsNone(denial)} ${whom} on ${denial.protocol} ${denial.port}${dns === undefined ? '' : ', nor DNS'}: both ends must allow a flow.`,
        };
      },
      otherwise: 'no end is closed by a policy of its own while a rule of the other admits the flow',
    }),
});
