/** A healthy small cluster as evidence. A world of a test is this cluster plus the one difference that is the fault. */
import type { Gap, GapReason, Lookup } from '../../src/evidence/collected.ts';
import { type Evidence, type EvidenceKind, type EvidenceMap, PROBE_VANTAGES } from '../../src/evidence/evidence.ts';
import type {
  AcceptQueue,
  ConnectReading,
  DnsOutcome,
  DnsReading,
  IdleReading,
  Listener,
  NodeState,
  PingReading,
  PodNetwork,
  SearchReading,
  SizeReading,
  SystemLookup,
  SystemLookups,
  TriesReading,
  UdpCounters,
  UdpReading,
} from '../../src/evidence/readings.ts';
import type {
  ContainerPort,
  NamespaceSnapshot,
  NodeSnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServicePort,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from '../../src/evidence/snapshots.ts';
import type { Flow } from '../../src/ladder/flow.ts';

/** The API server's clock in every world. */
export const NOW = Date.parse('2026-03-02T10:00:00Z');

/** `secondsAgo(3)`: an RFC 3339 time that long before {@link NOW}. */
export function secondsAgo(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

// Objects

type Labels = Readonly<Record<string, string>>;
type Status = NonNullable<PodSnapshot['status']>;
type Container = PodSnapshot['spec']['containers'][number];

export interface PodOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly node?: string | null;
  readonly ip?: string | null;
  readonly labels?: Labels;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly ports?: readonly ContainerPort[];
  readonly probe?: Container['readinessProbe'];
  readonly ready?: boolean;
  readonly deleted?: boolean;
  readonly spec?: Partial<PodSnapshot['spec']>;
  readonly status?: Partial<Status>;
}

/** A running, Ready Pod on node n2 unless said otherwise. */
export function pod(options: PodOptions): PodSnapshot {
  const { name, namespace = 'shop', node = 'n2', ip = '10.244.2.99', ready = true, ports = [], probe } = options;
  return {
    metadata: {
      name,
      namespace,
      uid: options.uid ?? `uid-${name}`,
      labels: { ...options.labels },
      ...(options.owner === undefined ? {} : { ownerReferences: [{ ...options.owner, controller: true }] }),
      ...(options.deleted === true ? { deletionTimestamp: secondsAgo(5) } : {}),
    },
    spec: {
      ...(node === null ? {} : { nodeName: node }),
      dnsPolicy: 'ClusterFirst',
      containers: [
        {
          name: 'app',
          image: 'registry.example/app:1',
          ...(ports.length === 0 ? {} : { ports: [...ports] }),
          ...(probe === undefined ? {} : { readinessProbe: probe }),
        },
      ],
      ...options.spec,
    },
    status: {
      phase: 'Running',
      podIPs: ip === null ? [] : [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', ready, restartCount: 0, state: { running: {} } }],
      ...options.status,
    },
  };
}

export const API_PORTS: readonly ContainerPort[] = [{ name: 'http', containerPort: 8080, protocol: 'TCP' }];
const API_HASH = '7d4f9c6b5d';

/** One of the Pods of Deployment api, named by its last letters: `apiPod('a')` on n1, `b` on n2, `c` on n3. */
export function apiPod(letter: 'a' | 'b' | 'c', changes: Partial<PodOptions> = {}): PodSnapshot {
  const number = { a: 1, b: 2, c: 3 }[letter];
  return pod({
    name: `api-${letter}`,
    node: `n${number}`,
    ip: `10.244.${number}.11`,
    labels: { app: 'api', 'pod-template-hash': API_HASH },
    owner: { kind: 'ReplicaSet', name: `api-${API_HASH}` },
    ports: API_PORTS,
    probe: { httpGet: { path: '/healthz', port: 8080 } },
    ...changes,
  });
}

/** A container that does not run: `waiting('CrashLoopBackOff', 1)`. */
export function waiting(reason: string, lastExit?: number): Partial<Status> {
  return {
    containerStatuses: [
      {
        name: 'app',
        ready: false,
        restartCount: lastExit === undefined ? 0 : 7,
        state: { waiting: { reason } },
        ...(lastExit === undefined ? {} : { lastState: { terminated: { exitCode: lastExit, reason: 'Error' } } }),
      },
    ],
  };
}

export interface WorkloadOptions {
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  readonly ready?: number;
  readonly labels: Labels;
  readonly scaledBy?: { readonly manager: string; readonly time?: string };
}

export function workload(options: WorkloadOptions): WorkloadSnapshot {
  const { kind = 'Deployment', name, namespace = 'shop', replicas = 3, ready = replicas, labels, scaledBy } = options;
  return {
    kind,
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels } } },
    status: { replicas, readyReplicas: ready },
    ...(scaledBy === undefined ? {} : { scaledBy }),
  };
}

