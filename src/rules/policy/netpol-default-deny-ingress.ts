import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { selectorText } from '../../netpol/selector.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { denied, newPolicy, stableLabels, unlessUnread } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-default-deny-ingress',
  rung: 'N',
  title: 'A policy closes the backend and admits nobody like the source',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-default-deny-egress',
    'underlay-blocked',
    'netpol-peer-pod-label-mismatch',
    'netpol-namespace-label-missing',
  ],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const mine = denials.application.filter(
      (denial) => denial.direction === 'ingress' && (denial.kind === 'nobody-admitted' || denial.kind === 'other'),
    );
    return unlessUnread(
      mine.map((denial) => {
        const rules = denial.policy.spec.ingress?.length ?? 0;
        const labels = selectorText(stableLabels(denials.source.metadata.labels)) || 'without labels';
        const who = `${context.flow.source.name} (${labels})`;
        const admits =
          rules === 0
            ? 'has no rule that admits'
            : rules === 1
              ? 'its only rule does not admit'
              : `none of its ${rules} rules admits`;
        const peers =
          denial.peers.length === 1 ? (denial.peers[0]?.metadata.name ?? '') : `${denial.peers.length} backends`;
        return {
          ...denied(denial, denials, context),
          summary: `NetworkPolicy ${denial.policy.metadata.name} isolates ${peers} for ingress, and ${admits} ${who} on ${denial.protocol} ${denial.port}.`,
          fix: [
            {
              say: `Admit ${context.flow.source.name} on port ${denial.port} with a small policy of its own; the default deny stays as it is`,
              run: newPolicy(
                denial,
                denials,
                `allow-${context.flow.source.name}-to-${context.flow.destination.kind === 'Service' ? context.flow.destination.name : 'backend'}`.slice(
                  0,
                  63,
                ),
              ),
            },
          ],
        };
      }),
      denials.unread.application,
      'no policy isolates the backends without a near rule',
    );
  },
});
