import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { stableLabels } from '../../netpol/fix.ts';
import { selectorText } from '../../netpol/selector.ts';
import { defineRule } from '../rule.ts';
import { admitsNone, asConfigured, judgeDenials, peersText } from '../support/denied.ts';

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
    'netpol-one-side-only',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ direction, kind }) => direction === 'ingress' && (kind === 'nobody-admitted' || kind === 'other'),
      say: (denial, { source }) => {
        const who = `${source.metadata.name} (${selectorText(stableLabels(source.metadata.labels)) || 'without labels'})`;
        return {
          summary: `NetworkPolicy ${denial.policy.metadata.name} isolates ${peersText(denial)} for ingress, and ${admitsNone(denial)} ${who} on ${denial.protocol} ${denial.port}.`,
          after: asConfigured(denial),
        };
      },
      otherwise: 'no policy isolates the backends without a near rule',
    }),
});
