// Writes what a person sees at 80x24 to test/terminal/captures, from a running lab. `npm run captures`, with P for its prefix.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Terminal } from './tmux.ts';

const lab = join(import.meta.dirname, '../lab/lab');
const folder = join(import.meta.dirname, 'captures');

interface Scene {
  readonly name: string;
  readonly breaks: () => void;
  readonly restores: () => void;
}

const kubectl = (args: readonly string[], input?: string): string =>
  execFileSync(lab, ['kubectl', ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
const nothing = (): void => undefined;

const DEFAULT_DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
`;

const SCENES: readonly Scene[] = [
  { name: 'healthy', breaks: nothing, restores: nothing },
  {
    name: 'selector-mismatch',
    breaks: () => selectApp('apii'),
    restores: () => selectApp('api'),
  },
  {
    name: 'netpol-default-deny-ingress',
    breaks: () => void kubectl(['apply', '-f', '-'], DEFAULT_DENY),
    restores: () => void kubectl(['delete', 'networkpolicy', '-n', 'shop', 'default-deny']),
  },
  {
    name: 'underlay-blocked',
    breaks: () => overlayOf(3, '-I'),
    restores: () => overlayOf(3, '-D'),
  },
];

function selectApp(app: string): void {
  kubectl(['patch', 'service', '-n', 'shop', 'api', '-p', JSON.stringify({ spec: { selector: { app } } })]);
}

function overlayOf(node: number, action: '-I' | '-D'): void {
  const rule = ['INPUT', '-p', 'udp', '--dport', '4789', '-j', 'DROP'];
  execFileSync(lab, ['node', `${node}`, 'iptables', action, ...rule]);
}

mkdirSync(folder, { recursive: true });
kubectl(['apply', '-f', join(import.meta.dirname, '../lab/manifests/shop.yaml')]);
kubectl(['rollout', 'status', '-n', 'shop', 'deployment/api']);
for (const scene of SCENES.filter(({ name }) => process.argv.length < 3 || process.argv.includes(name))) {
  // A fresh Pod, so that the plan is about a container that is not there yet.
  kubectl(['delete', 'pod', '-n', 'shop', 'web', '--ignore-not-found']);
  kubectl(['apply', '-f', join(import.meta.dirname, '../lab/manifests/shop.yaml')]);
  kubectl(['wait', '-n', 'shop', '--for=condition=Ready', 'pod/web']);
  scene.breaks();
  try {
    await shoot(scene.name);
  } finally {
    scene.restores();
  }
  console.log(scene.name);
}

/** The plan, the last sight of the climb, and the verdict from its top to its end. */
async function shoot(name: string): Promise<void> {
  const terminal = await Terminal.start({ shell: [lab, 'ws', 'sh'] });
  const save = (step: string, screen: string): void => writeFileSync(join(folder, `${name}-${step}.screen`), screen);
  try {
    await terminal.run('plugin/kubectl-netdebug -n shop web api');
    save('1-consent', await terminal.waitFor('API reads done.'));
    await terminal.press('Enter');
    let climb = '';
    const verdict = await terminal.waitUntil((screen) => {
      if (screen.includes('waiting for:')) climb = screen;
      return screen.includes('Check again');
    }, 'the verdict');
    save('2-climb', climb);
    save('3-verdict', verdict);
    for (let page = 4, screen = verdict; /↓ \d+ below/.test(screen); page++) {
      await terminal.press('PageDown');
      const before = screen;
      screen = await terminal.waitUntil((now) => now !== before, 'the next page');
      save(`${page}-verdict`, screen);
    }
    await terminal.press('q');
    await terminal.waitFor('ready>');
  } finally {
    await terminal.close();
  }
}
