/** Looks up what was typed: which Pod is the source, and what the destination is. */
import * as z from 'zod/mini';
import { API_COLLECTORS } from '../collect/api.ts';
import { type Reading, readList, readObject } from '../collect/read.ts';
import { nearNames } from '../derive/names.ts';
import { internalAddress } from '../derive/nodes.ts';
import { isReady, isTerminating } from '../derive/pods.ts';
import { type Collected, found, type Lookup } from '../evidence/collected.ts';
import type { Evidence } from '../evidence/evidence.ts';
import {
  LabelSelector,
  NameOnly,
  NamespaceSnapshot,
  NodeSnapshot,
  PodSnapshot,
  ServiceSnapshot,
} from '../evidence/snapshots.ts';
import type { Destination, Flow, NodePort, ObjectRef, Protocol } from '../ladder/flow.ts';
import { selectorText } from '../netpol/selector.ts';
import { BadName, parseDestination, parseName, type TypedName } from './parse.ts';

export interface Wanted {
  readonly source: string;
  readonly destination: string;
  readonly namespace: string;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
  /** How often to connect, when the user said. */
  readonly tries?: number | null;
  /** For how many seconds connections are left idle, when the user said. */
  readonly idle?: number | null;
}

/** What was typed cannot be looked up: the user has to type something else, or has no access. */
export class Unresolved extends Error {
  readonly kind: 'usage' | 'environment';
  readonly tryThis: readonly string[];

  constructor(kind: 'usage' | 'environment', message: string, tryThis: readonly string[]) {
    super(message);
    this.name = 'Unresolved';
    this.kind = kind;
    this.tryThis = tryThis;
  }
}

export interface Resolved {
  readonly flow: Flow;
  /** What was read on the way and need not be read again. */
  readonly evidence: Evidence;
}

/** @throws {Unresolved} when the source does not exist, the destination cannot be meant, or the cluster does not answer */
export async function resolve(reading: Reading, wanted: Wanted): Promise<Resolved> {
  try {
    const parsed = parseDestination(wanted.destination);
    const source = await resolveSource(reading, parseName(wanted.source), wanted.namespace);
    const to = await resolveDestination(reading, parsed.to, {
      typed: parsed.typed,
      port: wanted.port ?? parsed.port,
      namespace: source.ref.namespace,
    });
    const flow: Flow = {
      source: {
        namespace: source.ref.namespace,
        name: source.ref.name,
        ...(source.pickedFrom === undefined ? {} : { pickedFrom: source.pickedFrom }),
      },
      destination: to.destination,
      typed: parsed.typed,
      dnsName: to.dnsName,
      byAddress: parsed.to.form === 'address' || to.via !== undefined,
      port: to.port ?? wanted.port ?? parsed.port,
      protocol: wanted.protocol,
      ...(to.via === undefined ? {} : { via: to.via }),
      scheme: parsed.to.form === 'url' ? parsed.to.scheme : null,
      notes: [...source.notes, ...to.notes],
      ...(wanted.tries === undefined || wanted.tries === null ? {} : { tries: wanted.tries }),
      ...(wanted.idle === undefined || wanted.idle === null ? {} : { idle: wanted.idle }),
    };
    return { flow, evidence: { sourcePod: source.pod, ...to.evidence } };
  } catch (error) {
    if (error instanceof BadName) throw new Unresolved('usage', error.message, ['kubectl netdebug --help']);
    throw error;
  }
}

interface Source {
  readonly ref: { readonly namespace: string; readonly name: string };
  readonly pickedFrom?: ObjectRef;
  readonly pod: Collected<Lookup<PodSnapshot>>;
  readonly notes: readonly string[];
}

const WORKLOADS: Readonly<Record<string, string>> = {
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/NS/statefulsets',
  DaemonSet: '/apis/apps/v1/namespaces/NS/daemonsets',
  ReplicaSet: '/apis/apps/v1/namespaces/NS/replicasets',
  Job: '/apis/batch/v1/namespaces/NS/jobs',
};

const Selectable = z.object({ spec: z.object({ selector: z.optional(LabelSelector) }) });

