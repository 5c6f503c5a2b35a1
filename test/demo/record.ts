// npm run demo:record [-- NAME…]: breaks the lab as each story of the demo says, and records the tool finding it. The recordings are
// only ever made by this.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STORIES } from '../../src/demo/stories.ts';
import { deployBase, SHOP, webToApi } from '../faults/base.ts';
import type { Flow, Memo } from '../faults/define.ts';
import { clear, injure, mend, prepare, undoInjected, wholeBase } from '../faults/injury.ts';
import { Lab } from '../faults/lab.ts';
import { cases } from '../faults/registry.ts';
import { question, TOOL, toolIsBuilt } from '../faults/tool.ts';

const folder = join(import.meta.dirname, '../../src/demo/recordings');
const names = process.argv.slice(2);
const unknown = names.find((name) => !STORIES.some((story) => story.name === name));
if (unknown !== undefined) {
  console.error(`There is no story ${unknown}. There are: ${STORIES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
if (!toolIsBuilt()) {
  console.error(`There is no tool at ${TOOL}: npm run build`);
  process.exit(1);
}

const lab = new Lab();
const broughtUp = !(await lab.isUp());
if (broughtUp) await lab.up({});
const scratch = await mkdtemp(join(tmpdir(), 'netdebug-record-'));
try {
  const left = await undoInjected(lab);
  if (left !== undefined) console.log(`undid ${left}, which was left in the lab`);
  await deployBase(lab);
  for (const { name } of STORIES) {
    if (names.length > 0 && !names.includes(name)) continue;
    // As it is for most people: nobody has looked at this Pod before, so the plan says what would be added.
    await lab.kubectl('-n', SHOP, 'delete', 'pod', 'web', '--ignore-not-found', '--grace-period=1');
    await wholeBase(lab);
    if (name === 'healthy') await record(name, webToApi);
    else {
      const [one] = await cases([name]);
      if (one === undefined) throw new Error(`no case ${name}`);
      const memo: Memo = await prepare(lab, one);
      try {
        await injure(lab, one, memo);
        await record(name, one.flow);
      } finally {
        await mend(lab, one, memo);
        await clear(lab, one);
      }
    }
  }
} finally {
  await rm(scratch, { recursive: true });
  if (broughtUp) await lab.down();
}

async function record(name: string, flow: Flow): Promise<void> {
  const file = join(scratch, `${name}.ndjson`);
  // As a user types it: without the flags that only the lab needs.
  const { exitCode, stdout, stderr } = await lab.ws([TOOL, ...question(flow), '--record', file, '--color', 'never'], {
    seconds: 90,
  });
  if (exitCode !== (name === 'healthy' ? 0 : 1)) throw new Error(`${name}: exit ${exitCode}\n${stdout}\n${stderr}`);
  await copyFile(file, join(folder, `${name}.ndjson`));
  console.log(`${name.padEnd(32)} ${stdout.split('\n').find((line) => line.trim() !== '') ?? ''}`);
}
