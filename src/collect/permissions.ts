/**
 * Every right that netdebug uses in a cluster. `kubectl netdebug permissions` and the table of the README are made of
 * this list; test/collect/permissions.test.ts compares it with what is really asked of the API server.
 *
 * One thing is not among them: a fix is tried with a dry run where the user may change policies anyway. Nobody is to be given
 * that right for a diagnosis.
 */
import type { ApiKind } from '../evidence/evidence.ts';
import { type Access, permits } from '../ladder/access.ts';

/**
 * Where a right is used.
 *
 * - `path`: the namespaces of source and destination
 * - `source`, `destination`: one of these two
 * - `kube-system`, `kube-node-lease`: the namespace of that name
 * - `everywhere`: all namespaces at once
 * - `cluster`: objects that have no namespace
 */
export type Place = 'path' | 'source' | 'destination' | 'kube-system' | 'kube-node-lease' | 'everywhere' | 'cluster';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

export interface Permission {
  /** The lowest level that uses it. */
  readonly access: Access;
  readonly place: Place;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  /** Only these objects. */
  readonly names?: readonly string[];
  /** What it tells, or makes possible; what is lost without it. */
  readonly tells: string;
  /** The evidence that is not there without it; empty for rights that only help to find names or to probe. */
  readonly evidence: readonly ApiKind[];
}

