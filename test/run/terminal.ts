import { hasProgram, run } from './child.ts';
import type { Outcome } from './result.ts';
import { countTests, runTests, testFiles } from './tests.ts';

/** Runs the tests that drive the real program in tmux, for which root gets tmux from apt. */
export async function runTerminal(filters: readonly string[]): Promise<Outcome> {
  if (testFiles('terminal').length === 0) return { note: 'there are no test files' };
  const why = await whyNoTmux();
  if (why === null) return runTests('terminal', filters);
  const tests = await countTests('terminal');
  return { skipped: tests, note: `${why} (tests: ${tests})` };
}

async function whyNoTmux(): Promise<string | null> {
  if (await hasProgram('tmux')) return null;
  if (process.getuid?.() !== 0 || !(await hasProgram('apt-get'))) return 'tmux is not installed';
  console.log('Installing tmux with apt-get: the terminal tests run the program in it.');
  const install = 'apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends tmux';
  const { code } = await run('sh', ['-c', `(${install} || (apt-get update && ${install})) >/dev/null`], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  return code === 0 && (await hasProgram('tmux')) ? null : 'apt-get could not install tmux';
}