export interface ServiceOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly clusterIP?: string;
  readonly selector?: Labels | null;
  readonly ports?: readonly ServicePort[];
  readonly spec?: Partial<ServiceSnapshot['spec']>;
}

/** Service shop/api, port 80 to the port named http, unless said otherwise. */
export function service(options: ServiceOptions = {}): ServiceSnapshot {
  const { name = 'api', namespace = 'shop', clusterIP = '10.96.114.140', selector = { app: 'api' } } = options;
  const ports = options.ports ?? [{ port: 80, targetPort: 'http', protocol: 'TCP' }];
  return {
    metadata: { name, namespace, uid: `uid-${name}` },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      selector: selector === null ? null : { ...selector },
      ports: [...ports],
      ...options.spec,
    },
  };
}

type SliceEndpoint = NonNullable<SliceSnapshot['endpoints']>[number];

/** What the endpoint controller writes for a Pod; `conditions` says otherwise. */
export function endpointOf(target: PodSnapshot, conditions?: SliceEndpoint['conditions']): SliceEndpoint {
  const ready = target.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const terminating = target.metadata.deletionTimestamp !== undefined;
  return {
    addresses: (target.status?.podIPs ?? []).map(({ ip }) => ip),
    conditions: conditions ?? { ready: ready && !terminating, serving: ready, terminating },
    nodeName: target.spec.nodeName ?? null,
    targetRef: {
      kind: 'Pod',
      name: target.metadata.name,
      namespace: target.metadata.namespace,
      uid: target.metadata.uid,
    },
  };
}

export interface SliceOptions {
  readonly name?: string;
  readonly service?: string;
  readonly namespace?: string;
  readonly ports?: SliceSnapshot['ports'];
  readonly managedBy?: string;
}

/** An EndpointSlice of Service api with one endpoint for each Pod, port 8080. */
export function slice(endpoints: readonly (PodSnapshot | SliceEndpoint)[], options: SliceOptions = {}): SliceSnapshot {
  const { name = 'api-x7k2p', namespace = 'shop', managedBy = 'endpointslice-controller.k8s.io' } = options;
  return {
    metadata: {
      name,
      namespace,
      labels: {
        'kubernetes.io/service-name': options.service ?? 'api',
        'endpointslice.kubernetes.io/managed-by': managedBy,
      },
    },
    addressType: 'IPv4',
    ports: options.ports ?? [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: endpoints.map((item) => ('addresses' in item ? item : endpointOf(item))),
  };
}

export function node(name: string, changes: { readonly ready?: string; readonly renewed?: number } = {}): NodeSnapshot {
  const { ready = 'True', renewed = 4 } = changes;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { podCIDRs: [`10.244.${name.slice(1)}.0/24`] },
    status: {
      addresses: [{ type: 'InternalIP', address: nodeAddress(name) }],
      conditions: [{ type: 'Ready', status: ready }],
    },
    leaseRenewedAt: secondsAgo(renewed),
  };
}

/** n1 is 172.18.0.11, n2 is 172.18.0.12. */
export function nodeAddress(name: string): string {
  return `172.18.0.1${name.slice(1)}`;
}

export function namespace(name: string, labels: Labels = {}): NamespaceSnapshot {
  return { metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } } };
}

/** A NetworkPolicy of namespace shop. */
export function policy(name: string, spec: PolicySnapshot['spec'], namespace = 'shop'): PolicySnapshot {
  return { metadata: { name, namespace }, spec };
}

