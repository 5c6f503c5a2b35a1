/**
 * What stands in the way of people at night, each brought about for real. Where there is one answer left it has to be given, and one sentence
 * has to say what would unlock the rest. `npm run obstacles` writes what was said to docs/obstacles.md.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObstacleTable } from './obstacle-table.ts';
import { apply, kubectl, misselect, netdebug, pod, type Run, stage, unstage, until, workstation } from './stage.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAB = join(ROOT, 'test/lab/lab');
const NODE = join(ROOT, 'node_modules/.bin/node');
/** Of the workstation, where the API server can reach it. */
const WORKSTATION = '10.90.0.2';
/** The same in the page each time it is written; else a new one, whose names no DNS cache has heard of. */
const NS = process.env.OBSTACLES_DOC === undefined ? `obstacles-${process.pid}` : 'obstacles';

const table = new ObstacleTable();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netdebug-obstacles-'));
  await stage(NS);
});
afterAll(async () => {
  await unstage(NS);
  await rm(folder, { recursive: true, force: true });
  const { OBSTACLES_DOC } = process.env;
  if (OBSTACLES_DOC !== undefined) writeFileSync(OBSTACLES_DOC, table.markdown(await kubectl('version')));
});

/** A source of its own for each row: what one has added must not help another. */
async function freshSource(name: string, options: Parameters<typeof pod>[2] = {}): Promise<string> {
  await apply(pod(NS, name, { labels: { app: 'web' }, ...options }));
  return name;
}

async function running(name: string): Promise<string> {
  await kubectl('-n', NS, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
  return name;
}

/** A program of the workstation that says one line and goes on until the work is done. */
async function beside<T>(words: readonly string[], work: (line: string) => Promise<T>): Promise<T> {
  const helper = execa(LAB, ['ws', ...words], { reject: false });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      let said = '';
      helper.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const end = said.indexOf('\n');
        if (end !== -1) resolve(said.slice(0, end));
      });
      void helper.then(({ stderr }) => reject(new Error(`${words.join(' ')} ended: ${stderr}`)));
    });
    return await work(line);
  } finally {
    helper.stdin.end();
    await helper;
  }
}

/** The API server, spoiled; see api-proxy.ts. */
function throughProxy(mode: readonly string[], work: (kubeconfig: string) => Promise<Run>): Promise<Run> {
  return beside([NODE, join(import.meta.dirname, 'api-proxy.ts'), ...mode], async (line) => {
    const file = join(folder, `proxy-${mode.join('-')}`);
    writeFileSync(file, line);
    return work(file);
  });
}

/** Whoever may do what the rules say in the namespace, and no more. */
async function someone(name: string, rules: readonly object[]): Promise<string> {
  const subject = { kind: 'ServiceAccount', name, namespace: NS };
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: NS } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace: NS }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: NS },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [subject],
    },
  );
  return `system:serviceaccount:${NS}:${name}`;
}

