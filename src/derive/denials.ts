/**
 * What policies deny on this path and why: one denial for each direction and each policy whose rules come closest. All rules
 * of rung N read this one list, so that a flow is denied for one reason and under one id.
 */
import { found, type Lookup } from '../evidence/collected.ts';
import type { Endpoints, PolicyScope } from '../evidence/evidence.ts';
import type { ConnectReading, DnsReading } from '../evidence/readings.ts';
import type {
  DaemonSetSnapshot,
  NamespaceSnapshot,
  NodeSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServicePort,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import {
  type Direction,
  type DirectionVerdict,
  evaluateFlow,
  type NearMiss,
  type PolicyEnd,
  type PolicyFlow,
} from '../netpol/evaluate.ts';
import { type Backend, serviceAddresses } from './backends.ts';
import { isRejected, isSilent, reachable } from './connects.ts';
import { isController } from './controllers.ts';
import { type DenialKind, type DenialScene, explainDenial, selectsEveryPod } from './denial-kind.ts';
import { dnsBackends } from './dns.ts';
import { type Enforcer, findEnforcer } from './enforcer.ts';
import { addressesOf, flowPortOn, isFinished } from './pods.ts';
import { type PolicyFacts, policyEnd, policySetOf } from './policy.ts';
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
  'policyScope',
  'nodes',
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
  readonly policyScope: PolicyScope | null;
  readonly nodes: readonly NodeSnapshot[] | null;
  readonly adminPolicies: readonly OtherPolicySnapshot[] | null;
  readonly vendorPolicies: readonly OtherPolicySnapshot[] | null;
}

export interface Denial {
  readonly direction: Direction;
  /** The application's own traffic, or the lookups that come before it. */
  readonly traffic: 'application' | 'dns';
  readonly kind: DenialKind;
  /** The policy a person would edit: that of the nearest rule, else the first that isolates the Pod. */
  readonly policy: PolicySnapshot;
  readonly isolatedBy: readonly PolicySnapshot[];
  readonly nearest: NearMiss | null;
  /** The flow as the policies see it, to the first of the peers. */
  readonly flow: PolicyFlow;
  /** What the policies of the other end say about it. */
  readonly otherSide: DirectionVerdict;
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
  readonly enforcer: Enforcer | null | undefined;
  /** The Service port asked for, when the destination is a Service. */
  readonly servicePort: ServicePort | null;
  readonly policies: readonly PolicySnapshot[];
  /** All that was read of policies, of every API. */
  readonly facts: PolicyFacts;
  /** All Pods on the path as policies see them; null when those of the namespaces were not read. */
  readonly known: readonly PolicyEnd[] | null;
  readonly workloads: readonly WorkloadSnapshot[];
  /** Addresses of a node inside of the Pod network, which its own packets to Pods of other nodes carry on an overlay. */
  overlayAddresses(node: string | null): readonly string[];
  /** What could not be read of the far end, so that finding no denial proves nothing; null when nothing is lacking. */
  readonly unread: { readonly application: string | null; readonly dns: string | null };
}

/** All rules of rung N ask for the same facts after every event: they are worked out once. */
const workedOut = new WeakMap<readonly PolicySnapshot[], { facts: DenialFacts; flow: Flow; denials: Denials | null }>();

/** Null when the source Pod does not exist. */
export function findDenials(facts: DenialFacts, flow: Flow): Denials | null {
  const before = workedOut.get(facts.policies);
  const kinds = [...DENIAL_NEEDS, ...DENIAL_USES] as const;
  if (before?.flow === flow && kinds.every((kind) => before.facts[kind] === facts[kind])) return before.denials;
  const denials = workOut(facts, flow);
  workedOut.set(facts.policies, { facts, flow, denials });
  return denials;
}