// Readings

type ReadingChange = Partial<Pick<ConnectReading, 'outcome' | 'exchange' | 'refusal' | 'port'>>;

/** No answer at all: dropped on the way, or nobody is there. */
export const SILENT: ReadingChange = { outcome: { kind: 'timed-out', afterMs: 4000 }, exchange: { kind: 'none' } };

/** Refused, nobody saw by whom. */
export const REFUSED: ReadingChange = { outcome: { kind: 'refused', ms: 0.4 }, exchange: { kind: 'none' } };

export const HOST_UNREACHABLE: ReadingChange = {
  outcome: { kind: 'host-unreachable', ms: 3100 },
  exchange: { kind: 'none' },
};

/** The connection stands, and nothing comes. */
export const MUTE: ReadingChange = {
  outcome: { kind: 'connected', ms: 0.8 },
  exchange: { kind: 'silent', afterMs: 5000 },
};

export const CONNECTED: ReadingChange = { outcome: { kind: 'connected', ms: 0.8 }, exchange: { kind: 'none' } };

/** Refused by the kernel at the other end. */
export function reset(from: string, ttl = 62): ReadingChange {
  return { ...REFUSED, refusal: { kind: 'rst', from, ttl } };
}

/** Refused by somebody on the way, with ICMP port-unreachable. */
export function rejected(from: string): ReadingChange {
  return { ...REFUSED, refusal: { kind: 'icmp', from, ttl: 63, type: 3, code: 3 } };
}

/** A connection from web to a Pod, on port 8080 unless said otherwise; answered with HTTP 200. */
export function connect(target: PodSnapshot, change: ReadingChange = {}): ConnectReading {
  const address = target.status?.podIPs?.[0]?.ip ?? '';
  const port = change.port ?? 8080;
  return reading(address, port, change, {
    kind: 'Pod',
    name: target.metadata.name,
    node: target.spec.nodeName ?? null,
  });
}

/** What a node is set to; by default all is well, with routes to all Pods of api and back to web. */
export function nodeState(node: string, changes: Partial<NodeState> = {}): NodeState {
  const own = { n1: '10.244.1.', n2: '10.244.2.', n3: '10.244.3.' }[node] ?? 'none';
  return {
    node,
    forwards: true,
    bridgeCallsIptables: true,
    conntrack: { entries: 212, most: 65_536, dropped: 0 },
    routes: ['10.244.1.11', '10.244.2.11', '10.244.3.11', '10.244.2.10'].map((to) =>
      routeTo(to, to.startsWith(own) ? 'cni0' : 'vxlan0'),
    ),
    forward: [{ variant: 'nft', defaultAction: 'ACCEPT', policyPackets: 0, drops: [] }],
    serviceRules: { all: 8, here: 1 },
    serviceTargets: [serviceTargets(['10.244.1.11:8080', '10.244.2.11:8080', '10.244.3.11:8080'])],
    proxy: { mode: 'iptables', syncedAgoMs: 4000 },
    input: [{ variant: 'nft', defaultAction: 'ACCEPT', policyPackets: 0, drops: [] }],
    nftables: [],
    flows: [],
    drops: { tableFull: 0, insertFailed: 0, invalid: 0, reversePath: 0 },
    reversePath: [],
    overlays: [],
    hops: [],
    ways: [],
    devices: [],
    neighbours: { entries: 30, most: 1024, overflows: 0 },
    marks: [],
    command: `kubectl debug node/${node}`,
    ...changes,
  };
}

/** Where the rules of a node send port 80 of Service api. */
export function serviceTargets(
  to: readonly string[],
  by: NodeState['serviceTargets'][number]['by'] = 'iptables-nft',
): NodeState['serviceTargets'][number] {
  return {
    by,
    protocol: 'tcp',
    port: 80,
    to,
    rule: `-A KUBE-SERVICES -d ${API_VIP}/32 -p tcp --dport 80 -j KUBE-SVC-A`,
  };
}

