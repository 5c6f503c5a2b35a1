import * as z from 'zod/mini';
import type { Collected, Gap, Lookup } from '../evidence/collected.ts';
import type { ApiAnswer, KubeApi } from './ports.ts';

/** What a collector needs of a run. Times are milliseconds since the run began. */
export interface Reading {
  readonly api: KubeApi;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

/** Pages of a list; a cluster with more is read page by page. */
const PAGE_SIZE = 500;

const ListPage = z.object({
  items: z.nullable(z.array(z.unknown())),
  metadata: z.optional(z.object({ continue: z.optional(z.string()) })),
});

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: z.core.$ZodError };
}

/** One object: found, not found, or a gap. */
export async function readObject<T>(
  reading: Reading,
  path: string,
  schema: Schema<T>,
  command: string,
): Promise<Collected<Lookup<T>>> {
  const atMs = reading.nowMs();
  const answer = await reading.api.get(path, reading.signal);
  const tookMs = reading.nowMs() - atMs;
  if (answer.kind === 'not-found') return { status: 'collected', value: { found: false }, command, atMs, tookMs };
  if (answer.kind !== 'object') return missing(gapOf(answer, command), command, atMs);
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) return missing(unreadable(parsed.error, command), command, atMs);
  return { status: 'collected', value: { found: true, object: parsed.data }, command, atMs, tookMs };
}

/** All objects of a list, page after page. A list that does not exist (an API that is not served) is empty. */
export async function readList<T>(
  reading: Reading,
  path: string,
  schema: Schema<T>,
  command: string,
): Promise<Collected<readonly T[]>> {
  const atMs = reading.nowMs();
  const items: T[] = [];
  for (let next = ''; ; ) {
    const joined = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_SIZE}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
    const answer = await reading.api.get(joined, reading.signal);
    if (answer.kind === 'not-found') break;
    if (answer.kind !== 'object') return missing(gapOf(answer, command), command, atMs);
    const page = ListPage.safeParse(answer.body);
    // What a login page or a proxy says with a 200 is no empty list.
    if (!page.success) return missing(unreadable(page.error, command), command, atMs);
    const body = page.data;
    for (const item of body.items ?? []) {
      const parsed = schema.safeParse(item);
      if (!parsed.success) return missing(unreadable(parsed.error, command), command, atMs);
      items.push(parsed.data);
    }
    next = body.metadata?.continue ?? '';
    if (next === '') break;
  }
  return { status: 'collected', value: items, command, atMs, tookMs: reading.nowMs() - atMs };
}

/** Several reads as one piece of evidence; missing as soon as one of them is. */
export async function readAll<T>(
  reads: readonly Promise<Collected<readonly T[]>>[],
  command: string,
): Promise<Collected<readonly T[]>> {
  const results = await Promise.all(reads);
  const values: T[] = [];
  let atMs = Number.POSITIVE_INFINITY;
  let endMs = 0;
  for (const result of results) {
    if (result.status === 'missing') return result;
    values.push(...result.value);
    atMs = Math.min(atMs, result.atMs);
    endMs = Math.max(endMs, result.atMs + result.tookMs);
  }
  const startMs = Number.isFinite(atMs) ? atMs : 0;
  return { status: 'collected', value: values, command, atMs: startMs, tookMs: Math.max(0, endMs - startMs) };
}

export function missing<T>(gap: Gap, command: string, atMs: number): Collected<T> {
  return { status: 'missing', gap, command, atMs };
}

function gapOf(answer: Extract<ApiAnswer, { kind: 'refused' | 'no-answer' }>, command: string): Gap {
  if (answer.kind === 'no-answer') return { reason: 'timed-out', detail: `${command}: ${answer.message}` };
  if (answer.status === 403) return { reason: 'forbidden', detail: answer.message, unlock: canI(command) };
  return {
    reason: answer.status === 429 || answer.status >= 500 ? 'timed-out' : 'unreadable',
    detail: `${command}: ${answer.status} ${answer.message}`,
  };
}

/** `kubectl -n shop get pods -l a=b` → `kubectl -n shop auth can-i list pods`, to see who may. */
function canI(command: string): string {
  const scope = command.match(/ -n \S+| -A/)?.[0] ?? '';
  const kind = command.match(/ get (\S+)( [a-z0-9])?/);
  const verb = kind?.[2] === undefined ? 'list' : 'get';
  return `kubectl auth can-i ${verb} ${kind?.[1] ?? 'pods'}${scope}`;
}

function unreadable(error: z.core.$ZodError, command: string): Gap {
  const issue = error.issues[0];
  return {
    reason: 'unreadable',
    detail: `${command}: ${issue === undefined ? 'unknown shape' : `${issue.path.join('.')}: ${issue.message}`}`,
  };
}

/** Text, such as a log: what the API server sends that is no JSON. An empty text when there is no such object. */
export async function readText(reading: Reading, path: string, command: string): Promise<Collected<string>> {
  const atMs = reading.nowMs();
  const answer = await reading.api.get(path, reading.signal);
  const tookMs = reading.nowMs() - atMs;
  if (answer.kind === 'not-found') return { status: 'collected', value: '', command, atMs, tookMs };
  if (answer.kind !== 'object') return missing(gapOf(answer, command), command, atMs);
  const value = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '');
  return { status: 'collected', value, command, atMs, tookMs };
}
