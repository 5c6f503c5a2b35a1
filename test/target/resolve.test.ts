import { describe, expect, it } from 'vitest';
import { resolve, Unresolved, type Wanted } from '../../src/target/resolve.ts';
import { DOWN, FakeKube, forbidden, listOf, readingOf, type Said } from '../collect/fake-kube.ts';
import { apiA, apiB, apiC, namespace, node, pod, service, web } from '../support/world.ts';

const CLUSTER: Readonly<Record<string, Said>> = {
  '/api/v1/namespaces/shop': namespace('shop'),
  '/api/v1/namespaces/data': namespace('data'),
  '/api/v1/namespaces': listOf(namespace('shop'), namespace('data'), namespace('kube-system')),
  '/api/v1/namespaces/shop/pods/web': web,
  '/api/v1/namespaces/shop/pods': listOf(web, apiA, apiB, apiC),
  '/api/v1/namespaces/shop/services/api': service(),
  '/api/v1/namespaces/data/services/db': service({ name: 'db', namespace: 'data' }),
  '/api/v1/services': listOf(service(), service({ name: 'db', namespace: 'data' })),
};

async function ask(
  source: string,
  destination: string,
  more: Readonly<Record<string, Said>> = {},
  wanted: Partial<Wanted> = {},
) {
  const api = new FakeKube({ ...CLUSTER, ...more });
  const asked = { source, destination, namespace: 'shop', port: null, protocol: null, ...wanted };
  return { ...(await resolve(readingOf(api), asked)), api };
}

async function refusal(
  source: string,
  destination: string,
  more: Readonly<Record<string, Said>> = {},
): Promise<Unresolved> {
  try {
    await ask(source, destination, more);
  } catch (error) {
    if (error instanceof Unresolved) return error;
    throw error;
  }
  throw new Error('it was resolved');
}