/** A connection of web to the address of api that has had no answer yet. */
export function tracked(changes: Partial<NodeState['flows'][number]> = {}): NodeState['flows'][number] {
  return {
    protocol: 'tcp',
    state: 'SYN_SENT',
    source: '10.244.2.10',
    sourcePort: 40112,
    destination: API_VIP,
    destinationPort: 80,
    answersFrom: '10.244.3.11',
    answersFromPort: 8080,
    answersTo: '10.244.2.10',
    isReplied: false,
    ...changes,
  };
}

/** The VXLAN device of a node: 02:00:00:00:00:02 on n2. */
export function overlay(
  node: string,
  changes: Partial<NodeState['overlays'][number]> = {},
): NodeState['overlays'][number] {
  const hardwareAddress = `02:00:00:00:00:0${node.slice(1)}`;
  return {
    device: 'vxlan0',
    vni: 1,
    udpPort: 4789,
    hardwareAddress,
    local: nodeAddress(node),
    learns: false,
    ...changes,
  };
}

/** The next hop to a Pod on another node, over the overlay. */
export function hop(
  to: string,
  peer: string,
  changes: Partial<NodeState['hops'][number]> = {},
): NodeState['hops'][number] {
  return {
    to,
    via: `10.244.${peer.slice(1)}.0`,
    device: 'vxlan0',
    hardwareAddress: `02:00:00:00:00:0${peer.slice(1)}`,
    state: 'PERMANENT',
    wrappedFor: nodeAddress(peer),
    ...changes,
  };
}

/** A route as `ip route get` prints it; null: the kernel has none. */
export function routeTo(to: string, device: string | null): NodeState['routes'][number] {
  return device === null
    ? { to, text: 'RTNETLINK answers: Network is unreachable', device, isRefused: true }
    : { to, text: `${to} dev ${device} src 10.244.2.0`, device, isRefused: false };
}

/** A connection from web to the address of a Service, by default api's port 80. */
export function connectService(change: ReadingChange = {}, target: ServiceSnapshot = service()): ConnectReading {
  const owner = { kind: 'Service', name: target.metadata.name, node: null } as const;
  return reading(target.spec.clusterIP ?? '', change.port ?? 80, change, owner);
}

/** A connection from web to the kubelet of a node. */
export function connectNode(name: string, change: ReadingChange = CONNECTED): ConnectReading {
  return reading(nodeAddress(name), 10250, change, { kind: 'Node', name, node: name });
}

export function connectAddress(address: string, port: number, change: ReadingChange = {}): ConnectReading {
  return reading(address, port, change, { kind: 'Address', name: address, node: null });
}

function reading(address: string, port: number, change: ReadingChange, owner: ConnectReading['owner']): ConnectReading {
  return {
    outcome: { kind: 'connected', ms: 0.9 },
    exchange: { kind: 'http', status: 200, bytes: 312, firstByteMs: 2.1 },
    localPort: 40112,
    refusal: null,
    ...change,
    address,
    port,
    owner,
    command: `nc -zv -w 4 ${address} ${port}`,
  };
}

/** `answered('10.96.114.140')`: NOERROR with that address. */
export function answered(...addresses: readonly string[]): DnsOutcome {
  return { kind: 'answered', rcode: 'NOERROR', addresses, cnames: [], authoritative: true };
}

export const NXDOMAIN: DnsOutcome = {
  kind: 'answered',
  rcode: 'NXDOMAIN',
  addresses: [],
  cnames: [],
  authoritative: true,
};
export const NO_ANSWER: DnsOutcome = { kind: 'timed-out' };

export interface DnsOptions {
  readonly name?: string;
  readonly server?: string | null;
  readonly transport?: 'udp' | 'tcp';
  readonly pod?: string;
}

/** What the source Pod heard when it asked for the address of Service api. */
export function dnsAnswer(outcome: DnsOutcome, options: DnsOptions = {}): DnsReading {
  const { name = 'api.shop.svc.cluster.local.', server = null, transport = 'udp', pod } = options;
  const at = server === null ? '' : ` @${server}`;
  return {
    name,
    server,
    transport,
    outcome,
    tookMs: outcome.kind === 'timed-out' ? 2000 : 1.4,
    command: `dig +tries=1 +time=2${transport === 'tcp' ? ' +tcp' : ''}${at} ${name}`,
    ...(pod === undefined ? {} : { pod }),
  };
}

