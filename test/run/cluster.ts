import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { interruptedCode, root, run } from './child.ts';
import { type Outcome, sum } from './result.ts';
import { countTests, runTests, testFiles } from './tests.ts';

const LAB = join(root, 'test/lab/lab');
const FAULTS = 'test/faults/run.ts';

/** A prefix of its own, so that a lab somebody works in stays as it is. */
const prefix = process.env.P ?? 'labt';
const env = { P: prefix };

/** Brings a lab up, runs the cluster tests and every fault in it, and takes it down again whatever happens. */
export async function runCluster(filters: readonly string[], { isWanted }: { isWanted: boolean }): Promise<Outcome> {
  const hasFaults = existsSync(join(root, FAULTS));
  if (testFiles('cluster').length === 0 && !hasFaults) return { note: 'there are no cluster tests and no faults' };
  if (!isWanted) return skipped('left out with --no-lab');

  const check = await run(LAB, ['check'], { env, stdout: 'keep' });
  if (check.code === 3) return skipped(`no lab on this machine: ${check.stdout.trim().replaceAll('\n', ', ')}`);
  if (check.code !== 0) return { failed: 1, note: `test/lab/lab check ended with ${check.code}` };
  process.stdout.write(check.stdout);

  try {
    const up = await run(LAB, ['up'], { env });
    if (up.code !== 0) return { failed: 1, note: `test/lab/lab up ended with ${up.code}` };
    const tests = await runTests('cluster', filters, env);
    const isComplete = filters.length === 0 && hasFaults && interruptedCode() === null;
    return isComplete ? sum(tests, await runFaults()) : tests;
  } finally {
    await run(LAB, ['down'], { env, isUninterruptible: true });
  }
}

async function skipped(why: string): Promise<Outcome> {
  const tests = await countTests('cluster');
  const faults = globSync('test/faults/*/*.ts', { cwd: root }).length;
  return { skipped: tests + faults, note: `${why} (tests: ${tests}, faults: ${faults})` };
}

async function runFaults(): Promise<Outcome> {
  const { code, stdout } = await run(process.execPath, [FAULTS, '--both', '--p', prefix], { env, stdout: 'tee' });
  const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(stdout.trimEnd().split('\n').at(-1) ?? '');
  if (counts === null) return { failed: 1, note: `${FAULTS} ended with ${code} and without counts` };
  const [passed = 0, failed = 0, skipped = 0] = counts.slice(1).map((count) => Number(count ?? 0));
  const unseen = code !== 0 && failed === 0;
  return { passed, failed: unseen ? 1 : failed, skipped, note: unseen ? `${FAULTS} ended with ${code}` : null };
}