describe('the source', () => {
  it.each([
    ['web', 'shop'],
    ['pod/web', 'shop'],
    ['web.shop', 'shop'],
    ['pod/web.shop', 'shop'],
  ])('%s is a Pod', async (typed, at) => {
    const { flow, evidence } = await ask(typed, 'api', {}, typed.includes('.') ? { namespace: 'default' } : {});
    expect(flow.source).toEqual({ namespace: at, name: 'web' });
    expect(evidence.sourcePod).toMatchObject({ status: 'collected', value: { found: true } });
  });

  it('may be a Pod with a dot in its name', async () => {
    const dotted = { '/api/v1/namespaces/shop/pods/web.1': pod({ name: 'web.1' }) };
    expect((await ask('web.1', 'api', dotted)).flow.source).toEqual({ namespace: 'shop', name: 'web.1' });
  });

  const deployment = { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } } } };
  const workload = (pods: Said, object: Said = deployment) => ({
    '/apis/apps/v1/namespaces/shop/deployments/web': object,
    '/api/v1/namespaces/shop/pods?labelSelector=app=web': pods,
  });

  it('is a Ready Pod of a workload, and the report names it', async () => {
    const pods = listOf(
      pod({ name: 'web-1', ready: false }),
      pod({ name: 'web-2', deleted: true }),
      pod({ name: 'web-4' }),
      pod({ name: 'web-3' }),
      pod({ name: 'web-0', status: { phase: 'Succeeded' } }),
    );
    const { flow } = await ask('deploy/web', 'api', workload(pods));
    expect(flow.source).toEqual({
      namespace: 'shop',
      name: 'web-3',
      pickedFrom: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    });
    expect(flow.notes).toEqual(['web-3 was picked from the 5 Pods of Deployment web.']);
  });

  it.each([
    [
      [pod({ name: 'web-1', ready: false }), pod({ name: 'web-2', ready: false })],
      'web-1 was picked from the 2 Pods of Deployment web, none of which is Ready.',
    ],
    [[pod({ name: 'web-1' })], 'web-1 is the only Pod of Deployment web.'],
    [[pod({ name: 'web-1', ready: false })], 'web-1 is the only Pod of Deployment web, and it is not Ready.'],
  ])('may be a Pod that is not Ready, or the only one: %#', async (pods, note) =>
    expect((await ask('deploy/web.shop', 'api', workload(listOf(...pods)))).flow.notes).toEqual([note]),
  );

  it.each([
    ['sts/web', '/apis/apps/v1/namespaces/shop/statefulsets/web'],
    ['ds/web', '/apis/apps/v1/namespaces/shop/daemonsets/web'],
    ['rs/web', '/apis/apps/v1/namespaces/shop/replicasets/web'],
    ['job/web', '/apis/batch/v1/namespaces/shop/jobs/web'],
  ])('may come from %s', async (typed, path) => {
    const { flow } = await ask(typed, 'api', { ...workload(listOf(pod({ name: 'web-1' }))), [path]: deployment });
    expect(flow.source.name).toBe('web-1');
  });

  it('comes only from Pods that all of a selector matches', async () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front', 'edge'] },
        { key: 'track', operator: 'NotIn', values: ['canary'] },
        { key: 'team', operator: 'Exists' },
        { key: 'debug', operator: 'DoesNotExist' },
      ],
    };
    const { flow } = await ask('deploy/web', 'api', {
      '/apis/apps/v1/namespaces/shop/deployments/web': { spec: { selector } },
      '/api/v1/namespaces/shop/pods?labelSelector=app=web,tier in (front,edge),track notin (canary),team,!debug':
        listOf(pod({ name: 'web-1' })),
    });
    expect(flow.source.name).toBe('web-1');
  });

  it.each([
    ['wbe', {}, 'usage', 'There is no Pod wbe in shop; the closest name is web.', ['kubectl netdebug -n shop web …']],
    ['zzz', {}, 'usage', 'There is no Pod zzz in shop.', ['kubectl -n shop get pods']],
    [
      'web.dta',
      {},
      'usage',
      'There is no namespace dta; the closest name is data.',
      ['kubectl netdebug -n data web …'],
    ],
    [
      'deploy/web',
      {
        '/apis/apps/v1/namespaces/shop/deployments': listOf(
          { metadata: { name: 'web2' } },
          { metadata: { name: 'wob' } },
        ),
      },
      'usage',
      'There is no Deployment web in shop; the closest names are web2, wob.',
      ['kubectl netdebug -n shop deployment/web2 …', 'kubectl netdebug -n shop deployment/wob …'],
    ],
    [
      'deploy/web',
      workload(listOf()),
      'usage',
      'Deployment web in shop has no Pods, so there is nothing to start from.',
      ['kubectl -n shop describe deployment web'],
    ],
    [
      'deploy/web',
      { '/apis/apps/v1/namespaces/shop/deployments/web': forbidden('deployments') },
      'environment',
      'deployments is forbidden: User "dev" cannot list it',
      ['kubectl auth can-i get deployment -n shop'],
    ],
    [
      'node/n1',
      {},
      'usage',
      'n1: a Node as the source is not supported yet; use a Pod on it.',
      ['kubectl get pods -A --field-selector spec.nodeName=n1'],
    ],
    [
      'svc/api',
      {},
      'usage',
      'A Service cannot be the source of traffic; name a Pod or a workload.',
      ['kubectl -n shop get pods'],
    ],
    [
      'web',
      { '/api/v1/namespaces/shop/pods/web': DOWN },
      'environment',
      'The API server does not answer (kubectl -n shop get pod web -o yaml: connect ECONNREFUSED 127.0.0.1:6443).',
      ['kubectl cluster-info', 'kubectl config current-context'],
    ],
    [
      'web',
      { '/api/v1/namespaces/shop/pods/web': { kind: 'refused', status: 401, message: 'Unauthorized' } },
      'environment',
      'The API server does not accept the credentials: they are missing, wrong or expired.',
      ['kubectl auth whoami', 'kubectl config view --minify'],
    ],
    [
      'web;ls',
      {},
      'usage',
      '"web;ls" is no name of a Kubernetes object, no host name, no address and no URL.',
      ['kubectl netdebug --help'],
    ],
  ])('%s is refused: %#', async (typed, more, kind, message, tryThis) => {
    const error = await refusal(typed, 'api', more as Record<string, Said>);
    expect(error.message).toBe(message);
    expect(error).toMatchObject({ kind, tryThis });
  });

  it('that may not be read is still asked about', async () => {
    const { flow, evidence } = await ask('web', 'api', { '/api/v1/namespaces/shop/pods/web': forbidden('pods "web"') });
    expect(flow.source).toEqual({ namespace: 'shop', name: 'web' });
    expect(evidence.sourcePod).toMatchObject({ status: 'missing', gap: { reason: 'forbidden' } });
  });
});