function workOut(facts: DenialFacts, flow: Flow): Denials | null {
  const source = found(facts.sourcePod);
  if (source === null) return null;
  const view = viewService(facts.service, facts.endpoints, flow);
  const { targets, protocol } = applicationTargets(facts, flow);
  const dnsService = found(facts.dnsService);
  const asksDns = resolvesNames(flow);
  const dnsTargets = dnsTargetsOf(facts, flow);
  const enforcer = facts.daemonSets === null ? undefined : findEnforcer(facts.daemonSets);
  const known = knownEnds(facts);
  const dns = denialsFor('dns', dnsTargets, 'UDP', {
    facts,
    source,
    servicePort: null,
    serviceAddresses: dnsService === null ? [] : serviceAddresses(dnsService),
    asksDns: true,
    known,
  });
  return {
    source,
    application: denialsFor('application', targets, protocol, {
      facts,
      source,
      servicePort: view?.port ?? null,
      serviceAddresses: view === null ? [] : serviceAddresses(view.service),
      asksDns: !dns.some(({ direction }) => direction === 'egress'),
      known,
    }),
    dns,
    enforcer,
    servicePort: view?.port ?? null,
    policies: facts.policies,
    facts,
    known,
    workloads: facts.policyScope?.workloads ?? [],
    overlayAddresses: (node) => overlayAddresses(facts.nodes ?? [], node),
    unread:
      facts.policies.length === 0
        ? { application: null, dns: null }
        : { application: unreadTarget(facts, flow), dns: asksDns ? unreadDns(facts) : null },
  };
}

/** The Pods that the flow goes to, on the port it arrives at; empty when they are not known. */
export function applicationTargets(
  facts: DenialFacts,
  flow: Flow,
): { readonly targets: readonly Target[]; readonly protocol: string } {
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
  return { targets, protocol: view?.protocol ?? flow.protocol ?? 'TCP' };
}

/**
 * The network address of each range of Pod addresses of a node: flannel and its like give it to the node's end of the overlay.
 *
 * @see https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md
 */
function overlayAddresses(nodes: readonly NodeSnapshot[], name: string | null): readonly string[] {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  return (node?.spec.podCIDRs ?? []).flatMap((cidr) => cidr.split('/')[0] ?? []);
}

function resolvesNames({ destination }: Flow): boolean {
  return destination.kind === 'Service' || destination.kind === 'Host';
}

/** The ready Pods of the cluster DNS; empty when the flow needs no name or they are not known. */
export function dnsTargetsOf(facts: DenialFacts, flow: Flow): readonly Target[] {
  const service = found(facts.dnsService);
  if (!resolvesNames(flow) || service === null) return [];
  return dnsBackends(service, facts.dnsSlices ?? [], facts.dnsPods ?? [])
    .filter((backend) => backend.ready)
    .flatMap(asTarget);
}

function knownEnds({ policyScope, dnsPods, namespaces }: DenialFacts): readonly PolicyEnd[] | null {
  if (policyScope === null) return null;
  const running = [...policyScope.pods, ...(dnsPods ?? [])].filter((pod) => !isFinished(pod));
  const byName = new Map(running.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]));
  return [...byName.values()].map((pod) => policyEnd(pod, namespaces));
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

/** What a direction is closed by, as far as NetworkPolicies go. */
interface Reason {
  readonly kind: DenialKind;
  readonly nearest: NearMiss | null;
  readonly policy: PolicySnapshot;
  readonly isolatedBy: readonly PolicySnapshot[];
}

type SideThat<Allows> = Extract<DirectionVerdict, { readonly allows: Allows }>;

function explainClosed(
  side: Extract<SideThat<'no'>, { readonly because: 'isolated' }>,
  scene: Omit<DenialScene, 'isolatedBy'>,
): Reason | null {
  const [first, ...others] = side.isolatedBy.flatMap(({ networkPolicy }) => networkPolicy ?? []);
  if (first === undefined) return null;
  const isolatedBy = [first, ...others] as const;
  const { kind, near: nearest } = explainDenial(side.nearest, { ...scene, isolatedBy });
  const policy = nearest !== null && NEAR_KINDS.has(kind) ? nearest.policy : toEdit(isolatedBy);
  return { kind, nearest, policy, isolatedBy };
}