const READS = [
  { apiGroups: [''], resources: ['pods', 'services', 'events'], verbs: ['get', 'list'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list'] },
];

const SOURCE = ['--access', 'source'] as const;
/** As one line: where it is broken depends on the width alone. */
const said = ({ stdout }: Run): string => stdout.replaceAll(/\s+/g, ' ');
const ask = (source: string, ...args: readonly string[]): Promise<Run> =>
  netdebug('-n', NS, source, ...args, ...SOURCE);

describe('rights', () => {
  test('none to add a debug container: what the objects say, and what to ask for', async () => {
    const as = await someone('reader', READS);
    const run = await table.row('no rights on ephemeral containers', () => ask('web', 'api', '--as', as));
    expect(said(run)).toContain('cannot patch resource "pods/ephemeralcontainers"');
    expect(said(run)).toContain(`kubectl netdebug permissions --access source -n ${NS}`);
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('none to add a debug container, and a fault that the objects prove', async () => {
    const as = await someone('reader', READS);
    await misselect(NS, 'apis');
    try {
      const run = await table.row('no rights on ephemeral containers; the Service selects nothing', () =>
        ask('web', 'api', '--as', as),
      );
      expect(said(run)).toContain('selector-mismatch · cause · possible');
      expect(run.exitCode, run.stdout).toBe(1);
    } finally {
      await misselect(NS, 'api');
      await until('the Service has an endpoint', async () =>
        /true/.test(await kubectl('-n', NS, 'get', 'endpointslices', '-o', 'jsonpath={..conditions.ready}')),
      );
    }
  });

  test('none to run anything in a container', async () => {
    const as = await someone('adder', [
      ...READS,
      { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] },
    ]);
    await running(await freshSource('web-exec'));
    const run = await table.row('no rights on pods/exec', () => ask('web-exec', 'api', '--as', as));
    expect(said(run)).toContain('resource "pods/exec"');
    expect(said(run)).toContain(`kubectl netdebug permissions --access source -n ${NS}`);
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('none in the namespace of the destination', async () => {
    const as = await someone('local', [
      ...READS,
      { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
    ]);
    const other = `${NS}-other`;
    await stage(other);
    try {
      const run = await table.row('no rights in the namespace of the destination', () =>
        ask('web', `api.${other}`, '--as', as),
      );
      expect(said(run)).toContain('kubectl netdebug permissions');
      expect(said(run)).toContain(`which port is not known: name it, api.${other}:PORT`);
      expect(run.exitCode, run.stdout).toBe(3);
      const named = await table.row('no rights in the namespace of the destination, and its port is named', () =>
        ask('web', `api.${other}:80`, '--as', as),
      );
      expect(said(named)).toContain('Service address 5 of 5; its backends may not be read');
      expect(said(named)).toContain('every step that could be looked at works');
      expect(named.exitCode, named.stdout).toBe(0);
      const absent = await table.row('no rights in the namespace of the destination, which has no such Service', () =>
        ask('web', `apii.${other}`, '--as', as),
      );
      expect(said(absent)).toContain('dns-name-not-found · cause · possible');
      expect(absent.exitCode, absent.stdout).toBe(1);
    } finally {
      await unstage(other);
    }
  });

  test('none at all', async () => {
    const run = await table.row('no rights at all', () => ask('web', 'api', '--as', 'nobody'));
    expect(run.stderr).toContain('User "nobody" cannot');
    expect(run.exitCode, run.stdout).toBe(4);
  });
});

describe('a namespace that forbids', () => {
  test.each(['baseline', 'restricted'])('what Pod Security %s forbids: a weaker container is taken', async (level) => {
    const strict = `${NS}-${level}`;
    await unstage(strict);
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    const container = {
      name: 'app',
      image: 'localhost/app:1',
      imagePullPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    };
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: strict, labels } },
      pod(strict, 'web', { spec: { containers: [container] } }),
    );
    try {
      await kubectl('-n', strict, 'wait', '--for=condition=Ready', 'pod/web', '--timeout=60s');
      const run = await table.row(`namespace with Pod Security ${level}`, () =>
        netdebug('-n', strict, 'web', `api.${NS}`, ...SOURCE),
      );
      expect(run.exitCode, run.stdout).toBe(0);
    } finally {
      await unstage(strict);
    }
  });

  test('a quota for Pods: no Pod on the node, and the rest is done', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'full', namespace: NS },
      spec: { hard: { pods: '1' } },
    };
    const closed = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'closed', namespace: NS },
      spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
    };
    await apply(quota, closed);
    try {
      await until('the quota counts', async () =>
        /[0-9]/.test(await kubectl('-n', NS, 'get', 'resourcequota', 'full', '-o', 'jsonpath={.status.used.pods}')),
      );
      const run = await table.row('a ResourceQuota without room for a Pod, access node; a policy denies the flow', () =>
        netdebug('-n', NS, 'web', 'api', '--access', 'node'),
      );
      expect(said(run)).toContain('netpol-default-deny-ingress');
      expect(said(run)).toContain('exceeded quota: full');
      expect(said(run)).toContain(`kubectl -n ${NS} describe resourcequotas`);
      expect(run.exitCode, run.stdout).toBe(1);
    } finally {
      await kubectl('-n', NS, 'delete', 'resourcequota/full', 'networkpolicy/closed');
    }
  });

  const webhook = (mode: string, name: string, work: () => Promise<Run>): Promise<Run> =>
    beside([NODE, join(import.meta.dirname, 'webhook.ts'), mode, NS, WORKSTATION], async (configuration) => {
      await running(await freshSource(name));
      const { kind } = JSON.parse(configuration) as { kind: string };
      await apply(JSON.parse(configuration));
      try {
        // The API server takes a moment to know of it.
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return await work();
      } finally {
        await kubectl('delete', kind, NS);
      }
    });

  test('a webhook that refuses: its own words', async () => {
    const run = await webhook('refuse', 'web-refused', () =>
      table.row('an admission webhook that refuses debug containers', () => ask('web-refused', 'api')),
    );
    expect(said(run)).toContain('debug containers need a ticket, see wiki/debugging');
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('a webhook that hangs: it is not waited for', async () => {
    const run = await webhook('hang', 'web-hung', () =>
      table.row('an admission webhook that does not answer', () => ask('web-hung', 'api')),
    );
    expect(said(run)).toContain('an admission webhook that does not answer does this');
    expect(said(run)).toContain('kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations');
    expect(run.exitCode, run.stdout).toBe(3);
    expect(run.seconds).toBeLessThan(15);
  });

  test('a webhook that makes the root of every debug container read-only', async () => {
    const run = await webhook('read-only', 'web-read-only', () =>
      table.row('an admission webhook makes the root of debug containers read-only', () => ask('web-read-only', 'api')),
    );
    expect(run.exitCode, run.stdout).toBe(0);
  });
});

