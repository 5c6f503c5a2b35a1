/**
 * The debug container: found again, or added to the Pod through the `ephemeralcontainers` sub-resource, and waited for.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */

import { rightsCommand } from '../collect/permissions.ts';
import type { ContainerState } from '../collect/ports.ts';
import type { Admission } from '../collect/rights.ts';
import type { Gap } from '../evidence/collected.ts';
import { PodSnapshot } from '../evidence/snapshots.ts';
import type { Access } from '../ladder/access.ts';
import { LAST_USE } from '../probes/script.ts';
import { isDone, type KubeClient, messageOf, type RestResponse } from './kube-rest.ts';

/** How much the container may do, strongest first; the names are those of `kubectl debug --profile`. */
export const PROFILES = ['netadmin', 'general', 'baseline', 'restricted'] as const;
export type Profile = (typeof PROFILES)[number];

export interface DebugOptions {
  readonly image: string;
  readonly imagePullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  readonly profile: Profile | 'auto';
}

/** The version of netshoot that this tool was tested with. */
export const DEFAULT_IMAGE = 'nicolaka/netshoot:v0.16';

const NAME = 'netdebug';
/** How often a patch is sent again that met another write of the same Pod. */
const CONFLICT_TRIES = 3;
/** The container ends by itself this long after its last use. */
const IDLE_LIMIT_S = 15 * 60;
/** How long what is waited for. */
export interface AttachLimits {
  /** A kubelet that has not even begun with the container by then is stuck. */
  readonly stuckAfterMs: number;
  /** Pulling the image is slow on a new node; the kubelet says what it is doing meanwhile. */
  readonly startMs: number;
  /** One watch, after which the Pod is read once; where watching is not allowed, the pause between two reads. */
  readonly watchMs: number;
}

const LIMITS: AttachLimits = { stuckAfterMs: 10_000, startMs: 120_000, watchMs: 1000 };

/**
 * Ends on TERM at once, so that the Pod is not held up when it is deleted, and when nothing has used it for a while; where its root may not be
 * written, that long after it began.
 */
const COMMAND = `trap 'exit 0' TERM INT
begun=$(date +%s); (: > ${LAST_USE}) 2>/dev/null
while [ $(( $(date +%s) - $(stat -c %Y ${LAST_USE} 2>/dev/null || echo $begun) )) -lt ${IDLE_LIMIT_S} ]; do sleep 15 & wait $!; done`;

/** What would be added to the Pod, as it is sent. */
export function containerSpec(
  name: string,
  profile: Profile,
  options: Pick<DebugOptions, 'image' | 'imagePullPolicy'>,
  pod: PodSnapshot,
): Record<string, unknown> {
  const nonRoot = pod.spec.securityContext?.runAsNonRoot === true;
  const asRoot = nonRoot ? { runAsNonRoot: false, runAsUser: 0 } : {};
  const securityContext: Readonly<Record<Profile, Record<string, unknown>>> = {
    netadmin: { ...asRoot, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    general: { ...asRoot, capabilities: { add: ['NET_RAW'] } },
    baseline: { ...asRoot },
    restricted: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  return {
    name,
    image: options.image,
    imagePullPolicy: options.imagePullPolicy,
    command: ['sh', '-c', COMMAND],
    stdin: false,
    tty: false,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: securityContext[profile],
  };
}

/** What `attach` is about to do to a Pod, for a person to agree to. */
export type ContainerPlan =
  | { readonly kind: 'reuse'; readonly name: string; readonly profile: string }
  | { readonly kind: 'add'; readonly name: string; readonly profile: Profile; readonly spec: Record<string, unknown> }
  | { readonly kind: 'impossible'; readonly because: string };

/**
 * @param enforced  the namespace's Pod Security level, as far as it could be read
 * @param admitted  the shape that a dry run got through, which says more; null when nobody asked
 */
export function planContainer(
  pod: PodSnapshot,
  options: DebugOptions,
  { enforced, admitted }: { readonly enforced: string | null; readonly admitted: string | null },
): ContainerPlan {
  const own = reusable(pod, options);
  if (own !== null) return { kind: 'reuse', name: own.name, profile: own.profile };
  const refusal = cannotRun(pod);
  if (refusal !== null) return { kind: 'impossible', because: refusal.detail };
  const name = freeName(pod);
  const profile =
    PROFILES.find((one) => one === admitted) ?? (options.profile === 'auto' ? strongestIn(enforced) : options.profile);
  return { kind: 'add', name, profile, spec: containerSpec(name, profile, options, pod) };
}

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function strongestIn(enforced: string | null): Profile {
  return enforced === 'restricted' || enforced === 'baseline' ? enforced : 'netadmin';
}

/** Where the API server has a Pod. */
export function podPath({ namespace, pod }: { readonly namespace: string; readonly pod: string }): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
}

export interface AttachOptions extends DebugOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly signal: AbortSignal;
  /** The level that it is part of; `source` where nobody says. */
  readonly access?: Access;
  /** The Pod, when it was read just before. */
  readonly known?: PodSnapshot;
  readonly limits?: AttachLimits;
}