/** A rule that would admit the flow, if the network plugin took the peer for what the rule says. */
function explainOpen(side: SideThat<'depends'>, { daemonSets }: DenialFacts): Reason | null {
  const policy = side.by?.policy.networkPolicy ?? null;
  if (policy === null || side.by === null) return null;
  const identity = daemonSets !== null && (findEnforcer(daemonSets)?.ignoresBlocks ?? false);
  const kind =
    side.point.kind === 'host-network'
      ? 'host-network'
      : side.point.kind === 'ip-block' && identity
        ? 'block-ignored'
        : null;
  if (kind === null) return null;
  const isolatedBy = side.isolatedBy.flatMap(({ networkPolicy }) => networkPolicy ?? []);
  return { kind, nearest: { policy, rule: side.by.rule, peer: null, misses: [] }, policy, isolatedBy };
}

/** Kinds that are about one rule: its policy is the one to look at. */
const NEAR_KINDS: ReadonlySet<DenialKind> = new Set([
  'pod-label',
  'namespace-label',
  'and-or',
  'service-port',
  'named-port',
  'protocol-or-range',
  'service-block',
  'block-ignored',
]);

/** Of the policies that isolate a Pod, the one made for it, else the namespace's default deny. */
function toEdit(isolatedBy: readonly [PolicySnapshot, ...PolicySnapshot[]]): PolicySnapshot {
  return isolatedBy.find((policy) => !selectsEveryPod(policy)) ?? isolatedBy[0];
}

export interface Target {
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
  readonly serviceAddresses: readonly string[];
  readonly asksDns: boolean;
  readonly known: readonly PolicyEnd[] | null;
}

function denialsFor(
  traffic: Denial['traffic'],
  targets: readonly Target[],
  protocol: string,
  scene: Scene,
): readonly Denial[] {
  const { facts, source } = scene;
  const set = policySetOf(facts);
  const groups = new Map<string, Denial & { targets: Target[] }>();
  for (const target of targets) {
    const flow: PolicyFlow = {
      source: policyEnd(source, facts.namespaces),
      destination: policyEnd(target.pod, facts.namespaces),
      port: target.port,
      protocol,
    };
    const verdict = evaluateFlow(flow, set);
    for (const direction of ['egress', 'ingress'] as const) {
      const side = verdict[direction];
      const otherSide = verdict[direction === 'egress' ? 'ingress' : 'egress'];
      const reason =
        side.allows === 'depends'
          ? explainOpen(side, facts)
          : side.allows === 'no' && side.because === 'isolated'
            ? explainClosed(side, {
                ...scene,
                direction,
                flow,
                otherSide,
                sourceIsController: isController(source),
                ignoresBlocks: findEnforcer(facts.daemonSets ?? [])?.ignoresBlocks ?? false,
              })
            : null;
      if (reason === null) continue;
      const { kind, nearest, policy, isolatedBy } = reason;
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
        flow,
        otherSide,
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
  const all = [...groups.values()].map(({ targets: mine, ...denial }): Denial => {
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
  // What the model leaves open counts once packets say so.
  return all.filter(
    ({ kind, measured }) => kind !== 'host-network' || measured === 'dropped' || measured === 'rejected',
  );
}

export function dnsReadings(targets: readonly Target[], facts: DenialFacts): readonly DnsReading[] {
  return (facts.dnsServers ?? []).filter(
    (reading) => reading.transport === 'udp' && targets.some((target) => target.pod.metadata.name === reading.pod),
  );
}

export function measure(readings: readonly (ConnectReading | DnsReading)[]): Denial['measured'] {
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
export function controlFor(targets: readonly Target[], facts: DenialFacts): ConnectReading | DnsReading | null {
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
