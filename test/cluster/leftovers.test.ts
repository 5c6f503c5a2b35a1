import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, kubectl, netdebug, stage, TOOL, unstage, until, workstation } from './stage.ts';

const NS = `leftovers-${process.pid}`;

beforeAll(() => stage(NS));
afterAll(() => unstage(NS));

describe('a run that is killed while a Pod of it is on a node', () => {
  test('leaves that Pod and its debug container, and cleanup says so', async () => {
    // Packets that are lost are what nodes are looked at for.
    await apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'closed', namespace: NS },
      spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
    });
    const find = `kubectl -n ${NS} get pods -l app.kubernetes.io/managed-by=kubectl-netdebug -o name`;
    const killed = await workstation([
      'sh',
      '-c',
      `"${TOOL}" -n ${NS} web api --access node >/dev/null 2>&1 & p=$!
n=0; until ${find} | grep -q . || [ $n -ge 300 ]; do n=$((n+1)); sleep 0.1; done
kill -9 $p; wait $p; echo "ended with $?"; ${find}`,
    ]);
    expect(killed.stdout).toMatch(/^ended with 137\npod\//);

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
