import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../run/child.ts';
import { expectLeftClean } from '../terminal/clean.ts';
import { Terminal } from '../terminal/tmux.ts';
import { freshShop } from './stage.ts';

const lab = join(root, 'test/lab/lab');
const DENY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
};

const kubectl = (args: readonly string[], input?: string): string =>
  execFileSync(lab, ['kubectl', ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
const patchService = (spec: object): void =>
  void kubectl(['-n', 'shop', 'patch', 'service', 'api', '--type=merge', '-p', JSON.stringify({ spec })]);

interface Fault {
  readonly id: string;
  readonly breaks: () => void;
  readonly fixes: () => void;
}

const FAULTS: readonly Fault[] = [
  {
    id: 'selector-mismatch',
    breaks: () => patchService({ selector: { app: 'apii' } }),
    fixes: () => patchService({ selector: { app: 'api' } }),
  },
  {
    id: 'targetport-wrong',
    breaks: () => patchService({ ports: [{ name: 'http', port: 80, targetPort: 9999 }] }),
    fixes: () => patchService({ ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
  },
  {
    id: 'netpol-default-deny-ingress',
    breaks: () => void kubectl(['apply', '-f', '-'], JSON.stringify(DENY)),
    fixes: () => void kubectl(['-n', 'shop', 'delete', 'networkpolicy', 'default-deny', '--ignore-not-found']),
  },
];

describe('the wizard, from no arguments to a fix', () => {
  let terminal: Terminal;
  let state: string;

  beforeAll(freshShop);
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'netdebug-state-'));
  });
  afterEach(async () => {
    await terminal.close();
    rmSync(state, { recursive: true });
  });

  const start = async (args = ''): Promise<void> => {
    terminal = await Terminal.start({ shell: [lab, 'ws', 'env', `XDG_STATE_HOME=${state}`, 'sh'] });
    await terminal.run(`plugin/kubectl-netdebug -n shop ${args}; echo "exit=$?"`);
  };
  /** Source and destination by typing what one remembers of them. */
  const chooseWebToApi = async (): Promise<void> => {
    await terminal.waitFor('Pods in shop');
    await terminal.press('w', 'e', 'b');
    await terminal.waitFor(/❯ . web /);
    await terminal.press('Enter');
    await terminal.waitFor('Services in shop');
    await terminal.press('a', 'p', 'i');
    await terminal.waitFor('same as: kubectl netdebug -n shop pod/web api');
    await terminal.press('Enter');
  };

  it.each(FAULTS)('names $id, is told of the fix, and sees it healthy', async ({ id, breaks, fixes }) => {
    breaks();
    try {
      await start();
      await chooseWebToApi();
      await terminal.waitFor(/❯ (Add it|Use it again) and climb/);
      await terminal.waitFor('rights     yours allow it');
      await terminal.press('Enter');
      const verdict = await terminal.waitFor('❯ Check again', 40_000);
      expect(verdict).toContain(id);
      fixes();
      await terminal.press('r');
      const healthy = await terminal.waitFor('every step works', 40_000);
      expect(healthy).toContain('Since the check before:');
      expect(healthy).toMatch(/ [EPN] {2}✘ → ✔ /);
      await terminal.press('q');
      expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=0');
      await expectLeftClean(terminal);
    } finally {
      fixes();
    }
  });

  it('goes back step by step, asks about another flow, and offers what was asked before', async () => {
    await start();
    await chooseWebToApi();
    await terminal.waitFor(/❯ (Add it|Use it again) and climb/);
    await terminal.press('Escape');
    await terminal.waitFor('What can it not reach?');
    await terminal.press('Escape');
    await terminal.waitFor('❯ pod/web to api');
    await terminal.press('Enter');
    await terminal.waitFor(/❯ (Add it|Use it again) and climb/);
    await terminal.press('Enter');
    await terminal.waitFor('❯ Check again', 40_000);
    await terminal.press('f');
    await terminal.waitFor('Which Pod cannot reach something?');
    await terminal.press('Escape');
    // The report of the flow that was left is not lost.
    const left = await terminal.waitFor(/exit=\d+/);
    expect(left).toContain('web reaches svc/api:80: every step works.');
    await expectLeftClean(terminal);
  });

  it('keeps watching until told to stop', async () => {
    await start('pod/web api --access source --watch');
    await terminal.waitFor(/[2-9] checks in \d+ s: none failed/, 60_000);
    await terminal.press('Escape');
    await terminal.waitFor('Check again', 40_000);
    await terminal.press('q');
    expect(await terminal.waitFor(/exit=\d+/)).toContain('exit=0');
    await expectLeftClean(terminal);
  });

  it('comes back from the background in the middle of a climb and at the verdict', async () => {
    await start('pod/web api --access source');
    for (const sees of ['❯ Check again', '❯ Check again']) {
      await terminal.waitFor(sees, 40_000);
      await terminal.press('C-z');
      await terminal.waitFor(/Stopped/);
      expect(await terminal.state()).toMatchObject({ isAlternate: false, hasCursor: true });
      await terminal.run('fg');
      await terminal.waitFor(sees, 40_000);
      await terminal.press('r');
    }
    await terminal.press('C-c');
    await terminal.waitFor(/ready> *$/m);
    await expectLeftClean(terminal);
  });

  it('offers to read only where the rights do not reach further', async () => {
    kubectl(['create', 'clusterrole', 'wizard-reader', '--verb=get,list,watch', '--resource=*.*']);
    kubectl(['create', 'clusterrolebinding', 'wizard-reader', '--clusterrole=wizard-reader', '--user=reader']);
    try {
      await start('pod/web api --as reader');
      await terminal.waitFor('rights     you may not patch pods/ephemeralcontainers in shop');
      await terminal.waitFor('❯ Read only');
      await terminal.press('Down');
      await terminal.waitFor('❯ Show the missing rights as YAML');
      await terminal.press('Enter');
      await terminal.waitFor('kind: Role');
      await terminal.press('C-c');
      await expectLeftClean(terminal);
    } finally {
      kubectl(['delete', 'clusterrole', 'wizard-reader']);
      kubectl(['delete', 'clusterrolebinding', 'wizard-reader']);
    }
  });
});