async function resolveSource(reading: Reading, typed: TypedName, namespace: string): Promise<Source> {
  if (typed.kind === 'Node')
    throw new Unresolved('usage', `${typed.name}: a Node as the source is not supported yet; use a Pod on it.`, [
      `kubectl get pods -A --field-selector spec.nodeName=${typed.name}`,
    ]);
  if (typed.kind !== null && typed.kind !== 'Pod' && WORKLOADS[typed.kind] === undefined) {
    throw new Unresolved('usage', `A ${typed.kind} cannot be the source of traffic; name a Pod or a workload.`, [
      `kubectl -n ${namespace} get pods`,
    ]);
  }
  const attempts = placesFor(typed.name, namespace);
  for (const at of attempts) {
    if (typed.kind !== null && typed.kind !== 'Pod') {
      const picked = await pickPod(reading, typed.kind, at);
      if (picked !== null) return picked;
      continue;
    }
    const pod = await podAt(reading, at);
    if (pod.status === 'missing') {
      stopIfDown(pod.gap.detail, pod.gap.reason);
      return { ref: at, pod, notes: [] };
    }
    if (pod.value.found) return { ref: at, pod, notes: [] };
  }
  throw await noSource(reading, typed, attempts[0] ?? { namespace, name: typed.name });
}

/** `web.shop` may be the Pod web of namespace shop, or a Pod with a dot in its name; the namespace goes first. */
function placesFor(name: string, namespace: string): readonly { namespace: string; name: string }[] {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return [{ namespace, name }];
  return [
    { namespace: name.slice(dot + 1), name: name.slice(0, dot) },
    { namespace, name },
  ];
}

function podAt(reading: Reading, at: { namespace: string; name: string }): Promise<Collected<Lookup<PodSnapshot>>> {
  return readObject(
    reading,
    `/api/v1/namespaces/${encodeURIComponent(at.namespace)}/pods/${encodeURIComponent(at.name)}`,
    PodSnapshot,
    `kubectl -n ${at.namespace} get pod ${at.name} -o yaml`,
  );
}

/** A Ready Pod of a workload, the first by name; a Pod that is not Ready when there is no better one. Null when there is no such workload. */
async function pickPod(
  reading: Reading,
  kind: string,
  at: { namespace: string; name: string },
): Promise<Source | null> {
  const base = WORKLOADS[kind]?.replace('NS', encodeURIComponent(at.namespace)) ?? '';
  const workload = await readObject(
    reading,
    `${base}/${encodeURIComponent(at.name)}`,
    Selectable,
    `kubectl -n ${at.namespace} get ${kind.toLowerCase()} ${at.name} -o yaml`,
  );
  if (workload.status === 'missing')
    throw new Unresolved('environment', workload.gap.detail, [
      workload.gap.unlock ?? `kubectl -n ${at.namespace} get ${kind.toLowerCase()}`,
    ]);
  const object = found(workload.value);
  if (object === null) return null;
  const selector = selectorQuery(object.spec.selector);
  const pods = await readList(
    reading,
    `/api/v1/namespaces/${encodeURIComponent(at.namespace)}/pods?labelSelector=${encodeURIComponent(selector)}`,
    PodSnapshot,
    `kubectl -n ${at.namespace} get pods -l '${selector}'`,
  );
  if (pods.status === 'missing')
    throw new Unresolved('environment', pods.gap.detail, [pods.gap.unlock ?? `kubectl -n ${at.namespace} get pods`]);
  const alive = [...pods.value]
    .filter((pod) => pod.status?.phase === 'Running')
    .sort(
      (a, b) =>
        Number(isTerminating(a)) - Number(isTerminating(b)) ||
        Number(isReady(b)) - Number(isReady(a)) ||
        a.metadata.name.localeCompare(b.metadata.name),
    );
  const pod = alive[0] ?? pods.value[0];
  if (pod === undefined) {
    throw new Unresolved(
      'usage',
      `${kind} ${at.name} in ${at.namespace} has no Pods, so there is nothing to start from.`,
      [`kubectl -n ${at.namespace} describe ${kind.toLowerCase()} ${at.name}`],
    );
  }
  const name = pod.metadata.name;
  return {
    ref: { namespace: at.namespace, name },
    pickedFrom: { kind, ...at },
    pod: {
      status: 'collected',
      value: { found: true, object: pod },
      command: `kubectl -n ${at.namespace} get pod ${name} -o yaml`,
      atMs: pods.atMs,
      tookMs: pods.tookMs,
    },
    notes: [
      pods.value.length === 1
        ? `${name} is the only Pod of ${kind} ${at.name}${isReady(pod) ? '' : ', and it is not Ready'}.`
        : `${name} was picked from the ${pods.value.length} Pods of ${kind} ${at.name}${isReady(pod) ? '' : ', none of which is Ready'}.`,
    ],
  };
}

