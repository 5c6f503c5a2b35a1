import { describe, expect, it, vi } from 'vitest';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import type { ApiKind, Evidence } from '../../src/evidence/evidence.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import {
  ABSENT,
  apiA,
  apiB,
  apiC,
  apiPod,
  connect,
  endpointsOf,
  flow,
  missing,
  namespace,
  node,
  pod,
  policy,
  SILENT,
  service,
  slice,
  WEB_TO_API,
  waiting,
  web,
  workload,
  world,
} from '../support/world.ts';
import { DOWN, FakeKube, forbidden, listOf, readingOf, type Said } from './fake-kube.ts';

async function collect<K extends ApiKind>(
  kind: K,
  objects: Readonly<Record<string, Said>>,
  evidence: Evidence = world(),
  to: Flow = WEB_TO_API,
) {
  const api = new FakeKube(objects);
  return { result: await API_COLLECTORS[kind].collect(readingOf(api), evidence, to), asked: api.asked };
}

const POD = '/api/v1/namespaces/shop/pods/web';
const SERVICES = '/api/v1/namespaces/shop/services';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io/service-name=api';
const PODS = '/api/v1/namespaces/shop/pods?labelSelector=app=api';

describe('reading one object', () => {
  it('keeps the few fields that are needed', async () => {
    const secret = {
      ...web,
      spec: { ...web.spec, containers: [{ name: 'app', env: [{ name: 'KEY', value: 'secret' }] }] },
    };
    const { result } = await collect('sourcePod', { [POD]: secret });
    expect(result).toMatchObject({ status: 'collected', command: 'kubectl -n shop get pod web -o yaml' });
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('takes 404 as a fact', async () =>
    expect((await collect('sourcePod', {})).result).toMatchObject({ status: 'collected', value: { found: false } }));

  it.each([
    [
      '403 as a gap, with what would close it',
      forbidden('pods "web"'),
      {
        reason: 'forbidden',
        detail: 'pods "web" is forbidden: User "dev" cannot list it',
        unlock: 'kubectl auth can-i get pod -n shop',
      },
    ],
    [
      '401 as a gap',
      { kind: 'refused', status: 401, message: 'Unauthorized' },
      { reason: 'unreadable', detail: 'kubectl -n shop get pod web -o yaml: 401 Unauthorized' },
    ],
    ['429 as no answer in time', { kind: 'refused', status: 429, message: 'slow down' }, { reason: 'timed-out' }],
    [
      '500 as no answer in time',
      { kind: 'refused', status: 500, message: 'etcdserver: timeout' },
      { reason: 'timed-out' },
    ],
    [
      'no answer as a gap',
      DOWN,
      { reason: 'timed-out', detail: 'kubectl -n shop get pod web -o yaml: connect ECONNREFUSED 127.0.0.1:6443' },
    ],
    [
      'an unknown shape as a gap',
      { metadata: { name: 7 } },
      { reason: 'unreadable', detail: expect.stringContaining('metadata.name') },
    ],
    ['no object at all as a gap', { kind: 'object', body: '<html>' }, { reason: 'unreadable' }],
  ])('takes %s', async (_what, said, gap) => {
    const { result } = await collect('sourcePod', { [POD]: said as Said });
    expect(result).toMatchObject({ status: 'missing', gap });
  });
});

describe('reading a list', () => {
  const path = '/api/v1/services';

  it('goes on, page after page', async () => {
    const { result, asked } = await collect('otherServices', {
      [path]: { metadata: { continue: 'a b&c' }, items: [service({ name: 'one' })] },
      [`${path}?continue=a b&c`]: { metadata: { continue: 'z' }, items: [service({ name: 'two' })] },
      [`${path}?continue=z`]: { metadata: { continue: '' }, items: [service({ name: 'three' })] },
    });
    expect(result).toMatchObject({
      status: 'collected',
      value: ['one', 'two', 'three'].map((name) => ({ metadata: { name } })),
    });
    expect(asked).toHaveLength(3);
  });

  it('is a gap when a later page is', async () => {
    const { result } = await collect('dnsPods', {
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app=kube-dns': {
        metadata: { continue: 'z' },
        items: [web],
      },
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app=kube-dns&continue=z': {
        kind: 'refused',
        status: 410,
        message: 'Expired',
      },
    });
    expect(result).toMatchObject({ status: 'missing', gap: { detail: expect.stringContaining('410 Expired') } });
  });

  it('is empty where the API is not served', async () =>
    expect((await collect('serviceCidrs', {})).result).toMatchObject({ status: 'collected', value: [] }));

  it.each([
    ['no items', {}],
    ['items of another shape', { items: [{ metadata: {} }] }],
    ['a page of a proxy', { kind: 'object', body: '<html>Please log in</html>' }],
    ['null', { kind: 'object', body: null }],
  ])('that has %s is a gap, not an empty list', async (_what, said) => {
    const { result } = await collect('dnsPods', {
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app=kube-dns': said as Said,
    });
    expect(result).toMatchObject({ status: 'missing', gap: { reason: 'unreadable' } });
  });

  it('of several namespaces is missing as soon as one of them is', async () => {
    const at = (name: string) => `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`;
    const { result } = await collect('policies', {
      [at('shop')]: listOf(policy('p', {})),
      [at('kube-system')]: forbidden('networkpolicies'),
    });
    expect(result).toMatchObject({
      status: 'missing',
      gap: { reason: 'forbidden', unlock: 'kubectl auth can-i list networkpolicies -n kube-system' },
    });
  });
});