export function searchAnswer(typed: string, outcome: DnsOutcome): SearchReading {
  return { typed, steps: [], outcome, tookMs: 2.2, command: `dig +search ${typed}` };
}

/** The hosts file that the kubelet writes for web. */
export const HOSTS: EvidenceMap['hostsFile'] = [
  { address: '127.0.0.1', names: ['localhost'] },
  { address: '10.244.2.10', names: ['web'] },
];

/** What the system's resolver found, six times; `stalled` of them got no answer in 2 s. */
export function systemLookups(name: string, addresses: readonly string[], stalled = 0, times = 6): SystemLookups {
  const good: SystemLookup = { addresses, outcome: addresses.length === 0 ? 'not-found' : 'found', ms: 3 };
  const bad: SystemLookup = { addresses: [], outcome: 'stalled', ms: 2001 };
  return {
    name,
    lookups: Array.from({ length: times }, (_, index) => (index < stalled ? bad : good)),
    command: `getent ahosts ${name}`,
  };
}

export function listener(address: string, port: number, queued = 0): Listener {
  return { address, port, queued, backlog: 4096 };
}

/** What stalled, tried again: by default the usual request gets nothing and the small one all, and 1350 bytes pass. */
export function sizeTest(target: PodSnapshot, changes: Partial<SizeReading> = {}): SizeReading {
  return {
    address: target.status?.podIPs?.[0]?.ip ?? '',
    port: 8080,
    owner: { kind: 'Pod', name: target.metadata.name, node: target.spec.nodeName ?? null },
    usual: { bytes: 0, isComplete: false },
    small: { bytes: 20_134, isComplete: true },
    sender: null,
    mtu: 1450,
    pings: [
      { bytes: 100, outcome: 'answered' },
      { bytes: 1350, outcome: 'answered' },
      { bytes: 1351, outcome: 'lost' },
      { bytes: 1450, outcome: 'lost' },
    ],
    command: `ping -M do -s 1422 ${target.status?.podIPs?.[0]?.ip ?? ''}`,
    ...changes,
  };
}

/** Twenty pings to a Pod, of which so many came back. */
export function pings(target: PodSnapshot, received = 20): PingReading {
  const address = target.status?.podIPs?.[0]?.ip ?? '';
  return {
    address,
    owner: { kind: 'Pod', name: target.metadata.name, node: target.spec.nodeName ?? null },
    count: { sent: 20, received },
    command: `ping -n -q -c 20 -i 0.01 -W 1 ${address}`,
  };
}

/** Twenty connections to a Pod, of which so many lost their first SYN and so many were never made; pings beside them. */
export function manyConnects(
  target: PodSnapshot,
  { late = 0, lost = 0, ping = 20 as number | null, ms = 0.8 } = {},
): TriesReading {
  const good = Array.from({ length: 20 - late - lost }, () => ({ ms, outcome: 'connected' as const }));
  return {
    address: target.status?.podIPs?.[0]?.ip ?? '',
    port: 8080,
    owner: { kind: 'Pod', name: target.metadata.name, node: target.spec.nodeName ?? null },
    tries: [
      ...good,
      ...Array.from({ length: late }, () => ({ ms: 1004, outcome: 'connected' as const })),
      ...Array.from({ length: lost }, () => ({ ms: 3001, outcome: 'lost' as const })),
    ],
    ping: ping === null ? null : { sent: 20, received: ping },
    gatewayPing: { sent: 20, received: 20 },
    synRetransmits: late + lost,
    command: `nc -zv -w 3 ${target.status?.podIPs?.[0]?.ip ?? ''} 8080`,
  };
}

