import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const plugin = join(import.meta.dirname, '../../plugin');

// What was started, in the place of the program: prints how it was started.
const PROGRAM = `console.log(JSON.stringify({
  node: process.execPath, args: process.argv.slice(2), flags: process.execArgv,
  options: process.env.NODE_OPTIONS ?? null, cache: process.env.NODE_COMPILE_CACHE ?? null }));`;

describe('the launcher', () => {
  let home: string;
  let installed: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'a launcher '));
    installed = join(home, 'plugin');
    mkdirSync(join(installed, 'lib'), { recursive: true });
    for (const file of ['kubectl-netdebug', 'start.cjs']) cpSync(join(plugin, file), join(installed, file));
    writeFileSync(join(installed, 'lib/cli.mjs'), PROGRAM);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('prefers the Node beside it, then the one of the checkout, then the one on PATH', () => {
    const onPath = nodeIn(join(home, 'bin'));
    expect(start()).toMatchObject({ node: onPath });
    const ofCheckout = nodeIn(join(home, 'node_modules/.bin'));
    expect(start()).toMatchObject({ node: ofCheckout });
    const beside = nodeIn(installed);
    expect(start()).toMatchObject({ node: beside });
  });

  it('hands its arguments on as they are', () => {
    nodeIn(installed);
    const args = ['web', '', 'a b', '*', '--output=json', '--', '$HOME'];
    expect(start({ args })).toMatchObject({ args });
  });

  it('works through relative and absolute symbolic links from any folder', () => {
    nodeIn(installed);
    mkdirSync(join(home, 'links/deep'), { recursive: true });
    symlinkSync('../plugin/kubectl-netdebug', join(home, 'links/one'));
    symlinkSync(join(home, 'links/one'), join(home, 'links/deep/kubectl-netdebug'));
    expect(start({ command: join(home, 'links/deep/kubectl-netdebug'), cwd: '/' })).toMatchObject({ args: [] });
    expect(start({ command: './kubectl-netdebug', cwd: join(home, 'links/deep') })).toMatchObject({ args: [] });
    expect(
      start({ command: 'kubectl-netdebug', env: { PATH: `${join(home, 'links/deep')}:/usr/bin:/bin` } }),
    ).toMatchObject({
      args: [],
    });
  });

  it('needs no other program on PATH', () => {
    nodeIn(installed);
    mkdirSync(join(home, 'links'));
    symlinkSync(join(installed, 'kubectl-netdebug'), join(home, 'links/kubectl-netdebug'));
    expect(start({ command: 'kubectl-netdebug', env: { PATH: join(home, 'links') } })).toMatchObject({ args: [] });
  });

  it('completes when started as kubectl_complete-netdebug', () => {
    nodeIn(installed);
    mkdirSync(join(home, 'links'));
    symlinkSync('../plugin/kubectl-netdebug', join(home, 'links/kubectl-netdebug'));
    symlinkSync('kubectl-netdebug', join(home, 'links/kubectl_complete-netdebug'));
    const args = ['-n', 'shop', ''];
    expect(start({ command: join(home, 'links/kubectl_complete-netdebug'), args })).toMatchObject({
      args: ['__complete', '-n', 'shop', ''],
    });
    expect(start({ command: join(home, 'links/kubectl-netdebug'), args })).toMatchObject({ args });
  });

  it('is silent while completing, whatever is missing', () => {
    symlinkSync('kubectl-netdebug', join(installed, 'kubectl_complete-netdebug'));
    const command = join(installed, 'kubectl_complete-netdebug');
    expect(run({ command })).toEqual({ status: 0, stdout: ':4\n', stderr: '' });
    rmSync(join(installed, 'lib/cli.mjs'));
    expect(run({ command })).toEqual({ status: 0, stdout: ':4\n', stderr: '' });
  });

  it('takes its own Node options, never those of others', () => {
    nodeIn(installed);
    const env = { NODE_OPTIONS: '--no-such-option', NETDEBUG_NODE_OPTIONS: '--no-deprecation --stack-trace-limit=50' };
    expect(start({ env })).toMatchObject({ options: null, flags: ['--no-deprecation', '--stack-trace-limit=50'] });
  });

  it('caches compiled code beside itself and nowhere else', () => {
    nodeIn(installed);
    const env = { NODE_COMPILE_CACHE: '/proc/no/such/folder' };
    expect(start({ env })).toMatchObject({ cache: join(installed, 'lib/.cache') });
  });

  it.skipIf(process.getuid?.() === 0)('caches nothing where it may not write', () => {
    nodeIn(installed);
    chmodSync(join(installed, 'lib'), 0o500);
    expect(start({ env: { NODE_COMPILE_CACHE: home } })).toMatchObject({ cache: null });
    chmodSync(join(installed, 'lib'), 0o700);
  });

  it('says what to do when it is not built', () => {
    nodeIn(installed);
    rmSync(join(installed, 'lib/cli.mjs'));
    const { status, stderr } = run({});
    expect(stderr).toContain('npm ci && npm run build');
    expect(status).toBe(4);
  });

  it('says what to do when there is no Node', () => {
    const { status, stderr } = run({});
    expect(stderr).toContain('needs Node 22.19 or newer and found none');
    expect(status).toBe(4);
  });

  it('says what to do when the Node on PATH is too old', () => {
    const old = join(home, 'bin/node');
    mkdirSync(join(home, 'bin'));
    const pretend = "Object.defineProperty(process, 'versions', { value: { node: '22.18.9' } })";
    writeFileSync(join(home, 'old.cjs'), pretend);
    writeFileSync(old, `#!/bin/sh\nexec '${process.execPath}' --require '${join(home, 'old.cjs')}' "$@"\n`, {
      mode: 0o755,
    });
    const { status, stderr } = run({});
    expect(stderr).toContain('needs Node 22.19 or newer');
    expect(stderr).toContain('is 22.18.9');
    expect(status).toBe(4);
    expect(run({ args: ['__complete', ''] })).toEqual({ status: 0, stdout: ':4\n', stderr: '' });
  });

  interface Start {
    readonly command?: string;
    readonly args?: readonly string[];
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
  }

  function run({ command = join(installed, 'kubectl-netdebug'), args = [], cwd = home, env = {} }: Start) {
    const bins = join(home, 'onlysh');
    mkdirSync(bins, { recursive: true });
    const path = `${join(home, 'bin')}:${bins}`;
    for (const tool of ['sh', 'readlink']) {
      const found = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      rmSync(join(bins, tool), { force: true });
      symlinkSync(found, join(bins, tool));
    }
    // Through `env`, which looks the command up in the PATH it is given.
    const { status, stdout, stderr } = spawnSync('/usr/bin/env', [command, ...args], {
      cwd,
      env: { PATH: path, ...env },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  function start(options: Start = {}): unknown {
    const { status, stdout, stderr } = run(options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  /** A Node of its own path: `process.execPath` tells copies apart, not symbolic links, hence a wrapper that renames it. */
  function nodeIn(folder: string): string {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'node');
    writeFileSync(
      join(folder, 'name.cjs'),
      `process.execPath = ${JSON.stringify(path)}; process.execArgv.splice(0, 2);`,
    );
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' --require '${join(folder, 'name.cjs')}' "$@"\n`, {
      mode: 0o755,
    });
    return path;
  }
});
