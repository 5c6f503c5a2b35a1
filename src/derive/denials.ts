/**
 * What policies deny on this path and why: one denial for each direction and each policy whose rules come closest. All rules
 * of rung N read this one list, so that a flow is denied for one reason and under one id.
 */
import { found, type Lookup } from '../evidence/collected.ts';
import type { Endpoints } from '../evidence/evidence.ts';
import type { ConnectReading, DnsReading } from '../evidence/readings.ts';
import type {
  DaemonSetSnapshot,
  NamespaceSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServicePort,
  ServiceSnapshot,
  SliceSnapshot,
} from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { type Direction, evaluateFlow, type Miss, type NearMiss } from '../netpol/evaluate.ts';
import type { Backend } from './backends.ts';
import { isRejected, isSilent, reachable } from './connects.ts';
import { dnsBackends } from './dns.ts';
import { findEnforcer } from './enforcer.ts';
import { addressesOf, flowPortOn } from './pods.ts';
import { policyEnd, policySetOf } from './policy.ts';
import { viewService } from './service-view.ts';

export const DENIAL_NEEDS = ['sourcePod', 'policies', 'namespaces'] as const;
export const DENIAL_USES = [
  'service',
  'endpoints',
  'destinationPod',
  'dnsService',
  'dnsSlices',
  'dnsPods',
  'daemonSets',
  'backendConnects',
  'controlConnects',
  'dnsServers',
  'nodeConnects',
  'adminPolicies',
  'vendorPolicies',
] as const;

export interface DenialFacts {
  readonly sourcePod: Lookup<PodSnapshot>;
  readonly policies: readonly PolicySnapshot[];
  readonly namespaces: readonly NamespaceSnapshot[];
  readonly service: Lookup<ServiceSnapshot> | null;
  readonly endpoints: Endpoints | null;
  readonly destinationPod: Lookup<PodSnapshot> | null;
  readonly dnsService: Lookup<ServiceSnapshot> | null;
  readonly dnsSlices: readonly SliceSnapshot[] | null;
  readonly dnsPods: readonly PodSnapshot[] | null;
  readonly daemonSets: readonly DaemonSetSnapshot[] | null;
  readonly backendConnects: readonly ConnectReading[] | null;
  readonly controlConnects: readonly ConnectReading[] | null;
  readonly dnsServers: readonly DnsReading[] | null;
  readonly nodeConnects: readonly ConnectReading[] | null;
  readonly adminPolicies: readonly OtherPolicySnapshot[] | null;
  readonly vendorPolicies: readonly OtherPolicySnapshot[] | null;
}

/** What is wrong with the nearest rule. */
export type DenialKind = 'nobody-admitted' | 'pod-label' | 'namespace-label' | 'service-port' | 'other';

export interface Denial {
  readonly direction: Direction;
  /** The application's own traffic, or the lookups that come before it. */
  readonly traffic: 'application' | 'dns';
  readonly kind: DenialKind;
  /** The policy a person would edit: that of the nearest rule, else the first that isolates the Pod. */
  readonly policy: PolicySnapshot;
  readonly isolatedBy: readonly PolicySnapshot[];
  readonly nearest: NearMiss | null;
  /** The Pods at the far end for which this holds. */
  readonly peers: readonly PodSnapshot[];
  readonly addresses: readonly string[];
  /** The Pods' port. */
  readonly port: number;
  readonly protocol: string;
  readonly measured: 'dropped' | 'rejected' | 'passes' | 'unclear' | 'not-measured';
  /** Readings that show it. */
  readonly readings: readonly (ConnectReading | DnsReading)[];
  /** A connection to another Pod on the same node that got through: the path is fine. */
  readonly control: ConnectReading | DnsReading | null;
}

export interface Denials {
  readonly source: PodSnapshot;
  readonly application: readonly Denial[];
  readonly dns: readonly Denial[];
  /** Null when no known policy engine is installed, undefined when that could not be read. */
  readonly enforcer: string | null | undefined;
  /** The Service port asked for, when the destination is a Service. */
  readonly servicePort: ServicePort | null;
  /** What could not be read of the far end, so that finding no denial proves nothing; null when nothing is lacking. */
  readonly unread: { readonly application: string | null; readonly dns: string | null };
}