describe('names of other Services', () => {
  it('are those of the namespace for who may not list all', async () => {
    const objects = { '/api/v1/services': forbidden('services'), [SERVICES]: listOf(service()) };
    expect((await collect('otherServices', objects)).result).toMatchObject({
      status: 'collected',
      value: [{ metadata: { name: 'api' } }],
      command: 'kubectl -n shop get services',
    });
  });

  it('are missing when neither may be listed', async () => {
    const objects = { '/api/v1/services': forbidden('services'), [SERVICES]: forbidden('services') };
    expect((await collect('otherServices', objects)).result).toMatchObject({
      status: 'missing',
      gap: { unlock: 'kubectl auth can-i list services -A' },
    });
  });
});

describe('endpoints', () => {
  const agreeing = { [SLICES]: listOf(slice([apiA, apiB, apiC])), [PODS]: listOf(apiA, apiB, apiC) };

  it('are slices and Pods, each read once when they agree', async () => {
    const { result, asked } = await collect('endpoints', agreeing);
    expect(result).toMatchObject({ status: 'collected', value: { stray: [] } });
    expect(result.status === 'collected' && result.value.selected.map(({ metadata }) => metadata.name)).toEqual([
      'api-a',
      'api-b',
      'api-c',
    ]);
    expect([...asked].sort()).toEqual([PODS, SLICES].sort());
  });

  it('are read again until they agree', async () => {
    vi.useFakeTimers();
    try {
      const running = collect('endpoints', {
        [SLICES]: { inTurn: [listOf(slice([apiA, apiB])), listOf(slice([apiB, apiC]))] },
        [PODS]: { inTurn: [listOf(apiB), listOf(apiB, apiC)] },
      });
      await vi.runAllTimersAsync();
      const { result, asked } = await running;
      expect(result).toMatchObject({ value: { stray: [] } });
      expect(asked.filter((path) => path === SLICES)).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('disagree for good after three looks', async () => {
    vi.useFakeTimers();
    try {
      const running = collect('endpoints', { [SLICES]: listOf(slice([apiA])), [PODS]: listOf() });
      await vi.runAllTimersAsync();
      const { result, asked } = await running;
      expect(result).toMatchObject({ status: 'collected', value: { selected: [], stray: [] } });
      expect(asked.filter((path) => path === SLICES)).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it('have strays where a slice names a Pod that the selector does not match', async () => {
    const other = pod({ name: 'other', labels: { app: 'api2' } });
    const { result } = await collect('endpoints', {
      ...agreeing,
      [SLICES]: listOf(slice([apiA, other])),
      '/api/v1/namespaces/shop/pods/other': other,
    });
    expect(result).toMatchObject({ value: { stray: [{ metadata: { name: 'other' } }] } });
  });

  it('of a Service without a selector are slices alone', async () => {
    const byHand = world({ service: { found: true, object: service({ selector: null }) } });
    const endpoint = { addresses: ['192.0.2.7'], conditions: { ready: true } };
    const { result, asked } = await collect('endpoints', { [SLICES]: listOf(slice([endpoint])) }, byHand);
    expect(result).toMatchObject({ value: { selected: [] } });
    expect(asked).toEqual([SLICES]);
  });

  it.each([
    ['slices', { ...agreeing, [SLICES]: forbidden('endpointslices') }],
    ['Pods', { ...agreeing, [PODS]: forbidden('pods') }],
  ])('are missing without a right to %s', async (_what, objects) =>
    expect((await collect('endpoints', objects)).result).toMatchObject({
      status: 'missing',
      gap: { reason: 'forbidden' },
    }),
  );
});

describe('nodes', () => {
  const at = (name: string) => `/api/v1/nodes/${name}`;
  const lease = (name: string) => `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;

  it('are those of source, backends and cluster DNS, with their Leases', async () => {
    const renewTime = '2026-03-02T09:59:56.000000Z';
    const { result } = await collect('nodes', {
      ...Object.fromEntries(['n1', 'n2', 'n3', 'n4'].map((name) => [at(name), node(name)])),
      [lease('n1')]: { metadata: { name: 'n1' }, spec: { renewTime } },
      [lease('n2')]: forbidden('leases'),
    });
    const read = result.status === 'collected' ? result.value : [];
    expect(Object.fromEntries(read.map((each) => [each.metadata.name, each.leaseRenewedAt]))).toEqual({
      n1: renewTime,
      n2: null,
      n3: null,
    });
  });

  it('that are gone are left out', async () => {
    const { result } = await collect('nodes', { [at('n1')]: node('n1'), [at('n2')]: node('n2') });
    expect(result.status === 'collected' && result.value.map(({ metadata }) => metadata.name)).toEqual(['n2', 'n1']);
  });
});

describe('workloads', () => {
  it('say who scaled them, and which kind they are', async () => {
    const base = '/apis/apps/v1/namespaces/shop';
    const managedFields = [
      { manager: 'helm', time: '2026-03-02T08:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'kubectl-scale', time: '2026-03-02T09:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'kube-controller-manager', fieldsV1: { 'f:status': {} } },
    ];
    const spec = { replicas: 0, template: { metadata: { labels: { app: 'api' } } } };
    const { result } = await collect('workloads', {
      [`${base}/deployments`]: listOf({ metadata: { name: 'api', managedFields }, spec }),
      [`${base}/statefulsets`]: listOf({ metadata: { name: 'db' }, spec }),
    });
    expect(result).toMatchObject({
      value: [
        {
          kind: 'Deployment',
          metadata: { name: 'api' },
          scaledBy: { manager: 'kubectl-scale', time: '2026-03-02T09:00:00Z' },
        },
        { kind: 'StatefulSet', metadata: { name: 'db' } },
      ],
    });
  });
});

describe('the configuration of CoreDNS', () => {
  const path = '/api/v1/namespaces/kube-system/configmaps/coredns';
  it.each([
    ['is its Corefile', { data: { Corefile: '.:53 {}' } }, { found: true, object: '.:53 {}' }],
    ['may be in no ConfigMap of that name', { kind: 'not-found' }, { found: false }],
    ['may be without a Corefile', { data: {} }, { found: false }],
  ])('%s', async (_what, said, value) =>
    expect((await collect('corefile', { [path]: said as Said })).result).toMatchObject({ status: 'collected', value }),
  );
});

describe('namespaces', () => {
  it('are read for policies, each once', async () => {
    const { asked } = await collect(
      'namespaces',
      { '/api/v1/namespaces/shop': namespace('shop') },
      world({ policies: [policy('p', {})] }),
    );
    expect(asked).toEqual(['/api/v1/namespaces/shop', '/api/v1/namespaces/kube-system']);
    // Without policies only the source's own is read: it says what a debug container may do there.
    expect((await collect('namespaces', {}, world({ policies: [] }))).asked).toEqual(['/api/v1/namespaces/shop']);
    expect((await collect('namespaces', {}, world({ policies: missing('forbidden') }))).asked).toHaveLength(2);
  });
});

describe('what a run reads', () => {
  const wanted = (evidence: Evidence, to: Flow = WEB_TO_API): readonly string[] =>
    (Object.keys(API_COLLECTORS) as ApiKind[]).filter((kind) => API_COLLECTORS[kind].wanted(evidence, to)).sort();

  it('is little for a healthy flow to a Service', () =>
    expect(wanted(world())).toEqual([
      'corefile',
      'dnsPods',
      'dnsService',
      'dnsSlices',
      'endpoints',
      'kubeProxyPods',
      'namespaces',
      'nodes',
      'policies',
      'policyApis',
      'service',
      'sourcePod',
    ]));

  it.each([
    [
      'a Service that does not exist',
      { service: { found: false }, endpoints: ABSENT },
      ['otherServices', 'workloads', 'events'],
      ['endpoints'],
    ],
    [
      'a Pod that is not Ready',
      { endpoints: endpointsOf([apiA, pod({ name: 'api-b', ready: false })]) },
      ['workloads', 'events'],
      ['controllerLease'],
    ],
    ['no Pod', { endpoints: endpointsOf([]) }, ['workloads', 'events'], ['backendLogs', 'autoscalers', 'scalings']],
    [
      'a Pod that crashes at its start',
      { endpoints: endpointsOf([apiPod('a', { ready: false, status: waiting('CrashLoopBackOff', 1) })]) },
      ['backendLogs'],
      ['autoscalers'],
    ],
    [
      'a Pod whose image cannot be pulled, which has said nothing',
      { endpoints: endpointsOf([apiPod('a', { ready: false, status: waiting('ImagePullBackOff') })]) },
      ['workloads'],
      ['backendLogs'],
    ],
    [
      'a workload at 0 replicas',
      { endpoints: endpointsOf([]), workloads: [workload({ name: 'api', replicas: 0, labels: { app: 'api' } })] },
      ['autoscalers', 'scalings'],
      ['backendLogs'],
    ],
    [
      'a slice with a Pod that is gone',
      { endpoints: { slices: [slice([apiA])], selected: [], stray: [] } },
      ['controllerLease'],
      [],
    ],
    ['policies', { policies: [policy('p', {})] }, ['daemonSets'], []],
    [
      'policies that deny the flow',
      { policies: [policy('deny', { podSelector: { matchLabels: { app: 'api' } } })] },
      ['policyScope'],
      [],
    ],
    [
      'policies that admit the flow',
      { policies: [policy('open', { podSelector: { matchLabels: { app: 'api' } }, ingress: [{}] })] },
      ['daemonSets'],
      ['policyScope'],
    ],
    [
      'an API of the network plugin',
      { policyApis: [{ group: 'cilium.io', versions: ['v2'] }] },
      ['vendorPolicies'],
      ['adminPolicies', 'daemonSets'],
    ],
    [
      'admin policies alone',
      {
        policyApis: [{ group: 'policy.networking.k8s.io', versions: ['v1alpha2'] }],
        adminPolicies: [
          { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy', metadata: { name: 'deny' } },
        ],
      },
      ['adminPolicies', 'daemonSets'],
      ['vendorPolicies'],
    ],
    [
      'an API whose only version nobody knows',
      { policyApis: [{ group: 'cilium.io', versions: ['v7'] }] },
      [],
      ['vendorPolicies'],
    ],
    ['policies that may not be read', { policies: missing('forbidden') }, ['daemonSets'], []],
    ['no kube-proxy on the node', { kubeProxyPods: [] }, ['daemonSets'], []],
    ['no DNS Pod that is Ready', { dnsPods: [pod({ name: 'coredns-a', ready: false })] }, ['dnsWorkloads'], []],
    ['a backend that stays silent', { backendConnects: [connect(apiA), connect(apiB, SILENT)] }, ['neighbours'], []],
    [
      'a source Pod on no node',
      { sourcePod: { found: true, object: pod({ name: 'web', node: null }) } },
      [],
      ['kubeProxyPods'],
    ],
  ] as const)('is more with %s', (_what, changes, more, not) => {
    const kinds = wanted(world(changes as never));
    expect(kinds).toEqual(expect.arrayContaining([...more]));
    for (const kind of not) expect(kinds).not.toContain(kind);
  });

  it.each([
    [
      'a Pod',
      { destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' } },
      ['destinationPod', 'kubeProxyPods', 'namespaces', 'nodes', 'policies', 'policyApis', 'sourcePod'],
    ],
    [
      'an address',
      { destination: { kind: 'Address', address: '192.0.2.7' } },
      ['kubeProxyPods', 'namespaces', 'nodes', 'policies', 'policyApis', 'serviceCidrs', 'sourcePod'],
    ],
    [
      'a host',
      { destination: { kind: 'Host', host: 'example.com' } },
      [
        'corefile',
        'dnsPods',
        'dnsService',
        'dnsSlices',
        'kubeProxyPods',
        'namespaces',
        'nodes',
        'policies',
        'policyApis',
        'sourcePod',
      ],
    ],
  ] as const)('for %s is only what lies on its path', (_what, changes, kinds) =>
    expect(wanted(world(), flow(changes as never))).toEqual(kinds),
  );

  it('of the scope of policies is all Pods and workloads of both namespaces', async () => {
    const { asked } = await collect('policyScope', {}, world());
    expect(asked.map((path) => path.split('?')[0]).sort()).toEqual([
      '/api/v1/namespaces/shop/pods',
      '/apis/apps/v1/namespaces/shop/daemonsets',
      '/apis/apps/v1/namespaces/shop/deployments',
      '/apis/apps/v1/namespaces/shop/statefulsets',
    ]);
  });

  it('of neighbours is those on nodes of failing backends and of the source', async () => {
    const evidence = world({ backendConnects: [connect(apiA, SILENT), connect(apiB)] });
    const { asked } = await collect('neighbours', {}, evidence);
    expect(asked).toEqual(
      ['n1', 'n2'].map((name) => `/api/v1/pods?fieldSelector=spec.nodeName=${name},status.phase=Running`),
    );
  });
});