describe('the image', () => {
  test.each([
    [
      'that nobody has',
      ['--image', 'registry.invalid/netshoot:1'],
      /failed to resolve reference|ErrImagePull|ImagePullBackOff/,
    ],
    [
      'that may not be pulled',
      ['--image', 'registry.invalid/netshoot:1', '--image-pull-policy', 'Never'],
      /ErrImageNeverPull/,
    ],
    ['without a shell', ['--image', 'localhost/pause:1', '--image-pull-policy', 'Never'], /its image has no shell/],
  ])('%s: why it does not run, and what the objects say', async (what, flags, says) => {
    const name = await running(await freshSource(`web-image-${String(what).replaceAll(/[^a-z]+/g, '-')}`.slice(0, 40)));
    const run = await table.row(`an image ${what}`, () => ask(name, 'api', ...flags));
    expect(said(run)).toMatch(says);
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('with nothing but busybox: its tools answer', async () => {
    await running(await freshSource('web-busybox'));
    const run = await table.row('an image with nothing but busybox', () =>
      ask('web-busybox', 'api', '--image', 'localhost/app:1', '--image-pull-policy', 'Never'),
    );
    expect(run.exitCode, run.stdout).toBe(0);
  });

  test('with nothing but busybox names a fault that only packets show', async () => {
    await running(await freshSource('web-busybox-2'));
    const service = (port: number): string =>
      JSON.stringify({ spec: { ports: [{ name: 'http', port: 80, targetPort: port }] } });
    await kubectl('-n', NS, 'patch', 'service', 'api', '-p', service(8081));
    try {
      const run = await table.row('an image with nothing but busybox; targetPort is wrong', () =>
        ask('web-busybox-2', 'api', '--image', 'localhost/app:1', '--image-pull-policy', 'Never'),
      );
      expect(said(run)).toContain('targetport-wrong');
      expect(run.exitCode, run.stdout).toBe(1);
    } finally {
      await kubectl('-n', NS, 'patch', 'service', 'api', '-p', service(8080));
    }
  });
});

describe('the source', () => {
  const broken = { name: 'app', image: 'localhost/app:1', imagePullPolicy: 'Never', command: ['false'] };

  test('that crashes again and again has a network all the same', async () => {
    await freshSource('web-crashing', { spec: { containers: [broken] } });
    // While it waits its state may be told as that of its last end.
    await until('it has been started again twice', async () =>
      /^[2-9]/.test(
        await kubectl(
          '-n',
          NS,
          'get',
          'pod',
          'web-crashing',
          '-o',
          'jsonpath={.status.containerStatuses[0].restartCount}',
        ),
      ),
    );
    const run = await table.row('a source in CrashLoopBackOff', () => ask('web-crashing', 'api'));
    expect(run.exitCode, run.stdout).toBe(0);
  });

  test('that is on no node', async () => {
    await freshSource('web-pending', { spec: { nodeSelector: { nowhere: 'true' } } });
    const run = await table.row('a source that is Pending', () => ask('web-pending', 'api'));
    expect(said(run)).toContain('is on no node yet');
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('that has ended', async () => {
    await freshSource('web-done', { spec: { restartPolicy: 'Never', containers: [{ ...broken, command: ['true'] }] } });
    await until('it has ended', async () =>
      (await kubectl('-n', NS, 'get', 'pod', 'web-done', '-o', 'jsonpath={.status.phase}')).includes('Succeeded'),
    );
    const run = await table.row('a source that is Completed', () => ask('web-done', 'api'));
    expect(said(run)).toContain('has ended (Succeeded)');
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('that is being deleted', async () => {
    const stays = { ...broken, command: ['sh', '-c', "trap '' TERM; sleep 600 & wait; sleep 600"] };
    await running(
      await freshSource('web-going', { spec: { terminationGracePeriodSeconds: 300, containers: [stays] } }),
    );
    await kubectl('-n', NS, 'delete', 'pod', 'web-going', '--wait=false');
    const run = await table.row('a source that is being deleted', () => ask('web-going', 'api'));
    await kubectl('-n', NS, 'delete', 'pod', 'web-going', '--force', '--grace-period=0');
    expect(said(run)).toContain('is being deleted');
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('that is for Windows', async () => {
    await freshSource('web-windows', {
      spec: { os: { name: 'windows' }, nodeSelector: { 'kubernetes.io/os': 'windows' } },
    });
    const run = await table.row('a source for Windows', () => ask('web-windows', 'api'));
    expect(said(run)).toContain('runs Windows');
    expect(run.exitCode, run.stdout).toBe(3);
  });

  test('that has the network of its node', async () => {
    await running(await freshSource('web-host', { spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } }));
    const run = await table.row('a source with hostNetwork', () => ask('web-host', 'api'));
    expect(run.exitCode, run.stdout).toBe(0);
  });

  test('that is its own destination', async () => {
    const run = await table.row('source and destination are one Pod', () => ask('api-0', 'pod/api-0'));
    expect(run.exitCode, run.stdout).toBe(0);
  });

  test('that a kubelet started from a file', async () => {
    const manifest = JSON.stringify(pod(NS, 'web-static'));
    const path = '/etc/kubernetes/manifests/obstacle.json';
    const onNode = (...words: readonly string[]) => execa(LAB, ['node', '2', ...words]);
    await onNode('sh', '-c', `mkdir -p /etc/kubernetes/manifests; cat > ${path} <<'END'\n${manifest}\nEND`);
    try {
      await until('the kubelet has started it', async () =>
        (await kubectl('-n', NS, 'get', 'pods')).split('\n').some((line) => /^web-static-\S+ +1\/1/.test(line)),
      );
      const name = /^(web-static-\S+)/m.exec(await kubectl('-n', NS, 'get', 'pods'))?.[1] ?? '';
      const run = await table.row('a static Pod as source', () => ask(name, 'api'));
      expect(said(run)).toContain('is a static Pod, which gets no debug containers');
      expect(run.exitCode, run.stdout).toBe(3);
    } finally {
      await onNode('rm', '-f', path);
    }
  });
});

describe('the API server', () => {
  const proxied = (what: string, mode: readonly string[], name: string) =>
    throughProxy(mode, (kubeconfig) => table.row(what, () => ask(name, 'api', '--kubeconfig', kubeconfig)));

  test('that takes 2 s for each answer', async () => {
    const run = await proxied('an API server that takes 2 s a call', ['slow', '2000'], 'web');
    expect(run.exitCode, run.stdout).toBe(0);
    expect(run.seconds).toBeLessThan(30);
  });

  test('that says 429 to every third question', async () => {
    const run = await proxied(
      'an API server that says 429 with Retry-After to every third call',
      ['throttled', '3'],
      'web',
    );
    expect(run.exitCode, run.stdout).toBe(0);
  });

  test('that loses the exec in the middle', async () => {
    const run = await proxied(
      'an API server that loses the connection in the middle of an exec',
      ['cut', '1500'],
      'web',
    );
    expect(run.exitCode, run.stdout).toBe(0);
  });
});

describe('the kubeconfig', () => {
  test('in several files', async () => {
    const { stdout: path } = await workstation(['sh', '-c', 'echo "$KUBECONFIG"']);
    const switches = join(folder, 'contexts');
    writeFileSync(switches, 'apiVersion: v1\nkind: Config\npreferences: {}\n');
    const run = await table.row('several files in KUBECONFIG', () =>
      workstation([join(ROOT, 'plugin/kubectl-netdebug'), '-n', NS, 'web', 'api', ...SOURCE], {
        KUBECONFIG: `${folder}/missing:${switches}:${path.trim()}`,
      }),
    );
    expect(run.exitCode, run.stdout).toBe(0);
  });
});

describe('a node', () => {
  test('whose kubelet does not answer: its state, and what the objects say', async () => {
    const node = await kubectl('-n', NS, 'get', 'pod', 'web', '-o', 'jsonpath={.spec.nodeName}');
    const number = node.slice(-1);
    await execa(LAB, ['stop', number, 'kubelet']);
    try {
      const [early] = [
        await table.row('a kubelet that has just stopped, on the node of the source', () => ask('web', 'api')),
      ];
      expect(early.exitCode, early.stdout).toBe(3);
      await until(
        'the node is NotReady',
        async () =>
          (await kubectl('get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')) !==
          'True',
      );
      const run = await table.row('the node of the source is NotReady', () => ask('web', 'api'));
      expect(said(run)).toContain('node-down');
      expect([1, 3]).toContain(run.exitCode);
    } finally {
      await execa(LAB, ['start', number, 'kubelet']);
      await kubectl('wait', '--for=condition=Ready', `node/${node}`, '--timeout=90s');
      // What had been taken for dead comes back later than its node.
      for (const namespace of ['kube-system', NS])
        await kubectl(
          '-n',
          namespace,
          'wait',
          '--for=condition=Ready',
          'pod',
          '--field-selector',
          `spec.nodeName=${node},status.phase=Running`,
          '--timeout=90s',
        );
    }
  });
});
