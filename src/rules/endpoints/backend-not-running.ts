import { exitMeaning, type Refusal, refusalOf, sayUnfit, type Unfit, unfitNodes } from '../../derive/no-pods.ts';
import { isReady, isStarting, isTerminating, ownerOf, podRef, stoppedBecause } from '../../derive/pods.ts';
import { type ServiceView, viewService, workloadRef, workloadsBehind } from '../../derive/service-view.ts';
import type { LastWords } from '../../evidence/readings.ts';
import type { EventSnapshot, PodSnapshot, WorkloadSnapshot } from '../../evidence/snapshots.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import { selectorText } from '../../netpol/selector.ts';
import {
  type Comparison,
  type Context,
  clear,
  defineRule,
  type Fault,
  type FixStep,
  faults,
  notApplicable,
} from '../rule.ts';

export default defineRule({
  id: 'backend-not-running',
  rung: 'E',
  title: 'The backend Pods do not run',
  needs: ['service', 'endpoints', 'workloads'],
  uses: ['events', 'backendLogs'],
  lookAlikes: ['readiness-failing', 'backend-scaled-to-zero', 'selector-mismatch'],
  explains: [],
  judge({ service, endpoints, workloads, events, backendLogs }, { flow, seen, now }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const failed = endpoints.selected.filter((pod) => pod.status?.phase === 'Failed');
    // Pods on their way out are a rollout's daily business, unless nothing takes their place.
    const staying = view.pods.filter((pod) => !isTerminating(pod));
    const pods = [staying, view.pods, failed].find((some) => some.length > 0) ?? [];
    const stopped = pods.flatMap((pod): readonly Stopped[] => {
      const because =
        stoppedBecause(pod) ?? (isTerminating(pod) && !isReady(pod) ? { reason: 'Terminating', detail: null } : null);
      return because === null ? [] : [{ pod, because }];
    });
    if (stopped.length > 0)
      return faults([ofStopped({ view, stopped, all: pods.length, events, backendLogs, now }, seen)], '');
    // A workload that wants Pods and has none: quota, admission, a broken template.
    const wanting =
      pods.length > 0
        ? undefined
        : workloadsBehind(view.selector, workloads).find((workload) => (workload.spec.replicas ?? 1) > 0);
    if (wanting !== undefined) return faults([ofRefused(wanting, events, seen)], '');
    return clear(
      pods.length === 0 ? `no Pod matches ${selectorText(view.selector)}` : `${pods.length} of ${pods.length} Pods run`,
    );
  },
});

type Seen = Context['seen'];

interface Stopped {
  readonly pod: PodSnapshot;
  readonly because: { readonly reason: string; readonly detail: string | null };
}

/** The workload's Pods are not even made. */
function ofRefused(wanting: WorkloadSnapshot, events: readonly EventSnapshot[] | null, seen: Seen): Fault {
  const ref = workloadRef(wanting);
  const failure = wanting.status?.conditions?.find(
    (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
  );
  const event = events?.find(
    (candidate) => candidate.reason === 'FailedCreate' && candidate.involvedObject.name?.startsWith(ref.name) === true,
  );
  const message = failure?.message ?? event?.message ?? null;
  const refusal = message === null ? null : refusalOf(message);
  const compare = refusal === null ? null : comparisonOf(refusal);
  const wants =
    wanting.spec.replicas === undefined || wanting.spec.replicas === 1 ? '1 Pod' : `${wanting.spec.replicas} Pods`;
  return {
    subject: ref,
    summary: `${ref.kind} ${ref.name} wants ${wants} and has none${refusal === null ? '' : `: ${sayRefusal(refusal)}`}.`,
    confidence: 'proven',
    blocks: 'service',
    ...(compare === null ? {} : { compare }),
    evidence: [
      seen('workloads', `${ref.name}: ${wanting.spec.replicas ?? 1} wanted, ${wanting.status?.replicas ?? 0} exist`),
      ...(message === null ? [] : [seen(failure === undefined ? 'events' : 'workloads', message)]),
    ],
    fix: [
      ...(refusal === null ? [] : fixOfRefusal(refusal, ref)),
      {
        say: 'See what refuses its Pods',
        run: `kubectl -n ${ref.namespace} describe ${ref.kind.toLowerCase()} ${ref.name}`,
      },
    ],
  };
}

function sayRefusal(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'quota': {
      const over = refusal.rows.map(
        ({ resource, requested, used, limit }) => `${resource}: ${requested} more asked for, ${used} of ${limit} used`,
      );
      return `ResourceQuota ${refusal.quota} is used up (${over.join('; ')})`;
    }
    case 'webhook':
      return refusal.isDown
        ? `admission webhook ${refusal.webhook} cannot be asked (${refusal.detail})`
        : `admission webhook ${refusal.webhook} refuses them${refusal.detail === '' ? '' : ` (${refusal.detail})`}`;
    case 'pod-security':
      return `the namespace enforces Pod Security ${refusal.level}, which they violate (${refusal.detail})`;
    case 'service-account':
      return `ServiceAccount ${refusal.account} does not exist`;
    case 'other':
      return refusal.detail;
  }
}

