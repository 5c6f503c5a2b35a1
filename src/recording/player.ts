/** Plays a run file: answers what today's session asks for with what was recorded. No cluster, no network, no clock of its own. */

import { NOT_RECORDED } from '../evidence/collected.ts';
import type { ApiKind } from '../evidence/evidence.ts';
import type { ProbeSpec } from '../probes/probe.ts';
import type { Effect, RunEvent } from '../session/event.ts';
import { climbOf, isSettled, placeKey, type Session, START, update } from '../session/session.ts';
import type { ProbesLaunched } from './line.ts';
import type { RunFile } from './run-file.ts';

export interface PlayerOptions {
  readonly file: RunFile;
  /** 1 is the recorded pace; Infinity is as fast as it can be judged. */
  readonly speed: number;
  readonly onChange: (session: Session, event: RunEvent, effects: readonly Effect[]) => void;
  /** Waits; the default is a timer. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** A person's hesitation is not played at length. */
const LONGEST_HESITATION_MS = 1000;

/** What happens next, at a time of the recorded run. */
interface Due {
  readonly atMs: number;
  readonly event: (atMs: number) => RunEvent;
}

/** One climb of the recording: from the resolved names, or from `check-again`, to the next of these. */
interface Part {
  readonly events: readonly RunEvent[];
  readonly launches: readonly ProbesLaunched[];
}

/**
 * Drives a session like the runner does. What the session asks for is looked up in the recording by its content, not by
 * its id: a file is judged by today's rules and asked by today's plans, and what these ask for in addition is a gap.
 * Times are those of the recording, so that the report is the same at any speed.
 */
export class Player {
  session: Session = START;
  readonly #options: PlayerOptions;
  readonly #parts: readonly Part[];
  readonly #isWhole: boolean;
  #part = 0;
  #queue: Due[] = [];
  #nowMs = 0;
  #used = new Set<RunEvent>();
  /** Rises with every start and stop; what an earlier one set going is over. */
  #round = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#isWhole = options.file.report !== null;
    this.#parts = partsOf(withoutHesitation(options.file.events));
  }

  /** Milliseconds of the recorded run. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** The API server's clock at this point of the recording, milliseconds since the epoch. */
  serverTimeMs(): number {
    return (climbOf(this.session)?.cluster.serverTimeMs ?? 0) + this.#nowMs;
  }

  /** Whether the recording has nothing more to say. */
  isOver(): boolean {
    return this.#queue.length === 0;
  }

  /** Plays from the beginning; returns when there is no more, or at a stop. */
  async start(): Promise<void> {
    const round = ++this.#round;
    this.session = START;
    this.#part = 0;
    this.#nowMs = 0;
    this.#used = new Set();
    this.#queue = [];
    this.#schedule(this.#parts[0]);
    const pause = this.#options.pause ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
    for (;;) {
      if (round !== this.#round) return;
      const next = this.#queue.reduce<Due | null>(
        (first, due) => (first === null || due.atMs < first.atMs ? due : first),
        null,
      );
      if (next === null) {
        if (this.session.phase === 'climbing' || this.session.phase === 'asking-access') this.#cutOff();
        if (this.#queue.length === 0) return;
        continue;
      }
      const waitMs = (next.atMs - this.#nowMs) / this.#options.speed;
      if (waitMs > 0) await pause(waitMs);
      if (round !== this.#round) return;
      this.#queue.splice(this.#queue.indexOf(next), 1);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#step(next.event(this.#nowMs));
    }
  }

  /** A viewer may leave, or see it again; nothing else changes what was recorded. */
  send(event: RunEvent): void {
    if (event.type === 'quit') {
      void this.stop();
      this.#step(event);
    } else if (event.type === 'check-again') void this.start();
  }

  async stop(): Promise<void> {
    this.#round++;
    this.#queue = [];
  }

  #step(event: RunEvent): void {
    if (event.type === 'check-again') {
      this.#part++;
      this.#queue = [];
    }
    const step = update(this.session, event);
    this.session = step.session;
    for (const effect of step.effects) this.#answer(effect);
    if (event.type === 'check-again') this.#schedule(this.#parts[this.#part]);
    this.#options.onChange(step.session, event, step.effects);
  }

  /** What the user did, what went wrong and where the next climb begins; all else is asked for. */
  #schedule(part: Part | undefined): void {
    const next = this.#parts[this.#part + 1]?.events[0];
    for (const event of [...(part?.events ?? []), ...(next === undefined ? [] : [next])]) {
      if (event.type === 'check-again' && event !== next) continue;
      if (!UNASKED.includes(event.type)) continue;
      this.#queue.push({ atMs: event.atMs, event: (atMs) => ({ ...event, atMs }) });
    }
  }

  #answer(effect: Effect): void {
    const part = this.#parts[this.#part] ?? { events: [], launches: [] };
    switch (effect.type) {
      case 'read':
        this.#answerRead(part, effect.kind);
        return;
      case 'attach': {
        const key = placeKey(effect.at);
        const changes = part.events.filter(
          (event) => event.type === 'container-changed' && placeKey(event.at) === key && !this.#used.has(event),
        );
        for (const event of changes) this.#deliver(event);
        if (changes.length > 0 || !this.#isWhole) return;
        const container = { state: 'failed', name: null, created: false, gap: NOT_RECORDED } as const;
        this.#queue.push({
          atMs: this.#nowMs,
          event: (atMs) => ({ type: 'container-changed', atMs, at: effect.at, container }),
        });
        return;
      }
      case 'probe':
        this.#answerProbes(part, effect);
        return;
      case 'shell':
        this.#queue.push({ atMs: this.#nowMs, event: (atMs) => ({ type: 'shell-ended', atMs }) });
        return;
      case 'wait': {
        const event = part.events.find((one) => one.type === 'waited' && !this.#used.has(one));
        if (event !== undefined) this.#deliver(event);
        else if (this.#isWhole)
          this.#queue.push({ atMs: this.#nowMs, event: (atMs) => ({ type: 'waited', atMs, isOver: true }) });
        return;
      }
      case 'stop':
        void this.stop();
    }
  }

  #answerRead(part: Part, kind: ApiKind): void {
    const all = part.events.filter((one) => one.type === 'evidence-settled' && one.kind === kind);
    // Read more than once where the run looked again.
    const event = all.find((one) => !this.#used.has(one)) ?? all.at(-1);
    if (event !== undefined) this.#deliver(event);
    else if (this.#isWhole)
      this.#queue.push({
        atMs: this.#nowMs,
        event: (atMs) =>
          ({
            type: 'evidence-settled',
            atMs,
            kind,
            collected: { status: 'missing', gap: NOT_RECORDED, command: '', atMs },
          }) as RunEvent,
      });
  }