/** The network of web: all is well unless said otherwise. */
export function podNetwork(changes: Partial<PodNetwork> = {}): PodNetwork {
  return {
    links: [{ name: 'eth0', isUp: true, hasCarrier: true }],
    routes: ['default via 10.244.2.1 dev eth0', '10.244.2.0/24 dev eth0 proto kernel scope link src 10.244.2.10'],
    gateway: { address: '10.244.2.1', device: 'eth0' },
    routeTo: { to: '10.244.2.11', device: 'eth0', text: '10.244.2.11 dev eth0 src 10.244.2.10 uid 0' },
    gatewayNeighbour: 'REACHABLE',
    gatewayPing: { sent: 3, received: 3 },
    owners: ['8a:11:5e:c0:00:01'],
    ports: { first: 32_768, last: 60_999, used: [] },
    command: 'ip -br link; ip route',
    ...changes,
  };
}

/** Connections to the address of Service api after pauses: `{ 0: 'answered', 30: 'silent' }`. New ones are answered. */
export function idle(
  outcomes: Readonly<Record<number, IdleReading['holds'][number]['outcome']>>,
  changes: Partial<IdleReading> = {},
): IdleReading {
  return {
    address: API_VIP,
    port: 80,
    owner: { kind: 'Service', name: 'api', node: null },
    holds: Object.entries(outcomes).map(([seconds, outcome]) => ({ idleS: Number(seconds), outcome, again: true })),
    command: 'sleep 30; GET /',
    ...changes,
  };
}

/** The accept queue of a Pod on port 8080; by default there is room. */
export function acceptQueue(pod: string, changes: Partial<AcceptQueue> = {}): AcceptQueue {
  return {
    pod,
    port: 8080,
    queued: 0,
    backlog: 9,
    before: { overflows: 0, drops: 0 },
    after: { overflows: 0, drops: 0 },
    inside: { tried: 3, connected: 3 },
    command: `ss -ltn in ${pod}`,
    ...changes,
  };
}

// The cluster

export const web = pod({ name: 'web', node: 'n2', ip: '10.244.2.10', labels: { app: 'web' } });
export const [apiA, apiB, apiC] = [apiPod('a'), apiPod('b'), apiPod('c')];
export const API_PODS: readonly PodSnapshot[] = [apiA, apiB, apiC];

const dnsPorts = [
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
  { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
];

/** CoreDNS `a` on n1 or `b` on n3. */
export function corednsPod(letter: 'a' | 'b', changes: Partial<PodOptions> = {}): PodSnapshot {
  const number = { a: 1, b: 3 }[letter];
  return pod({
    name: `coredns-${letter}`,
    namespace: 'kube-system',
    node: `n${number}`,
    ip: `10.244.${number}.2`,
    labels: { 'k8s-app': 'kube-dns', 'pod-template-hash': '5c69dbb7bd' },
    owner: { kind: 'ReplicaSet', name: 'coredns-5c69dbb7bd' },
    ports: dnsPorts,
    ...changes,
  });
}

export const [corednsA, corednsB] = [corednsPod('a'), corednsPod('b')];
export const DNS_VIP = '10.96.0.10';
export const API_VIP = '10.96.114.140';
export const dnsService = service({
  name: 'kube-dns',
  namespace: 'kube-system',
  clusterIP: DNS_VIP,
  selector: { 'k8s-app': 'kube-dns' },
  ports: [
    { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, targetPort: 53, protocol: 'TCP' },
  ],
});

export function dnsSlice(pods: readonly (PodSnapshot | SliceEndpoint)[]): SliceSnapshot {
  return slice(pods, {
    name: 'kube-dns-q9d4z',
    service: 'kube-dns',
    namespace: 'kube-system',
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ],
  });
}

/** What each DNS server says to web: the cluster DNS address and both its Pods. */
export function askEveryServer(outcome: DnsOutcome): readonly DnsReading[] {
  return [
    dnsAnswer(outcome, { server: DNS_VIP }),
    dnsAnswer(outcome, { server: DNS_VIP, transport: 'tcp' }),
    dnsAnswer(outcome, { server: '10.244.1.2', pod: 'coredns-a' }),
    dnsAnswer(outcome, { server: '10.244.3.2', pod: 'coredns-b' }),
  ];
}

export const resolvConf = {
  nameservers: [DNS_VIP],
  search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  ndots: 5,
  text: 'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
};

