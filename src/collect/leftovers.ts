/** What runs of this tool may have left in a cluster: Pods on nodes that nobody could take away, and debug containers that still run. */
import type { Collected } from '../evidence/collected.ts';
import { PodSnapshot } from '../evidence/snapshots.ts';
import { LAST_USE } from '../probes/script.ts';
import { type Reading, readList } from './read.ts';

/** The label of every Pod that this tool makes. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'kubectl-netdebug' } as const;

export interface Leftover {
  readonly kind: 'Pod' | 'EphemeralContainer';
  readonly namespace: string;
  readonly pod: string;
  /** Of an ephemeral container its own name. */
  readonly name: string;
  readonly node: string | null;
  readonly isRunning: boolean;
  /** RFC 3339, when it began to run or was made; null when the cluster does not say. */
  readonly since: string | null;
}

/**
 * Pods that carry our label, and our containers in other Pods as long as they run: one that has ended stays in the Pod's object until the Pod
 * goes, takes nothing, and cannot be removed.
 */
export function leftoversOf(pods: readonly PodSnapshot[]): readonly Leftover[] {
  const [[label, value]] = Object.entries(MANAGED_BY) as [[string, string]];
  return pods.flatMap((pod): readonly Leftover[] => {
    const { name, namespace = '', labels } = pod.metadata;
    const at = { namespace, pod: name, node: pod.spec.nodeName ?? null };
    if (labels?.[label] === value) {
      const isRunning = pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
      return [{ kind: 'Pod', ...at, name, isRunning, since: pod.metadata.creationTimestamp ?? null }];
    }
    return (pod.spec.ephemeralContainers ?? []).flatMap((container): readonly Leftover[] => {
      const running = pod.status?.ephemeralContainerStatuses?.find((one) => one.name === container.name)?.state
        ?.running;
      const isOurs = (container.command ?? []).join(' ').includes(LAST_USE);
      if (!isOurs || running === undefined) return [];
      return [
        { kind: 'EphemeralContainer', ...at, name: container.name, isRunning: true, since: running.startedAt ?? null },
      ];
    });
  });
}

/** Looks in one namespace, or with null in all of them. */
export async function readLeftovers(
  reading: Reading,
  namespace: string | null,
): Promise<Collected<readonly Leftover[]>> {
  const path = namespace === null ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const pods = await readList(
    reading,
    path,
    PodSnapshot,
    namespace === null ? 'kubectl get pods -A' : `kubectl -n ${namespace} get pods`,
  );
  return pods.status === 'missing' ? pods : { ...pods, value: leftoversOf(pods.value) };
}
