import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { otherPod } from '../support/near.ts';

export default defineRule({
  id: 'netpol-ipblock-ignored-identity',
  rung: 'N',
  title: 'A policy names Pods or nodes by an ipBlock that the network plugin does not apply to them',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-ipblock-service-cidr', 'netpol-default-deny-egress', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'block-ignored',
      say: (denial, denials) => {
        const peer = otherPod(denial, denials);
        const end = denial.direction === 'ingress' ? denial.flow.source : denial.flow.destination;
        const { enforcer } = denials;
        return {
          summary: `${ruleText(denial)} admits ${peer.metadata.name} by an ipBlock that holds ${end.addresses[0] ?? ''}, but ${enforcer?.product ?? 'the network plugin'} knows Pods and nodes by identity and does not apply ipBlocks to them.`,
        };
      },
      otherwise: 'no rule rests on an ipBlock that the network plugin ignores',
    }),
});
