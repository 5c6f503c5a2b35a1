/**
 * A run as a pure state machine: `update(session, event)` gives the next session and what to ask of the world. The screen is a
 * function of the session, and a recorded run is judged again by folding its events.
 */

import { API_COLLECTORS } from '../collect/api.ts';
import { FIRST_SHOT_PORT, SHOT_PORTS } from '../collect/captures.ts';
import type { ContainerState } from '../collect/ports.ts';
import { PROBE_PLANS } from '../collect/probes.ts';
import type { Admission, Rights } from '../collect/rights.ts';
import { doubtAbout } from '../derive/doubt.ts';
import { found, type Gap } from '../evidence/collected.ts';
import { type ApiKind, type Evidence, factOf, PROBE_VANTAGES, type ProbeKind } from '../evidence/evidence.ts';
import type { Packet } from '../evidence/readings.ts';
import { type Access, permits } from '../ladder/access.ts';
import type { Flow } from '../ladder/flow.ts';
import type { ProbePlace, ProbeSpec } from '../probes/probe.ts';
import type { ClusterFacts, Effect, Problem, RunEvent } from './event.ts';
import { assemble, type ReadProbe, readOne } from './evidence.ts';

export interface AddedContainer {
  readonly at: ProbePlace;
  readonly name: string;
  /** How long it took to start, in milliseconds; null while it has not. */
  readonly readyAfterMs: number | null;
  /** A Pod on a node that has been taken away again. */
  readonly isGone: boolean;
}

export interface PlannedProbe {
  readonly spec: ProbeSpec;
  /** Null while its container is not ready. */
  readonly launchedMs: number | null;
  /** The capture that ran beside it. */
  readonly captureId: string | null;
}

export type EndedProbe = ReadProbe & { readonly endedMs: number };

/** What is known of a run so far, in every phase after the names have been looked up. */
export interface Climb {
  readonly flow: Flow;
  readonly cluster: ClusterFacts;
  /** What the user may not do; absent while or because it was not asked. */
  readonly rights?: Rights;
  /** Whether the container would be added; absent while or because it was not asked. */
  readonly admission?: Admission;
  /** Null until the user has said. */
  readonly access: Access | null;
  readonly api: Evidence;
  readonly reading: readonly ApiKind[];
  readonly containers: Readonly<Record<string, ContainerState & { readonly at: ProbePlace }>>;
  /** Containers that this run has added, also those of a climb before the present one. */
  readonly added: readonly AddedContainer[];
  /** Kinds whose probes have been decided on, with the ids of the probes. */
  readonly planned: { readonly [K in ProbeKind]?: readonly string[] };
  readonly probes: Readonly<Record<string, PlannedProbe>>;
  /** In the order in which they ended. */
  readonly results: Readonly<Record<string, EndedProbe>>;
  readonly packets: readonly Packet[];
  /** Batches that are captured and whose capture has not come in. */
  readonly capturing: readonly string[];
  /** All evidence, put together from API reads and probes. */
  readonly evidence: Evidence;
  /** Since when this run is timed: what a person took to decide does not count. */
  readonly sinceMs: number;
  /** When the person was asked, or had the verdict before them. */
  readonly askedMs: number;
  /** What `sinceMs` leaves out of this run: the times in which a person decided, in order. */
  readonly pauses: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly endedMs: number | null;
  readonly looks: Looks;
}

/** How often the same was looked at once more, because objects and measurements contradicted each other. */
export interface Looks {
  readonly again: number;
  readonly isWaiting: boolean;
  readonly isOver: boolean;
}

/** Before each further look; a node follows within a second or two, later on a busy machine. */
const WAITS_MS: readonly number[] = [1500, 3000];
/** What may have changed meanwhile; everything else stays as it was seen. */
const LOOKED_AT_AGAIN: readonly (ApiKind | ProbeKind)[] = [
  'service',
  'endpoints',
  'workloads',
  'events',
  'controllerLease',
  'policies',
  'policyScope',
  'fixTrials',
  'neighbours',
  'changes',
  'serviceConnects',
  'backendConnects',
  'controlConnects',
  'tlsRetries',
  'proxyHealth',
  'otherPorts',
  'listeners',
  'largeRequests',
  'sizeTests',
  'backendPings',
  'manyConnects',
  'podNetwork',
  'acceptQueues',
];