/**
 * Brings a debug container into a Pod, reusing one that still runs, or that another run has just added and that is starting. Reports each
 * step; the last is `running` or `failed`.
 *
 * With profile `auto` the strongest shape that the namespace's admission lets through is taken.
 */
export async function attach(
  rest: KubeClient,
  options: AttachOptions,
  report: (state: ContainerState) => void,
): Promise<void> {
  const path = podPath(options);
  const pod = options.known ?? (await readPod(rest, path, options, report));
  if (pod === null) return;
  const own = reusable(pod, options);
  if (own !== null) {
    const { isRunning, ...container } = own;
    if (isRunning) report({ state: 'running', ...container, image: options.image, created: false, tookMs: 0 });
    else
      await waitUntilRunning(
        rest,
        path,
        { ...container, ...versionOf(pod), startedMs: performance.now() },
        options,
        // It counts as added by whoever did that: here it is only told how it ended.
        (state) => {
          if (state.state === 'running' || state.state === 'failed') report({ ...state, created: false });
        },
      );
    return;
  }
  const refusal = cannotRun(pod);
  if (refusal !== null) {
    report({ state: 'failed', name: null, created: false, gap: refusal });
    return;
  }
  const name = freeName(pod);
  const startedMs = performance.now();
  report({ state: 'waiting', name, created: false, detail: 'asking the API server to add it' });
  let last: Gap | null = null;
  for (const profile of profilesFor(options)) {
    const answer = await patch(rest, { ...options, name, profile }, pod).catch((error: unknown) => {
      if (options.signal.aborted) throw error;
      return error instanceof Error ? error.message : String(error);
    });
    if (typeof answer === 'string') {
      last = {
        reason: 'timed-out',
        detail: `whether the debug container may be added: ${answer}; an admission webhook that does not answer does this`,
        unlock: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
      };
      break;
    }
    if (isDone(answer.status)) {
      const { version } = versionOf(answer.body as Versioned);
      await waitUntilRunning(rest, path, { name, profile, ...versionOf(pod), version, startedMs }, options, report);
      return;
    }
    last = refusalOf(answer.status, messageOf(answer.body), options, pod.spec.nodeName);
    if (!isPodSecurity(answer.status, messageOf(answer.body))) break;
  }
  report({ state: 'failed', name: null, created: false, gap: last ?? { reason: 'forbidden', detail: 'refused' } });
}

/**
 * In which shape the container would be added, or in whose words it would be refused: asked with a dry run, which changes nothing and which
 * admission webhooks take part in. Null where nothing would be added; neither of both where a dry run tells nothing: no answer, a webhook that
 * does not take part.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */
export async function rehearse(rest: KubeClient, options: AttachOptions, pod: PodSnapshot): Promise<Admission | null> {
  if (reusable(pod, options) !== null || cannotRun(pod) !== null) return null;
  const unknown: Admission = { profile: null, refusal: null };
  const name = freeName(pod);
  let refusal: string | null = null;
  for (const profile of profilesFor(options)) {
    const answer = await patch(rest, { ...options, name, profile, isDry: true }, pod).catch(() => null);
    if (answer === null || answer.status >= 500) return unknown;
    if (isDone(answer.status)) return { profile, refusal: null };
    const message = messageOf(answer.body);
    if (/does not support dry run/i.test(message)) return unknown;
    refusal = refusalOf(answer.status, message, options, pod.spec.nodeName).detail;
    if (!isPodSecurity(answer.status, message)) break;
  }
  return { profile: null, refusal };
}

