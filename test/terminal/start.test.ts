import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../run/child.ts';
import { expectLeftClean } from './clean.ts';
import { isRunning, Terminal } from './tmux.ts';

const PLUGIN = 'plugin/kubectl-netdebug';

/** No cluster at all, and one that takes every connection and never says a word. */
let home: string;
let silent: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'netdebug-terminal-'));
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  writeFileSync(join(home, 'silent'), kubeconfig(typeof address === 'object' && address !== null ? address.port : 0));
  writeFileSync(join(home, 'note-loads.mjs'), NOTE_LOADS);
  // Port 1 of the loopback: nothing listens there.
  writeFileSync(join(home, 'none'), kubeconfig(1));
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  rmSync(home, { recursive: true, force: true });
});

function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me', namespace: 'shop' } }],
    clusters: [{ name: 'lab', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'me', user: { token: 'none' } }],
  });
}

/** Notes which files of the bundle are loaded. */
const NOTE_LOADS = `
import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADS, url + '\\n'); return next(url, context); } });
`;

describe('in a terminal', () => {
  let terminal: Terminal;
  const start = (options: Parameters<typeof Terminal.start>[0] = {}) =>
    Terminal.start({ ...options, env: { KUBECONFIG: join(home, 'silent'), ...options.env } });

  beforeEach(async () => {
    terminal = await start();
  });
  afterEach(() => terminal.close());

  it('says what is wrong with a command line, without a screen', async () => {
    await terminal.run(`${PLUGIN} web --plain; echo "exit=$?"`);
    const screen = await terminal.waitFor(/exit=\d/);
    expect(screen).toContain('Say what web should reach.');
    expect(screen).toContain('exit=2');
    await expectLeftClean(terminal);
  });

  it('leaves a cluster that cannot be reached with a sentence and the shell', async () => {
    await terminal.run(`KUBECONFIG=${join(home, 'none')} ${PLUGIN} web api; echo "exit=$?"`);
    const screen = await terminal.waitFor(/exit=\d/);
    expect(screen).toMatch(/127\.0\.0\.1:1/);
    expect(screen).toContain('exit=4');
    await expectLeftClean(terminal);
  });

  it.each([
    ['C-c', '130'],
    ['q', '130'],
  ])('gives the terminal back while names are looked up, on %s', async (key, code) => {
    await terminal.run(`${PLUGIN} web api; echo "exit=$?"`);
    await terminal.waitFor('Looking up web and api');
    expect(await terminal.state()).toMatchObject({ isAlternate: true, hasCursor: false });
    await terminal.press(key);
    expect(await terminal.waitFor(/exit=\d+/, 3000)).toContain(`exit=${code}`);
    await expectLeftClean(terminal);
  });

  it.each(['TERM', 'HUP', 'INT'])('gives the terminal back on SIG%s', async (signal) => {
    await terminal.run(`${PLUGIN} web api; echo "exit=$?"`);
    await terminal.waitFor('Looking up web and api');
    const pid = await terminal.program();
    process.kill(pid, `SIG${signal}`);
    expect(await terminal.waitFor(/exit=\d+/, 3000)).toContain('exit=130');
    await expectLeftClean(terminal);
  });

  it('does not survive the window', async () => {
    await terminal.run(`${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    const pid = await terminal.program();
    await terminal.close();
    await expect.poll(() => isRunning(pid), { timeout: 3000 }).toBe(false);
  });

  it('draws for every size, and again when it changes', async () => {
    await terminal.run(`${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    for (const [columns, rows] of [
      [60, 20],
      [120, 40],
      [80, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await terminal.waitUntil(
        (text) => text.split('\n')[1] === '─'.repeat(columns) && text.split('\n')[rows - 1] === ' ? keys  q quit',
        `a frame of ${columns} × ${rows}`,
      );
      expect(screen.split('\n')[0]).toBe(' web → api');
    }
    await terminal.press('q');
    await expectLeftClean(terminal);
  });

  it('explains its keys', async () => {
    await terminal.run(`${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    await terminal.press('?');
    await terminal.waitFor(/ctrl-c +quit at once/);
    await terminal.press('Escape');
    await terminal.waitFor('Looking up web and api');
    await terminal.press('q');
    await expectLeftClean(terminal);
  });

  it('has colours, but not with NO_COLOR', async () => {
    await terminal.run(`${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    expect(await terminal.captureStyled()).toContain('\u001b[');
    await terminal.press('q');
    await expectLeftClean(terminal);
    await terminal.run(`NO_COLOR=1 ${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    expect(await terminal.captureStyled()).not.toContain('\u001b[');
  });

  it('draws a page on a terminal, in colours but with NO_COLOR, and gives its source to a pipe', async () => {
    const loads = join(home, 'explain-loads');
    await terminal.run(
      `clear; ${withLoads(loads)} ${PLUGIN} explain unexplained | cat > ${home}/page; ${PLUGIN} explain | head -5`,
    );
    await terminal.waitFor('dns-api-unsynced');
    expect(readFileSync(join(home, 'page'), 'utf8')).toMatch(/^# The flow fails/);
    const loaded = loadedChunks(loads);
    expect(loaded).toContain('explain');
    for (const chunk of ['run', 'screen']) expect(loaded).not.toContain(chunk);

    await terminal.run(`clear; ${PLUGIN} explain unexplained; echo "exit=$?"`);
    await terminal.waitFor('exit=0');
    expect(await terminal.captureStyled()).toContain('\u001b[1mSources');
    await terminal.run(`clear; NO_COLOR=1 ${PLUGIN} explain unexplained; echo "exit=$?"`);
    await terminal.waitFor('exit=0');
    expect(await terminal.captureStyled()).not.toContain('\u001b[');
  });

  it('draws on a terminal in CI as well', async () => {
    await terminal.run(`CI=1 ${PLUGIN} web api`);
    await terminal.waitFor('Looking up web and api');
    expect(await terminal.state()).toMatchObject({ isAlternate: true });
  });

  it('draws no screen with --plain, and Ctrl-C ends it', async () => {
    const loads = join(home, 'plain-loads');
    const asked = sockets.size;
    await terminal.run(`${withLoads(loads)} ${PLUGIN} web api --plain`);
    await expect.poll(() => loadedChunks(loads), { timeout: 10_000 }).toContain('run');
    // Before it asks the cluster Ctrl-C ends the process, after that the program ends itself.
    await expect.poll(() => sockets.size, { timeout: 10_000 }).toBeGreaterThan(asked);
    await terminal.press('C-c');
    await terminal.waitFor(/\^C\s+ready> *$/m, 3000);
    await terminal.run('echo "exit=$?"');
    expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=130');
    expect(loadedChunks(loads)).not.toContain('screen');
    await expectLeftClean(terminal);
  });

  it('loads the screen only where there is one', async () => {
    const piped = join(home, 'piped-loads');
    const shown = join(home, 'shown-loads');
    await terminal.run(
      `KUBECONFIG=${join(home, 'none')} ${withLoads(piped)} ${PLUGIN} web api > ${home}/out 2> ${home}/err; echo "exit=$?"`,
    );
    expect(await terminal.waitFor(/exit=\d/)).toContain('exit=4');
    expect(loadedChunks(piped)).toContain('run');
    expect(loadedChunks(piped)).not.toContain('screen');
    expect(readFileSync(join(home, 'out'), 'utf8')).toBe('');
    expect(readFileSync(join(home, 'err'), 'utf8')).not.toContain('\u001b');

    await terminal.run(`clear; KUBECONFIG=${join(home, 'none')} ${withLoads(shown)} ${PLUGIN} web api; echo "exit=$?"`);
    await terminal.waitFor(/exit=\d/);
    expect(loadedChunks(shown)).toContain('screen');
  });
});

function withLoads(file: string): string {
  return `LOADS=${file} NETDEBUG_NODE_OPTIONS=--import=${join(home, 'note-loads.mjs')}`;
}

/** `run`, `screen`: chunks of the bundle by their names without the hash. */
function loadedChunks(file: string): readonly string[] {
  const lib = join(root, 'plugin/lib');
  const names = readdirSync(lib);
  const text = (() => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  })();
  return names.filter((name) => text.includes(`/${name}`)).map((name) => name.replace(/-[^-]*\.mjs$/, ''));
}
