// npm run bench:screen: what the screen costs, of the real program in a terminal that script(1) makes. Processor time, bytes to the
// terminal, and the time from a key to the changed screen. Needs Linux and no cluster. Ends with 1 when an aim is missed.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from './run/child.ts';
import { FakeCluster } from './terminal/fake-cluster.ts';
import { Pty, processorMs } from './terminal/pty.ts';

/** Of one core, in percent. */
const CLIMB_AIM = 5;
const IDLE_AIM = 0.5;
/** From a key to the end of the frame that shows it, in milliseconds: the 95th percentile. */
const KEY_AIM = 50;
/** From Ctrl-C until the program is gone, in milliseconds: the slowest. */
const LEAVE_AIM = 200;
/** Over a line of 100 ms and 1 Mbit/s this is a third of the way there and back. */
const FRAME_AIM = 4096;
/** While nothing but time passes. */
const BYTES_AIM = 2048;
const PODS = 5000;
/** For so long the log is looked at; the probes of the recording end for longer. */
const LOG_MS = 2500;

const tool = join(root, 'plugin/kubectl-netdebug');
const STORY = join(root, 'src/demo/recordings/underlay-blocked.ndjson');
/** Ink's sign that a frame is complete, DEC mode 2026. */
const END_OF_FRAME = '\u001b[?2026l';
const ESCAPE = '\u001b';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds ${values.rounds}: it takes a number of rounds, such as 3.`);
  process.exit(2);
}
if (!existsSync(join(root, 'plugin/lib/cli.mjs'))) {
  console.error('There is nothing to measure yet: npm run build.');
  process.exit(2);
}

const home = mkdtempSync(join(tmpdir(), 'netdebug-screen-'));
const missed: string[] = [];
try {
  await measureRuns();
  await measureKeys();
  await measureLeaving();
} finally {
  rmSync(home, { recursive: true, force: true });
}
for (const aim of missed) console.log(`MISSED: ${aim}`);
process.exitCode = missed.length === 0 ? 0 : 1;

interface Cost {
  /** Percent of a core. */
  readonly processor: number;
  /** Bytes a second. */
  readonly bytes: number;
  /** Bytes of the largest frame. */
  readonly frame: number;
}

async function measureRuns(): Promise<void> {
  const even = join(home, 'even.ndjson');
  writeFileSync(even, evenly(readFileSync(STORY, 'utf8'), 100));
  const phases: Readonly<Record<string, { readonly aim: number; readonly cost: () => Promise<Cost> }>> = {
    'a verdict that stands there, 5 s': { aim: IDLE_AIM, cost: idle },
    'climbing, while an answer is waited for': { aim: CLIMB_AIM, cost: waiting },
    'climbing, from its first frame to the verdict': { aim: Number.NaN, cost: climb },
    'the log, 10 lines a second, first time': { aim: Number.NaN, cost: () => log(even, 1) },
    'the log, 10 lines a second, second time': { aim: CLIMB_AIM, cost: () => log(even, 2) },
  };
  console.log(`At 80 x 24, the least of ${rounds} rounds:`);
  console.log(
    `  ${''.padEnd(46)} ${'processor'.padStart(10)} ${'bytes/s'.padStart(8)} ${'largest frame'.padStart(14)}`,
  );
  for (const [name, { aim, cost }] of Object.entries(phases)) {
    const costs: Cost[] = [];
    for (let round = 0; round < rounds; round++) costs.push(await cost());
    // What else the machine does only ever adds.
    const least = (of: keyof Cost): number => Math.min(...costs.map((one) => one[of]));
    const [processor, bytes, frame] = [least('processor'), least('bytes'), Math.max(...costs.map((one) => one.frame))];
    const shown = `${processor.toFixed(1)} %`.padStart(10);
    const wanted = Number.isNaN(aim) ? '' : `  aim ${aim} %`;
    console.log(
      `  ${name.padEnd(46)} ${shown} ${String(Math.round(bytes)).padStart(8)} ${String(frame).padStart(14)}${wanted}`,
    );
    if (processor > aim) missed.push(`${name}: ${processor.toFixed(1)} % of a core, ${aim} % is the aim`);
    if (name.includes('waited') && bytes > BYTES_AIM)
      missed.push(`${name}: ${Math.round(bytes)} bytes a second, ${BYTES_AIM} is the aim`);
    if (frame > FRAME_AIM) missed.push(`${name}: a frame of ${frame} bytes, ${FRAME_AIM} is the aim`);
  }
}

async function idle(): Promise<Cost> {
  return running(`--replay ${STORY} --speed max`, async (pty) => {
    await pty.waitFor('Check again');
    await settled(pty);
    return over(pty, () => wait(5000));
  });
}

/** Three seconds of a recorded climb in which backends are waited for that never answer. */
async function waiting(): Promise<Cost> {
  return running(`--replay ${STORY}`, async (pty) => {
    await pty.waitFor('waiting for');
    // By now all that answers at once has done so.
    await wait(1300);
    return over(pty, () => wait(2500));
  });
}

async function climb(): Promise<Cost> {
  return running(`--replay ${STORY}`, async (pty) => {
    await pty.waitFor('waiting for');
    return over(pty, () => pty.waitFor('Check again'));
  });
}

/** The log in full while it grows, without the verdict that ends it. The first time it is the compiler that costs most. */
async function log(file: string, times: number): Promise<Cost> {
  return running(`--replay ${file}`, async (pty) => {
    await pty.waitFor('Check again');
    await settled(pty);
    for (let before = 1; before < times; before++) await grow(pty, () => wait(LOG_MS));
    return grow(pty, () => over(pty, () => wait(LOG_MS)));
  });
}

/** Plays the recording once more with the log open, up to its verdict. */
async function grow<T>(pty: Pty, look: () => Promise<T>): Promise<T> {
  const from = pty.written.length;
  pty.press('r');
  await pty.waitFor('waiting for', { from });
  pty.press('l');
  const logged = pty.written.length;
  const result = await look();
  const said = pty.written.slice(logged);
  if (said.length === 0 || said.some(({ text }) => text.includes('Check again')))
    throw new Error(`the log has to grow for ${LOG_MS} ms: the recording is too short`);
  pty.press(ESCAPE);
  await pty.waitFor('Check again', { from: logged });
  await settled(pty);
  return result;
}

async function measureKeys(): Promise<void> {
  const cluster = new FakeCluster({ pods: PODS });
  const config = join(home, 'config');
  writeFileSync(config, await cluster.start());
  try {
    await running(`--kubeconfig ${config}`, async (pty) => {
      await pty.waitFor('Pods ready');
      await settled(pty);
      const times: Record<string, number[]> = {};
      const frames: number[] = [];
      const press = async (what: string, key: string): Promise<void> => {
        const [from, bytes] = [pty.written.length, pty.bytes];
        const startMs = performance.now();
        pty.press(key);
        const last = await pty.waitFor(END_OF_FRAME, { from });
        times[what] = [...(times[what] ?? []), (pty.written[last]?.atMs ?? Number.NaN) - startMs];
        frames.push(pty.bytes - bytes);
        await wait(100);
      };
      for (let round = 0; round < rounds * 2; round++) {
        for (const letter of 'chkout')
          await press(round === 0 && letter === 'c' ? 'the first letter' : 'a letter', letter);
        for (const _ of 'chkout') await press('a letter taken back', '\u007f');
        for (let times = 0; times < 5; times++) await press('one row down', '\u001b[B');
        for (let times = 0; times < 5; times++) await press('a screen down', '\u001b[6~');
      }
      console.log(`\nFrom a key to the changed screen, ${PODS} Pods in the picker, in ms:`);
      for (const [what, all] of Object.entries(times)) {
        const most = quantile(all, 0.95);
        console.log(
          `  ${what.padEnd(46)} median ${quantile(all, 0.5).toFixed(1)}, 95 % ${most.toFixed(1)} of ${all.length}  aim ${KEY_AIM}`,
        );
        if (most > KEY_AIM) missed.push(`${what}: ${most.toFixed(1)} ms, ${KEY_AIM} is the aim`);
      }
      const largest = Math.max(...frames);
      console.log(`  the largest frame has ${largest} bytes, aim ${FRAME_AIM}`);
      if (largest > FRAME_AIM) missed.push(`a picker's frame of ${largest} bytes, ${FRAME_AIM} is the aim`);
    });
  } finally {
    await cluster.stop();
  }
}

