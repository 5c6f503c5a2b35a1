import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, kubectl, netdebug, type Run, stage, TOOL, unstage, until, workstation } from './stage.ts';

const NS = `leftovers-${process.pid}`;

beforeAll(() => stage(NS));
afterAll(() => unstage(NS));
// Packets that are lost are what nodes are looked at for.
beforeAll(() =>
  apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: NS },
    spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
  }),
);

/** Starts a run, sends it a signal as soon as a Pod of it is on a node, and lists what it has left. */
function signalled(signal: string): Promise<Run> {
  const find = `kubectl -n ${NS} get pods -l app.kubernetes.io/managed-by=kubectl-netdebug -o name`;
  // A background job of a script does not hear SIGINT; one of a shell with job control does.
  const script = `set -m
"${TOOL}" -n ${NS} web api --access node 2>&1 & p=$!
n=0; until ${find} | grep -q . || [ $n -ge 300 ]; do n=$((n+1)); sleep 0.1; done
[ $n -lt 300 ] || echo "no Pod in 30 s"
kill -${signal} $p; wait $p; echo "ended with $?"; ${find}`;
  return workstation(['sh', '-c', script]);
}

describe('a run that is told to stop while a Pod of it is on a node', () => {
  test.each(['INT', 'TERM', 'HUP'])('takes that Pod away on SIG%s, and says what stays', async (signal) => {
    const { stdout } = await signalled(signal);
    expect(stdout).not.toContain('no Pod in 30 s');
    expect(stdout).toMatch(/\nended with 130$/);
    expect(stdout).toMatch(/Pod netdebug-\S+ on Node \S+ was asked to go again/);
  });
});

describe('a run that is killed while a Pod of it is on a node', () => {
  test('leaves that Pod and its debug container, and cleanup says so', async () => {
    const killed = await signalled('KILL');
    expect(killed.stdout).toMatch(/ended with 137\npod\//);

    const seen = await netdebug('cleanup', '-n', NS);
    expect(seen.stdout).toMatch(/Pod netdebug\S* {2}runs for \d+ s; ends ten minutes after it began/);
    expect(seen.stdout).toContain('container netdebug in Pod web  runs for');
    expect(seen.stdout).toContain(`kubectl netdebug cleanup -n ${NS} --yes`);
    expect(seen.exitCode).toBe(1);
  });

  test('is cleaned up after with --yes, and then there is nothing', async () => {
    const removed = await netdebug('cleanup', '-n', NS, '--yes', '-o', 'json');
    const { leftovers } = JSON.parse(removed.stdout);
    const fates = (leftovers as { kind: string; fate: string }[]).map(({ kind, fate }) => [kind, fate]);
    expect(fates).toContainEqual(['Pod', 'removed']);
    expect(fates).toContainEqual(['EphemeralContainer', 'ending']);
    expect(removed.exitCode).toBe(0);
    let last = '';
    await until('nothing is left', async () => {
      last = (await netdebug('cleanup', '-n', NS)).stdout;
      return last === `Nothing of kubectl netdebug is left in namespace ${NS}.`;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${last}`);
    });
    expect(await kubectl('-n', NS, 'get', 'pods', '-o', 'jsonpath={.items[*].status.phase}')).toBe('Running Running');
  });

  test('whoever may look into one namespace only is told of that one', async () => {
    const own = await netdebug('cleanup', '--as', 'nobody');
    expect(own.stderr).toContain('User "nobody" cannot list resource "pods"');
    expect(own.exitCode).toBe(4);
  });
});