/** A selector as a list of Pods takes it; see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function selectorQuery(selector: LabelSelector | undefined): string {
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${(values ?? []).join(',')})`;
  });
  const labels = selectorText(selector?.matchLabels ?? {});
  return [...(labels === '' ? [] : [labels]), ...expressions].join(',');
}

async function noSource(
  reading: Reading,
  typed: TypedName,
  at: { namespace: string; name: string },
): Promise<Unresolved> {
  const kind = typed.kind ?? 'Pod';
  const [names, namespace] = await Promise.all([
    readList(reading, listPath(kind, at.namespace), NameOnly, ''),
    readObject(reading, `/api/v1/namespaces/${encodeURIComponent(at.namespace)}`, NamespaceSnapshot, ''),
  ]);
  if (namespace.status === 'collected' && !namespace.value.found) {
    const all = await readList(reading, '/api/v1/namespaces', NameOnly, '');
    const near =
      all.status === 'collected'
        ? nearNames(
            at.namespace,
            all.value.map(({ metadata }) => metadata.name),
          )
        : [];
    return new Unresolved(
      'usage',
      `There is no namespace ${at.namespace}${near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'name is' : 'names are'} ${near.join(', ')}`}.`,
      near.length === 0 ? ['kubectl get namespaces'] : near.map((name) => `kubectl netdebug -n ${name} ${at.name} …`),
    );
  }
  const known = names.status === 'collected' ? names.value.map(({ metadata }) => metadata.name) : [];
  const near = nearNames(at.name, known);
  const prefix = typed.kind === null ? '' : `${typed.kind.toLowerCase()}/`;
  return new Unresolved(
    'usage',
    `There is no ${kind} ${at.name} in ${at.namespace}${near.length === 0 ? (known.length === 0 ? `; it has no ${kind}s` : '') : `; the closest ${near.length === 1 ? 'name is' : 'names are'} ${near.join(', ')}`}.`,
    near.length === 0
      ? [`kubectl -n ${at.namespace} get ${kind.toLowerCase()}s`]
      : near.map((name) => `kubectl netdebug -n ${at.namespace} ${prefix}${name} …`),
  );
}

interface ResolvedDestination {
  readonly destination: Destination;
  readonly dnsName: string | null;
  readonly notes: readonly string[];
  readonly evidence: Evidence;
  /** The Service's port, where another number was typed: that of a node. */
  readonly port?: number;
  readonly via?: NodePort;
}

type Hints = { readonly typed: string; readonly port: number | string | null; readonly namespace: string };

