import type { NamespaceSnapshot, PodSnapshot } from '../evidence/snapshots.ts';
import type { PolicyEnd } from '../netpol/evaluate.ts';
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
