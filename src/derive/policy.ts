import type {
  DaemonSetSnapshot,
  NamespaceSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
} from '../evidence/snapshots.ts';
import type { PolicyEnd } from '../netpol/flow.ts';
import { type PolicySet, policySet } from '../netpol/policy-set.ts';
import { findEnforcer } from './enforcer.ts';
import { addressesOf, declaredPorts } from './pods.ts';

/** A Pod as policies see it. */
export function policyEnd(pod: PodSnapshot, namespaces: readonly NamespaceSnapshot[]): PolicyEnd {
  const namespace = pod.metadata.namespace ?? '';
  return {
    name: pod.metadata.name,
    namespace,
    labels: pod.metadata.labels ?? {},
    namespaceLabels: namespaces.find((candidate) => candidate.metadata.name === namespace)?.metadata.labels ?? null,
    addresses: addressesOf(pod),
    hostNetwork: pod.spec.hostNetwork ?? false,
    node: pod.spec.nodeName ?? null,
    ports: declaredPorts(pod),
    ...(pod.spec.serviceAccountName === undefined ? {} : { serviceAccount: pod.spec.serviceAccountName }),
  };
}

/** Evidence that a rule lists, besides `policies`, to judge by all policy APIs. */
export const POLICY_USES = ['adminPolicies', 'vendorPolicies', 'daemonSets'] as const;

/** What was read of policies, whatever their API. Null: not read, or not there to be read. */
export interface PolicyFacts {
  readonly policies: readonly PolicySnapshot[];
  readonly adminPolicies?: readonly OtherPolicySnapshot[] | null;
  readonly vendorPolicies?: readonly OtherPolicySnapshot[] | null;
  /** They tell which network plugin it is, and so what an ipBlock means for Pods. */
  readonly daemonSets?: readonly DaemonSetSnapshot[] | null;
}

/**
 * Whether a network plugin applies an ipBlock to Pods; of others it is not known.
 *
 * @see https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based: not to what Cilium manages
 * @see https://github.com/kubernetes-sigs/kube-network-policies/blob/main/pkg/networkpolicy: compared with the address alone
 */
const PODS_IN_BLOCKS: Readonly<Record<string, 'as-written' | 'never'>> = {
  Cilium: 'never',
  Calico: 'as-written',
  Antrea: 'as-written',
  'a NetworkPolicy agent': 'as-written',
};

/** All policies that were read, ready to be asked with `evaluateFlow`. */
export function policySetOf({ policies, adminPolicies, vendorPolicies, daemonSets }: PolicyFacts): PolicySet {
  const product = findEnforcer(daemonSets ?? [])?.product ?? '';
  return policySet(
    { networkPolicies: policies, others: [...(adminPolicies ?? []), ...(vendorPolicies ?? [])] },
    { podsInBlocks: PODS_IN_BLOCKS[product] ?? 'open' },
  );
}