/** Null when the source Pod does not exist. */
export function findDenials(facts: DenialFacts, flow: Flow): Denials | null {
  const source = found(facts.sourcePod);
  if (source === null) return null;
  const view = viewService(facts.service, facts.endpoints, flow);
  const direct = found(facts.destinationPod);
  const directPort = direct === null ? null : flowPortOn(direct, flow);
  const targets: readonly Target[] =
    view !== null
      ? (view.used.length > 0 ? view.used : view.backends).flatMap(asTarget)
      : direct === null || directPort === null
        ? []
        : addressesOf(direct)
            .slice(0, 1)
            .map((address) => ({ address, port: directPort, pod: direct }));
  const dnsService = found(facts.dnsService);
  const asksDns = flow.destination.kind === 'Service' || flow.destination.kind === 'Host';
  const dnsTargets =
    !asksDns || dnsService === null
      ? []
      : dnsBackends(dnsService, facts.dnsSlices ?? [], facts.dnsPods ?? [])
          .filter((backend) => backend.ready)
          .flatMap(asTarget);
  const enforcer = facts.daemonSets === null ? undefined : (findEnforcer(facts.daemonSets)?.product ?? null);
  return {
    source,
    application: denialsFor('application', targets, view?.protocol ?? flow.protocol ?? 'TCP', {
      facts,
      source,
      servicePort: view?.port ?? null,
    }),
    dns: denialsFor('dns', dnsTargets, 'UDP', { facts, source, servicePort: null }),
    enforcer,
    servicePort: view?.port ?? null,
    unread:
      facts.policies.length === 0
        ? { application: null, dns: null }
        : { application: unreadTarget(facts, flow), dns: asksDns ? unreadDns(facts) : null },
  };
}

function unreadTarget(facts: DenialFacts, flow: Flow): string | null {
  if (flow.destination.kind === 'Pod')
    return facts.destinationPod === null ? 'the destination Pod could not be read' : null;
  if (flow.destination.kind !== 'Service' || (facts.service !== null && found(facts.service) === null)) return null;
  return facts.service === null || facts.endpoints === null ? 'the Pods behind the Service could not be read' : null;
}

function unreadDns({ dnsService, dnsSlices, dnsPods }: DenialFacts): string | null {
  if (dnsService !== null && found(dnsService) === null) return null;
  return dnsService === null || dnsSlices === null || dnsPods === null
    ? 'the Pods of the cluster DNS could not be read'
    : null;
}

interface Target {
  readonly address: string;
  readonly port: number;
  readonly pod: PodSnapshot;
}

function asTarget(backend: Backend): readonly Target[] {
  return backend.pod === null || backend.port === null
    ? []
    : [{ address: backend.address, port: backend.port, pod: backend.pod }];
}

interface Scene {
  readonly facts: DenialFacts;
  readonly source: PodSnapshot;
  readonly servicePort: ServicePort | null;
}

function denialsFor(
  traffic: Denial['traffic'],
  targets: readonly Target[],
  protocol: string,
  scene: Scene,
): readonly Denial[] {
  const { facts, source } = scene;
  const policies = policySetOf(facts);
  const groups = new Map<string, Denial & { targets: Target[] }>();
  for (const target of targets) {
    const verdict = evaluateFlow(
      {
        source: policyEnd(source, facts.namespaces),
        destination: policyEnd(target.pod, facts.namespaces),
        port: target.port,
        protocol,
      },
      policies,
    );
    for (const direction of ['egress', 'ingress'] as const) {
      const side = verdict[direction];
      if (side.allows !== 'no' || side.because !== 'isolated') continue;
      const isolatedBy = side.isolatedBy.flatMap(({ networkPolicy }) => networkPolicy ?? []);
      const [first] = isolatedBy;
      if (first === undefined) continue;
      const nearest = tellingMiss(side.nearest, scene.servicePort);
      const kind = classify(nearest, scene.servicePort);
      const policy = nearest !== null && kind !== 'other' ? nearest.policy : first;
      const key = `${direction} ${kind} ${policy.metadata.namespace}/${policy.metadata.name} ${target.port}`;
      const before = groups.get(key);
      if (before !== undefined) {
        before.targets.push(target);
        continue;
      }
      groups.set(key, {
        direction,
        traffic,
        kind,
        policy,
        isolatedBy,
        nearest,
        peers: [],
        addresses: [],
        port: target.port,
        protocol,
        measured: 'not-measured',
        readings: [],
        control: null,
        targets: [target],
      });
    }
  }
  return [...groups.values()].map(({ targets: mine, ...denial }): Denial => {
    const addresses = mine.map((target) => target.address);
    const readings =
      traffic === 'dns'
        ? dnsReadings(mine, facts)
        : (facts.backendConnects ?? []).filter((reading) => addresses.includes(reading.address));
    return {
      ...denial,
      peers: mine.map((target) => target.pod),
      addresses,
      readings,
      measured: measure(readings),
      control: controlFor(mine, facts),
    };
  });
}