async function resolveDestination(
  reading: Reading,
  to: ReturnType<typeof parseDestination>['to'],
  hints: Hints,
): Promise<ResolvedDestination> {
  if (to.form === 'address') return resolveAddress(reading, to.address, hints.port);
  if (to.form === 'url')
    return /^[\d.]+$|:/.test(to.host)
      ? resolveAddress(reading, to.host, hints.port)
      : resolveHost(reading, to.host, hints.namespace);
  if (to.kind === null) return resolveHost(reading, to.name, hints.namespace);
  const [at = { namespace: hints.namespace, name: to.name }] = placesFor(to.name, hints.namespace);
  switch (to.kind) {
    case 'Service':
      return { destination: { kind: 'Service', ...at }, dnsName: null, notes: [], evidence: {} };
    case 'Pod': {
      const destinationPod = await podAt(reading, at);
      if (destinationPod.status === 'collected' && !destinationPod.value.found) return absent(reading, 'Pod', at);
      return { destination: { kind: 'Pod', ...at }, dnsName: null, notes: [], evidence: { destinationPod } };
    }
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet': {
      const picked = await pickPod(reading, to.kind, at);
      if (picked === null) return absent(reading, to.kind, at);
      return {
        destination: { kind: 'Pod', ...picked.ref },
        dnsName: null,
        notes: picked.notes,
        evidence: { destinationPod: picked.pod },
      };
    }
    case 'Node': {
      const node = await readObject(
        reading,
        `/api/v1/nodes/${encodeURIComponent(to.name)}`,
        NodeSnapshot,
        `kubectl get node ${to.name}`,
      );
      if (node.status === 'missing')
        throw new Unresolved('environment', node.gap.detail, [node.gap.unlock ?? 'kubectl get nodes -o wide']);
      const object = found(node.value);
      if (object === null) return absent(reading, 'Node', { name: to.name });
      const address = internalAddress(object);
      if (address === null)
        throw new Unresolved('usage', `Node ${to.name} has no internal address yet.`, ['kubectl get nodes -o wide']);
      return (
        (await resolveNodePort(reading, { node: to.name, address }, hints.port)) ?? {
          destination: { kind: 'Address', address },
          dnsName: null,
          notes: [`${address} is the internal address of Node ${to.name}.`],
          evidence: {},
        }
      );
    }
    default:
      throw new Unresolved(
        'usage',
        `A destination of kind ${to.kind} is not supported yet; name the Service behind it.`,
        [`kubectl -n ${at.namespace} get services`],
      );
  }
}

/** What was named is not there; the names of its kind are read for the nearest ones. */
async function absent(
  reading: Reading,
  kind: string,
  at: { readonly namespace?: string; readonly name: string },
): Promise<ResolvedDestination> {
  const names = await readList(reading, listPath(kind, at.namespace), NameOnly, '');
  const known = names.status === 'collected' ? names.value.map(({ metadata }) => metadata.name) : [];
  const destination = { kind: 'Absent', object: { kind, ...at }, near: nearNames(at.name, known) } as const;
  return { destination, dnsName: null, notes: [], evidence: {} };
}

function listPath(kind: string, namespace = ''): string {
  if (kind === 'Node') return '/api/v1/nodes';
  const at = encodeURIComponent(namespace);
  return kind === 'Pod' ? `/api/v1/namespaces/${at}/pods` : (WORKLOADS[kind]?.replace('NS', at) ?? '');
}

const SVC = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.[a-z0-9.-]+)?\.?$/i;

/** A Service, else a Pod of that name; a name with dots in it may be a Service of a namespace or a host outside. */
async function resolveHost(reading: Reading, host: string, namespace: string): Promise<ResolvedDestination> {
  const absolute = host.match(SVC);
  if (absolute?.[1] !== undefined && absolute[2] !== undefined) {
    return {
      destination: { kind: 'Service', namespace: absolute[2], name: absolute[1] },
      dnsName: host,
      notes: [],
      evidence: {},
    };
  }
  const labels = host.replace(/\.$/, '').split('.');
  if (labels.length > 2) return { destination: { kind: 'Host', host }, dnsName: host, notes: [], evidence: {} };
  const [name = host, typedNamespace] = labels;
  const at = { namespace: typedNamespace ?? namespace, name };
  const flow = { source: { namespace, name: '' }, destination: { kind: 'Service', ...at } } as unknown as Flow;
  const [service, pod, space] = await Promise.all([
    API_COLLECTORS.service.collect(reading, {}, flow),
    podAt(reading, at),
    typedNamespace === undefined
      ? null
      : readObject(
          reading,
          `/api/v1/namespaces/${encodeURIComponent(typedNamespace)}`,
          NamespaceSnapshot,
          `kubectl get namespace ${typedNamespace}`,
        ),
  ]);
  const hasService = service.status === 'collected' && service.value.found;
  const hasPod = pod.status === 'collected' && pod.value.found;
  if (service.status === 'collected' && !hasService && hasPod) {
    return {
      destination: { kind: 'Pod', ...at },
      dnsName: null,
      notes: [`There is no Service ${name} in ${at.namespace}; the Pod of that name was taken.`],
      evidence: { destinationPod: pod },
    };
  }
  if (space?.status === 'collected' && !space.value.found) {
    // Neither a namespace here nor, by the look of it, anything of this cluster: unless a Service of that name exists elsewhere.
    const services = await readList(reading, '/api/v1/services', NameOnly, 'kubectl get services -A');
    const known = services.status === 'collected' && services.value.some(({ metadata }) => metadata.name === name);
    if (!known)
      return {
        destination: { kind: 'Host', host },
        dnsName: host,
        notes: [`There is no namespace ${typedNamespace}, so ${host} was taken for a host outside the cluster.`],
        evidence: {},
      };
  }
  return {
    destination: { kind: 'Service', ...at },
    dnsName: host,
    notes: hasService && hasPod ? [`There is also a Pod ${name} in ${at.namespace}; pod/${name} asks about that.`] : [],
    evidence: { service },
  };
}

