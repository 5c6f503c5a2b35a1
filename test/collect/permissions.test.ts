import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/adapters/debug-container.ts';
import { openExec } from '../../src/adapters/kube-exec.ts';
import type { KubeRest } from '../../src/adapters/kube-rest.ts';
import { makeNodePod, removeNodePod } from '../../src/adapters/node-pod.ts';
import { requestFor } from '../../src/choose/reads.ts';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import { PERMISSIONS, type Permission, permissionsOf } from '../../src/collect/permissions.ts';
import type { ApiAnswer, KubeApi } from '../../src/collect/ports.ts';
import type { ApiKind, Evidence } from '../../src/evidence/evidence.ts';
import type { Access } from '../../src/ladder/access.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { resolve, Unresolved } from '../../src/target/resolve.ts';
import { configFor } from '../adapters/fake-api.ts';
import {
  ABSENT,
  apiA,
  apiPod,
  connect,
  endpointsOf,
  pod,
  SILENT,
  WEB_TO_API,
  waiting,
  web,
  workload,
  world,
} from '../support/world.ts';
import { readingOf } from './fake-kube.ts';

/** One right, as the API server's RBAC sees it. */
interface Right {
  readonly access: Access;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly request: string;
}

const SOURCE = 'shop';
const DESTINATION = 'data';

/** @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
function rightOf(access: Access, method: string, path: string): Right {
  const url = new URL(path, 'http://api');
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const hasNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [resource = '', name, sub] = hasNamespace ? rest.slice(2) : rest;
  const read = name === undefined ? (url.searchParams.get('watch') === 'true' ? 'watch' : 'list') : 'get';
  return {
    access,
    group,
    resource: sub === undefined ? resource : `${resource}/${sub}`,
    verb: method === 'GET' ? read : method === 'POST' ? 'create' : method.toLowerCase(),
    namespace: hasNamespace ? (rest[1] ?? '') : null,
    name: name ?? null,
    request: `${method} ${path}`,
  };
}

function covers(permission: Permission, right: Right): boolean {
  const places: Readonly<Record<Permission['place'], readonly (string | null)[]>> = {
    path: [SOURCE, DESTINATION],
    source: [SOURCE],
    destination: [DESTINATION],
    'kube-system': ['kube-system'],
    'kube-node-lease': ['kube-node-lease'],
    everywhere: [null],
    cluster: [null],
  };
  return (
    permission.access === right.access &&
    permission.group === right.group &&
    permission.resources.includes(right.resource) &&
    permission.verbs.some((verb) => verb === right.verb) &&
    places[permission.place].includes(right.namespace) &&
    (permission.names === undefined || (right.name !== null && permission.names.includes(right.name)))
  );
}

/** Answers every request alike and keeps what was asked. */
class AskedKube implements KubeApi {
  readonly asked: string[] = [];
  readonly #answer: (path: string) => ApiAnswer;

  constructor(answer: (path: string) => ApiAnswer) {
    this.#answer = answer;
  }

  async get(path: string): Promise<ApiAnswer> {
    this.asked.push(path);
    return this.#answer(path);
  }
}

const isList = (path: string): boolean => rightOf('api', 'GET', path).verb === 'list';
const NOTHING = (path: string): ApiAnswer =>
  isList(path) ? { kind: 'object', body: { metadata: {}, items: [] } } : { kind: 'not-found' };
const FORBIDDEN = (): ApiAnswer => ({ kind: 'refused', status: 403, message: 'forbidden' });
/** Workloads are there, with one Pod. */
const WORKLOADS = (path: string): ApiAnswer => {
  const { group } = rightOf('api', 'GET', path);
  if (isList(path)) return { kind: 'object', body: { metadata: {}, items: [web] } };
  return group === 'apps' || group === 'batch'
    ? { kind: 'object', body: workload({ name: 'web', labels: { app: 'web' } }) }
    : { kind: 'not-found' };
};

/** Policies refer to groups and sets. */
const REFERRING = (path: string): ApiAnswer => {
  const spec = {
    egress: [{ toCIDRSet: [{ cidrGroupRef: 'g' }], to: [{ group: 'g' }], destination: { selector: "who == 'bank'" } }],
  };
  return isList(path)
    ? { kind: 'object', body: { metadata: {}, items: [{ metadata: { name: 'p' }, spec }] } }
    : NOTHING(path);
};

const FLOWS: readonly Flow[] = [
  { ...WEB_TO_API, destination: { kind: 'Service', namespace: DESTINATION, name: 'api' } },
  { ...WEB_TO_API, destination: { kind: 'Pod', namespace: DESTINATION, name: 'db' } },
  { ...WEB_TO_API, destination: { kind: 'Address', address: '10.96.0.77' } },
];

