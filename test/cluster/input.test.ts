import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, kubectl, netdebug, pod, stage, TOOL, unstage, until, workstation } from './stage.ts';

const NS = 'input';

const phase = (name: string): Promise<string> =>
  kubectl('-n', NS, 'get', 'pod', name, '-o', 'jsonpath={.status.phase}');

beforeAll(() => stage(NS));
afterAll(() => unstage(NS));

describe('names', () => {
  test('an unknown source: the nearest names, exit 2', async () => {
    const run = await netdebug('-n', NS, 'wep', 'api');
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe(
      `There is no Pod wep in ${NS}; the closest name is web.\n  Try  kubectl netdebug -n ${NS} web …`,
    );
  });

  test('an unknown namespace: the nearest names, exit 2', async () => {
    const run = await netdebug('-n', 'inputs', 'web', 'api');
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(`There is no namespace inputs; the closest name is ${NS}.`);
  });

  test('an unknown destination is a finding with the nearest name, exit 1', async () => {
    const run = await netdebug('-n', NS, 'web', 'apii', '-o', 'json');
    expect(run.exitCode).toBe(1);
    const report = JSON.parse(run.stdout);
    expect(report.findings[0]).toMatchObject({
      id: 'dns-name-not-found',
      role: 'cause',
      confidence: 'proven',
      subject: { kind: 'Service', namespace: NS, name: 'apii' },
    });
    expect(report.findings[0].summary).toBe(`There is no Service apii in ${NS}; the closest name is api.`);
  });

  test.each([
    [
      'pod/api-1',
      { kind: 'Pod', namespace: NS, name: 'api-1' },
      `There is no Pod api-1 in ${NS}; the closest name is api-0.`,
    ],
    ['deploy/api', { kind: 'Deployment', namespace: NS, name: 'api' }, `There is no Deployment api in ${NS}.`],
    ['node/n9', { kind: 'Node', name: 'n9' }, 'There is no Node n9'],
  ])('so is %s, and nothing is added for it', async (typed, subject, says) => {
    const run = await netdebug('-n', NS, 'web', typed, '--access', 'source', '-o', 'json');
    expect(run.exitCode).toBe(1);
    const report = JSON.parse(run.stdout);
    expect(report.findings[0]).toMatchObject({ id: 'dns-name-not-found', role: 'cause', subject });
    expect(report.findings[0].summary).toContain(says);
    expect(report.changes).toEqual([]);
  });

  test('a Pod where no Service has the name, and the report says so', async () => {
    const run = await netdebug('-n', NS, 'web', 'api-0', '-o', 'json');
    const report = JSON.parse(run.stdout);
    expect(report.flow.destination).toEqual({ kind: 'Pod', namespace: NS, name: 'api-0', port: 8080, protocol: 'TCP' });
    expect(report.flow.notes).toContain(`There is no Service api-0 in ${NS}; the Pod of that name was taken.`);
  });

  test('a Service goes before a Pod of the same name', async () => {
    await apply(pod(NS, 'api', { labels: { app: 'other' } }));
    const run = await netdebug('-n', NS, 'web', 'api', '-o', 'json');
    await kubectl('-n', NS, 'delete', 'pod', 'api', '--wait=false');
    const report = JSON.parse(run.stdout);
    expect(report.flow.destination.kind).toBe('Service');
    expect(report.flow.notes).toContain(`There is also a Pod api in ${NS}; pod/api asks about that.`);
  });

  test('NAME.NAMESPACE, a full DNS name, an address and a URL all mean the Service', async () => {
    const address = await kubectl('-n', NS, 'get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}');
    for (const typed of [`api.${NS}`, `api.${NS}.svc.cluster.local`, `${address}:80`, `http://api.${NS}/health`]) {
      const run = await netdebug(`web.${NS}`, typed, '--access', 'source', '-o', 'json');
      const report = JSON.parse(run.stdout);
      expect(report.flow.destination, typed).toMatchObject({ kind: 'Service', namespace: NS, name: 'api', port: 80 });
      expect([typed, report.verdict, run.exitCode]).toEqual([typed, 'healthy', 0]);
    }
  });
});

describe('usage', () => {
  test.each([
    [['--access', 'sauce', 'web', 'api'], '--access sauce: it takes one of api, source, backend, node.'],
    [['--frob', 'web', 'api'], "Unknown option '--frob'."],
    [['web'], 'Say what web should reach.'],
    [['web', 'api:0'], 'api:0: port 0 is not between 1 and 65535.'],
    [['web', 'ingres/api'], 'ingres/api: "ingres" is no kind that can be a source or a destination.'],
  ])('%j', async (args, sentence) => {
    const run = await netdebug('-n', NS, ...args);
    expect(run.stderr.split('\n')[0]).toBe(sentence);
    expect(run.exitCode).toBe(2);
  });
});

describe('clusters that cannot be asked, exit 4', () => {
  test('no kubeconfig', async () => {
    const run = await workstation([TOOL, 'web', 'api'], { KUBECONFIG: '/nonexistent', HOME: '/nonexistent' });
    expect(run.stderr.split('\n')[0]).toBe('No kubeconfig was found, so there is no cluster to ask.');
    expect(run.exitCode).toBe(4);
  });

  test('an API server that does not listen', async () => {
    const run = await netdebug('--server', 'https://127.0.0.1:1', 'web', 'api');
    expect(run.stderr).toMatch(
      /^The API server does not answer \(.*ECONNREFUSED.*\)\.\n {2}Try {2}kubectl cluster-info/s,
    );
    expect(run.exitCode).toBe(4);
  });

  test('credentials that are not accepted', async () => {
    const server = await kubectl('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}');
    const run = await workstation(
      [TOOL, '--server', server, '--token', 'expired', '--insecure-skip-tls-verify', 'web', 'api'],
      { KUBECONFIG: '/nonexistent', HOME: '/nonexistent' },
    );
    expect(run.stderr.split('\n')[0]).toBe(
      'The API server does not accept the credentials: they are missing, wrong or expired.',
    );
    expect(run.exitCode).toBe(4);
  });

  test('rights to nothing at all', async () => {
    const run = await netdebug('-n', NS, '--as', 'nobody', 'web', 'api');
    expect(run.stderr).toContain('Nothing at all may be read in this cluster: ');
    expect(run.stderr).toContain('User "nobody" cannot');
    expect(run.exitCode).toBe(4);
  });
});

