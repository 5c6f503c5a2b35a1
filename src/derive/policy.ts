import type { NamespaceSnapshot, PodSnapshot, PolicySnapshot } from '../evidence/snapshots.ts';
import { evaluateFlow, type FlowVerdict, type PolicyEnd } from '../netpol/evaluate.ts';
import type { Backend } from './backends.ts';
import { addressesOf, declaredPorts } from './pods.ts';

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

export interface JudgedBackend {
  readonly backend: Backend;
  readonly pod: PodSnapshot;
  readonly verdict: FlowVerdict;
}

export interface PolicyFacts {
  readonly sourcePod: PodSnapshot;
  readonly policies: readonly PolicySnapshot[];
  readonly namespaces: readonly NamespaceSnapshot[];
}

/** What policies say about the flow to each backend that is a Pod, on the Pod's own port. Backends without a Pod are left out. */
export function judgeBackends(facts: PolicyFacts, backends: readonly Backend[], protocol: string): readonly JudgedBackend[] {
  const source = policyEnd(facts.sourcePod, facts.namespaces);
  return backends.flatMap((backend) => {
    if (backend.pod === null || backend.port === null) return [];
    const destination = policyEnd(backend.pod, facts.namespaces);
    return [{ backend, pod: backend.pod, verdict: evaluateFlow({ source, destination, port: backend.port, protocol }, facts.policies) }];
  });
}