/** Policies of other kinds; Calico shows its own by one of two groups. */
const policyApis = (calico: string) => [
  { group: 'policy.networking.k8s.io', versions: ['v1alpha1', 'v1alpha2'] },
  { group: 'cilium.io', versions: ['v2'] },
  { group: 'crd.antrea.io', versions: ['v1beta1'] },
  { group: calico, versions: ['v1', 'v3'] },
];

/** A healthy cluster, and one without the Service, with a backend that stays silent and crashes. */
const WORLDS: readonly Evidence[] = [
  world({ policyApis: policyApis('projectcalico.org') }),
  world({
    service: ABSENT,
    backendConnects: [connect(apiA, SILENT)],
    endpoints: endpointsOf([apiPod('a', { ready: false, status: waiting('CrashLoopBackOff', 1) })]),
    policyApis: policyApis('crd.projectcalico.org'),
  }),
];

/** Which APIs there are is no resource: Kubernetes lets every user that is logged in ask, by the role system:discovery. */
const DISCOVERY = '/apis';

async function readsOfCollectors(): Promise<readonly string[]> {
  const asked: string[] = [];
  for (const answer of [NOTHING, FORBIDDEN])
    for (const flow of FLOWS)
      for (const evidence of WORLDS)
        for (const kind of Object.keys(API_COLLECTORS) as ApiKind[]) {
          const api = new AskedKube(answer);
          await API_COLLECTORS[kind].collect(readingOf(api), evidence, flow);
          asked.push(...api.asked.filter((path) => path !== DISCOVERY));
        }
  for (const flow of FLOWS)
    for (const evidence of WORLDS) {
      const api = new AskedKube(REFERRING);
      await API_COLLECTORS.vendorPolicies.collect(readingOf(api), evidence, flow);
      asked.push(...api.asked);
    }
  return asked;
}

async function readsOfNames(): Promise<readonly string[]> {
  const asked: string[] = [];
  const sources = ['web', 'pod/web', 'deploy/web', 'sts/web', 'ds/web', 'rs/web', 'job/web'];
  const to = ['api', `api.${DESTINATION}`, 'node/n1', '10.96.0.77', `deploy/api.${DESTINATION}`, 'www.example.org'];
  for (const answer of [NOTHING, FORBIDDEN, WORKLOADS])
    for (const source of sources)
      for (const destination of to) {
        const api = new AskedKube(answer);
        const wanted = { source, destination, namespace: SOURCE, port: null, protocol: null };
        await resolve(readingOf(api), wanted).catch((error: unknown) => {
          if (!(error instanceof Unresolved)) throw error;
        });
        asked.push(...api.asked);
      }
  return asked;
}

function readsOfPickers(): readonly string[] {
  const here = ['pods', 'services'] as const;
  const everywhere = ['podsEverywhere', 'servicesEverywhere', 'ingresses'] as const;
  return [
    ...here.map((list) => requestFor({ list, namespace: SOURCE }, '').path),
    ...everywhere.map((list) => requestFor({ list, namespace: null }, '').path),
  ];
}

/** Adds a container to a Pod that never gets to run, so that every question is asked. */
async function requestsOfDebugContainer(namespace: string): Promise<readonly (readonly [string, string])[]> {
  const asked: (readonly [string, string])[] = [];
  const body = pod({ name: 'web', namespace });
  const rest = {
    get: async (path: string) => {
      asked.push(['GET', path]);
      return path.includes('/events') ? NOTHING(path) : { kind: 'object', body };
    },
    request: async ({ method, path }: { method: string; path: string }) => {
      asked.push([method, path]);
      return { status: 200, body, headers: {} };
    },
    open: async ({ method, path }: { method: string; path: string }) => {
      asked.push([method, path]);
      return Readable.from([]);
    },
  } as unknown as KubeRest;
  // Long enough for every question to be asked, also on a machine that is busy.
  const limits = { stuckAfterMs: 300, startMs: 300, watchMs: 5 };
  const { signal } = new AbortController();
  const options = {
    namespace,
    pod: 'web',
    signal,
    limits,
    image: 'i',
    imagePullPolicy: 'Never',
    profile: 'auto',
  } as const;
  await attach(rest, options, () => undefined);
  return asked;
}

/** Makes a Pod on a node and takes it away. */
async function requestsOfNodePod(namespace: string): Promise<readonly (readonly [string, string])[]> {
  const asked: (readonly [string, string])[] = [];
  const rest = {
    get: async (path: string) => {
      asked.push(['GET', path]);
      return { kind: 'object', body: pod({ name: 'netdebug-n2', namespace }) };
    },
    request: async ({ method, path }: { method: string; path: string }) => {
      asked.push([method, path]);
      return { status: 201, body: {}, headers: {} };
    },
  } as unknown as KubeRest;
  const limits = { stuckAfterMs: 1, startMs: 1 };
  const { signal } = new AbortController();
  const options = { namespace, pod: 'netdebug-n2', node: 'n2', signal, limits, image: 'i', profile: 'auto' } as const;
  await makeNodePod(rest, { ...options, imagePullPolicy: 'Never' }, () => undefined);
  await removeNodePod(rest, options);
  return asked;
}