/** What is tried, one after the other, until one is let in. */
function profilesFor({ profile }: DebugOptions): readonly Profile[] {
  return profile === 'auto' ? PROFILES : [profile];
}

interface Patch extends AttachOptions {
  readonly name: string;
  readonly profile: Profile;
  readonly isDry?: boolean;
}

async function patch(rest: KubeClient, options: Patch, pod: PodSnapshot): Promise<RestResponse> {
  const ask = () =>
    rest.request({
      method: 'PATCH',
      path: `${podPath(options)}/ephemeralcontainers${options.isDry === true ? '?dryRun=All' : ''}`,
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { ephemeralContainers: [containerSpec(options.name, options.profile, options, pod)] } },
      signal: options.signal,
    });
  let answer = await ask();
  // The kubelet writes the Pod's status at the same time; the server gives up after some tries of its own.
  for (let again = 0; answer.status === 409 && again < CONFLICT_TRIES; again++) answer = await ask();
  return answer;
}

async function readPod(
  rest: KubeClient,
  path: string,
  options: AttachOptions,
  report: (state: ContainerState) => void,
): Promise<PodSnapshot | null> {
  const read = await rest.get(path, options.signal);
  if (read.kind === 'object') return PodSnapshot.parse(read.body);
  const detail = read.kind === 'not-found' ? `Pod ${options.pod} is gone` : read.message;
  const reason = read.kind === 'refused' && read.status === 403 ? 'forbidden' : 'timed-out';
  report({ state: 'failed', name: null, created: false, gap: { reason, detail } });
  return null;
}

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string | undefined; readonly uid?: string | undefined };
}

/** From when on a Pod is watched, and which one. */
function versionOf({ metadata }: Versioned): { readonly version: string; readonly podUid: string } {
  return { version: metadata?.resourceVersion ?? '', podUid: metadata?.uid ?? '' };
}

interface OwnContainer {
  readonly name: string;
  readonly profile: Profile;
  /** Otherwise it is starting. */
  readonly isRunning: boolean;
}

/** A container of ours that may be used as it is asked for, one that runs already first. */
function reusable(pod: PodSnapshot, options: DebugOptions): OwnContainer | null {
  const all = (pod.spec.ephemeralContainers ?? []).flatMap((container): readonly OwnContainer[] => {
    const status = pod.status?.ephemeralContainerStatuses?.find((candidate) => candidate.name === container.name);
    const ours = new RegExp(`^${NAME}(-\\d+)?$`).test(container.name) && container.image === options.image;
    const { running, terminated, waiting } = status?.state ?? {};
    if (!ours || terminated !== undefined || FATAL_WAITS.includes(waiting?.reason ?? '')) return [];
    const profile = profileOf(container);
    if (options.profile !== 'auto' && options.profile !== profile) return [];
    return [{ name: container.name, profile, isRunning: running !== undefined }];
  });
  return all.find(({ isRunning }) => isRunning) ?? all[0] ?? null;
}

function profileOf({ securityContext }: NonNullable<PodSnapshot['spec']['ephemeralContainers']>[number]): Profile {
  const added = securityContext?.capabilities?.add ?? [];
  if (added.includes('NET_ADMIN')) return 'netadmin';
  if (added.includes('NET_RAW')) return 'general';
  return securityContext?.runAsNonRoot === true ? 'restricted' : 'baseline';
}

