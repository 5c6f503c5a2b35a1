import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './child.ts';
import type { Outcome } from './result.ts';

export type Tier = 'unit' | 'terminal' | 'cluster';

const VITEST = ['node_modules/vitest/vitest.mjs', '--config', 'test/vitest.config.ts'];

/** The test files of a tier, by the same folders as test/vitest.config.ts. */
export function testFiles(tier: Tier): string[] {
  const others = ['test/terminal/**', 'test/cluster/**', 'test/faults/**', 'test/lab/**'];
  return tier === 'unit'
    ? globSync('test/**/*.test.{ts,tsx}', { cwd: root, exclude: others })
    : globSync(`test/${tier}/**/*.test.{ts,tsx}`, { cwd: root });
}

/** Runs the tests of a tier, or those of them whose path has one of `filters` in it. */
export async function runTests(tier: Tier, filters: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  if (testFiles(tier).length === 0) return { note: 'there are no test files' };
  const folder = mkdtempSync(join(tmpdir(), 'netdebug-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const args = [...VITEST, 'run', '--project', tier, ...reporters, ...filters];
    const { code } = await run(process.execPath, filters.length > 0 ? [...args, '--passWithNoTests'] : args, { env });
    return outcomeOf(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many tests a tier has, without running them. */
export async function countTests(tier: Tier): Promise<number> {
  if (testFiles(tier).length === 0) return 0;
  const { stdout } = await run(process.execPath, [...VITEST, 'list', '--project', tier, '--json'], { stdout: 'keep' });
  try {
    return (JSON.parse(stdout) as unknown[]).length;
  } catch {
    return testFiles(tier).length;
  }
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

function outcomeOf(report: string, code: number): Outcome {
  let counts: VitestReport;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  } catch {
    return code === 0 ? { note: 'no test matches' } : { failed: 1, note: `vitest ended with ${code} and no report` };
  }
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = counts;
  // A test file that cannot be loaded has no tests that could fail.
  const unseen = code !== 0 && failed === 0;
  return {
    passed,
    failed: unseen ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
    note: unseen ? 'failed outside of a test, see above' : null,
  };
}