function comparisonOf(refusal: Refusal): Comparison | null {
  if (refusal.kind !== 'quota') return null;
  return {
    title: `What a Pod asks for, and what ResourceQuota ${refusal.quota} has left`,
    rows: refusal.rows.map(({ resource, requested, used, limit }) => ({
      what: resource,
      needs: requested,
      has: `${used} of ${limit} used`,
      ok: false,
    })),
  };
}

function fixOfRefusal(refusal: Refusal, { namespace = '' }: ObjectRef): readonly FixStep[] {
  switch (refusal.kind) {
    case 'quota':
      return [
        {
          say: 'Raise the quota, or lower what Pods of the namespace ask for',
          run: `kubectl -n ${namespace} describe resourcequota ${refusal.quota}`,
        },
      ];
    case 'webhook':
      return [
        {
          say: refusal.isDown
            ? 'Bring the Service of the webhook back'
            : 'Change the Pod template, or what the webhook demands',
          run: `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml | grep -B40 'name: ${refusal.webhook}'`,
        },
      ];
    case 'pod-security':
      return [
        {
          say: 'Change the Pod template, or the level that the namespace enforces',
          run: `kubectl get namespace ${namespace} --show-labels`,
        },
      ];
    case 'service-account':
      return [{ say: 'Make it', run: `kubectl -n ${namespace} create serviceaccount ${refusal.account}` }];
    case 'other':
      return [];
  }
}

/** The Pods are there, and do not run. */
function ofStopped(
  about: {
    readonly view: ServiceView;
    readonly stopped: readonly Stopped[];
    readonly all: number;
    readonly events: readonly EventSnapshot[] | null;
    readonly backendLogs: readonly LastWords[] | null;
    readonly now: number;
  },
  seen: Seen,
): Fault {
  const { view, stopped, all, events, backendLogs, now } = about;
  const { pod, because } = stopped[0] as Stopped;
  const owner = ownerOf(pod);
  const subject = owner ?? podRef(pod);
  const { reason, detail } = because;
  const many = `${stopped.length === all ? `All ${all}` : `${stopped.length} of ${all}`} Pods of ${subject.kind} ${subject.name} ${stopped.length === 1 ? 'is' : 'are'}`;
  const who =
    all > 1 ? many : owner === null ? `Pod ${subject.name} is` : `The only Pod of ${subject.kind} ${subject.name} is`;
  const image = pod.spec.containers[0]?.image;
  const pulling = PULLING.includes(reason);
  const ended = endOf(pod);
  const meaning = ended === null ? null : exitMeaning(ended.exitCode, ended.reason);
  const words = backendLogs?.find((one) => stopped.some(({ pod: { metadata } }) => metadata.name === one.pod));
  const unfit = detail === null ? null : sayUnfit(detail);
  const event = events?.find(
    (candidate) => candidate.involvedObject.name === pod.metadata.name && candidate.message !== undefined,
  );
  const liveness = events?.find(
    ({ reason: what, message, involvedObject }) =>
      what === 'Unhealthy' &&
      message?.startsWith('Liveness') === true &&
      stopped.some(({ pod: { metadata } }) => metadata.name === involvedObject.name),
  );
  const unplaced = reason === 'Unschedulable';
  const isNew = stopped.every((one) => isStarting(one.pod, { now, withinMs: NEW_MS }));
  const ageS = Math.max(0, Math.round((now - Date.parse(pod.metadata.creationTimestamp ?? '')) / 1000));
  const why = [
    ...(pulling && image !== undefined ? [`the image ${image} cannot be had`] : []),
    ...(unfit !== null ? [unfit] : []),
    ...(liveness === undefined || ended === null
      ? meaning === null
        ? []
        : [meaning]
      : [
          `its liveness probe ends it (${(liveness.message ?? '').replace(/^Liveness probe (failed|errored): /, '').split('\n')[0]})`,
        ]),
    ...(words === undefined ? [] : [`its last words: "${words.text}"`]),
  ];
  const shown = unfit !== null || detail === null ? '' : ` (${detail})`;
  return {
    subject,
    summary: `${isNew ? `${who} being started (made ${ageS} s ago, ${reason})` : unplaced ? who.replace(/ (?:is|are)$/, ' cannot be scheduled') : `${who} in ${reason}`}${isNew ? '' : shown}${why.length === 0 ? '' : `: ${why.join('; ')}`}.`,
    confidence: 'proven',
    blocks: view.used.length === 0 ? 'service' : null,
    evidence: [
      ...stopped.slice(0, 3).map((one) => ({
        vantage: 'api' as const,
        command: `kubectl -n ${one.pod.metadata.namespace} get pod ${one.pod.metadata.name}`,
        saw: `${one.because.reason}${one.because.detail === null ? '' : `, ${one.because.detail}`}`,
      })),
      ...(words === undefined
        ? []
        : [seen('backendLogs', `${words.pod}, container ${words.container}: ${words.text}`)]),
      ...(event === undefined ? [] : [seen('events', `${event.reason}: ${event.message}`)]),
      ...(liveness === undefined || liveness === event
        ? []
        : [seen('events', `${liveness.reason}: ${liveness.message}`)]),
      seen('endpoints', `${view.used.length} of ${view.backends.length} endpoints usable`),
    ],
    fix: pulling
      ? [
          {
            say: 'Correct the image, or give the node a way to pull it',
            run: `kubectl -n ${subject.namespace} describe pod ${pod.metadata.name}`,
          },
        ]
      : unplaced
        ? [...fixOfPlacing(detail ?? '', subject), { say: 'See what the scheduler says', run: describePod(pod) }]
        : [
            ...(ended?.reason === 'OOMKilled'
              ? [
                  {
                    say: 'Raise its memory limit, or find what uses so much',
                    run: `kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o yaml | grep -A6 resources:`,
                  },
                ]
              : []),
            ...(isNew
              ? [
                  {
                    say: 'Wait until it runs, then check again',
                    run: `kubectl -n ${subject.namespace} wait --for=condition=Ready pod/${pod.metadata.name} --timeout=60s`,
                  },
                ]
              : ended === null
                ? []
                : [
                    {
                      say: 'Read what the last run said',
                      run: `kubectl -n ${subject.namespace} logs ${pod.metadata.name} --previous`,
                    },
                  ]),
            {
              say: `${!isNew && ended !== null ? 'And' : 'See'} what the cluster says about it`,
              run: describePod(pod),
            },
          ],
  };
}

