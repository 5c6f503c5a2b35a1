// npm run bench:start: how long until something shows, beside kubectl and beside a Node that says hello. Everything in one go and in
// turn, so that the machine's moods hit all alike; medians and ratios are what to quote. Needs no cluster. Ends with 1 when an aim is missed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'plugin/lib');
const tool = join(root, 'plugin/kubectl-netdebug');
const VERSION_AIM = 1.2;
const FRAME_AIM = 3;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds ${values.rounds}: it takes a number of rounds, such as 15.`);
  process.exit(2);
}
if (!existsSync(join(lib, 'cli.mjs'))) {
  console.error('There is nothing to measure yet: npm run build.');
  process.exit(2);
}

const home = mkdtempSync(join(tmpdir(), 'netdebug-start-'));
const missed: string[] = [];
try {
  await measureCommands();
  await measureFirstFrame();
  printLoads();
  printSizes();
} finally {
  rmSync(home, { recursive: true, force: true });
}
for (const aim of missed) console.log(`MISSED: ${aim}`);
process.exitCode = missed.length === 0 ? 0 : 1;

type Milliseconds = number;

async function measureCommands(): Promise<void> {
  const hello = join(home, 'hello.mjs');
  writeFileSync(hello, "console.log('hello');\n");
  const clients = kubectls();
  const commands: Readonly<Record<string, readonly string[]>> = {
    'node hello.mjs': [process.execPath, hello],
    ...Object.fromEntries(
      clients.map(({ path, what }) => [`kubectl version --client (${what})`, [path, 'version', '--client']]),
    ),
    'netdebug --version': [tool, '--version'],
    'netdebug --help': [tool, '--help'],
    'netdebug explain selector-mismatch': [tool, 'explain', 'selector-mismatch'],
    'netdebug permissions': [tool, 'permissions'],
  };
  const times = await inTurn(
    Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, async () => timeOf(command)])),
  );
  console.log(`Whole processes, ${rounds} rounds in turn after a warm-up:`);
  for (const [name, all] of Object.entries(times)) console.log(`  ${name.padEnd(46)} ${spread(all)}`);

  const fastest = clients
    .map(({ what }) => `kubectl version --client (${what})`)
    .sort((a, b) => median(times[a] ?? []) - median(times[b] ?? []))[0];
  if (fastest === undefined) {
    console.log('  kubectl: left out, there is none on PATH and none of a lab; the ratio to it is not known');
    return;
  }
  for (const name of ['netdebug --version', 'netdebug --help'])
    judge(name, ratio(times[name], times[fastest]), VERSION_AIM, fastest);
}

/** From the program's start to its first frame, in a terminal of 80 × 24; script(1) makes the terminal. */
async function measureFirstFrame(): Promise<void> {
  if (spawnSync('script', ['--version']).status !== 0) {
    console.log('First frame: left out, there is no script(1) of util-linux to make a terminal');
    return;
  }
  // A cluster that takes every connection and never says a word: the screen waits.
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const config = join(home, 'kubeconfig');
  writeFileSync(config, kubeconfig((server.address() as AddressInfo).port));
  const times = await inTurn({
    'node hello.mjs': () => shownAfter([process.execPath, join(home, 'hello.mjs')], 'hello'),
    'netdebug web api': () => shownAfter([tool, '--kubeconfig', config, 'web', 'api'], 'Looking up'),
    // Ink wraps what it writes in synchronized updates; the first frame comes before Ink.
    'netdebug web api, drawn by Ink': () => shownAfter([tool, '--kubeconfig', config, 'web', 'api'], '\u001b[?2026h'),
  });
  for (const socket of sockets) socket.destroy();
  server.close();
  console.log(`\nFirst words in a terminal, ${rounds} rounds in turn after a warm-up:`);
  for (const [name, all] of Object.entries(times)) console.log(`  ${name.padEnd(46)} ${spread(all)}`);
  judge('the first frame', ratio(times['netdebug web api'], times['node hello.mjs']), FRAME_AIM, 'node hello.mjs');
}

/** What each command loads of the bundle, as Node itself reports it. */
function printLoads(): void {
  const hook = join(home, 'note-loads.mjs');
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADS, url + '\\n'); return next(url, context); } });
`,
  );
  console.log('\nFiles of the bundle that are read:');
  for (const args of [['--version'], ['--help'], ['explain'], ['explain', 'no', 'such', 'host'], ['permissions']]) {
    const list = join(home, 'loads');
    writeFileSync(list, '');
    spawnSync(tool, args, { env: { ...process.env, LOADS: list, NETDEBUG_NODE_OPTIONS: `--import=${hook}` } });
    const read = readdirSync(lib).filter((name) => readFileSync(list, 'utf8').includes(`/${name}`));
    const bytes = read.reduce((sum, name) => sum + statSync(join(lib, name)).size, 0);
    console.log(`  ${args.join(' ').padEnd(24)} ${kilobytes(bytes).padStart(9)}  ${read.join(' ')}`);
  }
}

