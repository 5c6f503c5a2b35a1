import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../run/child.ts';
import { expectLeftClean } from './clean.ts';
import { Terminal } from './tmux.ts';

const PLUGIN = 'plugin/kubectl-netdebug';

describe('the demo on a terminal', () => {
  let terminal: Terminal;

  beforeEach(async () => {
    terminal = await Terminal.start({ env: { KUBECONFIG: '/nowhere' } });
  });
  afterEach(() => terminal.close());

  it('offers its incidents, plays the chosen one, and comes back to it', async () => {
    await terminal.run(`${PLUGIN} demo`);
    const menu = await terminal.waitFor('q quit');
    expect(menu).toContain('❯ Since the security rollout web times out on api.');
    expect(menu).toContain('same as: kubectl netdebug demo netpol-default-deny-ingress');
    await terminal.press('Down');
    await terminal.waitFor('same as: kubectl netdebug demo selector-mismatch');
    await terminal.press('Enter');
    const verdict = await terminal.waitFor('Check again');
    expect(verdict).toContain('✘');
    expect(verdict).toContain('selector');
    await terminal.press('q');
    const again = await terminal.waitFor('13 incidents');
    expect(again).toContain('❯ After a small clean-up of labels, api refuses every connection.');
    await terminal.press('q');
    await terminal.waitFor(/ready> *$/m);
    await expectLeftClean(terminal);
    // The report of what was played stays behind.
    expect(await terminal.scrollback()).toContain('1. selector-mismatch');
  });

  it('ends at once on Ctrl-C, in the menu and in an incident', async () => {
    for (const before of ['13 incidents', ' D '] as const) {
      await terminal.run(`clear; ${PLUGIN} demo ${before === ' D ' ? 'healthy --speed 0.1' : ''}`);
      await terminal.waitFor(before);
      await terminal.press('C-c');
      await terminal.waitFor(/ready> *$/m, 2000);
      await expectLeftClean(terminal);
    }
  });

  it('shows all incidents where there is little room', async () => {
    await terminal.resize(60, 12);
    await terminal.run(`${PLUGIN} demo`);
    await terminal.waitFor('q quit');
    await terminal.press('Up');
    await terminal.waitFor('same as: kubectl netdebug demo healthy');
  });
});

it('the demo without a terminal prints the list, and one report', () => {
  const text = execFileSync(PLUGIN, ['demo'], { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH } });
  expect(text).toContain('  selector-mismatch ');
  expect(text).toContain('1. netpol-default-deny-ingress · cause · proven');
  expect(text).not.toContain('\u001b');
});

it('an unknown incident is told with the nearest names, exit 2', () => {
  try {
    execFileSync(PLUGIN, ['demo', 'selector-missmatch'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      status: 2,
      stderr:
        'There is no incident selector-missmatch; the closest is selector-mismatch.\n  Try  kubectl netdebug demo selector-mismatch\n',
    });
  }
});
