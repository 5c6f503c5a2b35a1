/** Everything a run did, laid out in time: reads of the API server, starts of debug containers, probes. */
import { found, type Vantage } from '../evidence/collected.ts';
import type { ApiKind, Evidence } from '../evidence/evidence.ts';
import { type Climb, placeKey, runTimeMs } from '../session/session.ts';
import { sawInProbe, whatOf } from './log.ts';
import { EVIDENCE_WORDS } from './report.ts';

export interface Activity {
  /** Unique in a run, and the same for the same question in another run: `read service`, `container source/shop/web`, `probe backend-0`. */
  readonly id: string;
  readonly kind: 'read' | 'container' | 'probe';
  readonly vantage: Vantage;
  readonly what: string;
  readonly saw: string;
  /** `unknown`: it could not be done, not wholly done, or not be read. */
  readonly result: 'ok' | 'faulty' | 'unknown';
  /** Milliseconds of the run, which leaves out what a person took to decide. */
  readonly startMs: number;
  /** Milliseconds; null when it is not known how long it took, as for a read that was refused. */
  readonly durationMs: number | null;
  /** What a person can paste; null when there is nothing to paste. */
  readonly command: string | null;
  /** What a probe printed, whole; null for what is no probe, empty when it printed nothing or it was left out of the recording. */
  readonly text: string | null;
}

/** In the order in which they began; what has not ended is not in it. */
export function timelineOf(climb: Climb): readonly Activity[] {
  return [...readsOf(climb), ...containersOf(climb), ...probesOf(climb)].sort((a, b) => a.startMs - b.startMs);
}

function readsOf(climb: Climb): readonly Activity[] {
  return (Object.entries(climb.api) as [ApiKind, Evidence[ApiKind]][]).flatMap(([kind, item]): readonly Activity[] => {
    if (item === undefined) return [];
    const base = {
      id: `read ${kind}`,
      kind: 'read',
      vantage: 'api',
      what: EVIDENCE_WORDS[kind],
      startMs: startOf(climb, item.atMs),
      command: item.command === '' ? null : item.command,
      text: null,
    } as const;
    if (item.status === 'missing') return [{ ...base, saw: item.gap.detail, result: 'unknown', durationMs: null }];
    const saw = countOf(item.value);
    return item.lost === undefined
      ? [{ ...base, saw, result: 'ok', durationMs: item.tookMs }]
      : [{ ...base, saw: `${saw}; not all of it: ${item.lost.detail}`, result: 'unknown', durationMs: item.tookMs }];
  });
}

type ApiValue = Extract<NonNullable<Evidence[ApiKind]>, { status: 'collected' }>['value'];

/** How much was read, in a few words. */
function countOf(value: ApiValue): string {
  const count = (items: readonly unknown[], one: string): string =>
    `${items.length} ${one}${items.length === 1 ? '' : 's'}`;
  if ('slices' in value) return `${count(value.slices, 'slice')}, ${count([...value.selected, ...value.stray], 'Pod')}`;
  if ('pods' in value) return `${count(value.pods, 'Pod')}, ${count(value.workloads, 'workload')}`;
  if ('found' in value) return found<unknown>(value) === null ? 'does not exist' : 'found';
  return value.length === 0 ? 'none' : count(value, 'object');
}

/** When a container ran is not an event of its own; the probes that waited for it went off in that moment. */
function containersOf(climb: Climb): readonly Activity[] {
  return Object.values(climb.containers).flatMap((container): readonly Activity[] => {
    const own = Object.values(climb.probes).filter(({ spec }) => placeKey(spec.at) === placeKey(container.at));
    const base = {
      id: `container ${placeKey(container.at)}`,
      kind: 'container',
      vantage: container.at.vantage,
      what: `debug container in Pod ${container.at.pod}`,
      text: null,
    } as const;
    const command = `kubectl -n ${container.at.namespace} get pod ${container.at.pod} -o yaml`;
    if (container.state === 'running') {
      const launched = own.flatMap(({ launchedMs }) => launchedMs ?? []);
      if (launched.length === 0) return [];
      const ranMs = runTimeMs(climb, Math.min(...launched));
      const startMs = Math.max(0, ranMs - container.tookMs);
      const how = container.created ? 'added, runs' : 'was there already, reused';
      const saw = `${container.name} ${how} with ${container.image}, profile ${container.profile}`;
      return [{ ...base, saw, result: 'ok', startMs, durationMs: ranMs - startMs, command }];
    }
    if (container.state === 'failed') {
      const lost = own.flatMap(({ spec }) => climb.results[spec.id]?.endedMs ?? []);
      const startMs = lost.length === 0 ? 0 : startOf(climb, Math.min(...lost));
      return [{ ...base, saw: container.gap.detail, result: 'unknown', startMs, durationMs: null, command }];
    }
    return [];
  });
}

function probesOf(climb: Climb): readonly Activity[] {
  return Object.entries(climb.results).flatMap(([id, result]): readonly Activity[] => {
    const planned = climb.probes[id];
    if (planned === undefined) return [];
    const { spec, launchedMs } = planned;
    const ended = runTimeMs(climb, result.endedMs);
    // One that was lost never told how long it took.
    const ranMs = launchedMs === null || (result.tookMs === 0 && 'gap' in result) ? null : result.tookMs;
    return [
      {
        id: `probe ${id}`,
        kind: 'probe',
        vantage: spec.at.vantage,
        what: whatOf(spec),
        ...sawInProbe(spec, result),
        startMs: Math.max(0, ended - (ranMs ?? 0)),
        durationMs: ranMs,
        command: 'command' in result ? result.command : null,
        text: result.text,
      },
    ];
  });
}

/** Names are looked up before a run is timed, which is a moment before its zero. */
function startOf(climb: Climb, atMs: number): number {
  return Math.max(0, runTimeMs(climb, atMs));
}