function printSizes(): void {
  const sizes = readdirSync(lib)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => ({ name, bytes: statSync(join(lib, name)).size }))
    .sort((a, b) => b.bytes - a.bytes);
  console.log(`\nThe bundle, ${kilobytes(sizes.reduce((sum, { bytes }) => sum + bytes, 0))} in ${sizes.length} files:`);
  for (const { name, bytes } of sizes) console.log(`  ${kilobytes(bytes).padStart(9)}  ${name}`);
}

/** Each measurement once per round, one after the other, after two rounds that do not count. */
async function inTurn(
  measurements: Readonly<Record<string, () => Promise<Milliseconds>>>,
): Promise<Readonly<Record<string, readonly Milliseconds[]>>> {
  const series = Object.entries(measurements).map(([name, measure]) => ({
    name,
    measure,
    times: [] as Milliseconds[],
  }));
  for (let round = -2; round < rounds; round++)
    for (const { measure, times } of series) {
      const took = await measure();
      if (round >= 0) times.push(took);
    }
  return Object.fromEntries(series.map(({ name, times }) => [name, times]));
}

function timeOf([program = '', ...args]: readonly string[]): Milliseconds {
  const started = performance.now();
  const { status, error, stderr } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const took = performance.now() - started;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${error ?? stderr}`);
  return took;
}

/** Runs a command in a terminal, until it shows `wanted`. The clock starts when the shell of the terminal says so, right before the command. */
async function shownAfter(command: readonly string[], wanted: string): Promise<Milliseconds> {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const { CI: _ci, NO_COLOR: _color, ...env } = process.env;
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; printf 'GO:'; exec ${words}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Ctrl-C comes too late for a program that says hello and ends.
  child.stdin.on('error', () => undefined);
  const closed = new Promise((done) => child.once('close', done));
  try {
    return await new Promise<Milliseconds>((resolve, reject) => {
      let text = '';
      let started: Milliseconds | null = null;
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (started === null && text.includes('GO:')) started = performance.now();
        if (started !== null && text.includes(wanted)) resolve(performance.now() - started);
      });
      child.once('error', reject);
      child.once('close', () => reject(new Error(`never shown: "${wanted}". Instead:\n${text}`)));
    });
  } finally {
    child.stdin.write('\u0003');
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 3000);
    await closed;
    clearTimeout(giveUp);
  }
}

interface Kubectl {
  readonly path: string;
  readonly what: string;
}

/** The kubectl on PATH, and the one that a lab has built, which is larger: it is every program of Kubernetes in one. */
function kubectls(): readonly Kubectl[] {
  const onPath = spawnSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).stdout.trim();
  const cache = process.env.LAB ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'netdebug-lab');
  return [
    { path: onPath, what: 'on PATH' },
    { path: join(cache, 'build/bin/kubectl'), what: "the lab's" },
  ].filter(({ path }) => path !== '' && existsSync(path));
}

function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'none',
    contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
    clusters: [{ name: 'none', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'none', user: { token: 'none' } }],
  });
}

function judge(what: string, times: number, aim: number, than: string): void {
  const line = `${what}: ${times.toFixed(2)} × ${than}, aim at most ${aim.toFixed(2)}`;
  console.log(`  ${line}`);
  if (times > aim) missed.push(line);
}

/** The median of the rounds' ratios. */
function ratio(of: readonly Milliseconds[] = [], to: readonly Milliseconds[] = []): number {
  return median(of.map((took, round) => took / (to[round] ?? Number.NaN)));
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

function spread(all: readonly Milliseconds[]): string {
  const ms = (value: number) => value.toFixed(0);
  return `${ms(median(all)).padStart(5)} ms (${ms(Math.min(...all))} to ${ms(Math.max(...all))})`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
