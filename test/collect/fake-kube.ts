/** An API server as a plain object: paths and what is there. Nothing else is there. */
import type { ApiAnswer, KubeApi } from '../../src/collect/ports.ts';
import type { Reading } from '../../src/collect/read.ts';

/** A body, an answer that is no object, or one answer after the other (the last one again and again). */
export type Said = ApiAnswer | { readonly inTurn: readonly Said[] } | object;

export class FakeKube implements KubeApi {
  readonly asked: string[] = [];
  readonly #objects: Map<string, Said>;
  readonly #turns = new Map<string, number>();

  /** Paths without `limit`, with queries decoded: `/api/v1/pods?fieldSelector=status.podIP=10.0.0.1`. */
  constructor(objects: Readonly<Record<string, Said>>) {
    this.#objects = new Map(Object.entries(objects));
  }

  get(path: string): Promise<ApiAnswer> {
    const plain = decodeURIComponent(path)
      .replace(/[?&]limit=\d+/, (found) => (found.startsWith('?') ? '?' : ''))
      .replace(/\?$/, '')
      .replace('?&', '?');
    this.asked.push(plain);
    return Promise.resolve(this.#answer(plain, this.#objects.get(plain)));
  }

  #answer(path: string, said: Said | undefined): ApiAnswer {
    if (said === undefined) return { kind: 'not-found' };
    if ('inTurn' in said) {
      const turn = this.#turns.get(path) ?? 0;
      this.#turns.set(path, turn + 1);
      return this.#answer(path, said.inTurn[Math.min(turn, said.inTurn.length - 1)]);
    }
    return 'kind' in said && ['object', 'not-found', 'refused', 'no-answer'].includes(String(said.kind))
      ? (said as ApiAnswer)
      : { kind: 'object', body: said };
  }
}

export function listOf(...items: readonly object[]): object {
  return { metadata: {}, items };
}

export function forbidden(what: string): ApiAnswer {
  return { kind: 'refused', status: 403, message: `${what} is forbidden: User "dev" cannot list it` };
}

export const DOWN: ApiAnswer = { kind: 'no-answer', message: 'connect ECONNREFUSED 127.0.0.1:6443' };

export function readingOf(api: KubeApi): Reading {
  let clock = 0;
  return { api, signal: new AbortController().signal, nowMs: () => ++clock };
}
