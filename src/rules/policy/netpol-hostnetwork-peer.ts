import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { otherPod } from '../support/near.ts';

export default defineRule({
  id: 'netpol-hostnetwork-peer',
  rung: 'N',
  title: 'A policy selects a Pod that uses the address of its node',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-peer-pod-label-mismatch', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'host-network',
      say: (denial, denials) => {
        const peer = otherPod(denial, denials);
        return {
          summary: `${ruleText(denial)} selects ${peer.metadata.name} by its labels, but ${peer.metadata.name} uses the host network: its packets carry an address of node ${peer.spec.nodeName ?? '?'}, which no selector matches.`,
          after: [
            {
              say: `Such addresses are the node's: the rule then admits whatever runs on ${peer.spec.nodeName ?? 'it'}, and stops to help when the Pod moves. Taking the Pod off the host network avoids both`,
            },
          ],
        };
      },
      otherwise: 'no rule depends on the labels of a Pod on the host network',
    }),
});
