/**
 * A Pod of our own in the network of a node: made for one run, read-only in what it does, and removed before the run ends. A deadline in
 * its own spec ends it when nobody can remove it any more.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ activeDeadlineSeconds
 */
import { MANAGED_BY } from '../collect/leftovers.ts';
import { rightsCommand } from '../collect/permissions.ts';
import type { ContainerState } from '../collect/ports.ts';
import type { Gap } from '../evidence/collected.ts';
import { PodSnapshot } from '../evidence/snapshots.ts';
import { type AttachLimits, type DebugOptions, FATAL_WAITS, pause, podPath } from './debug-container.ts';
import { isDone, type KubeClient, messageOf } from './kube-rest.ts';

export const NODE_CONTAINER = 'netdebug';
/** A run on nodes takes seconds; nothing of it is there ten minutes later, whatever becomes of us. */
const DEADLINE_S = 600;
const POLL_MS = 250;

export type NodePodLimits = Pick<AttachLimits, 'stuckAfterMs' | 'startMs'>;

const LIMITS: NodePodLimits = { stuckAfterMs: 10_000, startMs: 120_000 };

export interface NodePodOptions extends DebugOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly signal: AbortSignal;
  readonly limits?: NodePodLimits;
}

/**
 * The Pod as it is sent. Not privileged: the node's network and two capabilities, no service account, no volume of the node. It is put on the
 * node directly, because a scheduler may be a part of the trouble, and tolerates what keeps other Pods away.
 */
export function nodePodSpec({
  namespace,
  pod,
  node,
  image,
  imagePullPolicy,
}: Pick<NodePodOptions, 'namespace' | 'pod' | 'node' | 'image' | 'imagePullPolicy'>): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace, labels: MANAGED_BY },
    spec: {
      nodeName: node,
      hostNetwork: true,
      restartPolicy: 'Never',
      activeDeadlineSeconds: DEADLINE_S,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: NODE_CONTAINER,
          image,
          imagePullPolicy,
          command: ['sleep', String(DEADLINE_S)],
          securityContext: { runAsUser: 0, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
        },
      ],
    },
  };
}

/** Makes the Pod and waits until it runs. Reports each step; the last is `running` or `failed`, and one that failed has been removed again where that could be done. */
export async function makeNodePod(
  rest: KubeClient,
  options: NodePodOptions,
  report: (state: ContainerState) => void,
): Promise<void> {
  const { signal, namespace, node } = options;
  const limits = options.limits ?? LIMITS;
  const startedMs = performance.now();
  report({ state: 'waiting', name: NODE_CONTAINER, created: false, detail: 'asking the API server for a Pod there' });
  const answer = await rest.request({
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    contentType: 'application/json',
    body: nodePodSpec(options),
    signal,
  });
  if (!isDone(answer.status)) {
    const message = messageOf(answer.body);
    const gap: Gap = {
      reason: answer.status >= 500 ? 'timed-out' : 'forbidden',
      detail: `no Pod could be made on ${node}: ${message}`,
      unlock: /exceeded quota/.test(message)
        ? `kubectl -n ${namespace} describe resourcequotas`
        : rightsCommand('node', namespace),
    };
    report({ state: 'failed', name: NODE_CONTAINER, created: false, gap });
    return;
  }
  report({ state: 'waiting', name: NODE_CONTAINER, created: true, detail: 'starting' });
  let begun = false;
  while (!signal.aborted) {
    const read = await rest.get(podPath(options), signal);
    const pod = read.kind === 'object' ? PodSnapshot.parse(read.body) : null;
    const state = pod?.status?.containerStatuses?.[0]?.state;
    if (state?.running !== undefined) {
      const tookMs = performance.now() - startedMs;
      report({
        state: 'running',
        name: NODE_CONTAINER,
        created: true,
        image: options.image,
        profile: 'netadmin',
        tookMs,
      });
      return;
    }
    begun ||= state !== undefined;
    const waiting = state?.waiting;
    const failure =
      read.kind === 'not-found'
        ? `the Pod on ${node} is gone`
        : pod?.status?.phase === 'Failed' || state?.terminated !== undefined
          ? `the Pod on ${node} ended at once: ${state?.terminated?.message ?? state?.terminated?.reason ?? pod?.status?.phase}`
          : waiting?.reason !== undefined && FATAL_WAITS.includes(waiting.reason)
            ? `the Pod on ${node} cannot start (${waiting.reason}): ${waiting.message ?? options.image}`
            : null;
    const tookMs = performance.now() - startedMs;
    const late =
      tookMs > (begun ? limits.startMs : limits.stuckAfterMs)
        ? `the Pod on ${node} was not running after ${Math.round(tookMs / 1000)} s; is the node well?`
        : null;
    if (failure !== null || late !== null) {
      const gap: Gap = { reason: failure === null ? 'timed-out' : 'unreadable', detail: failure ?? late ?? '' };
      const isGone = await removeNodePod(rest, options);
      report({ state: 'failed', name: NODE_CONTAINER, created: !isGone, gap });
      return;
    }
    await pause(POLL_MS, signal);
  }
}

/** @returns whether it is gone; false when the API server did not say so */
export async function removeNodePod(
  rest: KubeClient,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  timeoutMs = 5000,
): Promise<boolean> {
  try {
    const { status } = await rest.request({
      method: 'DELETE',
      path: `${podPath({ namespace, pod })}?gracePeriodSeconds=0`,
      timeoutMs,
    });
    return isDone(status) || status === 404;
  } catch {
    return false;
  }
}