/** A node that has the image starts a Pod within seconds. */
const NEW_MS = 30_000;

const PULLING: readonly string[] = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];

function describePod({ metadata: { namespace, name } }: PodSnapshot): string {
  return `kubectl -n ${namespace} describe pod ${name}`;
}

/** How its containers ended the last time; null when none did. */
function endOf(
  pod: PodSnapshot,
): { readonly exitCode?: number | undefined; readonly reason?: string | undefined } | null {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return (
    statuses
      .filter(({ state }) => state?.running === undefined)
      .map(({ state, lastState }) => state?.terminated ?? lastState?.terminated)
      .find((terminated) => terminated !== undefined) ?? null
  );
}

/** What to look at for each reason that the scheduler gives, the most frequent reason first. */
function fixOfPlacing(message: string, { namespace, kind, name }: ObjectRef): readonly FixStep[] {
  const claim = /persistentvolumeclaim "([^"]+)" not found/.exec(message)?.[1];
  if (claim !== undefined)
    return [
      {
        say: `Make PersistentVolumeClaim ${claim}, or correct its name in the Pod`,
        run: `kubectl -n ${namespace} get persistentvolumeclaims`,
      },
    ];
  if (message.includes('unbound immediate PersistentVolumeClaims'))
    return [
      {
        say: 'Find out why its PersistentVolumeClaim is not bound',
        run: `kubectl -n ${namespace} describe persistentvolumeclaims`,
      },
    ];
  const reasons = [...(unfitNodes(message)?.unfit ?? [])].sort((a, b) => (b.nodes ?? 0) - (a.nodes ?? 0));
  const edit = `kubectl -n ${namespace} edit ${kind.toLowerCase()} ${name}`;
  const stepFor = (why: Unfit['why']): readonly FixStep[] => {
    switch (why) {
      case 'resources':
      case 'full':
        return [
          {
            say: 'Lower what its containers request, or make room on the nodes',
            run: "kubectl describe nodes | grep -A9 'Allocated resources'",
          },
        ];
      case 'taint':
        return [
          {
            say: 'Tolerate the taint in the Pod template, or take it off the nodes',
            run: 'kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints',
          },
        ];
      case 'labels':
        return [
          { say: 'Correct its nodeSelector or affinity, or label a node', run: 'kubectl get nodes --show-labels' },
        ];
      case 'cordoned':
        return [{ say: 'Take the cordon off a node: kubectl uncordon NODE', run: 'kubectl get nodes' }];
      case 'volume':
        return [
          {
            say: 'See to which nodes its volume is bound',
            run: `kubectl -n ${namespace} describe persistentvolumeclaims`,
          },
        ];
      case 'spread':
      case 'host-port':
        return [{ say: 'Loosen what keeps its Pods apart, or run fewer of them', run: edit }];
      case 'other':
        return [];
    }
  };
  return [...new Set(reasons.map(({ why }) => why))].flatMap(stepFor);
}
