/** The pickers: what is listed is read here, what is chosen is decided in choose/. */

import type { ClusterConfig } from '../adapters/kube-config.ts';
import { type KubeRest, messageOf } from '../adapters/kube-rest.ts';
import { ENDING_SIGNALS } from '../adapters/terminal.ts';
import {
  type Beginning,
  begin,
  type ChooseEvent,
  type ChooseStep,
  type Choosing,
  choose,
  type ListRead,
  type Question,
  wordsSoFar,
} from '../choose/choose.ts';
import { pageOf, requestFor } from '../choose/reads.ts';
import type { Problem } from '../session/event.ts';
import type { Root } from '../ui/root.tsx';
import { questionOf } from './plan.ts';
import { untilContinued } from './suspend.ts';

export type ChooseOutcome =
  | { readonly kind: 'ask'; readonly question: Question }
  /** Nobody wants to know. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface ChooseOptions {
  readonly root: Root;
  readonly beginning: Beginning;
  readonly config: ClusterConfig;
  readonly rest: Pick<KubeRest, 'request'>;
  /** What was typed beside source and destination. */
  readonly flags: readonly string[];
  readonly limitMs: number;
}

/** Shows the pickers until there is a question, or until the person leaves. */
export async function chooseFlow(options: ChooseOptions): Promise<ChooseOutcome> {
  const { root, beginning, rest, flags, limitMs } = options;
  const { showChooser } = await import('../ui/Chooser.tsx');
  const startedMs = performance.now();
  const nowMs = (): number => performance.now() - startedMs;
  const over = new AbortController();
  const watchers = new Set<() => void>();
  let choosing: Choosing;
  let settle: (outcome: ChooseOutcome) => void = () => undefined;
  const settled = new Promise<ChooseOutcome>((resolve) => {
    settle = resolve;
  });
  let lend = (work: () => Promise<void>): Promise<void> => work();

  const follow = (step: ChooseStep): void => {
    choosing = step.choosing;
    for (const watcher of watchers) watcher();
    for (const read of step.reads) void list(rest, read, { signal: over.signal, send, fail });
    if (step.outcome !== null) settle(step.outcome);
  };
  const send = (event: ChooseEvent): void => {
    if (!over.signal.aborted) follow(choose(choosing, event));
  };
  // The first list tells whether there is a cluster at all; what comes after that is said beside what is there.
  const fail = (problem: Problem): boolean => {
    if (Object.values(choosing.lists).some(({ items }) => items.length > 0)) return false;
    settle({ kind: 'problem', problem });
    return true;
  };
  const leave = (): void => settle({ kind: 'leave' });
  for (const signal of ENDING_SIGNALS) process.on(signal, leave);
  try {
    follow(begin(beginning, nowMs()));
    showChooser(root, {
      choosing: () => choosing,
      subscribe: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
      send,
      nowMs,
      limitMs,
      commandFor: (now) => questionOf([...flags, ...wordsSoFar(now)]),
      interrupt: leave,
      onLender: (lender) => {
        lend = lender;
      },
      suspend: () => void lend(untilContinued),
    });
    return await Promise.race([settled, root.ended.then((): ChooseOutcome => ({ kind: 'leave' }))]);
  } finally {
    over.abort();
    for (const signal of ENDING_SIGNALS) process.off(signal, leave);
  }
}

interface Listener {
  readonly signal: AbortSignal;
  readonly send: (event: ChooseEvent) => void;
  /** @returns whether that ends the choosing */
  readonly fail: (problem: Problem) => boolean;
}

/** Reads a list page by page. */
async function list(rest: Pick<KubeRest, 'request'>, read: ListRead, { signal, send, fail }: Listener): Promise<void> {
  try {
    for (let next = ''; ; ) {
      const { status, body } = await rest.request({ method: 'GET', ...requestFor(read, next), signal });
      if (status === 401)
        return void fail({
          kind: 'environment',
          message: 'The API server does not accept the credentials: they are missing, wrong or expired.',
          tryThis: ['kubectl auth whoami', 'kubectl config view --minify'],
        });
      // An API that is not served has no objects.
      const page = status === 404 ? { items: [], next: '' } : status === 200 ? pageOf(read.list, body) : null;
      if (page === null) {
        const how = status === 403 ? ('refused' as const) : ('no-answer' as const);
        return send({ type: 'failed', ...read, how, why: messageOf(body) });
      }
      next = page.next;
      send({ type: 'page', ...read, items: page.items, isLast: next === '' } as ChooseEvent);
      if (next === '') return;
    }
  } catch (error) {
    if (signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    const problem: Problem = {
      kind: 'environment',
      message: `The API server does not answer (${why}).`,
      tryThis: ['kubectl cluster-info', 'kubectl config current-context'],
    };
    if (!fail(problem)) send({ type: 'failed', ...read, how: 'no-answer', why });
  }
}
