import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { otherPod } from '../support/near.ts';

export default defineRule({
  id: 'netpol-selector-and-or',
  rung: 'N',
  title: 'A policy rule joins two conditions that were meant one by one',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-namespace-label-missing',
    'netpol-peer-pod-label-mismatch',
    'netpol-default-deny-ingress',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'and-or',
      say: (denial, denials) => {
        const peer = otherPod(denial, denials);
        const { name, namespace } = peer.metadata;
        const item = denial.nearest?.peer;
        const terms = (denial.nearest?.misses ?? []).map((miss) => miss.term);
        const needs = (denial.nearest?.misses ?? []).map((miss) => miss.needs).join(', ');
        if (terms.includes('own-namespace'))
          return {
            summary: `${ruleText(denial)} selects ${name} by its labels, but only in its own namespace ${denial.policy.metadata.namespace}: a podSelector without a namespaceSelector means that; ${name} is in ${namespace}.`,
          };
        const part = terms.includes('namespace-label') ? 'Pod' : 'namespace';
        return {
          summary: `${ruleText(denial)} asks for namespace and Pod labels in one item, and ${name} has only those of the ${part}: ${needs} ${item === null || part === 'Pod' ? `is not on namespace ${namespace}` : 'is not on the Pod'}.`,
        };
      },
      otherwise: 'no rule fails by two conditions in one item',
    }),
});
