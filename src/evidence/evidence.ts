/**
 * The table of everything a rule may ask for. Types, the collectors' table and the fixtures derive from it: a kind
 * without a collector or without a place in the healthy world does not compile.
 */
import type { Collected, Lookup } from './collected.ts';
import type {
  AcceptQueue,
  CaptureStart,
  ConnectReading,
  DnsLogLine,
  DnsPairs,
  DnsReading,
  FixTrial,
  FlowCapture,
  HostsEntry,
  IdleReading,
  LastWords,
  Listener,
  NodeState,
  PingReading,
  PodNetwork,
  ResolvConf,
  SearchReading,
  SizeReading,
  SystemLookups,
  TriesReading,
  UdpCounters,
  UdpReading,
} from './readings.ts';
import type {
  ApiGroup,
  AutoscalerSnapshot,
  ChangeSnapshot,
  DaemonSetSnapshot,
  EventSnapshot,
  LeaseSnapshot,
  NameOnly,
  NamespaceSnapshot,
  NodeSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from './snapshots.ts';

export interface Endpoints {
  readonly slices: readonly SliceSnapshot[];
  /** Pods that the Service's selector matches; empty without a selector. */
  readonly selected: readonly PodSnapshot[];
  /** Pods that a slice points to although the selector does not match them, as far as they exist. */
  readonly stray: readonly PodSnapshot[];
  /** Slices of the namespace that belong to no Service; read only when a Service without selector has no slice. */
  readonly loose?: readonly SliceSnapshot[] | undefined;
}

/** Who a policy of the path could be about, besides the two ends. */
export interface PolicyScope {
  readonly pods: readonly PodSnapshot[];
  /** Deployments, StatefulSets and DaemonSets. */
  readonly workloads: readonly WorkloadSnapshot[];
}

/** Read from the API server. */
export interface ApiEvidence {
  sourcePod: Lookup<PodSnapshot>;
  /** The Service asked for; not found when the destination is no Service. */
  service: Lookup<ServiceSnapshot>;
  /** The Pod asked for, when the destination is a Pod. */
  destinationPod: Lookup<PodSnapshot>;
  /** Names of all Services that may be read; collected only when the one asked for does not exist. */
  otherServices: readonly NameOnly[];
  /** EndpointSlices of the Service and the Pods behind them, read until they agree or the disagreement lasted. */
  endpoints: Endpoints;
  /** Workloads of the Service's namespace that own Pods. */
  workloads: readonly WorkloadSnapshot[];
  /** Warnings of the destination's namespace. */
  events: readonly EventSnapshot[];
  /** What backends that do not stay said last; read only where one of them has ended and is started again. */
  backendLogs: readonly LastWords[];
  /** HorizontalPodAutoscalers of the Service's namespace; read only where a workload behind it has 0 replicas. */
  autoscalers: readonly AutoscalerSnapshot[];
  /** Events of Deployments that were scaled, of the Service's namespace; read only where a workload behind it has 0 replicas. */
  scalings: readonly EventSnapshot[];
  /** NetworkPolicies of the namespaces of source, destination and cluster DNS. */
  policies: readonly PolicySnapshot[];
  /** The API groups with policies of other kinds that this cluster serves; empty when there are none. */
  policyApis: readonly ApiGroup[];
  /** AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy; collected only where the group is served. */
  adminPolicies: readonly OtherPolicySnapshot[];
  /** Policies and tiers of Cilium, Calico and Antrea for the same three namespaces; collected only where a group is served. */
  vendorPolicies: readonly OtherPolicySnapshot[];
  /** The same three namespaces, for their labels. */
  namespaces: readonly NamespaceSnapshot[];
  /** The nodes of source, backends and cluster DNS Pods, with their Leases. */
  nodes: readonly NodeSnapshot[];
  dnsService: Lookup<ServiceSnapshot>;
  dnsSlices: readonly SliceSnapshot[];
  dnsPods: readonly PodSnapshot[];
  dnsWorkloads: readonly WorkloadSnapshot[];
  corefile: Lookup<string>;
  /** What the Pods of the cluster DNS complain about; read only when a lookup failed or one of them is not Ready. */
  dnsLogs: readonly DnsLogLine[];
  /** kube-proxy Pods on the source's node. */
  kubeProxyPods: readonly PodSnapshot[];
  /** All DaemonSets: which network plugin, proxy and policy engine this cluster runs. */
  daemonSets: readonly DaemonSetSnapshot[];
  controllerLease: Lookup<LeaseSnapshot>;
  /** Ranges that Service addresses come from; collected only when the destination is an address that nothing owns. */
  serviceCidrs: readonly string[];
  /** When the objects of this path were last written, and by whom; collected only on failure. */
  changes: readonly ChangeSnapshot[];
  /** Running Pods on the nodes of failing backends and of the source, as targets of control probes; collected only on failure. */
  neighbours: readonly PodSnapshot[];
  /** All Pods and workloads of the namespaces of source and destination; collected only when policies deny the flow. */
  policyScope: PolicyScope;
  /** The fixes of what policies deny, as a dry run; only from access `source` on, and where the user may change policies. */
  fixTrials: readonly FixTrial[];
}

/** Read by probes, from the source Pod or a backend. */
export interface ProbeEvidence {
  resolvConf: ResolvConf;
  /** `/etc/hosts` of the source Pod. */
  hostsFile: readonly HostsEntry[];
  /** The destination's absolute name, asked of the Pod's own nameservers. */
  nameLookup: DnsReading;
  /** The destination as typed, through the search list. */
  searchLookup: SearchReading;
  /** The same name asked of the cluster DNS address, and of each of its Pods, over UDP. */
  dnsServers: readonly DnsReading[];
  /** Those that did not answer, or whose answer was cut off, asked over TCP; probed only then. */
  dnsOverTcp: readonly DnsReading[];
  /** Lookups that got no answer, asked once more and waited for longer: one lost packet is no fault. */
  dnsRetries: readonly DnsReading[];
  /** The destination's name as the system's resolver finds it, several times at once. */
  systemLookups: SystemLookups;
  /** The same many times more, when one of them stalled; probed only then. */
  moreLookups: SystemLookups;
  /** Questions to the cluster DNS address and to each of its Pods, two at once from one socket and one after the other; probed only when a lookup stalled. */
  dnsPairs: readonly DnsPairs[];
  /** A name that every cluster has, asked of the Pod's own servers; probed only when the destination's name failed or was slow. */
  controlLookup: DnsReading;
  /** A name that nobody asked for before, completed like the destination's; probed only when that was slow. */
  freshLookup: SearchReading;
  /** A name that cannot exist, in the search domain that answered for an outside name; probed only then. */
  wildcardLookup: DnsReading;
  /** The servers that CoreDNS forwards to, as far as its configuration names them, asked by the source Pod; probed only when an outside name failed or was slow. */
  upstreamLookups: readonly DnsReading[];
  /** IPv6 addresses of an outside name. */
  ipv6Lookup: DnsReading;
  /** Connections to the Service address. */
  serviceConnects: readonly ConnectReading[];
  /** One connection to each backend Pod, on the Pod's port. */
  backendConnects: readonly ConnectReading[];
  /** Connections to the IPv6 addresses of an outside name, and to the target of an ExternalName. */
  outsideConnects: readonly ConnectReading[];
  /** Connections to nodes of backends, on the kubelet's port: is the node alive and the network between nodes? */
  nodeConnects: readonly ConnectReading[];
  /** Connections to other Pods on the nodes of failing backends; probed only on failure. */
  controlConnects: readonly ConnectReading[];
  /** TLS handshakes with backends that stayed silent in plain text; probed only then. */
  tlsRetries: readonly ConnectReading[];
  /** kube-proxy's health port on the source's node; probed only when the Service address fails. */
  proxyHealth: ConnectReading;
  /** Connections to other ports that a refusing backend declares; probed only on failure. */
  otherPorts: readonly ConnectReading[];
  /** Listening sockets of refusing or silent backends, by Pod name; needs access `backend`. */
  listeners: Readonly<Record<string, readonly Listener[]>>;
  /** The nodes of the source and of failing backends; probed only on failure, needs access `node`. */
  nodeStates: readonly NodeState[];
  /** Requests that fill whole packets, to one backend on each node; only where the port speaks HTTP. */
  largeRequests: readonly ConnectReading[];
  /** What stalled, with packets of several sizes; probed only then. */
  sizeTests: readonly SizeReading[];
  /** Many connections to the same addresses; probed when one took as long as a lost packet takes, or when the user asks for it. */
  backendPings: readonly PingReading[];
  manyConnects: readonly TriesReading[];
  /** Connections that are used only after some time; probed only when the user asks for it, to ports that speak HTTP. */
  idleTests: readonly IdleReading[];
  /** Links, routes, neighbours and ports of the source Pod; probed only on failure. */
  podNetwork: PodNetwork;
  /** Accept queues of backends that let connections wait; probed only then, needs access `backend`. */
  acceptQueues: readonly AcceptQueue[];
  /** UDP counters of the backends before the datagrams; only where the port is UDP, needs access `backend`. */
  udpBefore: readonly UdpCounters[];
  /** A datagram to the Service address and to each backend; only where the port is UDP. */
  udpProbes: readonly UdpReading[];
  /** The counters after the datagrams. */
  udpAfter: readonly UdpCounters[];
  /** Connections from the source's node itself to addresses outside that the Pod did not reach; probed only then. */
  fromNode: readonly ConnectReading[];
  /** What was lost, tried once more between the two looks at the nodes. */
  lostAgain: readonly ConnectReading[];
  /** The same nodes after that: which of their counters moved. */
  nodeStatesAfter: readonly NodeState[];
  /** Captures that listen at both ends of one lost connection, and on its nodes; only then, from access `backend` on. */
  captureStarts: readonly CaptureStart[];
  /** That connection once more, while they listen. */
  captureShot: ConnectReading;
  /** What each of them saw of it. */
  flowCaptures: readonly FlowCapture[];
}

export interface EvidenceMap extends ApiEvidence, ProbeEvidence {}

export type ApiKind = keyof ApiEvidence;
export type ProbeKind = keyof ProbeEvidence;
export type EvidenceKind = keyof EvidenceMap;

/** Where each kind of probe runs, which is also the access it needs. In the order in which a packet goes its way. */
export const PROBE_VANTAGES = {
  resolvConf: 'source',
  hostsFile: 'source',
  nameLookup: 'source',
  searchLookup: 'source',
  systemLookups: 'source',
  dnsServers: 'source',
  dnsOverTcp: 'source',
  dnsRetries: 'source',
  moreLookups: 'source',
  dnsPairs: 'source',
  controlLookup: 'source',
  freshLookup: 'source',
  wildcardLookup: 'source',
  upstreamLookups: 'source',
  ipv6Lookup: 'source',
  outsideConnects: 'source',
  serviceConnects: 'source',
  backendConnects: 'source',
  nodeConnects: 'source',
  controlConnects: 'source',
  otherPorts: 'source',
  tlsRetries: 'source',
  proxyHealth: 'source',
  listeners: 'backend',
  nodeStates: 'node',
  largeRequests: 'source',
  sizeTests: 'source',
  backendPings: 'source',
  manyConnects: 'source',
  idleTests: 'source',
  podNetwork: 'source',
  acceptQueues: 'backend',
  udpBefore: 'backend',
  udpProbes: 'source',
  udpAfter: 'backend',
  fromNode: 'node',
  lostAgain: 'source',
  nodeStatesAfter: 'node',
  captureStarts: 'backend',
  captureShot: 'backend',
  flowCaptures: 'backend',
} as const satisfies Readonly<Record<ProbeKind, 'source' | 'backend' | 'node'>>;

/** Where a kind of evidence is seen from. */
export function vantageOf(kind: EvidenceKind): 'api' | 'source' | 'backend' | 'node' {
  return kind in PROBE_VANTAGES ? PROBE_VANTAGES[kind as ProbeKind] : 'api';
}

/** Undefined: still awaited. */
export type Evidence = { readonly [K in EvidenceKind]?: Collected<EvidenceMap[K]> };

/** The value when it was collected, else null. */
export function factOf<K extends EvidenceKind>(evidence: Evidence, kind: K): EvidenceMap[K] | null {
  const item = evidence[kind];
  return item?.status === 'collected' ? item.value : null;
}
