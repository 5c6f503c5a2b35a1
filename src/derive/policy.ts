import type { NamespaceSnapshot, PodSnapshot, PolicySnapshot } from '../evidence/snapshots.ts';
import type { PolicyEnd } from '../netpol/flow.ts';
import { type PolicySet, policySet } from '../netpol/policy-set.ts';
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
  };
}

/** What was read of policies, whatever their API. */
export interface PolicyFacts {
  readonly policies: readonly PolicySnapshot[];
}

/** All policies that were read, ready to be asked with `evaluateFlow`. */
export function policySetOf({ policies }: PolicyFacts): PolicySet {
  return policySet({ networkPolicies: policies });
}
