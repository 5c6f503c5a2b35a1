/** Performs what a session asks for and feeds back what happened. Knows no screen: whoever watches is told of every new session. */

import { type AttachOptions, attach, type DebugOptions, rehearse } from '../adapters/debug-container.ts';
import type { ClusterConfig } from '../adapters/kube-config.ts';
import type { KubeClient, KubeRest } from '../adapters/kube-rest.ts';
import { makeNodePod, NODE_CONTAINER, removeNodePod } from '../adapters/node-pod.ts';
import { ProbeSession } from '../adapters/probe-session.ts';
import { API_COLLECTORS } from '../collect/api.ts';
import type { ContainerState } from '../collect/ports.ts';
import type { Reading } from '../collect/read.ts';
import { isDenied, REVIEWS, reviewOf, rightsToCheck, rightsWithout } from '../collect/rights.ts';
import { type Collected, found } from '../evidence/collected.ts';
import { type ApiKind, type EvidenceMap, factOf } from '../evidence/evidence.ts';
import type { Access } from '../ladder/access.ts';
import type { Flow } from '../ladder/flow.ts';
import type { ProbePlace } from '../probes/probe.ts';
import type { Effect, RunEvent } from '../session/event.ts';
import { climbOf, placeKey, type Session, START, update } from '../session/session.ts';
import { resolve, Unresolved, type Wanted } from '../target/resolve.ts';
import type { Attach } from './shared.ts';

export interface RunnerOptions {
  readonly wanted: Wanted;
  /** Null: somebody will be asked. */
  readonly access: Access | null;
  readonly config: ClusterConfig;
  readonly rest: KubeClient & Pick<KubeRest, 'serverTime' | 'close'>;
  /** Absent: this run has its containers to itself. */
  readonly attach?: Attach;
  readonly debug: DebugOptions;
  /** Hands the terminal to a shell in a container and returns when it ends. */
  readonly shell: (at: ProbePlace, container: string) => Promise<void>;
  readonly onChange: (session: Session, event: RunEvent, effects: readonly Effect[]) => void;
}

export class Runner {
  session: Session = START;
  readonly #options: RunnerOptions;
  readonly #abort = new AbortController();
  readonly #probes = new Map<string, ProbeSession>();
  /** Made on nodes by this run and not yet taken away. */
  readonly #nodePods = new Map<string, ProbePlace>();
  readonly #startedMs = performance.now();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** The API server's clock now, milliseconds since the epoch. */
  serverTimeMs(): number {
    return this.#options.rest.serverTime();
  }

  nowMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Looks up the names and sets everything going. */
  async start(): Promise<void> {
    try {
      const { flow, evidence } = await resolve(this.#reading(), this.#options.wanted);
      const context = this.#options.config.getCurrentContext();
      this.send({
        type: 'resolved',
        atMs: this.nowMs(),
        flow,
        evidence,
        cluster: { context, serverTimeMs: this.#options.rest.serverTime() },
      });
      if (this.#options.access !== null)
        this.send({ type: 'access-granted', atMs: this.nowMs(), access: this.#options.access });
      else void this.#checkRights(flow);
    } catch (error) {
      this.send({ type: 'problem', atMs: this.nowMs(), problem: problemOf(error) });
    }
  }

  /** All at once, beside the reads. An API server that does not answer this is not waited for by anybody. */
  async #checkRights(flow: Flow): Promise<void> {
    const { signal } = this.#abort;
    const checked = await Promise.all(
      rightsToCheck(flow).map(async (right) => {
        const request = { method: 'POST', path: REVIEWS, body: reviewOf(right), signal } as const;
        const answer = await this.#options.rest.request(request).catch(() => null);
        return { right, isDenied: isDenied(answer?.body) };
      }),
    );
    const denied = checked.filter((one) => one.isDenied).map(({ right }) => right);
    if (signal.aborted) return;
    this.send({ type: 'rights-checked', atMs: this.nowMs(), rights: rightsWithout(denied) });
    if (!denied.some(({ access, verb }) => access === 'source' && verb === 'patch')) await this.#rehearse();
  }

  /** Whether the container would be let in, before anybody is asked to agree to it. */
  async #rehearse(): Promise<void> {
    const { rest, debug } = this.#options;
    const { signal } = this.#abort;
    const pod = found(factOf(climbOf(this.session)?.api ?? {}, 'sourcePod'));
    if (pod === null) return;
    const { namespace, name } = pod.metadata;
    const admission = await rehearse(rest, { ...debug, namespace: namespace ?? '', pod: name, signal }, pod);
    if (admission !== null && !signal.aborted) this.send({ type: 'admission-checked', atMs: this.nowMs(), admission });
  }

  send(event: RunEvent): void {
    // What still comes from the probes of the climb before is not about this one.
    if (event.type === 'check-again') this.#closeSessions();
    const step = update(this.session, event);
    this.session = step.session;
    this.#options.onChange(step.session, event, step.effects);
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'read':
        void this.#read(effect.kind);
        return;
      case 'attach':
        void this.#attach(effect.at);
        return;
      case 'remove':
        void this.#remove(effect.at);
        return;
      case 'probe':
        this.#probe(effect);
        return;
      case 'shell':
        void this.#shell(effect.at);
        return;
      case 'wait':
        this.#wait(effect.ms);
        return;
      case 'stop':
        void this.stop();
    }
  }

  #wait(ms: number): void {
    const timer = setTimeout(() => this.send({ type: 'waited', atMs: this.nowMs(), isOver: false }), ms);
    this.#abort.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  #closeSessions(): void {
    for (const session of this.#probes.values()) session.close();
    this.#probes.clear();
  }

  /** Ends everything that runs. Debug containers end by themselves, Pods on nodes are taken away: returns when that is done. */
  stop(): Promise<void> {
    if (this.#abort.signal.aborted) return this.#ended;
    this.#abort.abort();
    this.#closeSessions();
    const { rest } = this.#options;
    this.#ended = Promise.all([...this.#nodePods.values()].map((at) => removeNodePod(rest, at))).then(() =>
      rest.close(),
    );
    return this.#ended;
  }

  #reading(): Reading {
    return { api: this.#options.rest, signal: this.#abort.signal, nowMs: () => this.nowMs() };
  }

  async #read<K extends ApiKind>(kind: K): Promise<void> {
    const climb = climbOf(this.session);
    if (climb === null) return;
    try {
      const collected = (await API_COLLECTORS[kind].collect(this.#reading(), climb.evidence, climb.flow)) as Collected<
        EvidenceMap[K]
      >;
      if (!this.#abort.signal.aborted)
        this.send({ type: 'evidence-settled', atMs: this.nowMs(), kind, collected } as RunEvent);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.send({ type: 'problem', atMs: this.nowMs(), problem: problemOf(error) });
    }
  }

  async #attach(at: ProbePlace): Promise<void> {
    const { rest, debug, attach: attachShared } = this.#options;
    const climb = climbOf(this.session);
    const source = climb === null || at.vantage !== 'source' ? null : found(factOf(climb.api, 'sourcePod'));
    const options: AttachOptions = {
      ...debug,
      namespace: at.namespace,
      pod: at.pod,
      access: at.vantage,
      signal: this.#abort.signal,
      ...(source === null ? {} : { known: source }),
    };
    const report = (container: ContainerState): void => {
      if (!this.#abort.signal.aborted) this.send({ type: 'container-changed', atMs: this.nowMs(), at, container });
    };
    try {
      if (at.node !== undefined) {
        // From before the API server is asked: its answer may come when nobody listens any more.
        this.#nodePods.set(placeKey(at), at);
        await makeNodePod(rest, { ...options, node: at.node }, report);
        return;
      }
      await (attachShared === undefined ? attach(rest, options, report) : attachShared(options, report));
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      this.send({
        type: 'container-changed',
        atMs: this.nowMs(),
        at,
        container: { state: 'failed', name: null, created: false, gap: { reason: 'timed-out', detail } },
      });
    }
  }

  async #remove(at: ProbePlace): Promise<void> {
    const key = placeKey(at);
    this.#probes.get(key)?.close();
    this.#probes.delete(key);
    const isGone = await removeNodePod(this.#options.rest, at);
    if (isGone) this.#nodePods.delete(key);
    this.send({
      type: 'container-changed',
      atMs: this.nowMs(),
      at,
      container: { state: 'removed', name: NODE_CONTAINER, created: true, isGone },
    });
  }

  #probe(effect: Extract<Effect, { type: 'probe' }>): void {
    const climb = climbOf(this.session);
    const key = placeKey(effect.at);
    const container = climb?.containers[key];
    if (container === undefined || container.state !== 'running') return;
    let session = this.#probes.get(key);
    if (session === undefined) {
      session = new ProbeSession(this.#options.config, effect.at, container.name, {
        settled: ({ id, output }) => this.send({ type: 'probe-settled', atMs: this.nowMs(), id, output }),
        lost: (ids, gap) => {
          this.#probes.delete(key);
          this.send({ type: 'probes-lost', atMs: this.nowMs(), ids, gap });
        },
      });
      this.#probes.set(key, session);
    }
    session.run(effect.specs, effect.captureId);
  }

  async #shell(at: ProbePlace): Promise<void> {
    const container = climbOf(this.session)?.containers[placeKey(at)];
    if (container?.state === 'running') await this.#options.shell(at, container.name);
    this.send({ type: 'shell-ended', atMs: this.nowMs() });
  }
}

function problemOf(error: unknown): Extract<RunEvent, { type: 'problem' }>['problem'] {
  if (error instanceof Unresolved) return { kind: error.kind, message: error.message, tryThis: error.tryThis };
  return { kind: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error), tryThis: [] };
}
