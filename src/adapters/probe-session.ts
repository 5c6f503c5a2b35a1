/** One exec into a debug container that carries all probes of a run; results are told as they come. */
import { rightsCommand } from '../collect/permissions.ts';
import type { Gap } from '../evidence/collected.ts';
import { longestS, type ProbePlace, type ProbeSpec } from '../probes/probe.ts';
import {
  batchScript,
  SESSION_ARGV,
  SESSION_END,
  SESSION_PREAMBLE,
  SessionReader,
  type SettledProbe,
} from '../probes/script.ts';
import type { ClusterConfig } from './kube-config.ts';
import { type ExecSession, openExec } from './kube-exec.ts';

/** Most probes end by themselves after a few seconds; one that has not come back by then never will. */
const BATCH_LIMIT_MS = 20_000;
/** On top of what the slowest probe of a batch may take: to start, and for its output to come. */
const MARGIN_S = 5;

export interface ProbeListener {
  settled(probe: SettledProbe): void;
  lost(ids: readonly string[], gap: Gap): void;
}

/** A connection that breaks is made again so often, and what had not come back is asked again. */
const RECONNECTS = 2;
const RECONNECT_AFTER_MS = 500;

interface Batch {
  readonly specs: readonly ProbeSpec[];
  readonly captureId: string | null;
}

/** How a container is reached; the default is an exec through the API server. */
export type OpenExec = (onOutput: (chunk: string) => void) => Promise<ExecSession>;

export class ProbeSession {
  readonly #waiting = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #batches: Batch[] = [];
  readonly #listener: ProbeListener;
  readonly #open: OpenExec;
  readonly #at: ProbePlace;
  #exec: Promise<ExecSession>;
  #reconnects = 0;
  #closed = false;

  constructor(
    config: ClusterConfig,
    at: ProbePlace,
    container: string,
    listener: ProbeListener,
    open: OpenExec = (onOutput) =>
      openExec(config, { namespace: at.namespace, pod: at.pod, container, command: SESSION_ARGV }, onOutput),
  ) {
    this.#listener = listener;
    this.#at = at;
    this.#open = open;
    this.#exec = this.#connect();
  }

  run(specs: readonly ProbeSpec[], captureId: string | null): void {
    const batch = { specs, captureId };
    this.#batches.push(batch);
    for (const id of idsOf(batch)) this.#waiting.add(id);
    this.#send(batch);
  }

  /** Lets the remote shell end, and closes. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    void this.#exec
      .then((session) => {
        session.write(SESSION_END);
        // The remote shell ends by itself; a connection that is cut before that word arrives would leave it waiting.
        setTimeout(() => session.close(), 50).unref();
      })
      .catch(() => undefined);
  }

  #connect(): Promise<ExecSession> {
    const reader = new SessionReader();
    let isOver = false;
    const connected = this.#open((chunk) => {
      for (const probe of reader.read(chunk)) {
        if (this.#closed || isOver) return;
        this.#waiting.delete(probe.id);
        this.#listener.settled(probe);
      }
    });
    connected.then(
      (session) => {
        session.write(SESSION_PREAMBLE);
        void session.ended.then((end) => {
          isOver = true;
          if (end.kind === 'exited') this.#lose('the shell in the debug container ended');
          else this.#reconnect(`the connection to the debug container was lost: ${end.reason}`);
        });
      },
      (error: unknown) =>
        this.#reconnect(
          `exec into the debug container failed: ${error instanceof Error ? error.message : String(error)}`,
        ),
    );
    return connected;
  }

  #reconnect(detail: string): void {
    const isRefused = REFUSED.test(detail);
    if (this.#closed || isRefused || this.#reconnects >= RECONNECTS) {
      this.#lose(detail);
      return;
    }
    this.#reconnects++;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // What runs in the shell that was lost ends with it: a capture that was begun there cannot be asked for any more.
      this.#lose(detail, (id) => this.#specs.find((spec) => spec.id === id)?.tool === 'capture-end');
      // Nor is there anything left to capture where only the packets had not come back.
      const done = this.#batches.filter(({ specs }) => !specs.some(({ id }) => this.#waiting.has(id)));
      this.#lose(detail, (id) => done.some(({ captureId }) => captureId === id));
      this.#exec = this.#connect();
      for (const { specs, captureId } of this.#batches) {
        const again = {
          specs: specs.filter(({ id }) => this.#waiting.has(id)),
          captureId: captureId !== null && this.#waiting.has(captureId) ? captureId : null,
        };
        if (idsOf(again).length > 0) this.#send(again);
      }
    }, RECONNECT_AFTER_MS);
    this.#timers.add(timer);
  }

  get #specs(): readonly ProbeSpec[] {
    return this.#batches.flatMap(({ specs }) => specs);
  }

  #send(batch: Batch): void {
    const limitMs = Math.max(BATCH_LIMIT_MS, ...batch.specs.map((spec) => (longestS(spec) + MARGIN_S) * 1000));
    const sent = this.#reconnects;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // Of a batch that was sent again, the later time counts.
      if (this.#reconnects !== sent) return;
      const late = idsOf(batch).filter((id) => this.#waiting.delete(id));
      if (late.length > 0)
        this.#listener.lost(late, { reason: 'timed-out', detail: `no result in ${limitMs / 1000} s` });
    }, limitMs);
    this.#timers.add(timer);
    void this.#exec.then((session) => session.write(batchScript(batch.specs, batch.captureId))).catch(() => undefined);
  }

  #lose(detail: string, isMeant: (id: string) => boolean = () => true): void {
    const ids = [...this.#waiting].filter(isMeant);
    for (const id of ids) this.#waiting.delete(id);
    if (this.#closed || ids.length === 0) return;
    const isForbidden = /: 403: /.test(detail);
    this.#listener.lost(ids, {
      reason: isForbidden ? 'forbidden' : 'timed-out',
      detail,
      ...(isForbidden ? { unlock: rightsCommand(this.#at.vantage, this.#at.namespace) } : {}),
    });
  }
}

/** A word of the API server that another try does not change. */
const REFUSED = /: 4\d\d: /;

function idsOf({ specs, captureId }: Batch): readonly string[] {
  return [...specs.map(({ id }) => id), ...(captureId === null ? [] : [captureId])];
}