/** A Pod that runs nothing has no network to join. */
function cannotRun(pod: PodSnapshot): Gap | null {
  const { name, namespace } = pod.metadata;
  const unlock = `kubectl -n ${namespace} get pods --field-selector status.phase=Running`;
  const phase = pod.status?.phase;
  if (pod.spec.os?.name === 'windows' || pod.spec.nodeSelector?.['kubernetes.io/os'] === 'windows')
    return { reason: 'not-permitted', detail: `Pod ${name} runs Windows; the debug image is for Linux` };
  if (phase === 'Succeeded' || phase === 'Failed')
    return {
      reason: 'not-permitted',
      detail: `Pod ${name} has ended (${phase}); a debug container needs a Pod that runs`,
      unlock,
    };
  if (pod.spec.nodeName === undefined)
    return { reason: 'not-permitted', detail: `Pod ${name} is on no node yet (${phase ?? 'Pending'})`, unlock };
  if (pod.metadata.deletionTimestamp !== undefined)
    return { reason: 'not-permitted', detail: `Pod ${name} is being deleted`, unlock };
  return null;
}

function freeName(pod: PodSnapshot): string {
  const taken = new Set(
    [...(pod.spec.ephemeralContainers ?? []), ...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(
      (container) => container.name,
    ),
  );
  if (!taken.has(NAME)) return NAME;
  for (let number = 2; ; number++) if (!taken.has(`${NAME}-${number}`)) return `${NAME}-${number}`;
}

function isPodSecurity(status: number, message: string): boolean {
  return status === 403 && message.includes('violates PodSecurity');
}

function refusalOf(status: number, message: string, options: AttachOptions, node?: string): Gap {
  if (isPodSecurity(status, message))
    return {
      reason: 'forbidden',
      detail: `the namespace's Pod Security refuses the debug container: ${message}`,
      unlock: `kubectl label namespace ${options.namespace} pod-security.kubernetes.io/enforce-`,
    };
  if (/static pods do not support ephemeral containers/.test(message))
    return {
      reason: 'not-permitted',
      detail: `Pod ${options.pod} is a static Pod, which gets no debug containers; another Pod of its node may stand in for it`,
      unlock: `kubectl get pods -A -o wide --field-selector spec.nodeName=${node ?? 'NODE'}`,
    };
  if (status === 403)
    return {
      reason: 'forbidden',
      detail: message,
      unlock: rightsCommand(options.access ?? 'source', options.namespace),
    };
  // A cluster without the sub-resource answers 404 without the Pod's name; see kubectl debug.
  if (status === 404)
    return {
      reason: 'not-permitted',
      detail: message.includes(options.pod)
        ? message
        : 'this cluster has no ephemeral containers (they are there from Kubernetes 1.25)',
    };
  return { reason: status >= 500 ? 'timed-out' : 'forbidden', detail: message };
}

/** Reasons for which a kubelet waits that time does not mend. */
export const FATAL_WAITS: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
  'RunContainerError',
  'ImageInspectError',
];

interface Started {
  readonly name: string;
  readonly profile: Profile;
  readonly version: string;
  readonly podUid: string;
  /** When the API server was asked, by performance.now(). */
  readonly startedMs: number;
}

