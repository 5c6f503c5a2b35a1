/** The flows that were asked about lately, in a small file of the user's. It helps where it can and never fails a run. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod/mini';
import type { RecentFlow } from '../choose/row.ts';

/** As many as one reads at a glance, for a few clusters. */
const MOST_KEPT = 20;
export const MOST_SHOWN = 5;

const Named = z.object({ namespace: z.string(), word: z.string() });
const Recent = z.object({
  version: z.literal(1),
  flows: z.array(
    z.object({
      context: z.string(),
      source: Named,
      destination: Named,
      port: z.nullable(z.union([z.number(), z.string()])),
      at: z.string(),
    }),
  ),
});

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ : a path that is not absolute is as good as none */
export function recentFile(env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME ?? '';
  return join(isAbsolute(state) ? state : join(homedir(), '.local/state'), 'kubectl-netdebug', 'recent.json');
}

/** The latest first; none when there is no such file, or it cannot be read. */
export function readRecent(file: string): readonly RecentFlow[] {
  try {
    return Recent.parse(JSON.parse(readFileSync(file, 'utf8'))).flows;
  } catch {
    return [];
  }
}

/** Puts a flow first. Where the file cannot be written the flow is forgotten. */
export function keepRecent(file: string, flow: RecentFlow): void {
  const flows = [flow, ...readRecent(file).filter((other) => !isSame(other, flow))].slice(0, MOST_KEPT);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // In one step: two runs that end together leave one whole file.
    const next = `${file}.${process.pid}`;
    writeFileSync(next, `${JSON.stringify({ version: 1, flows }, null, 1)}\n`, { mode: 0o600 });
    renameSync(next, file);
  } catch {
    // A read-only home is no reason to fail.
  }
}

function isSame(a: RecentFlow, b: RecentFlow): boolean {
  const key = ({ context, source, destination, port }: RecentFlow): string =>
    JSON.stringify([context, source.namespace, source.word, destination.namespace, destination.word, port]);
  return key(a) === key(b);
}
