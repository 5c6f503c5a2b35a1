/** One exec into a debug container that carries all probes of a run; results are told as they come. */
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

export class ProbeSession {
  readonly #waiting = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #listener: ProbeListener;
  readonly #exec: Promise<ExecSession>;
  readonly #namespace: string;
  #closed = false;

  constructor(config: ClusterConfig, at: ProbePlace, container: string, listener: ProbeListener) {
    this.#listener = listener;
    this.#namespace = at.namespace;
    const reader = new SessionReader();
    this.#exec = openExec(
      config,
      { namespace: at.namespace, pod: at.pod, container, command: SESSION_ARGV },
      (chunk) => {
        for (const probe of reader.read(chunk)) {
          if (this.#closed) return;
          this.#waiting.delete(probe.id);
          listener.settled(probe);
        }
      },
    );
    this.#exec.then(
      (session) => {
        session.write(SESSION_PREAMBLE);
        void session.ended.then((end) =>
          this.#lose(
            end.kind === 'lost'
              ? `the connection to the debug container was lost: ${end.reason}`
              : 'the shell in the debug container ended',
          ),
        );
      },
      (error: unknown) =>
        this.#lose(`exec into the debug container failed: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  run(specs: readonly ProbeSpec[], captureId: string | null): void {
    const ids = [...specs.map((spec) => spec.id), ...(captureId === null ? [] : [captureId])];
    for (const id of ids) this.#waiting.add(id);
    const limitMs = Math.max(BATCH_LIMIT_MS, ...specs.map((spec) => (longestS(spec) + MARGIN_S) * 1000));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const late = ids.filter((id) => this.#waiting.delete(id));
      if (late.length > 0)
        this.#listener.lost(late, { reason: 'timed-out', detail: `no result in ${limitMs / 1000} s` });
    }, limitMs);
    this.#timers.add(timer);
    void this.#exec.then((session) => session.write(batchScript(specs, captureId))).catch(() => undefined);
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

  #lose(detail: string): void {
    const ids = [...this.#waiting];
    this.#waiting.clear();
    if (this.#closed || ids.length === 0) return;
    const forbidden = /: 403: /.test(detail);
    this.#listener.lost(ids, {
      reason: forbidden ? 'forbidden' : 'timed-out',
      detail,
      ...(forbidden ? { unlock: `kubectl auth can-i create pods/exec -n ${this.#namespace}` } : {}),
    });
  }
}
