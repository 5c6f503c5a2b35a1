import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { podRef } from '../../derive/pods.ts';
import { describe } from '../../ladder/flow.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { addRule, denied, peerFor, unlessUnread } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-peer-pod-label-mismatch',
  rung: 'N',
  title: 'A policy rule names labels the other Pod does not have',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-namespace-label-missing', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const mine = denials.application.filter((denial) => denial.kind === 'pod-label');
    return unlessUnread(
      mine.map((denial) => {
        const misses = (denial.nearest?.misses ?? []).flatMap((miss) => (miss.term === 'pod-label' ? [miss] : []));
        const [peerPod] = denial.peers;
        const peer = denial.direction === 'ingress' ? denials.source : (peerPod ?? denials.source);
        const needs = misses.map((miss) => miss.needs).join(', ');
        const has = misses
          .map((miss) => (miss.has === null ? `no label ${miss.key}` : `${miss.key}=${miss.has}`))
          .join(', ');
        const rule = {
          [denial.direction === 'ingress' ? 'from' : 'to']: [peerFor(peer, denial.policy.metadata.namespace ?? '')],
          ports: [{ protocol: denial.protocol, port: denial.port }],
        };
        return {
          ...denied(denial, denials, context),
          summary: `Rule ${(denial.nearest?.rule ?? 0) + 1} of NetworkPolicy ${denial.policy.metadata.name} (${denial.direction}) admits Pods with ${needs}; ${peer.metadata.name} has ${has}.`,
          fix: [
            { say: `If ${peer.metadata.name} is meant, admit the labels it has`, run: addRule(denial, rule) },
            {
              say: `Or give ${describe(podRef(peer))} the label, in the template of its workload`,
              run: `kubectl -n ${peer.metadata.namespace} get pod ${peer.metadata.name} --show-labels`,
            },
          ],
        };
      }),
      denials.unread.application,
      'no rule fails by a Pod label alone',
    );
  },
});
