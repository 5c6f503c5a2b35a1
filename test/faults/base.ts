// The healthy shop that every fault starts from and comes back to.
import type { Flow } from './define.ts';
import type { Fetch, KubeObject, Lab } from './lab.ts';
import { MADE_FOR, SWEPT_KINDS } from './lab.ts';
import { app, client, deployment, namespace, onNode, service, TOOLS_IMAGE, tcpReadiness } from './objects.ts';
import { until } from './until.ts';

/** Node of `web` and `tools`. */
export const SOURCE_NODE = 2;
/** Runs one of three backends, no CoreDNS and no client: its loss leaves the rest of the cluster as it was. */
export const FAR_NODE = 3;

export const SHOP = 'shop';
/** A second namespace with clients, labelled `team=front`. */
export const FRONT = 'front';
/** A third one with Services that `shop` also wants. */
export const FINANCE = 'finance';

/** web → api: the flow of most faults. */
export const webToApi: Flow = { namespace: SHOP, source: 'web', destination: 'api', url: 'http://api/' };

const spread = (topologyKey: string, labels: object) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } },
  ],
});

function objects(lab: Lab): KubeObject[] {
  const here = onNode(lab.nodeName(SOURCE_NODE));
  return [
    namespace(SHOP),
    namespace(FRONT, { team: 'front' }),
    namespace(FINANCE),
    deployment(SHOP, 'api', {
      replicas: 3,
      container: app(tcpReadiness),
      podSpec: spread('kubernetes.io/hostname', { app: 'api' }),
    }),
    service(SHOP, 'api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
    { ...client(SHOP, 'web', { app: 'web' }, { terminationGracePeriodSeconds: 1, containers: [app()], ...here }) },
    client(
      SHOP,
      'tools',
      { app: 'tools' },
      {
        containers: [
          { name: 'tools', image: TOOLS_IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] },
        ],
        ...here,
      },
    ),
  ];
}

// kubeadm's CoreDNS does not cache cluster names (since 1.33), so a Service that comes or goes is seen at once.
const CACHE = 'cache 30 {\n       disable success cluster.local\n       disable denial cluster.local\n    }';

async function settleDns(lab: Lab): Promise<void> {
  const corefile = await lab.field('{.data.Corefile}', '-n', 'kube-system', 'configmap', 'coredns');
  const uncached = corefile.replace(/cache 30(?!\s*\{)/, CACHE);
  const away = {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'kubernetes.io/hostname', operator: 'NotIn', values: [lab.nodeName(FAR_NODE)] },
              ],
            },
          ],
        },
      },
    },
  };
  const spec = {
    strategy: { type: 'Recreate', rollingUpdate: null },
    template: { spec: { ...away, ...spread('kubernetes.io/hostname', { 'k8s-app': 'kube-dns' }) } },
  };
  const coredns = ['-n', 'kube-system', 'deployment', 'coredns'] as const;
  const patched = await lab.kubectl('patch', ...coredns, '--type=strategic', '-p', JSON.stringify({ spec }));
  if (uncached !== corefile) {
    await lab.kubectl(
      '-n',
      'kube-system',
      'patch',
      'configmap',
      'coredns',
      '--type=merge',
      '-p',
      JSON.stringify({ data: { Corefile: uncached } }),
    );
    if (patched.includes('no change'))
      await lab.kubectl('-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns');
  }
  await lab.run(['kubectl', '-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=80s'], {
    seconds: 90,
  });
}

/** Brings the shop to the state the faults rely on, whatever an interrupted run left of it. */
export async function deployBase(lab: Lab): Promise<void> {
  await lab.kubectl(
    'delete',
    SWEPT_KINDS,
    '--all-namespaces',
    '-l',
    MADE_FOR,
    '--ignore-not-found',
    '--grace-period=1',
  );
  const wanted = objects(lab);
  // A shop that somebody else made, by hand or from the lab's manifest, cannot be changed into ours.
  const make = (): Promise<unknown> => lab.apply(wanted);
  const remake = async (): Promise<unknown> => {
    await lab.kubectl('delete', 'namespace', SHOP, '--ignore-not-found');
    return make();
  };
  await Promise.all([
    settleDns(lab),
    make()
      .catch(remake)
      .then(() => lab.ready(wanted)),
  ]);
  await until('the shop works', async () => (await baseHealth(lab)) === undefined, 30);
}

/** What is wrong with the shop, by plain curl; undefined when nothing is. */
export async function baseHealth(lab: Lab): Promise<string | undefined> {
  const pods = await backends(lab, SHOP, 'api');
  if (pods.length !== 3) return `api has ${pods.length} ready Pods instead of 3`;
  const web = await lab.from(SHOP, 'web');
  const urls = [webToApi.url, webToApi.url, ...pods.map(({ ip }) => `http://${ip}:8080/`)];
  const fetches = await Promise.all(urls.map((url) => web.fetch(url)));
  const bad = fetches.flat().find(({ exit }) => exit !== 0);
  return bad && `curl from web: ${describe([bad])}`;
}

