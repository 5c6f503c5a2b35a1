import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, kubectl, netdebug, pod, stage, unstage, until } from './stage.ts';

const NS = 'checks';
const FLOWS = `apiVersion: netdebug/v1
kind: Checks
namespace: ${NS}
flows:
  - from: web
    to: api
    expect: reachable
  - from: web
    to: api:80
    expect: reachable
  - from: web
    to: closed
    expect: unreachable
    because: netpol-default-deny-ingress
  - name: the typing error
    from: web
    to: broken
    expect: reachable
    why: The shop needs it.
  - from: web
    to: api
    port: http
    expect: unreachable
  - from: wep
    to: api
    expect: reachable
`;
let folder = '';
let file = '';

const service = (name: string, selector: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NS },
  spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
});

const requestsIn = (stderr: string): number => [...stderr.matchAll(/^(GET|PATCH|POST) \/api/gm)].length;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netdebug-check-'));
  file = join(folder, 'flows.yaml');
  await writeFile(file, FLOWS);
  await stage(NS);
  await apply(pod(NS, 'closed-0', { labels: { app: 'closed' } }), service('closed', { app: 'closed' }), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: NS },
    spec: { podSelector: { matchLabels: { app: 'closed' } }, policyTypes: ['Ingress'] },
  });
  await apply(service('broken', { app: 'apii' }));
  await kubectl('-n', NS, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  await until('the closed Service has an endpoint', async () =>
    /true/.test(
      await kubectl(
        ...['-n', NS, 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=closed'],
        ...['-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}'],
      ),
    ),
  );
});
afterAll(async () => {
  await unstage(NS);
  await rm(folder, { recursive: true, force: true });
});

describe('a file of flows', () => {
  test('one line for each as it settles, what is not as expected, exit 1', async () => {
    const run = await netdebug('check', '-f', file, '--yes');
    const lines = run.stdout.split('\n');
    const line = (label: string): string => lines.find((one) => one.includes(`  ${label}  `)) ?? '';
    expect(line(`${NS}: web → api   `)).toMatch(/^ok .* reachable {2}\d+\.\d s$/);
    expect(line(`${NS}: web → api:80`)).toMatch(/^ok .* reachable {2}\d+\.\d s$/);
    expect(line(`${NS}: web → closed   `)).toMatch(/^ok .* unreachable: netpol-default-deny-ingress {2}\d/);
    expect(lines.find((one) => one.startsWith('FAIL  the typing error'))).toMatch(
      /expected reachable: selector-mismatch: Service broken /,
    );
    expect(line(`${NS}: web → api, port http`)).toMatch(/^FAIL .* expected unreachable: web reaches svc\/api:80 /);
    expect(line(`${NS}: wep → api   `)).toMatch(/^ERR .* There is no Pod wep in checks; the closest name is web\. /);
    expect(run.stdout).toContain('\n3 of 6 as expected · 2 not · 1 could not be asked about · access source · ');
    expect(run.stdout).toContain(
      `${file}:14  the typing error\n  Flow   ${NS}: web → broken\n  Why    The shop needs it.\n`,
    );
    expect(run.stdout).toContain(`  Alone  kubectl netdebug -n ${NS} web broken --access source\n`);
    expect(run.exitCode).toBe(1);
  });

  test('one debug container in the source Pod, whatever the number of flows', async () => {
    expect(await kubectl('-n', NS, 'get', 'pod', 'web', '-o', 'jsonpath={.spec.ephemeralContainers[*].name}')).toBe(
      'netdebug',
    );
  });

  test('fewer requests than the flows by themselves; each report as that of a single run', async () => {
    const check = await netdebug('check', '-f', file, '--yes', '-o', 'json', '-v', '6');
    const together = JSON.parse(check.stdout);
    let apart = 0;
    for (const [index, to] of ['api', 'api:80', 'closed', 'broken'].entries()) {
      const run = await netdebug('-n', NS, 'web', to, '--yes', '-o', 'json', '-v', '6');
      const alone = JSON.parse(run.stdout);
      apart += requestsIn(run.stderr);
      const { report } = together.flows[index];
      expect([to, report.verdict, report.findings.map((one: { id: string }) => one.id)]).toEqual([
        to,
        alone.verdict,
        alone.findings.map((one: { id: string }) => one.id),
      ]);
    }
    console.log(`${together.requests} requests for six flows, ${apart} for four of them one by one`);
    expect(together.requests).toBe(requestsIn(check.stderr));
    expect(together.requests).toBeLessThan(0.75 * apart);
  });

  test('from standard input, in JSON, and as JUnit', async () => {
    const flows = [{ from: 'web', to: 'api', expect: 'reachable' }];
    const json = join(folder, 'flows.json');
    await writeFile(json, JSON.stringify({ apiVersion: 'netdebug/v1', kind: 'Checks', namespace: NS, flows }));
    const run = await netdebug('check', '-f', json, '--access', 'source', '-o', 'junit');
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('<testsuites tests="1" failures="0" errors="0" skipped="0"');
  });

  test('read only: what cannot be known is neither reachable nor unreachable, exit 3', async () => {
    const two = join(folder, 'two.yaml');
    await writeFile(two, FLOWS.split('\n').slice(0, 10).join('\n'));
    const run = await netdebug('check', '-f', two);
    expect(run.stdout).toMatch(/^\?\? {4}checks: web → api .* inconclusive: .* To see it: --access source {2}/m);
    expect(run.exitCode).toBe(3);
  });

  test('no cluster: said once, exit 4', async () => {
    const run = await netdebug('check', '-f', file, '--server', 'https://127.0.0.1:1');
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^The API server does not answer \(.*ECONNREFUSED.*\)\.\n {2}Try/);
    expect(run.exitCode).toBe(4);
  });

  test('a wrong file: line and column, exit 2, and nothing is asked', async () => {
    const wrong = join(folder, 'wrong.yaml');
    await writeFile(wrong, FLOWS.replace('expect: reachable', 'expect: reacheable'));
    const run = await netdebug('check', '-f', wrong, '--server', 'https://127.0.0.1:1');
    expect(run.stderr).toBe(`${wrong}:7:13: expect: reacheable: it takes reachable or unreachable.`);
    expect(run.exitCode).toBe(2);
  });
});

