import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { missingLabels, otherPod } from '../support/near.ts';

export default defineRule({
  id: 'netpol-namespace-label-missing',
  rung: 'N',
  title: 'A policy rule names a label the namespace does not have',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-peer-pod-label-mismatch',
    'netpol-selector-and-or',
    'netpol-default-deny-ingress',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'namespace-label',
      say: (denial, denials) => {
        const namespace = otherPod(denial, denials).metadata.namespace ?? '';
        const { needs, has, labels, replaces } = missingLabels(denial, 'namespace-label');
        const set = labels.map(([key, value]) => `${key}=${value}`).join(' ');
        return {
          summary: `${ruleText(denial)} admits namespaces with ${needs}; namespace ${namespace} has ${has}.`,
          before:
            labels.length === 0
              ? []
              : [
                  {
                    say: `Label the namespace, if all of ${namespace} is meant`,
                    run: `kubectl label namespace ${namespace} ${set}${replaces ? ' --overwrite' : ''}`,
                  },
                ],
        };
      },
      otherwise: 'no rule fails by a namespace label alone',
    }),
});