/**
 * The Service that a node's port leads to, entered there; null when no Service has it, or they may not be listed.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
 */
async function resolveNodePort(
  reading: Reading,
  at: { readonly node: string; readonly address: string },
  asked: number | string | null,
): Promise<ResolvedDestination | null> {
  const port = Number(asked);
  if (asked === null || !Number.isInteger(port)) return null;
  const services = await readList(reading, '/api/v1/services', ServiceSnapshot, 'kubectl get services -A');
  if (services.status === 'missing') return null;
  for (const { metadata, spec } of services.value) {
    const own = (spec.ports ?? []).find(({ nodePort }) => nodePort === port);
    if (own === undefined) continue;
    return {
      destination: { kind: 'Service', namespace: metadata.namespace ?? '', name: metadata.name },
      dnsName: null,
      notes: [
        `${port} is the node port of Service ${metadata.name} in ${metadata.namespace}, for its port ${own.port}; this run enters at Node ${at.node}.`,
      ],
      evidence: {},
      port: own.port,
      via: { ...at, port },
    };
  }
  return null;
}

async function resolveAddress(
  reading: Reading,
  address: string,
  port: number | string | null,
): Promise<ResolvedDestination> {
  const field = (name: string): string => encodeURIComponent(`${name}=${address}`);
  const [services, pods] = await Promise.all([
    readList(
      reading,
      `/api/v1/services?fieldSelector=${field('spec.clusterIP')}`,
      ServiceSnapshot,
      `kubectl get services -A --field-selector spec.clusterIP=${address}`,
    ),
    readList(
      reading,
      `/api/v1/pods?fieldSelector=${field('status.podIP')}`,
      PodSnapshot,
      `kubectl get pods -A --field-selector status.podIP=${address}`,
    ),
  ]);
  const service = services.status === 'collected' ? services.value[0]?.metadata : undefined;
  if (service !== undefined) {
    return {
      destination: { kind: 'Service', namespace: service.namespace ?? '', name: service.name },
      dnsName: null,
      notes: [`${address} is the address of Service ${service.name} in ${service.namespace}.`],
      evidence: {},
    };
  }
  const pod =
    pods.status === 'collected'
      ? pods.value.find((candidate) => candidate.spec.hostNetwork !== true && candidate.status?.phase === 'Running')
          ?.metadata
      : undefined;
  if (pod !== undefined) {
    return {
      destination: { kind: 'Pod', namespace: pod.namespace ?? '', name: pod.name },
      dnsName: null,
      notes: [`${address} is the address of Pod ${pod.name} in ${pod.namespace}.`],
      evidence: {},
    };
  }
  // Pods on the host network have the address of their node.
  const node =
    pods.status === 'collected' ? pods.value.find(({ spec }) => spec.hostNetwork === true)?.spec.nodeName : undefined;
  const entered = node === undefined ? null : await resolveNodePort(reading, { node, address }, port);
  if (entered !== null) return entered;
  // That no Service owns it is only known when they could be listed.
  const otherServices = services;
  return { destination: { kind: 'Address', address }, dnsName: null, notes: [], evidence: { otherServices } };
}

/** The very first read tells whether there is a cluster at all. */
function stopIfDown(detail: string, reason: string): void {
  if (reason === 'timed-out')
    throw new Unresolved('environment', `The API server does not answer (${detail}).`, [
      'kubectl cluster-info',
      'kubectl config current-context',
    ]);
  if (/: 401 /.test(detail))
    throw new Unresolved(
      'environment',
      'The API server does not accept the credentials: they are missing, wrong or expired.',
      ['kubectl auth whoami', 'kubectl config view --minify'],
    );
}
