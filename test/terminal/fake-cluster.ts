/** A cluster of lists and nothing else, for the pickers: as many Pods as wanted, names that never change. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface FakeClusterOptions {
  /** Pods in namespace shop; the tenth part of them in trouble. */
  readonly pods: number;
  /** What a list is refused with, by the end of its path, such as `/namespaces/shop/pods`. */
  readonly refuse?: readonly string[];
  /** Milliseconds until each answer. */
  readonly delayMs?: number;
}

export class FakeCluster {
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor({ pods, refuse = [], delayMs = 0 }: FakeClusterOptions) {
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://fake');
      this.asked.push(url.pathname);
      const isRefused = refuse.some((end) => url.pathname.endsWith(end));
      const body = isRefused ? FORBIDDEN : listOf(url, pods);
      void wait(delayMs).then(() => {
        response.writeHead(isRefused ? 403 : body === null ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? { kind: 'Status', code: 404, message: 'not found' }));
      });
    });
  }

  /** @returns a kubeconfig as text */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me', namespace: 'shop' } }],
      clusters: [{ name: 'lab', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'me', user: { token: 'none' } }],
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const FORBIDDEN = { kind: 'Status', code: 403, message: 'pods is forbidden: User "me" cannot list resource "pods"' };

function listOf(url: URL, pods: number): unknown {
  const [, namespace, resource] =
    /^\/apis?(?:\/[^/]+)?\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)$/.exec(url.pathname) ?? [];
  const from = Number(url.searchParams.get('continue') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 500);
  if (resource === 'pods') {
    const to = Math.min(pods, from + limit);
    const rows = Array.from({ length: Math.max(0, to - from) }, (_, index) => podRow(from + index));
    const columns = ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node'];
    return {
      kind: 'Table',
      columnDefinitions: columns.map((name) => ({ name })),
      metadata: to < pods ? { continue: `${to}` } : {},
      rows: namespace === 'empty' ? [] : rows,
    };
  }
  if (resource === 'services') {
    const here = SERVICES.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    return { metadata: {}, items: here };
  }
  if (resource === 'ingresses') return { metadata: {}, items: [INGRESS] };
  return null;
}

const APPS = ['checkout', 'payments', 'catalog', 'search', 'cart', 'mail', 'stock', 'web'];

function podRow(index: number): unknown {
  const app = APPS[index % APPS.length] ?? 'web';
  const set = `${app}-${Math.floor(index / (3 * APPS.length))}`;
  const hash = `${(7919 * (Math.floor(index / (3 * APPS.length)) + 1)).toString(36)}`;
  const name = `${set}-${hash}-${((104_729 * (index + 1)) % 60_466_176).toString(36).padStart(5, 'x')}`;
  const isBad = index % 10 === 3;
  const cells = isBad
    ? [name, '0/1', 'CrashLoopBackOff', '12 (3m ago)', '2d', `10.244.1.${index % 250}`, `n${index % 3}`]
    : [name, '1/1', 'Running', '0', '2d', `10.244.1.${index % 250}`, `n${index % 3}`];
  return {
    cells,
    object: {
      metadata: {
        name,
        namespace: 'shop',
        labels: { 'pod-template-hash': hash },
        ownerReferences: [{ kind: 'ReplicaSet', name: `${set}-${hash}`, controller: true }],
      },
    },
  };
}

function service(
  namespace: string,
  name: string,
  ports: readonly object[],
  type = 'ClusterIP',
): { metadata: { namespace: string; name: string }; spec: object } {
  return { metadata: { namespace, name }, spec: { type, clusterIP: '10.96.0.7', ports } };
}

const SERVICES = [
  service('shop', 'api', [{ name: 'http', port: 80, protocol: 'TCP' }]),
  service('shop', 'payments', [
    { name: 'http', port: 80, protocol: 'TCP' },
    { name: 'metrics', port: 9090, protocol: 'TCP' },
  ]),
  service('data', 'db', [{ name: 'postgres', port: 5432, protocol: 'TCP' }]),
  service('kube-system', 'kube-dns', [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ]),
];

const INGRESS = {
  metadata: { name: 'front', namespace: 'shop' },
  spec: { rules: [{ host: 'shop.example' }, { host: 'plain.example' }], tls: [{ hosts: ['shop.example'] }] },
};
