// npm run demo [-- NAME | --live NAME]: the recorded incidents; or one for real, in a lab that is brought up and broken for it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { deployBase, webToApi } from '../faults/base.ts';
import { clear, injure, mend, prepare, wholeBase } from '../faults/injury.ts';
import { Lab } from '../faults/lab.ts';
import { allCases, cases } from '../faults/registry.ts';
import { question, TOOL } from '../faults/tool.ts';

const root = join(import.meta.dirname, '../..');
const [first, ...rest] = process.argv.slice(2);

const build = spawnSync(process.execPath, ['plugin/build.ts'], { cwd: root, encoding: 'utf8' });
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}`);
  process.exit(1);
}
process.exitCode = first === '--live' ? await live(rest[0]) : show(process.argv.slice(2));

function show(words: readonly string[]): number {
  return spawnSync(TOOL, ['demo', ...words], { stdio: 'inherit' }).status ?? 1;
}

async function live(name: string | undefined): Promise<number> {
  const known = ['healthy', ...(await allCases()).map((one) => one.name)];
  if (name === undefined || !known.includes(name)) {
    process.stderr.write(`npm run demo -- --live NAME takes one of:\n  ${known.join('\n  ')}\n`);
    return 2;
  }
  const lab = new Lab();
  const broughtUp = !(await lab.isUp());
  if (broughtUp) {
    process.stdout.write(
      'Bringing up a cluster of three nodes on this machine (20 s; some minutes the first time) …\n',
    );
    await lab.up({});
  }
  try {
    await deployBase(lab);
    await wholeBase(lab);
    const [one] = name === 'healthy' ? [] : await cases([name]);
    if (one === undefined) return ask(lab, question(webToApi));
    process.stdout.write(`Breaking it: ${one.about} …\n`);
    const memo = await prepare(lab, one);
    try {
      const { saw } = await injure(lab, one, memo);
      process.stdout.write(`What was seen without netdebug: ${saw}\n`);
      return ask(lab, question(one.flow));
    } finally {
      process.stdout.write('Mending it …\n');
      await mend(lab, one, memo);
      await clear(lab, one);
    }
  } finally {
    if (broughtUp) await lab.down();
  }
}

/** The real tool on the lab's workstation, with this terminal. */
function ask(lab: Lab, words: readonly string[]): number {
  const { status } = spawnSync(join(root, 'test/lab/lab'), ['ws', TOOL, ...words], {
    stdio: 'inherit',
    env: { ...process.env, P: lab.prefix },
  });
  // A fault that was found is what this is for.
  return status === 1 ? 0 : (status ?? 1);
}