describe('--save-check', () => {
  test('keeps what runs have found, in a file that check then finds as expected', async () => {
    const saved = join(folder, 'saved.yaml');
    const first = await netdebug('-n', NS, 'web', 'api', '--yes', '--save-check', saved, '-o', 'json');
    expect([first.exitCode, first.stderr]).toEqual([
      0,
      `Added to ${saved}: web to api, expected reachable. To check it: kubectl netdebug check -f ${saved}`,
    ]);
    await writeFile(saved, `${await readFile(saved, 'utf8')}# mine\n`);
    await netdebug('-n', NS, 'web', 'broken', '--yes', '--save-check', saved);
    const again = await netdebug('-n', NS, 'web', 'broken', '--yes', '--save-check', saved, '-o', 'json');
    expect(again.stderr).toBe(`Nothing was added to ${saved}: line 8 has this flow already.`);
    const text = await readFile(saved, 'utf8');
    expect(text).toContain(
      `  - namespace: ${NS}\n    from: web\n    to: broken\n    expect: unreachable\n    because: selector-mismatch\n`,
    );
    expect(text).toContain('# mine\n');
    const check = await netdebug('check', '-f', saved, '--yes');
    expect(check.stdout).toContain('2 of 2 as expected');
    expect(check.exitCode).toBe(0);
  });

  test('refuses another file before anything is measured', async () => {
    const other = join(folder, 'pod.yaml');
    await writeFile(other, 'kind: Pod\n');
    const run = await netdebug('web', 'api', '--save-check', other, '--server', 'https://127.0.0.1:1');
    expect(run.stderr).toContain(`--save-check ${other}: it is no file of checks, and stays as it is.`);
    expect(await readFile(other, 'utf8')).toBe('kind: Pod\n');
    expect(run.exitCode).toBe(2);
  });
});