async function requestOfExec(namespace: string): Promise<readonly [string, string]> {
  let asked: readonly [string, string] | null = null;
  const server = createServer().on('upgrade', ({ method = '', url = '' }, socket) => {
    asked = [method, url];
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const config = configFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const target = { namespace, pod: 'web', container: 'netdebug', command: ['sh'] };
  await expect(openExec(config, target, () => undefined)).rejects.toThrow('403');
  server.close();
  if (asked === null) throw new Error('nothing was asked');
  return asked;
}

async function rightsInUse(): Promise<readonly Right[]> {
  const reads = [...(await readsOfCollectors()), ...(await readsOfNames()), ...readsOfPickers()];
  const rights = reads.map((path) => rightOf('api', 'GET', path));
  for (const [access, namespace] of [
    ['source', SOURCE],
    ['backend', DESTINATION],
  ] as const) {
    for (const [method, path] of [...(await requestsOfDebugContainer(namespace)), await requestOfExec(namespace)]) {
      const right = rightOf(access, method, path);
      const isRead = right.verb === 'get' || right.verb === 'list';
      rights.push(isRead && right.resource !== 'pods/exec' ? { ...right, access: 'api' } : right);
    }
  }
  for (const [method, path] of await requestsOfNodePod(SOURCE)) {
    const right = rightOf('node', method, path);
    rights.push(right.verb === 'get' ? { ...right, access: 'api' } : right);
  }
  return rights;
}

describe('the table of rights', () => {
  const used = rightsInUse();

  it('has every right that is used, in its place', async () => {
    const missing = (await used).filter((right) => !PERMISSIONS.some((permission) => covers(permission, right)));
    expect([...new Set(missing.map(({ request }) => request))]).toEqual([]);
  });

  it('has no right that is not used', async () => {
    const rights = await used;
    const idle = PERMISSIONS.flatMap((permission) =>
      permission.resources.flatMap((resource) =>
        permission.verbs
          .filter(
            (verb) => !rights.some((right) => covers({ ...permission, resources: [resource], verbs: [verb] }, right)),
          )
          .map((verb) => `${permission.access}: ${verb} ${resource}, ${permission.place}`),
      ),
    );
    // A newer API server asks for it when the GET above wants to become a WebSocket.
    expect(idle).toEqual(['source: create pods/exec, source', 'backend: create pods/exec, destination']);
  });

  it('says for every kind of evidence with which right it is read', () => {
    const kinds = PERMISSIONS.flatMap(({ evidence }) => evidence);
    // A dry run takes a right that nobody is given for a diagnosis.
    expect([...new Set(kinds), 'policyApis', 'fixTrials'].sort()).toEqual(Object.keys(API_COLLECTORS).sort());
  });

  it('grows with the level', () => {
    const writes = (access: Access) =>
      permissionsOf(access).filter(({ verbs }) => verbs.includes('patch') || verbs.includes('create'));
    expect(writes('api')).toEqual([]);
    expect(writes('source').map(({ place }) => place)).toEqual(['source', 'source']);
    expect(writes('backend').map(({ place }) => place)).toEqual(['source', 'source', 'destination', 'destination']);
    expect(writes('node').map(({ place, resources }) => `${resources} ${place}`)).toEqual([
      ...writes('backend').map(({ place, resources }) => `${resources} ${place}`),
      'pods source',
    ]);
  });
});

describe('paths of the API server', () => {
  it('are written in the files that are tested above, and nowhere else', () => {
    const src = join(import.meta.dirname, '../../src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));
    const withPaths = files.filter((path) => /['"`]\/apis?\//.test(readFileSync(join(src, path), 'utf8')));
    // `cleanup` lists Pods, which every level may, and says where it may not.
    // A completion asks for what can be had and says nothing where it cannot.
    // `policy` reads all namespaces in place of a run, and says by name what it may not read.
    // Proposed policies may ask about labels of namespaces that a run does not; that list is in the table.
    const apart = ['cli/complete.ts', 'cli/policy.ts', 'cli/proposed.ts', 'collect/leftovers.ts'];
    expect(withPaths.filter((path) => !apart.includes(path)).sort()).toEqual([
      'adapters/debug-container.ts',
      'adapters/node-pod.ts',
      'choose/reads.ts',
      'collect/api.ts',
      'collect/changes.ts',
      'collect/fix-trials.ts',
      'collect/policies.ts',
      // What one may oneself, which nobody needs a right for.
      'collect/rights.ts',
      'target/resolve.ts',
    ]);
  });
});