/** Ctrl-C where much goes on, and where nothing does. */
async function measureLeaving(): Promise<void> {
  const places: Readonly<Record<string, readonly [words: string, seen: string]>> = {
    'asking for consent': [`--replay ${STORY} --speed 0.2`, 'API reads done'],
    climbing: [`--replay ${STORY}`, 'waiting for'],
    'a verdict': [`--replay ${STORY} --speed max`, 'Check again'],
  };
  console.log('\nFrom Ctrl-C to the end of the program, in ms:');
  for (const [name, [words, seen]] of Object.entries(places)) {
    const all: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const pty = new Pty(`${tool} ${words}`);
      await pty.waitFor(seen);
      await wait(500);
      const startMs = performance.now();
      pty.press('\u0003');
      await pty.ended();
      all.push(performance.now() - startMs);
    }
    const most = Math.max(...all);
    console.log(`  ${name.padEnd(46)} slowest ${most.toFixed(0)} of ${all.length}  aim ${LEAVE_AIM}`);
    if (most > LEAVE_AIM) missed.push(`leaving ${name}: ${most.toFixed(0)} ms, ${LEAVE_AIM} is the aim`);
  }
}

async function running<T>(words: string, work: (pty: Pty) => Promise<T>): Promise<T> {
  const pty = new Pty(`${tool} ${words}`);
  try {
    return await work(pty);
  } finally {
    pty.press('\u0003');
    await Promise.race([pty.ended(), wait(3000, undefined, { ref: false })]);
    pty.close();
  }
}

async function over(pty: Pty, work: () => Promise<unknown>): Promise<Cost> {
  const pid = pty.pid();
  const [startMs, usedMs, bytes, from] = [performance.now(), processorMs(pid), pty.bytes, pty.written.length];
  await work();
  const tookMs = performance.now() - startMs;
  const text = pty.written
    .slice(from)
    .map((one) => one.text)
    .join('');
  return {
    processor: (100 * (processorMs(pid) - usedMs)) / tookMs,
    bytes: (1000 * (pty.bytes - bytes)) / tookMs,
    frame: Math.max(0, ...text.split(END_OF_FRAME).map((frame) => Buffer.byteLength(frame))),
  };
}

/** Nothing has been written for a second. */
async function settled(pty: Pty): Promise<void> {
  for (let seen = -1; seen !== pty.written.length; await wait(1000)) seen = pty.written.length;
}

/** The same run with its probes ending one after the other, `everyMs` apart. */
function evenly(text: string, everyMs: number): string {
  const events = text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as { type: string; atMs?: number; output?: object });
  const first = events.find(({ type }) => type === 'probe-settled')?.atMs ?? 0;
  let count = 0;
  return events
    .map((event) => {
      if (event.type === 'report' || event.atMs === undefined || event.atMs <= first) return event;
      if (event.type === 'probe-settled') count++;
      return { ...event, atMs: first + everyMs * count };
    })
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

function quantile(all: readonly number[], share: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
