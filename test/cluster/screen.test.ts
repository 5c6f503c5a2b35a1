import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../run/child.ts';
import { expectLeftClean } from '../terminal/clean.ts';
import { isRunning, Terminal } from '../terminal/tmux.ts';
import { freshShop } from './stage.ts';

const lab = join(root, 'test/lab/lab');
/** The first choice of the plan, whether the container is there already or not. */
const FIRST = /❯ (Add it|Use it again) and climb/;
const TOOL = 'plugin/kubectl-netdebug -n shop web api';

const kubectl = (...args: readonly string[]): string => execFileSync(lab, ['kubectl', ...args], { encoding: 'utf8' });

function debugContainers(): readonly string[] {
  const names = kubectl('get', 'pod', '-n', 'shop', 'web', '-o', 'jsonpath={.spec.ephemeralContainers[*].name}');
  return names.split(' ').filter((name) => name !== '');
}

describe('the screen, in a cluster', () => {
  let terminal: Terminal;
  const start = async (command = TOOL): Promise<void> => {
    terminal = await Terminal.start({ shell: [lab, 'ws', 'sh'] });
    await terminal.run(`${command}; echo "exit=$?"`);
  };

  beforeAll(freshShop);
  afterEach(() => terminal.close());

  it('adds nothing while it asks, and nothing when the answer is no', async () => {
    await start();
    const plan = await terminal.waitFor('API reads done.');
    expect(plan).toContain('netdebug   in Pod shop/web on');
    expect(plan).toContain('same as: kubectl netdebug -n shop web api --access source');
    await terminal.press('q');
    expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=130');
    await expectLeftClean(terminal);
    expect(debugContainers()).toEqual([]);
  });

  it('shows the container as YAML before it is added', async () => {
    await start();
    await terminal.waitFor('Show the container as YAML');
    await terminal.press('Up');
    await terminal.waitFor('❯ Show the container as YAML');
    await terminal.press('Enter');
    const yaml = await terminal.waitFor('- name: netdebug');
    expect(yaml).toContain('image: nicolaka/netshoot:v0.16');
    await terminal.press('Escape');
    await terminal.waitFor('❯ Add it and climb');
    await terminal.press('C-c');
    await expectLeftClean(terminal);
    expect(debugContainers()).toEqual([]);
  });

  it('only reads when told so, and then goes deeper when asked', async () => {
    await start();
    await terminal.waitFor('❯ Add it and climb');
    await terminal.press('Down');
    await terminal.waitFor('❯ Read only');
    await terminal.press('Enter');
    const read = await terminal.waitFor('❯ Check again');
    expect(read).toMatch(/something that\s+matters could not be looked at/);
    expect(debugContainers()).toEqual([]);
    await terminal.press('d');
    await terminal.waitFor('I would like to add one container to it');
    await terminal.press('Escape');
    await terminal.waitFor('❯ Check again');
    await terminal.press('d');
    await terminal.waitFor('❯ Add it and climb');
    await terminal.press('Enter');
    await terminal.waitFor('every step works');
    expect(debugContainers()).toEqual(['netdebug']);
    await terminal.press('q');
    await terminal.waitFor('exit=0');
    await expectLeftClean(terminal);
  });

  it('climbs, opens a shell and comes back, checks again, and leaves the report behind', async () => {
    await start();
    await terminal.waitFor(FIRST);
    await terminal.press('Enter');
    await terminal.waitFor('every step works');

    await terminal.press('s');
    await terminal.waitFor(/web:.*[#$] *$/m);
    expect(await terminal.state()).toMatchObject({ isAlternate: false, hasCursor: true });
    // Keys must all reach the shell, Ctrl-C too.
    await terminal.run('sleep 1000');
    await terminal.waitFor('sleep 1000');
    await terminal.press('C-c');
    await terminal.waitFor('^C');
    for (const number of [1, 2, 3, 4]) {
      await terminal.run(`echo "line ${number} of $((2 + 2))"`);
      await terminal.waitFor(`line ${number} of 4`);
    }
    await terminal.run('exit');
    await terminal.waitFor('❯ Check again');
    expect(await terminal.state()).toMatchObject({ isAlternate: true, hasCursor: false });

    await terminal.press('l');
    expect(await terminal.waitFor('exec web -c netdebug --')).toContain('read /etc/resolv.conf');
    await terminal.press('Escape');
    await terminal.waitFor('❯ Check again');
    await terminal.press('r');
    await terminal.waitFor('waiting for:');
    await terminal.waitFor('every step works');
    await terminal.press('q');
    const left = await terminal.waitFor('exit=0');
    expect(left).toContain('✔ web reaches svc/api:80: every step works.');
    await expectLeftClean(terminal);
    expect(debugContainers()).toEqual(['netdebug']);
  });

  /** Each begins at the plan: what to wait for, and what to press then, until the phase is there. */
  const phases: readonly { readonly name: string; readonly steps: readonly (readonly [RegExp, string])[] }[] = [
    { name: 'the plan', steps: [[FIRST, '']] },
    {
      name: 'the climb',
      steps: [
        [FIRST, 'Enter'],
        [/waiting for:/, ''],
      ],
    },
    {
      name: 'the log of a climb',
      steps: [
        [FIRST, 'Enter'],
        [/waiting for:/, 'l'],
        [/esc back/, ''],
      ],
    },
    {
      name: 'the verdict',
      steps: [
        [FIRST, 'Enter'],
        [/❯ Check again/, ''],
      ],
    },
    {
      name: 'the keys',
      steps: [
        [FIRST, 'Enter'],
        [/❯ Check again/, '?'],
        [/Keys of this screen/, ''],
      ],
    },
    {
      name: 'the export',
      steps: [
        [FIRST, 'Enter'],
        [/❯ Check again/, 'e'],
        [/Export the report as/, ''],
      ],
    },
    {
      name: 'watching',
      steps: [
        [FIRST, 'Enter'],
        [/❯ Check again/, 'w'],
        [/\d checks? in/, ''],
      ],
    },
    {
      name: 'a shell that has just ended',
      steps: [
        [FIRST, 'Enter'],
        [/❯ Check again/, 's'],
        [/web:.*[#$] *$/m, 'C-d'],
        [/❯ Check again/, ''],
      ],
    },
  ];
  it.each(phases)('ends at once on Ctrl-C, and nothing of it goes on: $name', async ({ steps }) => {
    await start();
    for (const [sees, press] of steps) {
      await terminal.waitFor(sees, 40_000);
      if (press !== '') await terminal.press(press);
    }
    const pid = await terminal.program();
    await terminal.press('C-c');
    expect(await terminal.waitFor(/exit=\d+/, 3000)).toContain('exit=130');
    await expectLeftClean(terminal);
    expect(isRunning(pid)).toBe(false);
    // One container, reused each time; the list of what stays names no other.
    expect(debugContainers().filter((name) => name !== 'netdebug')).toEqual([]);
    expect(kubectl('get', 'pods', '-n', 'shop', '-o', 'name')).not.toContain('netdebug');
  });

  it('says what stays in the cluster when it is left before the answer', async () => {
    await freshShop();
    await start();
    await terminal.waitFor(FIRST);
    await terminal.press('Enter');
    await terminal.waitFor(/waiting for: debug container netdebug|\d s {2}✔/);
    await terminal.press('C-c');
    const left = await terminal.waitFor(/exit=\d+/, 3000);
    expect(left).toContain('Added EphemeralContainer netdebug to Pod web in shop.');
    expect(left).toContain('exit=130');
    await expectLeftClean(terminal);
  });

  it.each(['TERM', 'HUP'])('gives the terminal back on SIG%s while a shell is open', async (signal) => {
    await start(`${TOOL} --access source`);
    await terminal.waitFor('❯ Check again');
    await terminal.press('s');
    await terminal.waitFor(/web:.*[#$] *$/m);
    process.kill(await terminal.program(), `SIG${signal}`);
    expect(await terminal.waitFor(/exit=\d+/, 5000)).toContain('exit=130');
    await expectLeftClean(terminal);
  });

  it('names a broken selector while it asks, and ends with exit code 1', async () => {
    const select = (app: string) =>
      kubectl('patch', 'service', '-n', 'shop', 'api', '-p', JSON.stringify({ spec: { selector: { app } } }));
    select('apii');
    try {
      await start();
      await terminal.waitFor('Already seen: Service api selects app=apii');
      await terminal.press('Enter');
      const verdict = await terminal.waitFor('❯ Check again');
      expect(verdict).toContain('proven · selector-mismatch · Service shop/api');
      await terminal.press('x');
      await terminal.waitFor('kubectl netdebug explain selector-mismatch');
      await terminal.press('Escape');
      await terminal.waitFor('❯ Check again');
      select('api');
      await terminal.press('r');
      await terminal.waitFor('every step works');
      select('apii');
      await terminal.press('r');
      await terminal.waitFor('selector-mismatch');
      await terminal.press('q');
      expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=1');
      await expectLeftClean(terminal);
    } finally {
      select('api');
    }
  });
});