function dnsReadings(targets: readonly Target[], facts: DenialFacts): readonly DnsReading[] {
  return (facts.dnsServers ?? []).filter(
    (reading) => reading.transport === 'udp' && targets.some((target) => target.pod.metadata.name === reading.pod),
  );
}

/** Of the rules that come equally close, the first that names what is wrong: a rule for DNS is near every flow, and explains none. */
function tellingMiss(nearest: readonly NearMiss[], servicePort: ServicePort | null): NearMiss | null {
  const closest = nearest.filter((near) => near.misses.length === nearest[0]?.misses.length);
  return closest.find((near) => classify(near, servicePort) !== 'other') ?? closest[0] ?? null;
}

function classify(nearest: NearMiss | null, servicePort: ServicePort | null): DenialKind {
  if (nearest === null) return 'nobody-admitted';
  const terms = new Set<Miss['term']>(nearest.misses.map((miss) => miss.term));
  if (terms.size !== 1) return 'other';
  if (terms.has('pod-label'))
    return nearest.peer?.podSelector === undefined || nearest.peer.podSelector === null ? 'other' : 'pod-label';
  if (terms.has('namespace-label')) return 'namespace-label';
  const ports = nearest.misses.flatMap((miss) => (miss.term === 'port' ? miss.ports : []));
  if (servicePort !== null && ports.some((port) => port.port === servicePort.port)) return 'service-port';
  return 'other';
}

function measure(readings: readonly (ConnectReading | DnsReading)[]): Denial['measured'] {
  if (readings.length === 0) return 'not-measured';
  const results = readings.map((reading) => {
    if ('transport' in reading) {
      if (reading.outcome.kind === 'answered') return 'passes';
      return reading.outcome.kind === 'timed-out' ? 'dropped' : 'rejected';
    }
    if (reading.outcome.kind === 'connected') return 'passes';
    if (isSilent(reading)) return 'dropped';
    // Without a capture nobody knows who refused: a policy engine that rejects, or the Pod itself.
    if (isRejected(reading)) return 'rejected';
    return 'unclear';
  });
  const [first] = results;
  return first !== undefined && results.every((result) => result === first)
    ? first
    : results.includes('passes')
      ? 'unclear'
      : (first ?? 'unclear');
}

/** Something else on a denied Pod's node that answered the source Pod: proof that packets get there. */
function controlFor(targets: readonly Target[], facts: DenialFacts): ConnectReading | DnsReading | null {
  const nodes = targets.flatMap((target) => target.pod.spec.nodeName ?? []);
  const names = targets.map((target) => target.pod.metadata.name);
  const connect = [...(facts.controlConnects ?? []), ...(facts.backendConnects ?? [])].find(
    (reading) =>
      reading.owner.kind === 'Pod' &&
      reading.owner.node !== null &&
      nodes.includes(reading.owner.node) &&
      !names.includes(reading.owner.name) &&
      reachable(reading),
  );
  if (connect !== undefined) return connect;
  const dnsPods = facts.dnsPods ?? [];
  return (
    (facts.dnsServers ?? []).find((reading) => {
      const node = dnsPods.find((pod) => pod.metadata.name === reading.pod)?.spec.nodeName;
      return (
        node !== undefined &&
        nodes.includes(node) &&
        reading.pod !== undefined &&
        !names.includes(reading.pod) &&
        reading.outcome.kind === 'answered'
      );
    }) ?? null
  );
}
