// npm run faults: every fault, trap and scenario once through break, witness, tool and undo, on a real cluster.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ask, deployBase, describe } from './base.ts';
import { CLUTTER, clutter } from './clutter.ts';
import type { Memo } from './define.ts';
import { clear, flowWorks, injure, mend, prepare, undoInjected, wholeBase } from './injury.ts';
import { judgeHealthy, printedFix, type Said } from './judge.ts';
import { Lab, type LabModes } from './lab.ts';
import { type Case, pick } from './registry.ts';
import { askTool, TOOL, toolIsBuilt } from './tool.ts';

const usage = `usage: npm run faults -- [ID…] [options]
  --rung D,E           the faults of these rungs
  --kind KINDS         all of these kinds: fault, trap, scenario
  --twice              the whole list two times in a row
  --both               in two labs side by side, one with nftables and reject; what looks different there runs in both, the rest in
                       the one that is free
  --clutter            with 30 Services, policies and Jobs in the namespace that have nothing to do with it
  --witness-only       break, witness and undo, without the tool
  --p PREFIX           the lab to use (default $P or lab); one that is not up is brought up, and taken down again
  --proxy-mode MODE    iptables or nftables, for the lab that is brought up
  --policy MODE        drop, reject or none
  --json FILE          all that was seen, for other programs
  --list               the names
environment: NETDEBUG (the tool, default plugin/kubectl-netdebug), NETDEBUG_FLAGS (further flags for it)`;

interface Row {
  name: string;
  kind: string;
  modes: string;
  named: string;
  confidence: string;
  toolSeconds: number | undefined;
  seconds: number;
  access: string;
  witness: string;
  client: string;
  /** Seconds until the base was whole, the case prepared, broken and seen, asked, mended. */
  phases: number[];
  problem: string;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rung: { type: 'string' },
    kind: { type: 'string' },
    twice: { type: 'boolean' },
    both: { type: 'boolean' },
    clutter: { type: 'boolean' },
    'witness-only': { type: 'boolean' },
    p: { type: 'string' },
    'proxy-mode': { type: 'string' },
    policy: { type: 'string' },
    json: { type: 'string' },
    list: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
    say('interrupted: undoing what is broken, then ending');
  });
}

/** Break, witness, tool, undo; never throws, always undoes. */
async function run(lab: Lab, one: Case, modes: string): Promise<Row> {
  const started = performance.now();
  const row: Row = {
    name: one.name,
    kind: one.kind,
    modes,
    named: '',
    confidence: '',
    toolSeconds: undefined,
    seconds: 0,
    access: one.flow.access ?? 'source',
    witness: '',
    client: '',
    phases: [],
    problem: '',
  };
  const problem = (text: string) => {
    row.problem ||= text.replaceAll('\n', ' / ');
  };
  const mark = () => row.phases.push(Math.round(performance.now() - started) / 1000);
  try {
    await wholeBase(lab);
    if (options.clutter) await clutter(lab);
    mark();
    const memo = await prepare(lab, one);
    if (one.kind !== 'trap') await healthy(lab, one, 'before', problem);
    mark();
    try {
      row.witness = (await injure(lab, one, memo)).saw;
      mark();
      await broken(lab, one, memo, row, problem);
    } catch (error) {
      problem(wordsOf(error));
    }
    mark();
    await mend(lab, one, memo);
    mark();
    if (one.kind !== 'trap') await healthy(lab, one, 'after the undo', problem);
  } catch (error) {
    problem(wordsOf(error));
  }
  await clear(lab, one).catch((error: unknown) => problem(wordsOf(error)));
  row.seconds = (performance.now() - started) / 1000;
  return row;
}

async function healthy(lab: Lab, one: Case, when: string, problem: (text: string) => void): Promise<void> {
  if (options['witness-only']) return;
  const judgement = judgeHealthy(await askTool(lab, one.flow));
  if (judgement.problem) problem(`${when}: ${judgement.problem}`);
}

async function broken(lab: Lab, one: Case, memo: Memo, row: Row, problem: (text: string) => void): Promise<void> {
  if (one.kind === 'trap') await flowWorks(lab, one);
  if (options['witness-only'] || options.json) row.client = describe(await ask(lab, one.flow, 3, 6));
  if (options['witness-only']) return;
  const said = await askTool(lab, one.flow);
  const judgement = one.judge(said, memo);
  Object.assign(row, {
    named: judgement.named,
    confidence: judgement.confidence,
    toolSeconds: said.milliseconds / 1000,
  });
  if (judgement.problem) problem(judgement.problem);
  if (one.fixable && !judgement.problem) await pasteFix(lab, one, said, problem);
}