export interface Backend {
  name: string;
  ip: string;
  node: string;
}

interface PodStatus {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: { phase?: string; podIP?: string; conditions?: { type: string; status: string }[] };
}

/** The Ready Pods with label `app=NAME` that are not going away, by name. */
export async function backends(lab: Lab, where: string, name: string): Promise<Backend[]> {
  const pods = await lab.list<PodStatus>('-n', where, 'pods', '-l', `app=${name}`);
  return pods
    .filter(
      ({ metadata, status }) =>
        !metadata.deletionTimestamp && status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    )
    .map(({ metadata, spec, status }) => ({ name: metadata.name, ip: status.podIP ?? '', node: spec.nodeName ?? '' }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** One backend, on the node asked for if one is there. */
export async function oneBackend(lab: Lab, where: string, name: string, node?: string): Promise<Backend> {
  const all = await backends(lab, where, name);
  const picked = all.find((backend) => backend.node === node) ?? all[0];
  if (!picked) throw new Error(`no ready Pod with app=${name} in ${where}`);
  return picked;
}

/** The backend of api on the node whose loss leaves the rest of the cluster as it was. */
export async function farBackend(lab: Lab): Promise<Backend> {
  const node = lab.nodeName(FAR_NODE);
  const backend = (await backends(lab, SHOP, 'api')).find((pod) => pod.node === node);
  if (!backend) throw new Error(`no backend of api on ${node}`);
  return backend;
}

interface Slice {
  metadata: { name: string };
  endpoints?: {
    addresses: string[];
    conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
    targetRef?: { name: string };
  }[];
  ports?: { port: number }[];
}

export function slices(lab: Lab, where: string, name: string): Promise<Slice[]> {
  return lab.list<Slice>('-n', where, 'endpointslices', '-l', `kubernetes.io/service-name=${name}`);
}

/** "2 ready of 3 endpoints, ports 8080" */
export async function endpoints(
  lab: Lab,
  where: string,
  name: string,
): Promise<{ ready: number; all: number; ports: number; saw: string }> {
  const found = await slices(lab, where, name);
  const all = found.flatMap((slice) => slice.endpoints ?? []);
  const ports = found.flatMap((slice) => slice.ports ?? []).map(({ port }) => port);
  const ready = all.filter(({ conditions }) => conditions?.ready !== false).length;
  return {
    ready,
    all: all.length,
    ports: ports.length,
    saw: `slice of ${name}: ${ready} of ${all.length} endpoints ready, ports [${ports.join(' ')}]`,
  };
}

/** What curl met on the flow's URL from its source, `times` times. */
export async function ask(lab: Lab, flow: Flow, times = 1, seconds?: number): Promise<Fetch[]> {
  return (await lab.from(flow.namespace, flow.source)).fetch(flow.url, times, seconds);
}

export const failed = (fetches: readonly Fetch[]): boolean => fetches.some(({ exit }) => exit !== 0);
export const allFailed = (fetches: readonly Fetch[]): boolean =>
  fetches.length > 0 && fetches.every(({ exit }) => exit !== 0);

export const worked = (fetches: readonly Fetch[]): boolean => fetches.length > 0 && !failed(fetches);

/** "2 × HTTP 200, 1 × curl 7 Failed to connect to …" */
export function describe(fetches: readonly Fetch[]): string {
  const counts = new Map<string, number>();
  for (const { exit, status, error } of fetches) {
    const words = exit === 0 ? `HTTP ${status}` : `curl ${exit} ${error}`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts]
    .map(([words, count]) => (count === 1 && fetches.length === 1 ? words : `${count} × ${words}`))
    .join(', ');
}

export async function setTargetPort(lab: Lab, targetPort: number | string): Promise<void> {
  const patch = [{ op: 'replace', path: '/spec/ports/0/targetPort', value: targetPort }];
  await lab.kubectl('-n', SHOP, 'patch', 'service', 'api', '--type=json', '-p', JSON.stringify(patch));
}

/** Every backend by its own address, past DNS and the Service. */
export async function direct(lab: Lab, from: { namespace: string; source: string }, port = 8080): Promise<Fetch[]> {
  const vantage = await lab.from(from.namespace, from.source);
  const pods = await backends(lab, SHOP, 'api');
  return (await Promise.all(pods.map(({ ip }) => vantage.fetch(`http://${ip}:${port}/`)))).flat();
}
