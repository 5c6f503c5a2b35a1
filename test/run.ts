// Builds, checks and tests everything, and says at the end what came of it. `npm test`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { interruptedCode, root, run } from './run/child.ts';
import { runCluster } from './run/cluster.ts';
import { type Outcome, type Result, step, summary } from './run/result.ts';
import { runTerminal } from './run/terminal.ts';
import { runTests } from './run/tests.ts';

const USAGE = `npm test -- [--only unit|terminal|cluster] [--no-lab] [PATH...]

  --only TIER   only the build and the tests of one tier: no type check, no lint
  --no-lab      leave out the tests that need the lab
  PATH          only test files with this in their path; then no faults

unit      plain tests, no cluster, no terminal
terminal  the built program in tmux
cluster   the lab, brought up for it: test/cluster, then every fault (see test/lab, test/faults)
`;

const TIERS: readonly string[] = ['unit', 'terminal', 'cluster'];

const { only, lab, help, filters } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}

const results: Result[] = [];
const isWanted = (name: string) => interruptedCode() === null && (only === undefined || only === name);

const isBuilt = await perform('build', () => script('build'));
if (isWanted('typecheck')) await perform('typecheck', () => script('typecheck'));
if (isWanted('lint')) await perform('lint', () => script('lint'));
if (isWanted('unit')) await perform('unit', () => runTests('unit', filters));
if (isWanted('terminal'))
  await perform(
    'terminal',
    onceBuilt(() => runTerminal(filters)),
  );
if (isWanted('cluster'))
  await perform(
    'cluster',
    onceBuilt(() => runCluster(filters, { isWanted: lab })),
  );

const failed = results.some((result) => result.failed > 0);
const hasRun = results.some((result) => result.passed + result.failed > 0);
if (interruptedCode() !== null) console.log('\nInterrupted.');
if (!hasRun) console.log('\nNo test was run, which is not the same as all is well.');
console.log(`\n${summary(results)}`);
process.exit(interruptedCode() ?? (failed || !hasRun ? 1 : 0));

/** @returns whether nothing failed in it */
async function perform(name: string, work: () => Promise<Outcome>): Promise<boolean> {
  const result = await step(name, work);
  results.push(result);
  return result.failed === 0;
}

function onceBuilt(work: () => Promise<Outcome>): () => Promise<Outcome> {
  return isBuilt ? work : async () => ({ note: 'not run, because the build failed' });
}

/** Runs a script of package.json without a second npm in between. */
async function script(name: string): Promise<Outcome> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const command = scripts[name] ?? `echo "package.json has no script ${name}" >&2; exit 1`;
  const { code } = await run('sh', ['-c', command]);
  return code === 0 ? {} : { failed: 1, note: `npm run ${name} ended with ${code}` };
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        only: { type: 'string' },
        lab: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.only !== undefined && !TIERS.includes(values.only)) throw new Error(`There is no tier ${values.only}.`);
    return { only: values.only, lab: values.lab, help: values.help, filters: positionals };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}
