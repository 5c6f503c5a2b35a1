import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { addRule, denied, peerFor, unlessUnread } from '../support/denied.ts';

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
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const mine = denials.application.filter((denial) => denial.kind === 'namespace-label');
    return unlessUnread(
      mine.map((denial) => {
        const misses = (denial.nearest?.misses ?? []).flatMap((miss) =>
          miss.term === 'namespace-label' ? [miss] : [],
        );
        const [peerPod] = denial.peers;
        const peer = denial.direction === 'ingress' ? denials.source : (peerPod ?? denials.source);
        const namespace = peer.metadata.namespace ?? '';
        const needs = misses.map((miss) => miss.needs).join(', ');
        const has = misses
          .map((miss) => (miss.has === null ? `no label ${miss.key}` : `${miss.key}=${miss.has}`))
          .join(', ');
        const wanted = denial.nearest?.peer?.namespaceSelector?.matchLabels ?? {};
        const missing = misses.flatMap((miss) =>
          wanted[miss.key] === undefined ? [] : [`${miss.key}=${wanted[miss.key]}`],
        );
        const rule = {
          [denial.direction === 'ingress' ? 'from' : 'to']: [peerFor(peer, denial.policy.metadata.namespace ?? '')],
          ports: [{ protocol: denial.protocol, port: denial.port }],
        };
        return {
          ...denied(denial, denials, context),
          summary: `Rule ${(denial.nearest?.rule ?? 0) + 1} of NetworkPolicy ${denial.policy.metadata.name} (${denial.direction}) admits namespaces with ${needs}; namespace ${namespace} has ${has}.`,
          fix: [
            ...(missing.length === 0
              ? []
              : [
                  {
                    say: `Label the namespace, if all of ${namespace} is meant`,
                    run: `kubectl label namespace ${namespace} ${missing.join(' ')}${misses.some((miss) => miss.has !== null) ? ' --overwrite' : ''}`,
                  },
                ]),
            { say: 'Or admit it by the name label that every namespace has', run: addRule(denial, rule) },
          ],
        };
      }),
      denials.unread.application,
      'no rule fails by a namespace label alone',
    );
  },
});