/** Follows the Pod until the container runs, or says why it will not: a pull that fails, an admission rule, a kubelet that does nothing. */
async function waitUntilRunning(
  rest: KubeClient,
  path: string,
  started: Started,
  options: AttachOptions,
  report: (state: ContainerState) => void,
): Promise<void> {
  const { name, profile, startedMs } = started;
  const limits = options.limits ?? LIMITS;
  let begun = false;
  let done = false;
  const settle = (pod: PodSnapshot): void => {
    const status = pod.status?.ephemeralContainerStatuses?.find((candidate) => candidate.name === name);
    if (status === undefined || done) return;
    begun = true;
    const { waiting, running, terminated } = status.state ?? {};
    if (running !== undefined) {
      done = true;
      const tookMs = performance.now() - startedMs;
      report({ state: 'running', name, created: true, image: options.image, profile, tookMs });
    } else if (terminated !== undefined) {
      done = true;
      report({
        state: 'failed',
        name,
        created: true,
        gap: {
          reason: 'unreadable',
          detail: `the debug container ended at once: ${terminated.message ?? terminated.reason ?? `exit ${terminated.exitCode}`}`,
        },
      });
    } else if (waiting?.reason !== undefined && FATAL_WAITS.includes(waiting.reason)) {
      done = true;
      report({
        state: 'failed',
        name,
        created: true,
        gap: cannotStart(waiting.reason, waiting.message ?? options.image),
      });
    } else {
      report({ state: 'waiting', name, created: true, detail: waiting?.reason ?? 'starting' });
    }
  };
  while (!done && !options.signal.aborted) {
    const left = (begun ? limits.startMs : limits.stuckAfterMs) - (performance.now() - startedMs);
    if (left <= 0) {
      const detail = begun
        ? `the debug container was not running after ${limits.startMs / 1000} s`
        : `the kubelet has not begun to start the debug container in ${limits.stuckAfterMs / 1000} s; is the node well?`;
      report({ state: 'failed', name, created: true, gap: { reason: 'timed-out', detail } });
      return;
    }
    const limitMs = Math.ceil(Math.min(left, limits.watchMs));
    const watchedMs = performance.now();
    await watchOnce(rest, path, { version: started.version, limitMs }, options.signal, settle, () => done);
    if (done || options.signal.aborted) return;
    const [again, complaint] = await Promise.all([
      rest.get(path, options.signal),
      readComplaint(rest, started, options),
    ]);
    if (again.kind === 'object') settle(PodSnapshot.parse(again.body));
    if (!done && complaint !== null) {
      done = true;
      report({ state: 'failed', name, created: true, gap: cannotStart(complaint.reason, complaint.message) });
    }
    if (again.kind === 'not-found') {
      const gap: Gap = { reason: 'not-permitted', detail: `Pod ${options.pod} is gone` };
      report({ state: 'failed', name, created: false, gap });
      return;
    }
    // A watch that was refused ends at once; the API server must not be asked as fast as it answers.
    if (!done) await pause(limitMs - (performance.now() - watchedMs), options.signal);
  }
}

function cannotStart(reason: string, message: string): Gap {
  const noShell = /exec: "sh": executable file not found/.test(message) ? 'its image has no shell: ' : '';
  return {
    reason: 'unreadable',
    detail: `the debug container cannot start (${reason}): ${noShell}${message}`,
    unlock: '--image IMAGE',
  };
}

/** Reasons of events that say why a container does not start; the kubelet writes them up to ten seconds before the Pod's status. */
const COMPLAINTS: readonly string[] = ['ErrImageNeverPull', 'InspectFailed', 'Failed'];

/** What the kubelet has complained about this container, the most telling first; null when nothing or when events may not be read. */
async function readComplaint(
  rest: KubeClient,
  { name, podUid }: Started,
  options: AttachOptions,
): Promise<{ reason: string; message: string } | null> {
  // By uid: a Pod of a StatefulSet has the name of the one before it.
  const selector = `involvedObject.uid=${podUid},involvedObject.fieldPath=spec.ephemeralContainers{${name}}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(options.namespace)}/events?fieldSelector=${encodeURIComponent(selector)}`;
  const answer = await rest.get(path, options.signal);
  if (answer.kind !== 'object') return null;
  const events = (answer.body as { items?: readonly { reason?: string; message?: string }[] }).items ?? [];
  for (const reason of COMPLAINTS) {
    const event = events.find((candidate) => candidate.reason === reason);
    if (event !== undefined) return { reason, message: event.message ?? reason };
  }
  return null;
}

/** Waits, or returns at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** One watch of the Pod from a version on, until told to stop or the time is over; then the caller reads the Pod once. */
async function watchOnce(
  rest: KubeClient,
  path: string,
  from: { version: string; limitMs: number },
  signal: AbortSignal,
  onPod: (pod: PodSnapshot) => void,
  isDone: () => boolean,
): Promise<void> {
  const [collection = '', name = ''] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(from.limitMs)]);
  try {
    const stream = await rest.open({
      method: 'GET',
      path: `${collection}?watch=true&fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}&resourceVersion=${from.version}`,
      signal: limit,
    });
    let pending = '';
    for await (const chunk of stream) {
      const lines = (pending + (chunk as Buffer).toString('utf8')).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as { type?: string; object?: unknown };
        if (event.type === 'ERROR') return;
        const parsed = PodSnapshot.safeParse(event.object);
        if (parsed.success) onPod(parsed.data);
      }
      if (isDone()) {
        stream.destroy();
        return;
      }
    }
  } catch {
    // A watch that cannot be opened or breaks off is no harm: the Pod is read after it.
  }
}
