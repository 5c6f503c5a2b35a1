import { found, type Lookup } from '../evidence/collected.ts';
import type { Endpoints } from '../evidence/evidence.ts';
import type { ContainerPort, ContainerStatus, PodSnapshot } from '../evidence/snapshots.ts';
import type { ObjectRef } from '../ladder/flow.ts';

/**
 * The Pods at the far end of a flow: those a Service selects or its slices point to, and the Pod that is the destination itself.
 * Empty when none of it could be read.
 */
export function podsBehind(
  endpoints: Endpoints | null | undefined,
  destinationPod: Lookup<PodSnapshot> | null | undefined,
): readonly PodSnapshot[] {
  return [...(endpoints?.selected ?? []), ...(endpoints?.stray ?? []), found(destinationPod)].filter(
    (pod) => pod !== null,
  );
}

/** Finished Pods keep their labels and sometimes an address that is someone else's by now (faults.md §9, trap 10). */
export function isFinished(pod: PodSnapshot): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isReady(pod: PodSnapshot): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false
  );
}

export function isTerminating(pod: PodSnapshot): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function addressesOf(pod: PodSnapshot): readonly string[] {
  return (pod.status?.podIPs ?? []).map(({ ip }) => ip);
}

/** Ports that containers and restartable init containers (sidecars) declare. Declarations are informational: nothing need listen there. */
export function declaredPorts(pod: PodSnapshot): readonly ContainerPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
}

/** The port of a Pod that a flow means: the number or name that was given, else the first TCP port it declares; null without any. */
export function flowPortOn(pod: PodSnapshot, flow: { readonly port: number | string | null }): number | null {
  if (typeof flow.port === 'number') return flow.port;
  const declared = declaredPorts(pod).find(
    (port) => (port.protocol ?? 'TCP') === 'TCP' && (flow.port === null || port.name === flow.port),
  );
  return declared?.containerPort ?? null;
}

export function podRef(pod: PodSnapshot): ObjectRef {
  return { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
}

/** The workload a person would edit: a ReplicaSet's name without its template hash is its Deployment's. */
export function ownerOf(pod: {
  readonly metadata: Pick<PodSnapshot['metadata'], 'namespace' | 'labels' | 'ownerReferences'>;
}): ObjectRef | null {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return null;
  const namespace = pod.metadata.namespace ?? '';
  const hash = pod.metadata.labels?.['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', namespace, name: owner.name.slice(0, -hash.length - 1) };
  }
  return { kind: owner.kind, namespace, name: owner.name };
}

/** Whether the kubelet is only about to start a Pod for the first time: made within `withinMs` before `now`, and nothing has gone wrong yet. */
export function isStarting(
  pod: PodSnapshot,
  { now, withinMs }: { readonly now: number; readonly withinMs: number },
): boolean {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return (
    now - Date.parse(pod.metadata.creationTimestamp ?? '') < withinMs &&
    statuses.every(({ restartCount = 0 }) => restartCount === 0) &&
    statuses.some(({ state }) => STARTING.includes(state?.waiting?.reason ?? ''))
  );
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-state-waiting */
const STARTING: readonly string[] = ['ContainerCreating', 'PodInitializing'];

/** Why a Pod does not run, in the words `kubectl get pods` uses; null when all its containers run. */
export function stoppedBecause(pod: PodSnapshot): { readonly reason: string; readonly detail: string | null } | null {
  const statuses: readonly ContainerStatus[] = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const status of statuses) {
    const waiting = status.state?.waiting;
    if (waiting !== undefined && waiting.reason !== 'PodInitializing') {
      const last = status.lastState?.terminated;
      const exit =
        last === undefined
          ? null
          : `last exit ${last.exitCode ?? '?'}${last.reason === undefined ? '' : ` (${last.reason})`}`;
      return { reason: waiting.reason ?? 'Waiting', detail: exit ?? waiting.message ?? null };
    }
    const ended = status.state?.terminated;
    if (
      ended !== undefined &&
      pod.status?.phase === 'Running' &&
      pod.status.containerStatuses?.includes(status) === true
    ) {
      return { reason: ended.reason ?? 'Terminated', detail: `exit ${ended.exitCode ?? '?'}` };
    }
  }
  if (pod.status?.phase === 'Pending') {
    const scheduled = pod.status.conditions?.find(
      (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
    );
    return scheduled === undefined
      ? { reason: 'Pending', detail: null }
      : { reason: scheduled.reason ?? 'Unschedulable', detail: scheduled.message ?? null };
  }
  if (isFinished(pod))
    return { reason: pod.status?.reason ?? pod.status?.phase ?? 'Finished', detail: pod.status?.message ?? null };
  return null;
}

/** Whether Kubernetes asks the Pod over the network if it is ready. */
export function hasNetworkProbe(pod: PodSnapshot): boolean {
  return pod.spec.containers.some(
    ({ readinessProbe }) =>
      readinessProbe?.httpGet !== undefined ||
      readinessProbe?.tcpSocket !== undefined ||
      readinessProbe?.grpc !== undefined,
  );
}