  #answerProbes(part: Part, { at, specs, captureId }: Extract<Effect, { type: 'probe' }>): void {
    const missing: string[] = [];
    let captured: ProbesLaunched | null = null;
    for (const spec of specs) {
      const recorded = this.#recordingOf(part, spec);
      if (recorded === null) missing.push(spec.id);
      else {
        captured ??= recorded.launch;
        this.#deliver(recorded.event, spec.id);
      }
    }
    const places = part.launches.filter((launch) => placeKey(launch.at) === placeKey(at));
    if (captureId !== null) {
      const id = (captured ?? places[0])?.captureId ?? null;
      const event = id === null ? undefined : part.events.find((one) => isResultOf(one, id));
      if (event !== undefined) this.#deliver(event, captureId);
      else missing.push(captureId);
    }
    if (missing.length > 0 && this.#isWhole)
      this.#queue.push({
        atMs: this.#nowMs,
        event: (atMs) => ({ type: 'probes-lost', atMs, ids: missing, gap: NOT_RECORDED }),
      });
  }

  /** The result of a recorded probe that asked the same; of several that did, each is given once. */
  #recordingOf(part: Part, spec: ProbeSpec): { readonly launch: ProbesLaunched; readonly event: RunEvent } | null {
    const wanted = contentOf(spec);
    for (const launch of part.launches) {
      for (const { spec: recorded } of launch.probes) {
        if (contentOf(recorded) !== wanted) continue;
        const event = part.events.find((one) => isResultOf(one, recorded.id) && !this.#used.has(one));
        if (event === undefined) continue;
        if (event.type !== 'probes-lost') this.#used.add(event);
        return { launch, event };
      }
    }
    return null;
  }

  /** @param id under which the session of today waits for it */
  #deliver(event: RunEvent, id: string | null = null): void {
    if (id === null) this.#used.add(event);
    this.#queue.push({
      atMs: Math.max(event.atMs, this.#nowMs),
      event: (atMs) => {
        if (id === null) return { ...event, atMs };
        return event.type === 'probes-lost' ? { ...event, atMs, ids: [id] } : ({ ...event, atMs, id } as RunEvent);
      },
    });
  }

  /** The file has ended before the run did: what is still open is not known. */
  #cutOff(): void {
    if (this.session.phase === 'asking-access') {
      const climb = climbOf(this.session);
      if (climb !== null) this.#step({ type: 'access-granted', atMs: this.#nowMs, access: 'api' });
      if (this.#queue.length > 0) return;
    }
    const climb = climbOf(this.session);
    if (this.session.phase === 'climbing' && climb !== null && !isSettled(climb))
      this.#step({ type: 'recording-ended', atMs: this.#nowMs });
  }
}

const UNASKED: readonly RunEvent['type'][] = ['resolved', 'problem', 'access-granted', 'time-is-up', 'check-again'];

function isResultOf(event: RunEvent, id: string): boolean {
  switch (event.type) {
    case 'probe-settled':
    case 'probe-read':
    case 'capture-read':
      return event.id === id;
    case 'probes-lost':
      return event.ids.includes(id);
    default:
      return false;
  }
}

/** What a probe asks, whatever its id; keys in a fixed order. */
function contentOf({ id: _id, ...content }: ProbeSpec): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function partsOf(events: RunFile['events']): readonly Part[] {
  const parts: { events: RunEvent[]; launches: ProbesLaunched[] }[] = [{ events: [], launches: [] }];
  for (const event of events) {
    if (event.type === 'check-again') parts.push({ events: [], launches: [] });
    const part = parts.at(-1);
    if (event.type === 'probes-launched') part?.launches.push(event);
    else part?.events.push(event);
  }
  return parts;
}

/** The same events with the time that a person took to decide cut short. */
function withoutHesitation(events: RunFile['events']): RunFile['events'] {
  let cutMs = 0;
  let lastMs = 0;
  return events.map((event) => {
    const isPersons = event.type === 'access-granted' || event.type === 'check-again';
    if (isPersons) cutMs += Math.max(0, event.atMs - cutMs - lastMs - LONGEST_HESITATION_MS);
    lastMs = event.atMs - cutMs;
    if (event.type !== 'evidence-settled') return { ...event, atMs: lastMs };
    const collected = { ...event.collected, atMs: event.collected.atMs - cutMs };
    return { ...event, atMs: lastMs, collected } as RunEvent;
  });
}
