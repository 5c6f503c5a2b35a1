// inject ID: breaks a running lab and leaves it broken, for a person to try the tool on. undo: restores it.
import { ask, describe } from './base.ts';
import { clear, injected, injure, mend, prepare, undoInjected, wholeBase } from './injury.ts';
import { Lab } from './lab.ts';
import { allCases, cases } from './registry.ts';
import { question } from './tool.ts';

const usage = `usage: inject ID    break the running lab and leave it so
       undo         restore it
       list         the names one can give
environment: P (prefix of the lab, default lab)`;

const say = (text: string) => process.stdout.write(`${text}\n`);

async function inject(lab: Lab, name: string): Promise<void> {
  const [one] = await cases([name]);
  const already = await injected(lab);
  if (already) throw new Error(`${already.name} is already injected in lab ${lab.prefix}; first: npm run lab -- undo`);
  if (!one) throw new Error(usage);
  await wholeBase(lab);
  const memo = await prepare(lab, one);
  try {
    const { saw } = await injure(lab, one, memo);
    say(`${one.name}: ${one.about}`);
    say(`witness: ${saw}`);
    say(`curl from ${one.flow.source}: ${describe(await ask(lab, one.flow, 3))}`);
  } catch (error) {
    await mend(lab, one, memo).catch(() => undefined);
    await clear(lab, one);
    throw error;
  }
  const prefix = lab.prefix === 'lab' ? '' : `P=${lab.prefix} `;
  say(`try:  ${prefix}npm run lab -- ws plugin/kubectl-netdebug ${question(one.flow).join(' ')}`);
  say(`undo: ${prefix}npm run lab -- undo`);
}

const [command, name] = process.argv.slice(2);
const lab = new Lab();
try {
  if (command === 'list') {
    for (const one of await allCases()) say(`${one.name.padEnd(32)} ${one.kind.padEnd(9)} ${one.about}`);
  } else if (command === 'inject' && name) {
    if (!(await lab.isUp())) throw new Error(`lab ${lab.prefix} is not up; first: npm run lab -- up`);
    await inject(lab, name);
  } else if (command === 'undo') {
    if (!(await lab.isUp())) throw new Error(`lab ${lab.prefix} is not up`);
    const undone = await undoInjected(lab);
    say(undone ? `${undone} is undone` : `nothing is injected in lab ${lab.prefix}`);
  } else {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