export const PERMISSIONS: readonly Permission[] = [
  {
    access: 'api',
    place: 'path',
    group: '',
    resources: ['pods', 'services'],
    verbs: ['get', 'list'],
    tells: 'the source, the Service, its backends, who else a policy is about, and near names after a slip',
    evidence: ['sourcePod', 'service', 'destinationPod', 'endpoints', 'otherServices', 'policyScope', 'changes'],
  },
  {
    access: 'api',
    place: 'path',
    group: 'discovery.k8s.io',
    resources: ['endpointslices'],
    verbs: ['list'],
    tells: 'where the Service sends connections',
    evidence: ['endpoints'],
  },
  {
    access: 'api',
    place: 'path',
    group: 'apps',
    resources: ['deployments', 'statefulsets', 'daemonsets'],
    verbs: ['get', 'list'],
    tells: 'whose Pods the backends are; a Pod for `deploy/NAME` and the like',
    evidence: ['workloads', 'policyScope', 'changes'],
  },
  {
    access: 'api',
    place: 'path',
    group: 'apps',
    resources: ['replicasets'],
    verbs: ['get', 'list'],
    tells: 'a Pod for `rs/NAME`',
    evidence: [],
  },
  {
    access: 'api',
    place: 'path',
    group: 'batch',
    resources: ['jobs'],
    verbs: ['get', 'list'],
    tells: 'a Pod for `job/NAME`',
    evidence: [],
  },
  {
    access: 'api',
    place: 'path',
    group: '',
    resources: ['events'],
    verbs: ['list'],
    tells: 'why Pods do not start, the debug container included',
    evidence: ['events', 'scalings'],
  },
  {
    access: 'api',
    place: 'path',
    group: '',
    resources: ['pods/log'],
    verbs: ['get'],
    tells: 'the last line of backends that crash',
    evidence: ['backendLogs'],
  },
  {
    access: 'api',
    place: 'path',
    group: 'autoscaling',
    resources: ['horizontalpodautoscalers'],
    verbs: ['list'],
    tells: 'whether an autoscaler is meant to scale a workload that is at 0 replicas',
    evidence: ['autoscalers'],
  },
  {
    access: 'api',
    place: 'path',
    group: 'networking.k8s.io',
    resources: ['networkpolicies'],
    verbs: ['list'],
    tells: 'what policies say about the flow',
    evidence: ['policies'],
  },
  {
    access: 'api',
    place: 'cluster',
    group: 'policy.networking.k8s.io',
    resources: ['adminnetworkpolicies', 'baselineadminnetworkpolicies', 'clusternetworkpolicies'],
    verbs: ['list'],
    tells: 'what policies of the cluster administrator say, where there are such',
    evidence: ['adminPolicies'],
  },
  ...vendor('cilium.io', ['ciliumnetworkpolicies'], ['ciliumclusterwidenetworkpolicies', 'ciliumcidrgroups']),
  ...vendor(
    'projectcalico.org',
    ['networkpolicies', 'networksets'],
    ['globalnetworkpolicies', 'tiers', 'globalnetworksets'],
  ),
  ...vendor(
    'crd.projectcalico.org',
    ['networkpolicies', 'networksets'],
    ['globalnetworkpolicies', 'tiers', 'globalnetworksets'],
  ),
  ...vendor('crd.antrea.io', ['networkpolicies', 'groups'], ['clusternetworkpolicies', 'tiers', 'clustergroups']),
  {
    access: 'api',
    place: 'kube-system',
    group: '',
    resources: ['services'],
    names: ['kube-dns'],
    verbs: ['get'],
    tells: 'the address of the cluster DNS',
    evidence: ['dnsService'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: '',
    resources: ['configmaps'],
    names: ['coredns'],
    verbs: ['get'],
    tells: 'the cluster domain, and what CoreDNS does with other names',
    evidence: ['corefile'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: '',
    resources: ['pods'],
    verbs: ['list'],
    tells: 'whether CoreDNS and kube-proxy run',
    evidence: ['dnsPods', 'kubeProxyPods'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: '',
    resources: ['pods/log'],
    verbs: ['get'],
    tells: 'what CoreDNS complains about, where a lookup fails',
    evidence: ['dnsLogs'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: 'discovery.k8s.io',
    resources: ['endpointslices'],
    verbs: ['list'],
    tells: 'what stands behind the cluster DNS',
    evidence: ['dnsSlices'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: 'apps',
    resources: ['deployments'],
    verbs: ['list'],
    tells: 'why the cluster DNS has no Pods',
    evidence: ['dnsWorkloads'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: 'networking.k8s.io',
    resources: ['networkpolicies'],
    verbs: ['list'],
    tells: 'what policies say about DNS',
    evidence: ['policies'],
  },
  {
    access: 'api',
    place: 'kube-system',
    group: 'coordination.k8s.io',
    resources: ['leases'],
    names: ['kube-controller-manager'],
    verbs: ['get'],
    tells: 'whether the controller that writes EndpointSlices is alive',
    evidence: ['controllerLease'],
  },
  {
    access: 'api',
    place: 'kube-node-lease',
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get'],
    tells: 'when a node was last heard of',
    // The nodes themselves are read without it.
    evidence: [],
  },
  {
    access: 'api',
    place: 'cluster',
    group: '',
    resources: ['nodes'],
    verbs: ['get', 'list'],
    tells: 'whether a node is down; near names of Nodes after a slip',
    evidence: ['nodes'],
  },
  {
    access: 'api',
    place: 'cluster',
    group: '',
    resources: ['namespaces'],
    verbs: ['get', 'list'],
    tells: 'labels that policies select by, what a debug container may do, near names after a slip',
    evidence: ['namespaces'],
  },
  {
    access: 'api',
    place: 'cluster',
    group: 'networking.k8s.io',
    resources: ['servicecidrs'],
    verbs: ['list'],
    tells: 'whether an address that nothing owns is meant for Services',
    evidence: ['serviceCidrs'],
  },
  {
    access: 'api',
    place: 'everywhere',
    group: '',
    resources: ['services', 'pods'],
    verbs: ['list'],
    tells: 'whose an address is, a Service of that name elsewhere, other Pods of a node to compare with',
    evidence: ['otherServices', 'neighbours'],
  },
  {
    access: 'api',
    place: 'everywhere',
    group: 'networking.k8s.io',
    resources: ['ingresses'],
    verbs: ['list'],
    tells: 'host names to choose from, on a terminal',
    evidence: [],
  },
  {
    access: 'api',
    place: 'everywhere',
    group: 'apps',
    resources: ['daemonsets'],
    verbs: ['list'],
    tells: 'which policy engine and which proxy the cluster runs',
    evidence: ['daemonSets'],
  },
  ...debugging('source', 'source'),
  ...debugging('backend', 'destination'),
  {
    access: 'node',
    place: 'source',
    group: '',
    resources: ['pods'],
    verbs: ['create', 'delete'],
    tells:
      'a Pod in the network of a node, taken away before the run ends (in kube-system, where Pod Security forbids it)',
    evidence: [],
  },
];

/** Policies of a network plugin; asked for only where its group is served. */
function vendor(group: string, namespaced: readonly string[], wide: readonly string[]): readonly Permission[] {
  const common = { access: 'api', group, verbs: ['list'], evidence: ['vendorPolicies'] } as const;
  return [
    {
      ...common,
      place: 'path',
      resources: namespaced,
      tells: 'what policies of the network plugin say, where it has such',
    },
    { ...common, place: 'kube-system', resources: namespaced, tells: 'what they say about DNS' },
    { ...common, place: 'cluster', resources: wide, tells: 'what those of the whole cluster say, and in which order' },
  ];
}

/** What a debug container needs where it is added. */
function debugging(access: Access, place: Place): readonly Permission[] {
  return [
    {
      access,
      place,
      group: '',
      resources: ['pods/ephemeralcontainers'],
      verbs: ['patch'],
      tells: 'adds the debug container',
      evidence: [],
    },
    {
      access,
      place,
      group: '',
      resources: ['pods'],
      verbs: ['watch'],
      tells: 'sees at once that it runs; without, the Pod is read every second',
      evidence: [],
    },
    {
      access,
      place,
      group: '',
      resources: ['pods/exec'],
      // A WebSocket begins as a GET, which is `get`; from Kubernetes 1.35 on the API server asks for `create` as well,
      // see https://github.com/kubernetes/kubernetes/pull/134577
      verbs: ['get', 'create'],
      tells: 'runs the probes in it',
      evidence: [],
    },
  ];
}

/** What a level uses, the levels below it included. */
export function permissionsOf(access: Access): readonly Permission[] {
  return PERMISSIONS.filter((permission) => permits(access, permission.access));
}

/** What prints the rights of a level for one namespace, to apply or to pass on to who may. */
export function rightsCommand(access: Access, namespace: string): string {
  return `kubectl netdebug permissions --access ${access} -n ${namespace}`;
}