describe('rights and Pods that allow only half', () => {
  test('reading allowed, entering not: the best remaining answer, the gap and its key, exit 3', async () => {
    await kubectl('create', 'clusterrolebinding', 'input-viewer', '--clusterrole=view', '--user=viewer').catch(
      () => '',
    );
    await apply(pod(NS, 'seen'));
    await until('it runs', async () => (await phase('seen')) === 'Running');
    const run = await netdebug('-n', NS, '--as', 'viewer', 'seen', 'api', '--access', 'source', '-o', 'json');
    await kubectl('delete', 'clusterrolebinding', 'input-viewer');
    const report = JSON.parse(run.stdout);
    expect([run.exitCode, report.verdict]).toEqual([3, 'inconclusive']);
    expect(report.rungs.E.state).toBe('ok');
    expect(report.gaps).toContainEqual(
      expect.objectContaining({
        reason: 'forbidden',
        unlock: `kubectl netdebug permissions --access source -n ${NS}`,
      }),
    );
    expect(report.changes).toEqual([]);
  });

  test('a source that is not running yet', async () => {
    await apply(pod(NS, 'stuck', { spec: { nodeSelector: { nowhere: 'yes' } } }));
    const run = await netdebug('-n', NS, 'stuck', 'api', '--access', 'source', '-o', 'json');
    await kubectl('-n', NS, 'delete', 'pod', 'stuck', '--wait=false');
    const report = JSON.parse(run.stdout);
    expect(run.exitCode).toBe(3);
    expect(report.gaps.map((gap: { detail: string }) => gap.detail)).toContain('Pod stuck is on no node yet (Pending)');
  });

  test('an image that cannot be had is told within seconds', async () => {
    const run = await netdebug(
      '-n',
      NS,
      'web',
      'api',
      '--access',
      'source',
      '--image',
      'localhost/none:1',
      '--image-pull-policy',
      'Never',
      '-o',
      'json',
    );
    const report = JSON.parse(run.stdout);
    expect(run.exitCode).toBe(3);
    expect(report.gaps.map((gap: { detail: string }) => gap.detail).join('\n')).toContain(
      'the debug container cannot start (ErrImageNeverPull)',
    );
    expect(run.seconds).toBeLessThan(10);
  });

  test('a namespace with Pod Security restricted still admits a container', async () => {
    const securityContext = {
      runAsNonRoot: true,
      runAsUser: 65_534,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    };
    const container = {
      name: 'app',
      image: 'localhost/app:1',
      imagePullPolicy: 'Never',
      command: ['sleep', '3600'],
      securityContext,
    };
    await apply(pod(NS, 'strict', { spec: { containers: [container] } }));
    await until('it runs', async () => (await phase('strict')) === 'Running');
    await kubectl('label', 'namespace', NS, 'pod-security.kubernetes.io/enforce=restricted', '--overwrite');
    const run = await netdebug('-n', NS, 'strict', 'api', '--access', 'source', '-o', 'json');
    await kubectl('label', 'namespace', NS, 'pod-security.kubernetes.io/enforce-');
    const report = JSON.parse(run.stdout);
    const spec = await kubectl(
      '-n',
      NS,
      'get',
      'pod',
      'strict',
      '-o',
      'jsonpath={.spec.ephemeralContainers[*].securityContext}',
    );
    expect([run.exitCode, report.verdict]).toEqual([0, 'healthy']);
    expect(JSON.parse(spec)).toMatchObject({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('harmless', () => {
  test('access api creates nothing', async () => {
    await apply(pod(NS, 'untouched'));
    await until(
      'it runs',
      async () => (await kubectl('-n', NS, 'get', 'pod', 'untouched', '-o', 'jsonpath={.status.phase}')) === 'Running',
    );
    const run = await netdebug('-n', NS, 'untouched', 'api');
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toContain('To see it: --access source');
    expect(await kubectl('-n', NS, 'get', 'pod', 'untouched', '-o', 'jsonpath={.spec.ephemeralContainers}')).toBe('');
  });

  test('three runs share one container, and no probe of theirs goes on', async () => {
    for (let round = 0; round < 3; round++)
      expect((await netdebug('-n', NS, 'untouched', 'api', '--access', 'source', '-o', 'json')).exitCode).toBe(0);
    expect(
      await kubectl('-n', NS, 'get', 'pod', 'untouched', '-o', 'jsonpath={.spec.ephemeralContainers[*].name}'),
    ).toBe('netdebug');
    const processes = (): Promise<string> =>
      kubectl('-n', NS, 'exec', 'untouched', '-c', 'netdebug', '--', 'ps', '-eo', 'args');
    await until('all shells and captures have ended', async () => !/tcpdump|bash -s|curl|dig /.test(await processes()));
  });

  test('a Pod with a debug container can still be deleted at once', async () => {
    const started = performance.now();
    await kubectl('-n', NS, 'delete', 'pod', 'untouched', '--grace-period=10');
    expect((performance.now() - started) / 1000).toBeLessThan(6);
  });
});
