/** What flows of one check have in common: what was read a moment ago, and the debug container of a Pod. */
import { type AttachOptions, attach } from '../adapters/debug-container.ts';
import type { KubeClient } from '../adapters/kube-rest.ts';
import type { ApiAnswer, ContainerState, KubeApi } from '../collect/ports.ts';

/** Older answers are read again: rules compare times of objects, such as the renewal of a Lease, with the clock. */
const MAX_AGE_MS = 5000;

interface SharedRead {
  readonly answer: Promise<ApiAnswer>;
  readonly askedMs: number;
}

/** One GET of a path serves every flow that wants it at about the same time. */
export class SharedReads {
  readonly #api: KubeApi;
  readonly #signal: AbortSignal;
  readonly #nowMs: () => number;
  readonly #reads = new Map<string, SharedRead>();

  /** @param signal  ends all reads; one flow that ends does not end what others wait for */
  constructor(api: KubeApi, signal: AbortSignal, nowMs: () => number = () => performance.now()) {
    this.#api = api;
    this.#signal = signal;
    this.#nowMs = nowMs;
  }

  /** The reads of one flow. A flow that asks the same path again wants to know what has become of it, and gets a newer answer. */
  ofOneFlow(): KubeApi {
    const asked = new Map<string, number>();
    return {
      get: (path, signal) => {
        const read = this.#read(path, asked.get(path) ?? Number.NEGATIVE_INFINITY);
        asked.set(path, this.#nowMs());
        return untilAborted(read, signal);
      },
      rehearse: async (change, signal) => (await this.#api.rehearse?.(change, signal)) ?? null,
    };
  }

  #read(path: string, afterMs: number): Promise<ApiAnswer> {
    const nowMs = this.#nowMs();
    const known = this.#reads.get(path);
    if (known !== undefined && known.askedMs > afterMs && nowMs - known.askedMs <= MAX_AGE_MS) return known.answer;
    const read: SharedRead = { answer: this.#api.get(path, this.#signal), askedMs: nowMs };
    this.#reads.set(path, read);
    // Who asks next may be luckier.
    void read.answer.then(({ kind }) => {
      if (kind === 'no-answer' && this.#reads.get(path) === read) this.#reads.delete(path);
    });
    return read.answer;
  }
}

function untilAborted(answer: Promise<ApiAnswer>, signal: AbortSignal): Promise<ApiAnswer> {
  return new Promise((resolve) => {
    const stop = (): void => resolve({ kind: 'no-answer', message: 'the run has ended' });
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    void answer.then((said) => {
      signal.removeEventListener('abort', stop);
      resolve(said);
    });
  });
}

export type Attach = (options: AttachOptions, report: (state: ContainerState) => void) => Promise<void>;

interface SharedContainer {
  last: ContainerState | null;
  readonly followers: Set<(state: ContainerState) => void>;
  done: Promise<void>;
}

/** One debug container for a Pod, whichever flows use it. The flow that came first is the one that has added it. */
export class SharedContainers {
  readonly #attach: Attach;
  readonly #signal: AbortSignal;
  readonly #containers = new Map<string, SharedContainer>();

  /** @param signal  ends the waiting for all containers */
  constructor(rest: KubeClient, signal: AbortSignal, attachTo: Attach = (...args) => attach(rest, ...args)) {
    this.#attach = attachTo;
    this.#signal = signal;
  }

  readonly attach: Attach = async (options, report) => {
    const key = `${options.namespace}/${options.pod}`;
    const known = this.#containers.get(key);
    if (known !== undefined) {
      // A container that is waited for counts as added by whoever waits: the others only hear how it ended.
      const follow = (state: ContainerState): void => {
        if (state.state === 'running' || state.state === 'failed') report({ ...state, created: false });
      };
      if (known.last !== null) follow(known.last);
      known.followers.add(follow);
      return known.done;
    }
    const container: SharedContainer = { last: null, followers: new Set([report]), done: Promise.resolve() };
    this.#containers.set(key, container);
    container.done = this.#attach({ ...options, signal: this.#signal }, (state) => {
      container.last = state;
      for (const follower of container.followers) follower(state);
    });
    return container.done;
  };
}
