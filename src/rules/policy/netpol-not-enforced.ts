import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { denied, isUnenforced, peersText } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-not-enforced',
  rung: 'N',
  title: 'Policies are there, and nothing enforces them',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-propagation-lag'],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const [first] = [...denials.application, ...denials.dns].filter((denial) => isUnenforced(denial, denials));
    if (first === undefined) return clear('no policy is without effect');
    const { enforcer } = denials;
    const selected = first.direction === 'ingress' ? peersText(first) : denials.source.metadata.name;
    const why =
      enforcer === null || enforcer === undefined
        ? 'no policy engine was found in this cluster'
        : `${enforcer.product} (DaemonSet ${enforcer.name}) has no Pod that is ready`;
    const passes = first.measured === 'passes';
    return faults(
      [
        {
          ...denied(first, denials, context),
          // Nothing runs, and packets pass where they should not: there is no other reading.
          confidence: passes ? 'proven' : 'likely',
          blocks: null,
          summary: `NetworkPolicy ${first.policy.metadata.name} says that this flow is denied (${first.direction} of ${selected}), but ${why}: it has no effect${passes ? ', and the flow passes' : ''}.`,
          fix: [
            enforcer === null || enforcer === undefined
              ? {
                  say: 'Install a network plugin or an agent that enforces policies, if the policy is meant to protect something',
                  run: 'kubectl get daemonsets -A',
                }
              : {
                  say: 'Look why the policy engine does not run',
                  run: `kubectl -n ${enforcer.namespace} describe daemonset ${enforcer.name}`,
                },
          ],
        },
      ],
      '',
    );
  },
});
