import { defineRule } from '../rule.ts';
import { getCommand, judgeOthers, OTHER_NEEDS, OTHER_USES, unreadGroups } from '../support/other-policy.ts';

const GROUP = 'policy.networking.k8s.io';

export default defineRule({
  id: 'netpol-cluster-policy-deny',
  rung: 'N',
  title: 'A policy of the cluster administrator denies the flow',
  needs: OTHER_NEEDS,
  uses: OTHER_USES,
  lookAlikes: [
    'netpol-default-deny-ingress',
    'netpol-default-deny-egress',
    'netpol-vendor-crd-deny',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeOthers(facts, context, {
      mine: ({ apiVersion }) => apiVersion.startsWith(`${GROUP}/`),
      say: ({ policy, by, walk, direction, open }, what) => {
        const place = [walk.at(-1)?.tier, policy.rank].filter((part) => part !== undefined && part !== null).join(', ');
        const rule =
          by === null ? '' : ` by ${by.list} rule ${by.rule + 1}${by.ruleName === null ? '' : ` (${by.ruleName})`}`;
        const early = walk.some(({ tier }) => tier === 'NetworkPolicy')
          ? 'no NetworkPolicy selects the Pod, so the baseline counts'
          : 'before NetworkPolicies are read: none of them can allow it';
        return `${policy.kind} ${policy.name} (${place}) ${open === null ? 'denies' : 'may deny'} ${what}${rule} (${direction}); ${early}${open === null ? '' : `. ${open}`}.`;
      },
      fix: ({ policy, walk }) => [
        walk.some(({ tier }) => tier === 'NetworkPolicy')
          ? {
              say: 'A NetworkPolicy that selects the Pod and admits the flow goes before the baseline; it closes the Pod for all that it does not admit',
              run: getCommand(policy),
            }
          : {
              say: 'Ask whoever keeps it, or put a rule that accepts this flow before it: in front of the rule, or in a policy with a lower priority number',
              run: getCommand(policy),
            },
      ],
      unread: unreadGroups(facts.policyApis, (group) => group === GROUP, facts.adminPolicies),
      otherwise: 'no policy of the administrator denies the flow',
    }),
});