export const kubeProxyPod = pod({
  name: 'kube-proxy-n2',
  namespace: 'kube-system',
  ip: nodeAddress('n2'),
  labels: { 'k8s-app': 'kube-proxy' },
  owner: { kind: 'DaemonSet', name: 'kube-proxy' },
  spec: { hostNetwork: true },
});

/** Endpoints as the controller would write them for these Pods. */
export function endpointsOf(pods: readonly PodSnapshot[]): EvidenceMap['endpoints'] {
  return { slices: [slice(pods)], selected: pods, stray: [] };
}

export function daemonSet(name: string): EvidenceMap['daemonSets'][number] {
  return {
    metadata: { name, namespace: 'kube-system' },
    status: { desiredNumberScheduled: 3, numberReady: 3 },
  };
}

export function found<T>(object: T): Lookup<T> {
  return { found: true, object };
}

export const NOT_FOUND = { found: false } as const;

/** Not looked at in this run: nothing asked for it, or it has not come in yet. */
export const ABSENT: unique symbol = Symbol('absent');

/** Looked for in vain. */
export class Missing {
  readonly gap: Gap;
  constructor(gap: Gap) {
    this.gap = gap;
  }
}

export function missing(reason: GapReason, detail = `the API server answered: ${reason}`, unlock?: string): Missing {
  return new Missing(unlock === undefined ? { reason, detail } : { reason, detail, unlock });
}

/** Kinds that are collected only on a failure, or for another kind of destination, are absent here. */
const HEALTHY: { readonly [K in EvidenceKind]: EvidenceMap[K] | typeof ABSENT } = {
  sourcePod: found(web),
  service: found(service()),
  destinationPod: ABSENT,
  otherServices: ABSENT,
  endpoints: endpointsOf(API_PODS),
  workloads: [workload({ name: 'api', labels: { app: 'api' } })],
  events: [],
  policies: [],
  policyApis: [],
  adminPolicies: ABSENT,
  vendorPolicies: ABSENT,
  namespaces: [namespace('shop'), namespace('kube-system')],
  nodes: [node('n1'), node('n2'), node('n3')],
  dnsService: found(dnsService),
  dnsSlices: [dnsSlice([corednsA, corednsB])],
  dnsPods: [corednsA, corednsB],
  dnsWorkloads: [
    workload({ name: 'coredns', namespace: 'kube-system', replicas: 2, labels: { 'k8s-app': 'kube-dns' } }),
  ],
  corefile: found('.:53 {\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n    forward . /etc/resolv.conf\n}\n'),
  dnsLogs: ABSENT,
  backendLogs: ABSENT,
  autoscalers: ABSENT,
  scalings: ABSENT,
  kubeProxyPods: [kubeProxyPod],
  daemonSets: [daemonSet('kube-proxy'), daemonSet('calico-node')],
  controllerLease: found({
    metadata: { name: 'kube-controller-manager', namespace: 'kube-system' },
    spec: { holderIdentity: 'n1', leaseDurationSeconds: 15, renewTime: secondsAgo(1) },
  }),
  serviceCidrs: ABSENT,
  neighbours: ABSENT,
  policyScope: ABSENT,
  fixTrials: ABSENT,
  changes: ABSENT,
  resolvConf,
  hostsFile: HOSTS,
  nameLookup: dnsAnswer(answered(API_VIP)),
  searchLookup: searchAnswer('api', answered(API_VIP)),
  systemLookups: systemLookups('api', [API_VIP]),
  dnsServers: askEveryServer(answered(API_VIP)),
  dnsOverTcp: ABSENT,
  dnsRetries: ABSENT,
  moreLookups: ABSENT,
  dnsPairs: ABSENT,
  controlLookup: ABSENT,
  freshLookup: ABSENT,
  wildcardLookup: ABSENT,
  upstreamLookups: ABSENT,
  ipv6Lookup: ABSENT,
  outsideConnects: ABSENT,
  serviceConnects: [connectService(), connectService(), connectService()],
  backendConnects: API_PODS.map((target) => connect(target)),
  nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3')],
  controlConnects: ABSENT,
  tlsRetries: ABSENT,
  nodeStates: ABSENT,
  fromNode: ABSENT,
  lostAgain: ABSENT,
  nodeStatesAfter: ABSENT,
  captureStarts: ABSENT,
  captureShot: ABSENT,
  flowCaptures: ABSENT,
  proxyHealth: ABSENT,
  otherPorts: ABSENT,
  listeners: ABSENT,
  largeRequests: API_PODS.map((target) => connect(target)),
  sizeTests: ABSENT,
  backendPings: API_PODS.map((api) => pings(api)),
  manyConnects: ABSENT,
  idleTests: ABSENT,
  podNetwork: ABSENT,
  acceptQueues: ABSENT,
  udpBefore: ABSENT,
  udpProbes: ABSENT,
  udpAfter: ABSENT,
};

