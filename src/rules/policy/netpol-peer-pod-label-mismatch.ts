import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { describe } from '../../ladder/flow.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { labelOn, missingLabels, otherPod } from '../support/near.ts';

export default defineRule({
  id: 'netpol-peer-pod-label-mismatch',
  rung: 'N',
  title: 'A policy rule names labels the other Pod does not have',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-namespace-label-missing',
    'netpol-selector-and-or',
    'netpol-default-deny-ingress',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'pod-label',
      say: (denial, denials) => {
        const peer = otherPod(denial, denials);
        const { needs, has, labels, replaces } = missingLabels(denial, 'pod-label');
        const { owner, hint } = labelOn(denial, denials);
        const all = JSON.stringify(Object.fromEntries(labels));
        return {
          summary: `${ruleText(denial)} admits Pods with ${needs}; ${peer.metadata.name} has ${has}${hint}.`,
          after:
            labels.length === 0
              ? []
              : replaces
                ? [
                    {
                      say: `Or let ${owner.kind === 'Pod' ? '' : 'the Pods of '}${describe(owner)} carry what the rule asks for; mind the Services that select them by the label they have`,
                    },
                  ]
                : [
                    owner.kind === 'Pod'
                      ? {
                          say: `Or give ${describe(owner)} the label`,
                          run: `kubectl -n ${owner.namespace} label pod ${owner.name} ${labels.map(([key, value]) => `${key}=${value}`).join(' ')}`,
                        }
                      : {
                          say: `Or give the Pods of ${describe(owner)} the label, in its template; this starts them again`,
                          run: `kubectl -n ${owner.namespace} patch ${owner.kind.toLowerCase()} ${owner.name} -p '{"spec":{"template":{"metadata":{"labels":${all}}}}}'`,
                        },
                  ],
        };
      },
      otherwise: 'no rule fails by a Pod label alone',
    }),
});
