import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { defineRule } from '../rule.ts';
import { admitsNone, judgeDenials, peersText } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-ingress-controller-not-allowed',
  rung: 'N',
  title: 'A policy does not admit the one that forwards the requests',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-default-deny-ingress',
    'ingress-backend-broken',
    'netpol-namespace-label-missing',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'controller',
      say: (denial, { source }) => ({
        summary: `NetworkPolicy ${denial.policy.metadata.name} isolates ${peersText(denial)} for ingress, and ${admitsNone(denial)} ${source.metadata.name} of namespace ${source.metadata.namespace}, which forwards or scrapes for others, on ${denial.protocol} ${denial.port}.`,
      }),
      otherwise: 'the source is no ingress controller, gateway or scraper that a policy keeps out',
    }),
});
