import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { expectLeftClean } from './clean.ts';
import { FakeCluster } from './fake-cluster.ts';
import { Pty } from './pty.ts';
import { Terminal } from './tmux.ts';

const TOOL = 'plugin/kubectl-netdebug';
/** Lines, signs and what turns: nothing of it can be heard. */
const DRAWN = /[\u2190-\u21ff\u2500-\u257f\u2713-\u2718\u276f\u2800-\u28ff]/;

describe('the screen for a screen reader', () => {
  let terminal: Terminal;
  afterEach(() => terminal.close());

  it('says the answer in lines that stay, and what is chosen in words', async () => {
    terminal = await Terminal.start({ columns: 100, rows: 60 });
    await terminal.run(`${TOOL} demo netpol-peer-pod-label-mismatch --speed max --screen-reader`);
    const screen = await terminal.waitFor('1 of 8: Check again');
    expect(screen).toContain('Keys: left or right: choose, enter: go');
    expect((await terminal.state()).isAlternate).toBe(false);
    await terminal.press('Right');
    await terminal.waitFor('2 of 8: Copy fix');
    await terminal.press('q');
    await terminal.waitFor(/ready> *\s*$/);
    const said = await terminal.scrollback();
    expect(said).not.toMatch(DRAWN);
    for (const text of [
      'fails: Rule 1 of NetworkPolicy api-clients (ingress) admits Pods with app=webb; web has app=web',
      'from Pod app=webb app=web differs',
      'D DNS works: api.shop.svc.cluster.local. is',
      'X Exposure left out: not on this path',
    ])
      expect(said).toContain(text);
    // Once while it was seen, and once more in the verdict; what is redrawn is heard again.
    expect(said.split('E Endpoints works:').length - 1).toBeLessThanOrEqual(2);
    await expectLeftClean(terminal);
  });

  it('picks by typing and by arrows, and says which row is lit; the environment asks for it as well', async () => {
    const home = mkdtempSync(join(tmpdir(), 'netdebug-listen-'));
    const cluster = new FakeCluster({ pods: 24 });
    writeFileSync(join(home, 'config'), await cluster.start());
    try {
      terminal = await Terminal.start({
        columns: 100,
        rows: 40,
        env: { INK_SCREEN_READER: 'true', KUBECONFIG: join(home, 'config') },
      });
      await terminal.run(TOOL);
      await terminal.waitFor('Which Pod cannot reach something?');
      await terminal.press('c', 'a', 'r', 't');
      await terminal.waitFor(/Type to search: cart\. \d+ of \d+\. Row 1: (works|fails): .*cart/);
      await terminal.press('Down');
      await terminal.waitFor('Row 2:');
      await terminal.press('Up', 'Enter');
      await terminal.waitFor('What can it not reach?');
      await terminal.press('C-c');
      await terminal.waitFor(/ready> *\s*$/);
      expect(await terminal.scrollback()).not.toMatch(DRAWN);
      await expectLeftClean(terminal);
    } finally {
      await cluster.stop();
      rmSync(home, { recursive: true });
    }
  });

  it('draws no screen where the terminal can do nothing, and says how to ask then', async () => {
    terminal = await Terminal.start({ env: { KUBECONFIG: '/nowhere' } });
    await terminal.run(`TERM=dumb ${TOOL}; echo exit=$?`);
    const screen = await terminal.waitFor('exit=2');
    expect(screen).toContain('Say which Pod cannot reach what.');
    expect(screen).toContain('Try  kubectl netdebug POD SERVICE');
    await terminal.run('clear; TERM=dumb plugin/kubectl-netdebug demo healthy; echo exit=$?');
    await terminal.waitFor('exit=0');
    expect(await terminal.captureStyled()).not.toMatch(/\u001b\[\d*m.*DNS|✔/);
  });
});

it('NO_COLOR leaves colours, bold and dim out of the screen, and the signs in', async () => {
  const pty = new Pty(`${TOOL} demo healthy --speed max`, { env: { NO_COLOR: '1' } });
  try {
    await pty.waitFor('Check again');
    pty.press('q');
    expect(await pty.ended()).toBe(0);
    const drawn = pty.written.map(({ text }) => text).join('');
    expect(drawn).toContain('✔');
    expect(drawn).not.toMatch(/\u001b\[[\d;]*m/);
  } finally {
    pty.close();
  }
});