describe('the destination', () => {
  const SERVICE = { kind: 'Service', namespace: 'shop', name: 'api' };
  const DB = { kind: 'Service', namespace: 'data', name: 'db' };

  it.each([
    ['api', SERVICE, 'api', null],
    ['api:80', SERVICE, 'api', 80],
    ['api:http', SERVICE, 'api', 'http'],
    ['svc/api', SERVICE, null, null],
    ['svc/db.data:5432', DB, null, 5432],
    ['db.data', DB, 'db.data', null],
    ['db.data.svc', DB, 'db.data.svc', null],
    ['db.data.svc.cluster.local', DB, 'db.data.svc.cluster.local', null],
    ['db.data.svc.k8s.lan.:5432', DB, 'db.data.svc.k8s.lan.', 5432],
    ['http://api/', SERVICE, 'api', null],
    ['www.example.com', { kind: 'Host', host: 'www.example.com' }, 'www.example.com', null],
    ['https://www.example.com:8443/x', { kind: 'Host', host: 'www.example.com' }, 'www.example.com', 8443],
    ['nope', { kind: 'Service', namespace: 'shop', name: 'nope' }, 'nope', null],
    ['192.0.2.7:443', { kind: 'Address', address: '192.0.2.7' }, null, 443],
    ['http://192.0.2.7/', { kind: 'Address', address: '192.0.2.7' }, null, null],
    ['[2001:db8::7]:443', { kind: 'Address', address: '2001:db8::7' }, null, 443],
  ])('%s', async (typed, destination, dnsName, port) => {
    const { flow } = await ask('web', typed);
    expect(flow).toMatchObject({ destination, dnsName, port, notes: [] });
  });

  it('keeps what was typed, the scheme and the flags', async () => {
    const { flow } = await ask('web', 'https://api:8443/', {}, { port: 443, protocol: 'TCP' });
    expect(flow).toMatchObject({ typed: 'api', scheme: 'https', port: 443, protocol: 'TCP', byAddress: false });
    expect((await ask('web', '10.0.0.1')).flow.byAddress).toBe(true);
  });

  it('is in the namespace of the source', async () => {
    const { flow } = await ask('web.shop', 'api', {}, { namespace: 'default' });
    expect(flow.destination).toEqual(SERVICE);
  });

  const API_POD = { '/api/v1/namespaces/shop/pods/api': pod({ name: 'api' }) };

  it('is the Pod where there is no Service of that name, and the report says so', async () => {
    const { flow, evidence } = await ask('web', 'api', {
      ...API_POD,
      '/api/v1/namespaces/shop/services/api': { kind: 'not-found' },
    });
    expect(flow).toMatchObject({
      destination: { kind: 'Pod', namespace: 'shop', name: 'api' },
      dnsName: null,
      notes: ['There is no Service api in shop; the Pod of that name was taken.'],
    });
    expect(evidence.destinationPod).toMatchObject({ status: 'collected', value: { found: true } });
  });

  it('is the Service where there are both', async () => {
    const { flow, evidence } = await ask('web', 'api', API_POD);
    expect(flow).toMatchObject({
      destination: SERVICE,
      notes: ['There is also a Pod api in shop; pod/api asks about that.'],
    });
    expect(evidence.service).toMatchObject({ status: 'collected', value: { found: true } });
  });

  it.each([
    [
      'has a namespace that exists: a Service that does not',
      'nope.data',
      { destination: { kind: 'Service', namespace: 'data', name: 'nope' }, notes: [] },
    ],
    [
      'has no namespace of that name, but a Service elsewhere: a wrong namespace',
      'db.dtaa',
      { destination: { kind: 'Service', namespace: 'dtaa', name: 'db' }, notes: [] },
    ],
    [
      'has neither: a host outside',
      'example.com',
      {
        destination: { kind: 'Host', host: 'example.com' },
        dnsName: 'example.com',
        notes: ['There is no namespace com, so example.com was taken for a host outside the cluster.'],
      },
    ],
  ])('with one dot %s', async (_what, typed, flow) => expect((await ask('web', typed)).flow).toMatchObject(flow));

  it('by address may be a Service or a Pod', async () => {
    const byIp = await ask('web', '10.96.114.140:80', {
      '/api/v1/services?fieldSelector=spec.clusterIP=10.96.114.140': listOf(service()),
    });
    expect(byIp.flow).toMatchObject({
      destination: SERVICE,
      byAddress: true,
      dnsName: null,
      notes: ['10.96.114.140 is the address of Service api in shop.'],
    });
    const host = pod({ name: 'kube-proxy-n2', spec: { hostNetwork: true } });
    const old = pod({ name: 'old', status: { phase: 'Succeeded' } });
    const byPod = await ask('web', '10.244.1.11', {
      '/api/v1/pods?fieldSelector=status.podIP=10.244.1.11': listOf(host, old, apiA),
    });
    expect(byPod.flow).toMatchObject({
      destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
      notes: ['10.244.1.11 is the address of Pod api-a in shop.'],
    });
  });

  it('may be a Node, by its internal address', async () => {
    const { flow } = await ask('web', 'node/n1:10250', { '/api/v1/nodes/n1': node('n1') });
    expect(flow).toMatchObject({
      destination: { kind: 'Address', address: '172.18.0.11' },
      port: 10250,
      notes: ['172.18.0.11 is the internal address of Node n1.'],
    });
  });

  describe("a node's port", () => {
    const shop = listOf(
      service({ name: 'db', namespace: 'data' }),
      service({
        ports: [{ port: 80, targetPort: 'http', protocol: 'TCP', nodePort: 30080 }],
        spec: { type: 'NodePort' },
      }),
    );
    const cluster = { '/api/v1/nodes/n1': node('n1'), '/api/v1/services': shop };
    const entered = {
      destination: SERVICE,
      dnsName: null,
      byAddress: true,
      port: 80,
      via: { node: 'n1', address: '172.18.0.11', port: 30080 },
      notes: ['30080 is the node port of Service api in shop, for its port 80; this run enters at Node n1.'],
    };

    it('is that of a Service, entered at the node', async () => {
      expect((await ask('web', 'node/n1:30080', cluster)).flow).toMatchObject(entered);
      expect((await ask('web', 'node/n1', cluster, { port: 30080 })).flow).toMatchObject(entered);
    });

    it('may be named by the address of the node, which its own Pods have', async () => {
      const proxy = pod({ name: 'kube-proxy-n1', node: 'n1', spec: { hostNetwork: true } });
      const more = { ...cluster, '/api/v1/pods?fieldSelector=status.podIP=172.18.0.11': listOf(proxy) };
      expect((await ask('web', '172.18.0.11:30080', more)).flow).toMatchObject(entered);
      expect((await ask('web', 'http://172.18.0.11:30080/', more)).flow).toMatchObject({ ...entered, scheme: 'http' });
    });

    it('that no Service has is the port of a program on the node', async () => {
      expect((await ask('web', 'node/n1:30081', cluster)).flow).toMatchObject({
        destination: { kind: 'Address', address: '172.18.0.11' },
        port: 30081,
      });
      const closed = { ...cluster, '/api/v1/services': forbidden('services') };
      expect((await ask('web', 'node/n1:30080', closed)).flow.via).toBeUndefined();
    });
  });

  it('may be a Pod of a workload', async () => {
    const { flow } = await ask('web', 'deploy/api:8080', {
      '/apis/apps/v1/namespaces/shop/deployments/api': { spec: { selector: { matchLabels: { app: 'api' } } } },
      '/api/v1/namespaces/shop/pods?labelSelector=app=api': listOf(apiC, apiA),
    });
    expect(flow).toMatchObject({
      destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
      port: 8080,
      notes: ['api-a was picked from the 2 Pods of Deployment api.'],
    });
  });

  it.each([
    ['node/n9', { kind: 'Node', name: 'n9' }, { '/api/v1/nodes': listOf(node('n1'), node('worker')) }, ['n1']],
    ['deploy/zzz', { kind: 'Deployment', namespace: 'shop', name: 'zzz' }, {}, []],
    [
      'sts/dv.data:5432',
      { kind: 'StatefulSet', namespace: 'data', name: 'dv' },
      { '/apis/apps/v1/namespaces/data/statefulsets': listOf({ metadata: { name: 'db' } }) },
      ['db'],
    ],
    [
      'pod/appi',
      { kind: 'Pod', namespace: 'shop', name: 'appi' },
      { '/api/v1/namespaces/shop/pods': listOf(pod({ name: 'api' })) },
      ['api'],
    ],
  ])('%s is not there, which is found out about and not refused', async (typed, object, more, near) => {
    const { flow } = await ask('web', typed, more);
    expect(flow).toMatchObject({ destination: { kind: 'Absent', object, near }, dnsName: null });
  });

  it.each([
    ['ing/shop', 'A destination of kind Ingress is not supported yet; name the Service behind it.'],
    ['gateway/edge', 'A destination of kind Gateway is not supported yet; name the Service behind it.'],
    ['httproute/shop', 'A destination of kind HTTPRoute is not supported yet; name the Service behind it.'],
    ['api:99999', 'api:99999: port 99999 is not between 1 and 65535.'],
  ])('%s is refused', async (typed, message) => {
    const error = await refusal('web', typed);
    expect(error.message).toBe(message);
    expect(error.kind).toBe('usage');
  });
});