export type Changes = { readonly [K in EvidenceKind]?: EvidenceMap[K] | Missing | typeof ABSENT };

/** The healthy cluster with a few kinds of evidence replaced, missing or absent. */
export function world(changes: Changes = {}): Evidence {
  const items: Record<string, unknown> = {};
  for (const [kind, value] of Object.entries({ ...HEALTHY, ...changes })) {
    const common = { command: `see ${kind}`, atMs: NOW };
    if (value === ABSENT) continue;
    items[kind] =
      value instanceof Missing
        ? { status: 'missing', gap: value.gap, ...common }
        : { status: 'collected', value, tookMs: 12, ...common };
  }
  // Each value has the type of its kind: HEALTHY and Changes say so.
  return items as Evidence;
}

const PROBES = Object.keys(PROBE_VANTAGES) as EvidenceKind[];

/** The same world seen at access `api`: no probe ran. */
export function apiOnly(changes: Changes = {}): Evidence {
  const noProbe = missing('not-permitted', 'needs a probe in the source Pod', '--access source');
  return world({ ...changes, ...Object.fromEntries(PROBES.map((kind) => [kind, noProbe])) });
}

/** A datagram to the address of Service api, or to one of its Pods, on UDP port 8125. */
export function datagram(to: 'Service' | 'api-a' | 'api-b' | 'api-c', outcome: UdpReading['outcome']): UdpReading {
  const target = API_PODS.find(({ metadata }) => metadata.name === to);
  const address = target?.status?.podIPs?.[0]?.ip ?? API_VIP;
  return {
    address,
    port: 8125,
    owner:
      target === undefined
        ? { kind: 'Service', name: 'api', node: null }
        : { kind: 'Pod', name: to, node: target.spec.nodeName ?? null },
    outcome,
    refusal: null,
    command: `nc -zuv -w 1 ${address} 8125`,
  };
}

/** UDP counters of a Pod that has got so many datagrams since it runs. */
export function counters(pod: string, delivered: number, port = 8125): UdpCounters {
  return { pod, delivered, noPort: 0, bound: [{ address: '*', port }], command: `nstat in ${pod}` };
}

/** The healthy cluster with Service api on UDP port 8125 and nothing on TCP. */
export function udpWorld(changes: Changes = {}): Evidence {
  return world({
    service: found(service({ ports: [{ port: 8125, targetPort: 8125, protocol: 'UDP' }] })),
    endpoints: {
      slices: [slice(API_PODS, { ports: [{ name: '', port: 8125, protocol: 'UDP' }] })],
      selected: API_PODS,
      stray: [],
    },
    serviceConnects: ABSENT,
    backendConnects: ABSENT,
    largeRequests: ABSENT,
    ...changes,
  });
}

/** From Pod web to Service api, as `api` in the application's configuration. */
export const WEB_TO_API: Flow = {
  source: { namespace: 'shop', name: 'web' },
  destination: { kind: 'Service', namespace: 'shop', name: 'api' },
  typed: 'api',
  byAddress: false,
  dnsName: 'api',
  port: null,
  protocol: null,
  scheme: null,
  notes: [],
};

export function flow(changes: Partial<Flow> = {}): Flow {
  return { ...WEB_TO_API, ...changes };
}