export type Session =
  | { readonly phase: 'resolving' }
  | ({ readonly phase: 'asking-access' } & Climb)
  | ({ readonly phase: 'climbing' } & Climb)
  | ({ readonly phase: 'verdict' } & Climb)
  | ({ readonly phase: 'in-shell' } & Climb)
  | { readonly phase: 'failed'; readonly problem: Problem }
  | { readonly phase: 'ended'; readonly last: Climb | null; readonly problem: Problem | null };

export interface Step {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

export const START: Session = { phase: 'resolving' };

export function placeKey(at: ProbePlace): string {
  return `${at.vantage}/${at.namespace}/${at.pod}`;
}

/** Total: an event that makes no sense in a phase changes nothing. */
export function update(session: Session, event: RunEvent): Step {
  if (session.phase === 'ended') return still(session);
  if (event.type === 'quit')
    return {
      session: {
        phase: 'ended',
        last: climbOf(session),
        problem: session.phase === 'failed' ? session.problem : null,
      },
      effects: [{ type: 'stop' }],
    };
  // The first problem is the one to tell of; what follows it follows from it.
  if (event.type === 'problem' && session.phase !== 'failed')
    return { session: { phase: 'failed', problem: event.problem }, effects: [{ type: 'stop' }] };
  switch (session.phase) {
    case 'resolving':
      if (event.type !== 'resolved') return still(session);
      return start({ ...begin(event.flow, event.cluster, event.evidence), askedMs: event.atMs }, event.atMs);
    case 'asking-access':
      if (event.type === 'access-granted')
        return advance('climbing', { ...goOn(session, event.atMs), access: event.access }, event.atMs);
      return advance('asking-access', absorb(session, event), event.atMs);
    case 'climbing':
      if (event.type === 'time-is-up' || event.type === 'recording-ended') {
        const { climb, effects } = tidy(giveUp(session, event));
        return { session: { ...climb, phase: 'verdict', askedMs: event.atMs, endedMs: event.atMs }, effects };
      }
      if (event.type === 'waited')
        return session.looks.isWaiting ? advance('climbing', lookAgain(session, event), event.atMs) : still(session);
      return advance('climbing', absorb(session, event), event.atMs);
    case 'verdict':
      if (event.type === 'shell-requested') {
        const at = shellPlace(session);
        return at === null
          ? still(session)
          : { session: { ...session, phase: 'in-shell' }, effects: [{ type: 'shell', at }] };
      }
      if (event.type === 'access-granted' && session.access !== null && permits(event.access, session.access))
        return advance('climbing', { ...goOn(session, event.atMs), access: event.access }, event.atMs);
      if (event.type === 'check-again') return advance('climbing', again(session, event), event.atMs);
      // One that was given up on may start after all; it is used by the next climb.
      if (event.type === 'container-changed')
        return { session: { ...absorb(session, event), phase: 'verdict' }, effects: [] };
      return still(session);
    case 'in-shell':
      return event.type === 'shell-ended' ? { session: { ...session, phase: 'verdict' }, effects: [] } : still(session);
    case 'failed':
      return still(session);
  }
}

export function climbOf(session: Session): Climb | null {
  switch (session.phase) {
    case 'asking-access':
    case 'climbing':
    case 'verdict':
    case 'in-shell':
      return session;
    case 'ended':
      return session.last;
    case 'resolving':
    case 'failed':
      return null;
  }
}

/** Where a shell can be opened: the source Pod's debug container, once it runs. */
export function shellPlace(climb: Climb): ProbePlace | null {
  return (
    Object.values(climb.containers).find(
      (container) => container.state === 'running' && container.at.vantage === 'source',
    )?.at ?? null
  );
}

/** Whether everything that this run wants has come in. */
export function isSettled(climb: Climb): boolean {
  if (climb.looks.isWaiting || climb.access === null || climb.reading.length > 0 || climb.capturing.length > 0)
    return false;
  if (Object.keys(climb.probes).some((id) => climb.results[id] === undefined)) return false;
  if (
    Object.values(climb.containers).some(
      ({ state }) => state === 'looking' || state === 'waiting' || state === 'removing',
    )
  )
    return false;
  return (
    (Object.keys(PROBE_PLANS) as ProbeKind[]).every((kind) => isKindSettled(climb, kind)) &&
    (Object.keys(API_COLLECTORS) as ApiKind[]).every((kind) => isKindSettled(climb, kind))
  );
}

/** Where the destination is not there, nothing is sent to it: nobody is asked for more than reading. */
function start(climb: Climb, atMs: number): Step {
  if (climb.flow.destination.kind === 'Absent') return advance('climbing', { ...climb, access: 'api' }, atMs);
  return advance('asking-access', climb, atMs);
}

const still = (session: Session): Step => ({ session, effects: [] });

function begin(flow: Flow, cluster: ClusterFacts, api: Evidence): Climb {
  return {
    flow,
    cluster,
    access: null,
    api,
    reading: [],
    containers: {},
    added: [],
    planned: {},
    probes: {},
    results: {},
    packets: [],
    capturing: [],
    evidence: {},
    sinceMs: 0,
    askedMs: 0,
    pauses: [],
    endedMs: null,
    looks: { again: 0, isWaiting: false, isOver: false },
  };
}

/** Forgets what may have changed, so that it is read and probed anew; earlier probes stay in the log. */
function lookAgain(climb: Climb, { isOver }: Extract<RunEvent, { type: 'waited' }>): Climb {
  if (isOver) return { ...climb, looks: { ...climb.looks, isWaiting: false, isOver } };
  const kept = <T extends object>(items: T): T =>
    Object.fromEntries(
      Object.entries(items).filter(([kind]) => !LOOKED_AT_AGAIN.includes(kind as ApiKind | ProbeKind)),
    ) as T;
  return {
    ...climb,
    api: kept(climb.api),
    planned: kept(climb.planned),
    looks: { again: climb.looks.again + 1, isWaiting: false, isOver },
  };
}

/** The run is timed again from where it stood when the person was asked. */
function goOn(climb: Climb, atMs: number): Climb {
  const pauses = [...climb.pauses, { fromMs: climb.askedMs, toMs: atMs }];
  return { ...climb, sinceMs: climb.sinceMs + (atMs - climb.askedMs), pauses, endedMs: null };
}

/** A time of the events as time of the run: without what a person took to decide. What happened meanwhile happened as the question came up. */
export function runTimeMs({ sinceMs, pauses }: Pick<Climb, 'sinceMs' | 'pauses'>, atMs: number): number {
  return pauses.reduce((ms, { fromMs, toMs }) => ms + Math.max(0, toMs - Math.max(atMs, fromMs)), atMs - sinceMs);
}

/**
 * A container counts as added from the moment the API server is asked for it: whoever leaves before the answer is told what
 * may be there. A refusal takes it back.
 */
function addedAfter(
  before: readonly AddedContainer[],
  { at, container }: Extract<RunEvent, { type: 'container-changed' }>,
): readonly AddedContainer[] {
  if (container.state === 'looking' || (container.state === 'running' && !container.created)) return before;
  if (container.state === 'removing') return before;
  if (container.state === 'removed')
    return before.map((one) => (placeKey(one.at) === placeKey(at) ? { ...one, isGone: container.isGone } : one));
  if (container.state === 'failed' && !container.created)
    return before.filter((one) => one.readyAfterMs !== null || placeKey(one.at) !== placeKey(at));
  if (container.name === null) return before;
  const { name } = container;
  const readyAfterMs = container.state === 'running' ? Math.round(container.tookMs) : null;
  const others = before.filter((one) => one.name !== name || placeKey(one.at) !== placeKey(at));
  return [...others, { at, name, readyAfterMs, isGone: false }];
}

/** The same question once more, with the same access. Containers are looked for anew: one may have ended meanwhile. */
function again(climb: Climb, event: Extract<RunEvent, { type: 'check-again' }>): Climb {
  const cluster = { ...climb.cluster, serverTimeMs: event.serverTimeMs };
  return {
    ...begin(climb.flow, cluster, {}),
    access: climb.access,
    added: climb.added,
    sinceMs: event.atMs,
    ...(climb.rights === undefined ? {} : { rights: climb.rights }),
  };
}

/** Everything that has not come in becomes a gap; what has is judged as it is. */
function giveUp(climb: Climb, event: Extract<RunEvent, { type: 'time-is-up' | 'recording-ended' }>): Climb {
  const gap: Gap =
    event.type === 'time-is-up'
      ? {
          reason: 'timed-out',
          detail: `not finished when the run ended after ${event.afterMs / 1000} s`,
          unlock: '--timeout DURATION',
        }
      : { reason: 'unreadable', detail: 'the recording ends before this' };
  const atMs = event.atMs - climb.sinceMs;
  const open = Object.values(climb.probes)
    .map(({ spec }) => spec)
    .filter((spec) => climb.results[spec.id] === undefined);
  const unread = Object.fromEntries(
    climb.reading.map((kind) => [kind, { status: 'missing' as const, gap, command: '', atMs }]),
  );
  const given: Climb = {
    ...climb,
    api: { ...climb.api, ...unread },
    reading: [],
    capturing: [],
    looks: { ...climb.looks, isWaiting: false },
    results: { ...climb.results, ...lost(open, gap, event.atMs) },
  };
  return { ...given, evidence: assemble(given) };
}

/** Takes in one thing that happened, without deciding what comes next. */
function absorb(climb: Climb, event: RunEvent): Climb {
  switch (event.type) {
    case 'evidence-settled':
      return {
        ...climb,
        api: { ...climb.api, [event.kind]: event.collected },
        reading: climb.reading.filter((kind) => kind !== event.kind),
      };
    case 'rights-checked':
      return { ...climb, rights: event.rights };
    case 'admission-checked':
      return { ...climb, admission: event.admission };
    case 'container-changed':
      return {
        ...climb,
        containers: { ...climb.containers, [placeKey(event.at)]: { ...event.container, at: event.at } },
        added: addedAfter(climb.added, event),
      };
    case 'probe-settled': {
      if (climb.capturing.includes(event.id)) return captured(climb, event.id, readOne.capture(event.output));
      const planned = climb.probes[event.id];
      if (planned === undefined) return climb;
      return {
        ...climb,
        results: {
          ...climb.results,
          [event.id]: {
            ...readOne.probe(planned.spec, event.output, containerName(climb, planned.spec.at)),
            endedMs: event.atMs,
          },
        },
      };
    }
    case 'probe-read':
      return climb.probes[event.id] === undefined
        ? climb
        : { ...climb, results: { ...climb.results, [event.id]: { ...event.result, endedMs: event.atMs } } };
    case 'capture-read':
      return climb.capturing.includes(event.id) ? captured(climb, event.id, event.packets) : climb;
    case 'probes-lost': {
      const specs = event.ids.flatMap((id) => (climb.results[id] === undefined ? (climb.probes[id]?.spec ?? []) : []));
      return {
        ...climb,
        results: { ...climb.results, ...lost(specs, event.gap, event.atMs) },
        capturing: climb.capturing.filter((id) => !event.ids.includes(id)),
      };
    }
    default:
      return climb;
  }
}

function captured(climb: Climb, captureId: string, packets: readonly Packet[]): Climb {
  return {
    ...climb,
    packets: [...climb.packets, ...packets],
    capturing: climb.capturing.filter((id) => id !== captureId),
  };
}

function containerName(climb: Climb, at: ProbePlace): string {
  const container = climb.containers[placeKey(at)];
  return container !== undefined && container.state === 'running' ? container.name : 'netdebug';
}

/** Puts the evidence together, asks for what has become possible to ask for, and ends the climb when nothing is left. */
function advance(phase: 'asking-access' | 'climbing', before: Climb, atMs: number): Step {
  let climb: Climb = { ...before, evidence: assemble(before) };
  const effects: Effect[] = [];

  for (const kind of Object.keys(API_COLLECTORS) as ApiKind[]) {
    if (climb.api[kind] !== undefined || climb.reading.includes(kind)) continue;
    const collector = API_COLLECTORS[kind];
    if (!collector.after.every((other) => isKindSettled(climb, other)) || !collector.wanted(climb.evidence, climb.flow))
      continue;
    climb = { ...climb, reading: [...climb.reading, kind] };
    effects.push({ type: 'read', kind });
  }
  if (climb.access === null) return { session: { ...climb, phase }, effects };

  const source: ProbePlace = { vantage: 'source', namespace: climb.flow.source.namespace, pod: climb.flow.source.name };
  if (
    permits(climb.access, 'source') &&
    climb.containers[placeKey(source)] === undefined &&
    climb.api.sourcePod !== undefined
  ) {
    const pod = found(factOf(climb.api, 'sourcePod'));
    climb = withContainer(climb, source, pod === null ? cannotAttach(climb) : { state: 'looking' });
    if (pod !== null) effects.push({ type: 'attach', at: source });
  }

  for (const kind of Object.keys(PROBE_PLANS) as ProbeKind[]) {
    const plan = PROBE_PLANS[kind];
    if (climb.planned[kind] !== undefined || !permits(before.access ?? 'api', PROBE_VANTAGES[kind])) continue;
    if (!plan.after(climb.flow, climb.evidence).every((other) => isKindSettled(climb, other))) continue;
    const { again } = climb.looks;
    const specs = plan
      .plan(climb.evidence, climb.flow)
      .map((spec) => forThisRun(again === 0 ? spec : { ...spec, id: `${spec.id}-look-${again + 1}` }, climb));
    climb = {
      ...climb,
      planned: { ...climb.planned, [kind]: specs.map((spec) => spec.id) },
      probes: {
        ...climb.probes,
        ...Object.fromEntries(specs.map((spec) => [spec.id, { spec, launchedMs: null, captureId: null }])),
      },
    };
  }
  const waiting = Object.values(climb.probes)
    .filter(({ spec, launchedMs }) => launchedMs === null && climb.results[spec.id] === undefined)
    .map(({ spec }) => spec);
  for (const at of uniquePlaces(waiting)) {
    const mine = waiting.filter((spec) => placeKey(spec.at) === placeKey(at));
    const container = climb.containers[placeKey(at)];
    if (container === undefined) {
      climb = withContainer(climb, at, { state: 'looking' });
      effects.push({ type: 'attach', at });
    } else if (container.state === 'failed') {
      climb = { ...climb, results: { ...climb.results, ...lost(mine, container.gap, atMs) } };
    } else if (container.state === 'running') {
      for (const batch of batches(climb, at, mine)) {
        effects.push(batch);
        const { captureId, specs } = batch;
        climb = {
          ...climb,
          capturing: captureId === null ? climb.capturing : [...climb.capturing, captureId],
          probes: {
            ...climb.probes,
            ...Object.fromEntries(specs.map((spec) => [spec.id, { spec, launchedMs: atMs, captureId }])),
          },
        };
      }
    }
  }

  // Nothing else of what was added above is evidence yet.
  if (climb.results !== before.results) climb = { ...climb, evidence: assemble(climb) };
  if (phase === 'climbing' && effects.length === 0 && isSettled(climb)) {
    const wait = climb.looks.isOver ? undefined : WAITS_MS[climb.looks.again];
    if (wait !== undefined && doubtAbout(climb.evidence, climb.flow, climb.cluster.serverTimeMs) !== null)
      return {
        session: { ...climb, phase, looks: { ...climb.looks, isWaiting: true } },
        effects: [{ type: 'wait', ms: wait }],
      };
    const { climb: tidied, effects: removals } = tidy(climb);
    if (removals.length > 0) return { session: { ...tidied, phase }, effects: removals };
    return { session: { ...climb, phase: 'verdict', askedMs: atMs, endedMs: atMs }, effects: [] };
  }
  // Evidence that just became complete may let more be asked; a settled round changes nothing and ends this.
  if (effects.length === 0 && climb.evidence !== before.evidence && changed(before.evidence, climb.evidence))
    return advance(phase, climb, atMs);
  return { session: { ...climb, phase }, effects };
}

/** Pods on nodes that run, asked to be taken away: they stay no longer than there is something to ask. */
function tidy(climb: Climb): { readonly climb: Climb; readonly effects: readonly Effect[] } {
  const running = Object.values(climb.containers).flatMap((container) =>
    container.at.vantage === 'node' && container.state === 'running' ? [container] : [],
  );
  return {
    climb: running.reduce(
      (after, { at, name }) => withContainer(after, at, { state: 'removing', name, created: true }),
      climb,
    ),
    effects: running.map(({ at }) => ({ type: 'remove', at })),
  };
}

const CAPTURING: readonly ProbeKind[] = ['captureStarts', 'captureShot', 'flowCaptures'];

/** What is this run's alone. The Pod on a node gets a name that no other run has: the API server's clock at the start of this one is a part of it. */
function forThisRun(planned: ProbeSpec, { cluster }: Climb): ProbeSpec {
  // Its own port in each run: what a node remembers of the last one would be in its way, see nf_conntrack_tcp_timeout_syn_sent.
  const localPort = FIRST_SHOT_PORT + (Math.round(cluster.serverTimeMs) % SHOT_PORTS);
  const spec = CAPTURING.includes(planned.kind) ? ({ ...planned, localPort } as ProbeSpec) : planned;
  if (spec.at.vantage !== 'node') return spec;
  const node = (spec.at.node ?? '').replace(/[^a-z0-9]+/g, '-').slice(0, 40);
  return { ...spec, at: { ...spec.at, pod: `netdebug-${node}-${Math.round(cluster.serverTimeMs).toString(36)}` } };
}

function changed(before: Evidence, after: Evidence): boolean {
  return Object.keys(after).length !== Object.keys(before).length;
}

function withContainer(climb: Climb, at: ProbePlace, container: ContainerState): Climb {
  return { ...climb, containers: { ...climb.containers, [placeKey(at)]: { ...container, at } } };
}

function cannotAttach(climb: Climb): ContainerState {
  const item = climb.api.sourcePod;
  const gap: Gap =
    item?.status === 'missing' ? item.gap : { reason: 'unreadable', detail: `Pod ${climb.flow.source.name} is gone` };
  return { state: 'failed', name: null, created: false, gap };
}

function uniquePlaces(specs: readonly ProbeSpec[]): readonly ProbePlace[] {
  return [...new Map(specs.map((spec) => [placeKey(spec.at), spec.at])).values()];
}

/** Connections are captured, to see who answers them; lookups need not wait for the capture to start. */
function batches(
  climb: Climb,
  at: ProbePlace,
  specs: readonly ProbeSpec[],
): readonly Extract<Effect, { type: 'probe' }>[] {
  const isConnect = (spec: ProbeSpec): boolean => spec.tool === 'http' || spec.tool === 'tcp' || spec.tool === 'udp';
  const connects = specs.filter(isConnect);
  const others = specs.filter((spec) => !isConnect(spec));
  const number = Object.values(climb.probes).filter(({ launchedMs }) => launchedMs !== null).length;
  return [
    ...(others.length > 0 ? [{ type: 'probe' as const, at, specs: others, captureId: null }] : []),
    ...(connects.length > 0
      ? [
          {
            type: 'probe' as const,
            at,
            specs: connects,
            captureId: at.vantage === 'source' ? `capture-${number}` : null,
          },
        ]
      : []),
  ];
}

function lost(specs: readonly ProbeSpec[], gap: Gap, endedMs: number): Readonly<Record<string, EndedProbe>> {
  return Object.fromEntries(specs.map((spec) => [spec.id, { gap, tookMs: 0, text: '', endedMs }]));
}

/** Settled: collected, missing, or not wanted in this run. */
export function isKindSettled(climb: Climb, kind: keyof Evidence): boolean {
  if (climb.evidence[kind] !== undefined) return true;
  if (kind in API_COLLECTORS) {
    const collector = API_COLLECTORS[kind as ApiKind];
    if (climb.reading.includes(kind as ApiKind)) return false;
    return (
      collector.after.every((other) => isKindSettled(climb, other)) && !collector.wanted(climb.evidence, climb.flow)
    );
  }
  const planned = climb.planned[kind as ProbeKind];
  return planned !== undefined && planned.length === 0;
}
