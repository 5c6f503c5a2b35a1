import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectLeftClean } from './clean.ts';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster.ts';
import { Terminal, type TerminalOptions } from './tmux.ts';

const PLUGIN = 'plugin/kubectl-netdebug';

describe('the pickers on a terminal', () => {
  let cluster: FakeCluster;
  let terminal: Terminal;
  let home: string;

  const open = async (options: FakeClusterOptions, args = '', at: TerminalOptions = {}): Promise<void> => {
    home = mkdtempSync(join(tmpdir(), 'netdebug-pick-'));
    cluster = new FakeCluster(options);
    writeFileSync(join(home, 'config'), await cluster.start());
    terminal = await Terminal.start({ ...at, env: { KUBECONFIG: join(home, 'config') } });
    await terminal.run(`${PLUGIN} ${args}; echo "exit=$?"`);
  };
  afterEach(async () => {
    await terminal.close();
    await cluster.stop();
    rmSync(home, { recursive: true });
  });

  it('lead from nothing to a question, and say the command line on the way', async () => {
    await open({ pods: 48 });
    await terminal.waitFor(/❯ ✘ deploy\/\w+-\d +\d of 3 Pods ready/);
    await terminal.press('w', 'e', 'b');
    await terminal.waitFor('❯ ✔ deploy/web-1');
    await terminal.press('Enter');
    await terminal.waitFor('Services in other namespaces');
    await terminal.press('p', 'a', 'y', 'm', 'e', 'n', 't', 's');
    await terminal.waitFor('same as: kubectl netdebug -n shop deploy/web-1 payments');
    await terminal.press('Enter');
    const ports = await terminal.waitFor('Which port?');
    expect(ports).toMatch(/❯ 80 +TCP {2}http/);
    await terminal.press('Down');
    await terminal.waitFor('same as: kubectl netdebug -n shop deploy/web-1 payments:9090');
    for (const question of ['What can it not reach?', 'Which Pod cannot reach something?']) {
      await terminal.press('Escape');
      await terminal.waitFor(question);
    }
    await terminal.press('Escape');
    expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=130');
    await expectLeftClean(terminal);
  });

  it('answer each key at once with 5,000 Pods', async () => {
    await open({ pods: 5000 });
    await terminal.waitFor(/↓ [4-9],\d{3} below/);
    // The list is all there: nothing is read any more.
    await terminal.waitUntil((screen) => !screen.includes('Reading'), 'all Pods');
    const times: number[] = [];
    for (const [key, query] of [
      ['m', 'm_'],
      ['a', 'ma_'],
      ['i', 'mai_'],
      ['l', 'mail_'],
      ['BSpace', 'mai_'],
    ] as const) {
      const before = performance.now();
      await terminal.press(key);
      await terminal.waitUntil((screen) => screen.includes(`Type to search: ${query}`), query, 5000);
      times.push(performance.now() - before);
    }
    // tmux and its polling take most of this; what the program takes is measured in test/ui/pick.test.tsx.
    expect(Math.min(...times)).toBeLessThan(500);
    await terminal.press('C-c');
    expect(await terminal.waitFor(/exit=\d+/, 3000)).toContain('exit=130');
    await expectLeftClean(terminal);
  });

  it('say what may not be listed, and take what is typed instead', async () => {
    await open({ pods: 8, refuse: ['/namespaces/shop/pods', '/api/v1/services'] });
    await terminal.waitFor('You may not list Pods in shop.');
    await terminal.press('w', 'e', 'b');
    await terminal.waitFor('❯ web');
    await terminal.press('Enter');
    await terminal.waitFor('You may not list Services in all namespaces.');
    await terminal.waitFor('❯ api');
    await terminal.press('C-c');
    await expectLeftClean(terminal);
  });

  it('say what a slow cluster is waited for, and until when', async () => {
    await open({ pods: 8, delayMs: 4000 });
    await terminal.waitFor(/Reading Pods in shop: no answer for [123] s, given up after 10 s/);
    await terminal.waitFor('cart-0-');
    await terminal.press('C-c');
    await expectLeftClean(terminal);
  });

  it('say that a namespace is empty, and how to see the others', async () => {
    await open({ pods: 8 }, '-n empty');
    await terminal.waitFor('There is no Pod in empty. Tab shows all namespaces.');
    await terminal.press('Tab');
    await terminal.waitFor(/❯ .*\.shop/);
    await terminal.press('C-c');
    await expectLeftClean(terminal);
  });

  it('ask for the destination alone when the source was typed', async () => {
    await open({ pods: 8 }, 'web');
    await terminal.waitFor('What can it not reach?');
    await terminal.waitFor('same as: kubectl netdebug -n shop web api');
    await terminal.press('?');
    await terminal.waitFor('Everything else is text to search for.');
    await terminal.press('Escape');
    await terminal.waitFor('What can it not reach?');
    await terminal.press('Escape');
    expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=130');
  });

  it('keep their frame through a storm of sizes', async () => {
    await open({ pods: 5000 });
    await terminal.waitFor('Pods in shop');
    for (const [columns, rows] of [
      [60, 20],
      [200, 60],
      [61, 21],
      [140, 30],
      [60, 20],
      [120, 40],
    ] as const) {
      await terminal.resize(columns, rows);
      if (columns !== 120) continue;
      const screen = await terminal.waitUntil(
        (text) =>
          text.split('\n')[1] === '─'.repeat(columns) &&
          (text.split('\n')[rows - 1] ?? '').endsWith('esc leave') &&
          text.split('\n')[2]?.startsWith(' Which Pod cannot') === true,
        `a frame of ${columns} × ${rows}`,
      );
      expect(screen.match(/Which Pod cannot/g)?.length).toBe(1);
    }
    await terminal.press('C-c');
    await expectLeftClean(terminal);
  });

  it('go to the background on Ctrl-Z and come back with fg', async () => {
    await open({ pods: 8 });
    await terminal.waitFor('Pods in shop');
    await terminal.press('w');
    await terminal.waitFor('search: w_');
    await terminal.press('C-z');
    await terminal.waitFor(/[Ss]topped|ready> *$/m);
    expect(await terminal.state()).toMatchObject({ isAlternate: false, hasCursor: true });
    await wait(100);
    await terminal.run('fg');
    await terminal.waitFor('search: w_');
    await terminal.press('e', 'b');
    await terminal.waitFor('search: web_');
    await terminal.press('C-c');
    await terminal.waitFor(/ready> *$/m);
    await expectLeftClean(terminal);
  });
});
