/** How each kind of API evidence is read. Everything runs side by side as soon as what it builds on is there. */

import * as z from 'zod/mini';
import { DENIAL_NEEDS, DENIAL_USES, denialFacts, findDenials } from '../derive/denials.ts';
import { lastWords } from '../derive/no-pods.ts';
import { addressesOf, isFinished, isReady } from '../derive/pods.ts';
import { lookupFailed } from '../derive/reach.ts';
import { workloadsBehind } from '../derive/service-view.ts';
import { readDnsLog } from '../dns/log.ts';
import { type Collected, found } from '../evidence/collected.ts';
import {
  type ApiEvidence,
  type ApiKind,
  type Endpoints,
  type Evidence,
  type EvidenceKind,
  factOf,
} from '../evidence/evidence.ts';
import {
  AutoscalerSnapshot,
  DaemonSetSnapshot,
  EventSnapshot,
  LeaseSnapshot,
  NameOnly,
  NamespaceSnapshot,
  NodeSnapshot,
  type OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import type { PolicyChange } from '../netpol/fix.ts';
import { selectorText } from '../netpol/selector.ts';
import { collectChanges, somethingFails } from './changes.ts';
import { fixesToTry, tryFixes } from './fix-trials.ts';
import { policyLists, readPolicies, readPolicyApis } from './policies.ts';
import { missing, type Reading, readAll, readList, readObject, readText } from './read.ts';

export interface ApiCollector<K extends ApiKind> {
  /** Evidence that must have settled first, collected or missing. */
  readonly after: readonly EvidenceKind[];
  /** Whether this run needs it; asked once `after` has settled. */
  wanted(evidence: Evidence, flow: Flow): boolean;
  collect(reading: Reading, evidence: Evidence, flow: Flow): Promise<Collected<ApiEvidence[K]>>;
}

const DNS_NAMESPACE = 'kube-system';
const DNS_SERVICE = 'kube-dns';
const DNS_SELECTOR = 'k8s-app=kube-dns';
/** Backends whose nodes are looked at; more would be the same story again. */
const MOST_NODES = 32;

const always = (): boolean => true;
const q = encodeURIComponent;
const core = (namespace: string, kind: string): string => `/api/v1/namespaces/${q(namespace)}/${kind}`;
const destinationNamespace = (flow: Flow): string =>
  'namespace' in flow.destination ? flow.destination.namespace : flow.source.namespace;
const isService = (_evidence: Evidence, flow: Flow): boolean => flow.destination.kind === 'Service';
const resolvesNames = (_evidence: Evidence, flow: Flow): boolean =>
  flow.destination.kind === 'Service' || flow.destination.kind === 'Host';
const failed = (evidence: Evidence): boolean =>
  (factOf(evidence, 'backendConnects') ?? []).some((reading) => reading.outcome.kind !== 'connected');

export const API_COLLECTORS: { readonly [K in ApiKind]: ApiCollector<K> } = {
  sourcePod: {
    after: [],
    wanted: always,
    collect: (reading, _evidence, { source }) =>
      readObject(
        reading,
        `${core(source.namespace, 'pods')}/${q(source.name)}`,
        PodSnapshot,
        `kubectl -n ${source.namespace} get pod ${source.name} -o yaml`,
      ),
  },
  service: {
    after: [],
    wanted: isService,
    collect: (reading, _evidence, flow) => {
      const name = flow.destination.kind === 'Service' ? flow.destination.name : '';
      return readObject(
        reading,
        `${core(destinationNamespace(flow), 'services')}/${q(name)}`,
        ServiceSnapshot,
        `kubectl -n ${destinationNamespace(flow)} get service ${name} -o yaml`,
      );
    },
  },
  destinationPod: {
    after: [],
    wanted: (_evidence, flow) => flow.destination.kind === 'Pod',
    collect: (reading, _evidence, flow) => {
      const name = flow.destination.kind === 'Pod' ? flow.destination.name : '';
      return readObject(
        reading,
        `${core(destinationNamespace(flow), 'pods')}/${q(name)}`,
        PodSnapshot,
        `kubectl -n ${destinationNamespace(flow)} get pod ${name} -o yaml`,
      );
    },
  },
  otherServices: {
    after: ['service'],
    wanted: (evidence, flow) => isService(evidence, flow) && factOf(evidence, 'service')?.found === false,
    // Whoever may not list all namespaces may often list this one: its names are still worth suggesting.
    collect: async (reading, _evidence, flow) => {
      const everywhere = await readList(reading, '/api/v1/services', NameOnly, 'kubectl get services -A');
      if (everywhere.status === 'collected') return everywhere;
      const namespace = destinationNamespace(flow);
      const here = await readList(
        reading,
        core(namespace, 'services'),
        NameOnly,
        `kubectl -n ${namespace} get services`,
      );
      return here.status === 'collected' ? here : everywhere;
    },
  },
  endpoints: {
    after: ['service'],
    wanted: (evidence, flow) => isService(evidence, flow) && factOf(evidence, 'service')?.found === true,
    collect: (reading, evidence, flow) => collectEndpoints(reading, evidence, flow),
  },
  workloads: {
    after: ['endpoints'],
    // Whose Pods they are matters once something is wrong with them.
    wanted: (evidence, flow) => isService(evidence, flow) && !allBackendsReady(evidence),
    collect: (reading, _evidence, flow) => {
      const namespace = destinationNamespace(flow);
      const kinds = [
        ['deployments', 'Deployment'],
        ['statefulsets', 'StatefulSet'],
        ['daemonsets', 'DaemonSet'],
      ] as const;
      return readAll(
        kinds.map(([plural, kind]) => readWorkloads(reading, namespace, plural, kind, '')),
        `kubectl -n ${namespace} get deployments,statefulsets,daemonsets`,
      );
    },
  },
  events: {
    after: ['endpoints'],
    wanted: (evidence, flow) => isService(evidence, flow) && !allBackendsReady(evidence),
    collect: (reading, _evidence, flow) => readEvents(reading, flow, 'type=Warning'),
  },
  backendLogs: {
    after: ['endpoints'],
    wanted: (evidence, flow) => isService(evidence, flow) && endedContainers(evidence).length > 0,
    collect: (reading, evidence, flow) => collectLastWords(reading, evidence, destinationNamespace(flow)),
  },
  autoscalers: {
    after: ['workloads', 'service'],
    wanted: isScaledToZero,
    collect: (reading, _evidence, flow) => {
      const namespace = destinationNamespace(flow);
      return readList(
        reading,
        `/apis/autoscaling/v2/namespaces/${q(namespace)}/horizontalpodautoscalers`,
        AutoscalerSnapshot,
        `kubectl -n ${namespace} get horizontalpodautoscalers`,
      );
    },
  },
  scalings: {
    after: ['workloads', 'service'],
    wanted: isScaledToZero,
    collect: (reading, _evidence, flow) => readEvents(reading, flow, 'reason=ScalingReplicaSet'),
  },
  policies: {
    after: [],
    wanted: always,
    collect: (reading, _evidence, flow) => {
      const namespaces = onPath(flow);
      return readAll(
        namespaces.map((namespace) =>
          readList(
            reading,
            `/apis/networking.k8s.io/v1/namespaces/${q(namespace)}/networkpolicies`,
            PolicySnapshot,
            `kubectl -n ${namespace} get networkpolicies -o yaml`,
          ),
        ),
        namespaces.map((namespace) => `kubectl -n ${namespace} get networkpolicies`).join('; '),
      );
    },
  },
  policyApis: {
    after: [],
    wanted: always,
    collect: (reading) => readPolicyApis(reading),
  },
  adminPolicies: {
    after: ['policyApis'],
    wanted: (evidence) => policyLists('admin', factOf(evidence, 'policyApis') ?? [], []).length > 0,
    collect: (reading, evidence, flow) => readOtherPolicies('admin', reading, evidence, flow),
  },
  vendorPolicies: {
    after: ['policyApis'],
    wanted: (evidence) => policyLists('vendor', factOf(evidence, 'policyApis') ?? [], []).length > 0,
    collect: (reading, evidence, flow) => readOtherPolicies('vendor', reading, evidence, flow),
  },
  namespaces: {
    after: ['policies', 'adminPolicies', 'vendorPolicies'],
    wanted: always,
    collect: async (reading, evidence, flow) => {
      // Labels decide policies, and those of the source's namespace what a debug container may do there.
      const names = hasPolicies(evidence) ? onPath(flow) : [flow.source.namespace];
      return readAll(
        names.map((name) =>
          one(
            readObject(
              reading,
              `/api/v1/namespaces/${q(name)}`,
              NamespaceSnapshot,
              `kubectl get namespace ${name} -o yaml`,
            ),
          ),
        ),
        `kubectl get namespaces ${names.join(' ')} --show-labels`,
      );
    },
  },
  nodes: {
    after: ['sourcePod', 'endpoints', 'destinationPod', 'dnsPods'],
    wanted: (evidence, flow) => nodesOnPath(evidence, flow).length > 0,
    collect: (reading, evidence, flow) => {
      const names = nodesOnPath(evidence, flow);
      return readAll(
        names.map((name) => readNode(reading, name)),
        `kubectl get nodes ${names.join(' ')} -o wide`,
      );
    },
  },
  dnsService: {
    after: [],
    wanted: resolvesNames,
    collect: (reading) =>
      readObject(
        reading,
        `${core(DNS_NAMESPACE, 'services')}/${DNS_SERVICE}`,
        ServiceSnapshot,
        `kubectl -n ${DNS_NAMESPACE} get service ${DNS_SERVICE}`,
      ),
  },
  dnsSlices: {
    after: [],
    wanted: resolvesNames,
    collect: (reading) => readSlices(reading, DNS_NAMESPACE, DNS_SERVICE),
  },
  dnsPods: {
    after: [],
    wanted: resolvesNames,
    collect: (reading) =>
      readList(
        reading,
        `${core(DNS_NAMESPACE, 'pods')}?labelSelector=${q(DNS_SELECTOR)}`,
        PodSnapshot,
        `kubectl -n ${DNS_NAMESPACE} get pods -l ${DNS_SELECTOR} -o wide`,
      ),
  },
  dnsWorkloads: {
    after: ['dnsPods'],
    // Only a DNS without Pods needs the workload to say why.
    wanted: (evidence, flow) =>
      resolvesNames(evidence, flow) &&
      (factOf(evidence, 'dnsPods') ?? []).every(
        (pod) =>
          pod.status?.conditions?.every((condition) => condition.type !== 'Ready' || condition.status !== 'True') ??
          true,
      ),
    collect: (reading) => readWorkloads(reading, DNS_NAMESPACE, 'deployments', 'Deployment', DNS_SELECTOR),
  },
  corefile: {
    after: [],
    wanted: resolvesNames,
    collect: async (reading) => {
      const config = await readObject(
        reading,
        `${core(DNS_NAMESPACE, 'configmaps')}/coredns`,
        z.object({ data: z.optional(z.record(z.string(), z.string())) }),
        `kubectl -n ${DNS_NAMESPACE} get configmap coredns -o yaml`,
      );
      if (config.status === 'missing') return config;
      const text = found(config.value)?.data?.Corefile;
      return { ...config, value: text === undefined ? { found: false } : { found: true, object: text } };
    },
  },
  dnsLogs: {
    after: ['dnsPods', 'nameLookup', 'searchLookup', 'dnsServers', 'dnsRetries'],
    // A DNS that does what it is asked has nothing to tell.
    wanted: (evidence, flow) =>
      resolvesNames(evidence, flow) &&
      (factOf(evidence, 'dnsPods') ?? []).length > 0 &&
      (lookupFailed(evidence, flow) || !(factOf(evidence, 'dnsPods') ?? []).every(isReady)),
    collect: (reading, evidence) => collectDnsLogs(reading, factOf(evidence, 'dnsPods') ?? []),
  },
  kubeProxyPods: {
    after: ['sourcePod'],
    wanted: (evidence) => found(factOf(evidence, 'sourcePod'))?.spec.nodeName !== undefined,
    collect: (reading, evidence) => {
      const node = found(factOf(evidence, 'sourcePod'))?.spec.nodeName ?? '';
      const query = `labelSelector=${q('k8s-app=kube-proxy')}&fieldSelector=${q(`spec.nodeName=${node}`)}`;
      return readList(
        reading,
        `${core(DNS_NAMESPACE, 'pods')}?${query}`,
        PodSnapshot,
        `kubectl -n ${DNS_NAMESPACE} get pods -l k8s-app=kube-proxy --field-selector spec.nodeName=${node}`,
      );
    },
  },
  daemonSets: {
    after: ['policies', 'adminPolicies', 'vendorPolicies', 'kubeProxyPods'],
    // Which policy engine there is matters where there are policies, and whether kube-proxy is meant to run where it does not.
    wanted: (evidence) => hasPolicies(evidence) || !(factOf(evidence, 'kubeProxyPods') ?? []).some(isReady),
    collect: (reading) => readList(reading, '/apis/apps/v1/daemonsets', DaemonSetSnapshot, 'kubectl get daemonsets -A'),
  },
  controllerLease: {
    after: ['endpoints'],
    // Only a slice that disagrees with the Pods raises the question whether its controller is alive.
    wanted: (evidence, flow) => isService(evidence, flow) && namesGonePods(evidence),
    collect: (reading) =>
      readObject(
        reading,
        '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager',
        LeaseSnapshot,
        'kubectl -n kube-system get lease kube-controller-manager -o yaml',
      ),
  },
  serviceCidrs: {
    after: [],
    wanted: (_evidence, flow) => flow.destination.kind === 'Address',
    collect: async (reading) => {
      const list = await readList(
        reading,
        '/apis/networking.k8s.io/v1/servicecidrs',
        z.object({ spec: z.object({ cidrs: z.array(z.string()) }) }),
        'kubectl get servicecidrs',
      );
      if (list.status === 'missing') return list;
      return { ...list, value: list.value.flatMap(({ spec }) => spec.cidrs) };
    },
  },
  changes: {
    after: ['service', 'endpoints', 'workloads', 'policies', 'nameLookup', 'serviceConnects', 'backendConnects'],
    wanted: somethingFails,
    collect: collectChanges,
  },
  neighbours: {
    after: ['backendConnects', 'nodes'],
    wanted: failed,
    collect: (reading, evidence) => {
      const broken = (factOf(evidence, 'backendConnects') ?? [])
        .filter((connect) => connect.outcome.kind !== 'connected')
        .flatMap((connect) => connect.owner.node ?? []);
      const own = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
      const names = [...new Set([...broken, ...(own === undefined ? [] : [own])])].slice(0, 6);
      return readAll(
        names.map((name) =>
          readList(
            reading,
            `/api/v1/pods?fieldSelector=${q(`spec.nodeName=${name},status.phase=Running`)}`,
            PodSnapshot,
            `kubectl get pods -A -o wide --field-selector spec.nodeName=${name},status.phase=Running`,
          ),
        ),
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${names[0] ?? ''}`,
      );
    },
  },
  policyScope: {
    after: [...DENIAL_NEEDS, 'service', 'endpoints', 'destinationPod', 'dnsService', 'dnsSlices', 'dnsPods'],
    // What else a rule admits, and would admit, is asked once one of them keeps this flow out.
    wanted: (evidence, flow) => policiesDeny(evidence, flow),
    collect: async (reading, _evidence, flow) => {
      const namespaces = [...new Set([flow.source.namespace, destinationNamespace(flow)])];
      const kinds = [
        ['deployments', 'Deployment'],
        ['statefulsets', 'StatefulSet'],
        ['daemonsets', 'DaemonSet'],
      ] as const;
      const command = namespaces
        .map((namespace) => `kubectl -n ${namespace} get pods,deployments,statefulsets,daemonsets --show-labels`)
        .join('; ');
      const [pods, workloads] = await Promise.all([
        readAll(
          namespaces.map((namespace) =>
            readList(reading, core(namespace, 'pods'), PodSnapshot, `kubectl -n ${namespace} get pods --show-labels`),
          ),
          command,
        ),
        readAll(
          namespaces.flatMap((namespace) =>
            kinds.map(([plural, kind]) => readWorkloads(reading, namespace, plural, kind, '')),
          ),
          command,
        ),
      ]);
      if (pods.status === 'missing') return pods;
      if (workloads.status === 'missing') return workloads;
      return { ...pods, command, value: { pods: pods.value, workloads: workloads.value } };
    },
  },
  fixTrials: {
    after: [...DENIAL_NEEDS, ...DENIAL_USES.filter((kind) => kind !== 'fixTrials')],
    // Packets are lost, so that it was allowed to look from inside, and a fix will be printed.
    wanted: (evidence, flow) => fixesOf(evidence, flow).length > 0,
    collect: (reading, evidence, flow) => tryFixes(reading, fixesOf(evidence, flow)),
  },
};

/** The events of the destination's namespace that a field selector picks. */
function readEvents(reading: Reading, flow: Flow, selector: string): Promise<Collected<readonly EventSnapshot[]>> {
  const namespace = destinationNamespace(flow);
  return readList(
    reading,
    `${core(namespace, 'events')}?fieldSelector=${q(selector)}`,
    EventSnapshot,
    `kubectl -n ${namespace} get events --field-selector ${selector}`,
  );
}

/** Whether something that the Service is meant for has 0 replicas. */
function isScaledToZero(evidence: Evidence): boolean {
  const selector = found(factOf(evidence, 'service'))?.spec.selector ?? {};
  return workloadsBehind(selector, factOf(evidence, 'workloads') ?? []).some(({ spec }) => spec.replicas === 0);
}

/** A policy closes this flow, or the lookup before it, whether or not anything enforces it. */
function policiesDeny(evidence: Evidence, flow: Flow): boolean {
  const facts = denialFacts(evidence);
  const denials = facts === null ? null : findDenials(facts, flow);
  return denials !== null && denials.application.length + denials.dns.length > 0;
}

function fixesOf(evidence: Evidence, flow: Flow): readonly PolicyChange[] {
  const facts = denialFacts(evidence);
  return facts === null ? [] : fixesToTry(facts, flow);
}

/** There are policies of some kind, or nobody could say. */
function hasPolicies(evidence: Evidence): boolean {
  const others = [...(factOf(evidence, 'adminPolicies') ?? []), ...(factOf(evidence, 'vendorPolicies') ?? [])];
  return others.length > 0 || factOf(evidence, 'policies')?.length !== 0;
}

function readOtherPolicies(
  whose: 'admin' | 'vendor',
  reading: Reading,
  evidence: Evidence,
  flow: Flow,
): Promise<Collected<readonly OtherPolicySnapshot[]>> {
  const [served, namespaces] = [factOf(evidence, 'policyApis') ?? [], onPath(flow)];
  return readPolicies(reading, policyLists(whose, served, namespaces), served, namespaces);
}

/** Every Pod that the Service selects is Ready, and there is one. */
function allBackendsReady(evidence: Evidence): boolean {
  const selected = factOf(evidence, 'endpoints')?.selected.filter((pod) => !isFinished(pod)) ?? [];
  return selected.length > 0 && selected.every(isReady);
}

/** A slice names a Pod that was not found. */
function namesGonePods(evidence: Evidence): boolean {
  const endpoints = factOf(evidence, 'endpoints');
  if (endpoints === null) return false;
  const known = [...endpoints.selected, ...endpoints.stray];
  const named = endpoints.slices.flatMap((slice) => slice.endpoints ?? []);
  return named.some(
    ({ addresses, targetRef }) =>
      targetRef?.kind === 'Pod' &&
      !known.some(
        (pod) =>
          pod.metadata.name === targetRef.name && addresses.every((address) => addressesOf(pod).includes(address)),
      ),
  );
}

/** Pods of the cluster DNS whose logs are read, and how much of each: the last lines tell what is wrong now. */
const MOST_LOGS = 4;
const LOG_LINES = 80;

/** Of a container that was started again, the log of the one before: it says why it ended. */
async function collectDnsLogs(
  reading: Reading,
  pods: readonly PodSnapshot[],
): Promise<Collected<ApiEvidence['dnsLogs']>> {
  const command = `kubectl -n ${DNS_NAMESPACE} logs -l ${DNS_SELECTOR} --tail=${LOG_LINES}`;
  const wanted = pods.slice(0, MOST_LOGS).flatMap((pod) => {
    const [status] = pod.status?.containerStatuses ?? [];
    const started = status?.state?.running !== undefined || status?.state?.terminated !== undefined;
    const again = (status?.restartCount ?? 0) > 0;
    return [...(started ? [{ pod, previous: false }] : []), ...(again ? [{ pod, previous: true }] : [])];
  });
  const read = await Promise.all(
    wanted.map(async ({ pod, previous }) => {
      const { name } = pod.metadata;
      const query = `tailLines=${LOG_LINES}&limitBytes=65536${previous ? '&previous=true' : ''}`;
      const log = await readText(
        reading,
        `${core(DNS_NAMESPACE, 'pods')}/${q(name)}/log?${query}`,
        `kubectl -n ${DNS_NAMESPACE} get pods/log ${name}`,
      );
      return { log, name, previous };
    }),
  );
  const texts = read.filter(({ log }) => log.status === 'collected');
  const [first] = read;
  // A log that has been thrown away is no gap as long as another one can be read.
  if (first !== undefined && first.log.status === 'missing' && texts.length === 0) return { ...first.log, command };
  return {
    status: 'collected',
    value: texts.flatMap(({ log, name, previous }) =>
      log.status === 'collected' ? readDnsLog(log.value, name, previous) : [],
    ),
    command,
    atMs: first?.log.atMs ?? reading.nowMs(),
    tookMs: Math.max(0, ...texts.map(({ log }) => (log.status === 'collected' ? log.tookMs : 0))),
  };
}

/** Pods whose last words are read, and how much of each log: one crash is mostly like the other. */
const MOST_ENDED = 2;
const LAST_LINES = 20;

/** Containers of backends that ended by themselves and are started again, or wait for that. */
function endedContainers(
  evidence: Evidence,
): readonly { readonly pod: string; readonly container: string; readonly previous: boolean }[] {
  return (factOf(evidence, 'endpoints')?.selected ?? [])
    .filter((pod) => !isFinished(pod) && !isReady(pod))
    .flatMap((pod) => {
      const ended = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
        ({ state, lastState }) =>
          state?.running === undefined && (state?.terminated ?? lastState?.terminated) !== undefined,
      );
      // One that waits may run again by the time its log is read, which is then another one.
      const previous = ended?.state?.terminated === undefined;
      return ended === undefined ? [] : [{ pod: pod.metadata.name, container: ended.name, previous }];
    })
    .slice(0, MOST_ENDED);
}

async function collectLastWords(
  reading: Reading,
  evidence: Evidence,
  namespace: string,
): Promise<Collected<ApiEvidence['backendLogs']>> {
  const ended = endedContainers(evidence);
  const command = `kubectl -n ${namespace} logs ${ended[0]?.pod ?? ''} -c ${ended[0]?.container ?? ''} --tail=${LAST_LINES}`;
  const logs = await Promise.all(
    ended.map(({ pod, container, previous }) =>
      readText(
        reading,
        `${core(namespace, 'pods')}/${q(pod)}/log?container=${q(container)}&tailLines=${LAST_LINES}&limitBytes=16384${previous ? '&previous=true' : ''}`,
        `kubectl -n ${namespace} get pods/log ${pod}`,
      ),
    ),
  );
  const [first] = logs;
  const read = logs.flatMap((log, index) => (log.status === 'collected' ? [{ log, of: ended[index] }] : []));
  if (read.length === 0 && first?.status === 'missing') return { ...first, command };
  return {
    status: 'collected',
    value: read.flatMap(({ log, of }) => {
      const text = lastWords(log.value);
      return text === null || of === undefined ? [] : [{ pod: of.pod, container: of.container, text }];
    }),
    command,
    atMs: first?.atMs ?? reading.nowMs(),
    tookMs: Math.max(0, ...read.map(({ log }) => log.tookMs)),
  };
}

/** Namespaces of source, destination and cluster DNS. */
function onPath(flow: Flow): readonly string[] {
  return [...new Set([flow.source.namespace, destinationNamespace(flow), DNS_NAMESPACE])];
}

function nodesOnPath(evidence: Evidence, { via }: Flow): readonly string[] {
  const endpoints = factOf(evidence, 'endpoints');
  const pods = [
    found(factOf(evidence, 'sourcePod')),
    found(factOf(evidence, 'destinationPod')),
    ...(factOf(evidence, 'dnsPods') ?? []),
    ...(endpoints?.selected ?? []),
  ];
  const fromSlices = (endpoints?.slices ?? []).flatMap((slice) => (slice.endpoints ?? []).map((item) => item.nodeName));
  const names = [via?.node, ...pods.map((pod) => pod?.spec.nodeName), ...fromSlices];
  return [...new Set(names.filter((name) => name !== undefined && name !== null))].slice(0, MOST_NODES);
}

/** A single object as a list of one or none. */
async function one<T>(read: ReturnType<typeof readObject<T>>): Promise<Collected<readonly T[]>> {
  const result = await read;
  if (result.status === 'missing') return result;
  return { ...result, value: result.value.found ? [result.value.object] : [] };
}

async function readNode(reading: Reading, name: string): Promise<Collected<readonly NodeSnapshot[]>> {
  const [node, lease] = await Promise.all([
    readObject(reading, `/api/v1/nodes/${q(name)}`, NodeSnapshot, `kubectl get node ${name} -o yaml`),
    readObject(
      reading,
      `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${q(name)}`,
      LeaseSnapshot,
      `kubectl -n kube-node-lease get lease ${name} -o yaml`,
    ),
  ]);
  if (node.status === 'missing') return node;
  const object = found(node.value);
  const renewed = lease.status === 'collected' ? (found(lease.value)?.spec.renewTime ?? null) : null;
  return { ...node, value: object === null ? [] : [{ ...object, leaseRenewedAt: renewed }] };
}

function readSlices(
  reading: Reading,
  namespace: string,
  service: string,
): Promise<Collected<readonly SliceSnapshot[]>> {
  const selector = `kubernetes.io/service-name=${service}`;
  return readList(
    reading,
    `/apis/discovery.k8s.io/v1/namespaces/${q(namespace)}/endpointslices?labelSelector=${q(selector)}`,
    SliceSnapshot,
    `kubectl -n ${namespace} get endpointslices -l ${selector} -o yaml`,
  );
}

/** Slices without the label that says whose they are. */
function readLooseSlices(reading: Reading, namespace: string): Promise<Collected<readonly SliceSnapshot[]>> {
  return readList(
    reading,
    `/apis/discovery.k8s.io/v1/namespaces/${q(namespace)}/endpointslices?labelSelector=${q('!kubernetes.io/service-name')}`,
    SliceSnapshot,
    `kubectl -n ${namespace} get endpointslices -l '!kubernetes.io/service-name' -o yaml`,
  );
}

const FieldManagers = z.object({
  metadata: z.object({
    managedFields: z.optional(
      z.array(
        z.object({
          manager: z.optional(z.string()),
          time: z.optional(z.nullable(z.string())),
          fieldsV1: z.optional(z.looseObject({})),
        }),
      ),
    ),
  }),
});

/** Adds the kind, which a list leaves out, and who last wrote `spec.replicas`. */
function workloadSchema(kind: string): { safeParse(value: unknown): z.core.util.SafeParseResult<WorkloadSnapshot> } {
  return {
    safeParse: (value) => {
      const managed = FieldManagers.safeParse(value);
      const writers = managed.success ? (managed.data.metadata.managedFields ?? []) : [];
      const writer = writers.filter((entry) => JSON.stringify(entry.fieldsV1 ?? {}).includes('"f:replicas"')).at(-1);
      const scaledBy =
        writer?.manager === undefined
          ? undefined
          : {
              manager: writer.manager,
              ...(writer.time === undefined || writer.time === null ? {} : { time: writer.time }),
            };
      return WorkloadSnapshot.safeParse({
        ...(value as object),
        kind,
        ...(scaledBy === undefined ? {} : { scaledBy }),
      });
    },
  };
}

function readWorkloads(
  reading: Reading,
  namespace: string,
  plural: string,
  kind: string,
  selector: string,
): Promise<Collected<readonly WorkloadSnapshot[]>> {
  const query = selector === '' ? '' : `?labelSelector=${q(selector)}`;
  return readList(
    reading,
    `/apis/apps/v1/namespaces/${q(namespace)}/${plural}${query}`,
    workloadSchema(kind) as never,
    `kubectl -n ${namespace} get ${plural}${selector === '' ? '' : ` -l ${selector}`} -o yaml`,
  );
}

/** How often slices and Pods are read again while they disagree, and how long apart: a controller needs moments, not seconds. */
const AGREE_TRIES = 3;
const AGREE_PAUSE_MS = 400;

/**
 * Slices and the Pods behind them come from two lists read at two moments. When a slice names a Pod that is not there, both
 * are read again before the disagreement counts (faults.md §9, trap 25).
 */
async function collectEndpoints(reading: Reading, evidence: Evidence, flow: Flow): Promise<Collected<Endpoints>> {
  const service = found(factOf(evidence, 'service'));
  const namespace = destinationNamespace(flow);
  const name = service?.metadata.name ?? '';
  const selector = service?.spec.selector ?? {};
  const hasSelector = Object.keys(selector).length > 0;
  const podsCommand = `kubectl -n ${namespace} get pods -l ${selectorText(selector)} -o wide`;
  const command = `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name} -o yaml`;
  for (let attempt = 1; ; attempt++) {
    const atMs = reading.nowMs();
    const [slices, selected] = await Promise.all([
      readSlices(reading, namespace, name),
      hasSelector
        ? readList(
            reading,
            `${core(namespace, 'pods')}?labelSelector=${q(selectorText(selector))}`,
            PodSnapshot,
            podsCommand,
          )
        : null,
    ]);
    if (slices.status === 'missing') return slices;
    if (selected?.status === 'missing') return missing(selected.gap, podsCommand, selected.atMs);
    const pods = selected?.value ?? [];
    const named = slices.value.flatMap((slice) =>
      (slice.endpoints ?? []).flatMap((item) =>
        item.targetRef?.kind === 'Pod' ? [{ name: item.targetRef.name ?? '', uid: item.targetRef.uid }] : [],
      ),
    );
    const strangers = [
      ...new Set(
        named.filter((target) => !pods.some((pod) => pod.metadata.name === target.name)).map((target) => target.name),
      ),
    ].slice(0, MOST_NODES);
    const lookups = await Promise.all(
      strangers.map((pod) =>
        readObject(
          reading,
          `${core(namespace, 'pods')}/${q(pod)}`,
          PodSnapshot,
          `kubectl -n ${namespace} get pod ${pod}`,
        ),
      ),
    );
    const unread = lookups.find((lookup) => lookup.status === 'missing');
    if (unread?.status === 'missing') return missing(unread.gap, unread.command, unread.atMs);
    const stray = lookups.flatMap((lookup) =>
      lookup.status === 'collected' && lookup.value.found ? [lookup.value.object] : [],
    );
    const gone = strangers.length > stray.length;
    const loose = hasSelector || slices.value.length > 0 ? null : await readLooseSlices(reading, namespace);
    if (loose?.status === 'missing') return loose;
    if (!gone || attempt >= AGREE_TRIES || reading.signal.aborted) {
      return {
        status: 'collected',
        value: { slices: slices.value, selected: pods, stray, ...(loose === null ? {} : { loose: loose.value }) },
        command,
        atMs,
        tookMs: reading.nowMs() - atMs,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, AGREE_PAUSE_MS));
  }
}