/** The printed commands as a person would paste them; afterwards the flow is healthy, by curl and by the tool. */
async function pasteFix(lab: Lab, one: Case, said: Said, problem: (text: string) => void): Promise<void> {
  const policies = () => lab.list('-A', 'networkpolicies');
  const before = await policies();
  const commands = printedFix(said);
  if (commands.length === 0) return problem('prints no command that mends it');
  for (const command of commands) {
    const pasted = await lab.ws(['bash', '-c', command]);
    if (pasted.exitCode !== 0) return problem(`the printed fix fails: ${command}: ${pasted.stderr.trim()}`);
  }
  try {
    await flowWorks(lab, one);
    const judgement = judgeHealthy(await askTool(lab, one.flow));
    if (judgement.problem) problem(`after the printed fix: ${judgement.problem}`);
  } catch (error) {
    problem(`after the printed fix: ${wordsOf(error)}`);
  }
  const known = new Set(before.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  await lab.delete((await policies()).filter(({ metadata }) => !known.has(`${metadata.namespace}/${metadata.name}`)));
}

/** All cases in one lab, which is brought up if it is not there. `next` is asked for a case until it has none. */
async function runIn(lab: Lab, next: () => Case | undefined, wanted: Partial<LabModes>, rows: Row[]): Promise<void> {
  const broughtUp = !(await lab.isUp());
  if (broughtUp) {
    say(`bringing up lab ${lab.prefix}`);
    await lab.up(wanted);
  }
  try {
    const { proxyMode, policy } = await lab.modes();
    for (const [what, want, is] of [
      ['proxy mode', wanted.proxyMode, proxyMode],
      ['policy', wanted.policy, policy],
    ]) {
      if (want && want !== is)
        throw new Error(`lab ${lab.prefix} is up with ${what} ${is}, not ${want}: lab down first, or another --p`);
    }
    const left = await undoInjected(lab);
    if (left) say(`undid ${left}, which was left in the lab`);
    await deployBase(lab);
    for (let one = next(); one !== undefined && !interrupted; one = next()) {
      if (policy === 'none' && one.matters.policy) continue;
      const row = await run(lab, one, `${proxyMode} ${policy}`);
      rows.push(row);
      say(`${row.problem ? 'FAIL' : 'ok  '} ${row.name} ${row.seconds.toFixed(1)} s ${row.problem || row.witness}`);
    }
  } finally {
    if (options.clutter && !broughtUp) await lab.delete([...CLUTTER]);
    if (broughtUp) await lab.down();
  }
}

function table(rows: Row[]): string {
  const heads = ['id', 'named as', 'confidence', 'tool s', 'access', 'lab', 'all s', 'result'];
  const lines = rows.map((row) => [
    row.name,
    row.named || '-',
    row.confidence || '-',
    row.toolSeconds?.toFixed(2) ?? '-',
    row.access,
    row.modes,
    row.seconds.toFixed(1),
    row.problem ? `FAIL ${row.problem}` : 'ok',
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => (column < heads.length - 1 ? (line[column]?.length ?? 0) : 0))),
  );
  return [heads, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function main(): Promise<number> {
  const words = (text = '') => text.split(',').filter(Boolean);
  const chosen = await pick(positionals, words(options.rung), words(options.kind));
  if (options.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  if (options.list) {
    process.stdout.write(
      `${chosen.map((one) => `${one.name.padEnd(32)} ${one.kind.padEnd(9)} ${one.about}`).join('\n')}\n`,
    );
    return 0;
  }
  if (!options['witness-only'] && !toolIsBuilt())
    throw new Error(`no tool at ${TOOL}: npm run build, or --witness-only`);
  const lab = new Lab(options.p);
  const wanted = {
    ...(options['proxy-mode'] && { proxyMode: options['proxy-mode'] }),
    ...(options.policy && { policy: options.policy }),
  };
  const rows: Row[] = [];
  let trouble = '';
  const attempt = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      trouble ||= wordsOf(error);
    });
  const steady = chosen.filter(({ name, unsteady }) => unsteady === null || positionals.includes(name));
  for (const { name, unsteady } of chosen.filter((one) => !steady.includes(one)))
    say(`left out ${name}: ${unsteady}. To run it, name it`);
  const all = options.twice ? [...steady, ...steady] : steady;
  if (!options.both) await attempt(runIn(lab, from(all), wanted, rows));
  else {
    const differs = ({ matters }: Case) => Boolean(matters.policy || matters.proxyMode);
    const rest = from(all.filter((one) => !differs(one)));
    const other = new Lab(`${lab.prefix.slice(0, 7)}b`);
    const sides: [Lab, Partial<LabModes>][] = [
      [lab, wanted],
      [other, { proxyMode: 'nftables', policy: 'reject' }],
    ];
    await Promise.all(
      sides.map(([side, modes]) => {
        const own = from(all.filter(differs));
        return attempt(runIn(side, () => own() ?? rest(), modes, rows));
      }),
    );
  }
  const order = new Map(chosen.map(({ name }, place) => [name, place]));
  rows.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0) || a.modes.localeCompare(b.modes));
  if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  const failures = rows.filter((row) => row.problem).length;
  const skipped = expectedRows(chosen) - rows.length;
  process.stdout.write(`${table(rows)}\n`);
  if (trouble) say(trouble);
  process.stdout.write(
    `${rows.length - failures} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
  );
  if (interrupted) return 130;
  return failures > 0 || trouble || rows.length === 0 ? 1 : 0;
}

/** Hands them out one by one. */
function from(all: readonly Case[]): () => Case | undefined {
  const left = [...all];
  return () => left.shift();
}

function expectedRows(chosen: Case[]): number {
  const again = options.both ? chosen.filter(({ matters }) => matters.policy || matters.proxyMode).length : 0;
  return (chosen.length + again) * (options.twice ? 2 : 1);
}

try {
  process.exitCode = await main();
} catch (error) {
  say(wordsOf(error));
  process.exitCode = 2;
}
