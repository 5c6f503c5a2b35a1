import type { FixStep } from '../rule.ts';
import { defineRule } from '../rule.ts';
import { getCommand, judgeOthers, OTHER_NEEDS, OTHER_USES, unreadGroups } from '../support/other-policy.ts';

const VENDORS: readonly (readonly [group: RegExp, product: string, look: FixStep])[] = [
  [
    /^cilium\.io$/,
    'Cilium',
    { say: 'See what Cilium drops', run: 'kubectl -n kube-system exec ds/cilium -- cilium-dbg monitor --type drop' },
  ],
  [
    /^(crd\.)?projectcalico\.org$/,
    'Calico',
    { say: 'See what Calico has programmed for the Pod', run: 'calicoctl get workloadendpoints -A -o wide' },
  ],
  [/antrea\.io$/, 'Antrea', { say: 'See how Antrea judges the flow', run: 'antctl query endpoint --help' }],
];
const vendorOf = (apiVersion: string): (typeof VENDORS)[number] | undefined =>
  VENDORS.find(([group]) => group.test(apiVersion.split('/')[0] ?? ''));

export default defineRule({
  id: 'netpol-vendor-crd-deny',
  rung: 'N',
  title: "A policy of the network plugin's own kind denies the flow",
  needs: OTHER_NEEDS,
  uses: OTHER_USES,
  lookAlikes: [
    'netpol-cluster-policy-deny',
    'netpol-default-deny-ingress',
    'netpol-propagation-lag',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeOthers(facts, context, {
      mine: ({ apiVersion }) => vendorOf(apiVersion) !== undefined,
      say: ({ policy, by, direction, open, measured }, what) => {
        const name = `${policy.kind} ${policy.namespace === null ? '' : `${policy.namespace}/`}${policy.name}`;
        const how =
          by === null
            ? `isolates for ${direction} and admits nothing of this flow`
            : `has ${by.list} rule ${by.rule + 1}${by.ruleName === null ? '' : ` (${by.ruleName})`}, which is ${by.verb}`;
        if (open !== null)
          return `NetworkPolicies allow ${what}, but packets are ${measured === 'rejected' ? 'rejected' : 'dropped'}, and ${name} selects the Pod; it was not evaluated to the end: ${open}.`;
        return `NetworkPolicies allow ${what}, but ${name} denies it: it ${how}.`;
      },
      fix: ({ policy }) => {
        const vendor = vendorOf(policy.apiVersion);
        return [
          { say: `Admit the flow in ${policy.kind} ${policy.name}, or ask whoever keeps it`, run: getCommand(policy) },
          ...(vendor === undefined ? [] : [vendor[2]]),
        ];
      },
      unread: unreadGroups(facts.policyApis, (group) => vendorOf(`${group}/v1`) !== undefined, facts.vendorPolicies),
      otherwise: 'no policy of the network plugin denies the flow',
    }),
});
