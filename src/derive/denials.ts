/**
 * What policies deny on this path and why: one denial for each direction and each policy whose rules come closest. All rules
 * of rung N read this one list, so that a flow is denied for one reason and under one id.
 */
import { found, type Lookup } from '../evidence/collected.ts';
import { type Endpoints, type Evidence, factOf, type PolicyScope } from '../evidence/evidence.ts';
import type { ConnectReading, DnsReading, FixTrial } from '../evidence/readings.ts';
import type {
  DaemonSetSnapshot,
  NamespaceSnapshot,
  NodeSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicyPeer,
  PolicySnapshot,
  ServicePort,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from '../evidence/snapshots.ts';
import type { Flow, NodePort } from '../ladder/flow.ts';
import {
  type Direction,
  type DirectionVerdict,
  evaluateDirection,
  type NearMiss,
  type PolicyEnd,
  type PolicyFlow,
} from '../netpol/evaluate.ts';
import type { PolicySet } from '../netpol/policy-set.ts';
import type { Decider } from '../netpol/verdict.ts';
import { type Backend, serviceAddresses } from './backends.ts';
import { isRejected, isSilent, reachable, works } from './connects.ts';
import { isController } from './controllers.ts';
import { type DenialKind, type DenialScene, explainDenial, selectsEveryPod } from './denial-kind.ts';
import { dnsBackends } from './dns.ts';
import { type Enforcer, findEnforcer } from './enforcer.ts';
import { evaluateLegs, type Legs, legsOf, overlayAddresses } from './legs.ts';
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
  'serviceConnects',
  'backendConnects',
  'controlConnects',
  'dnsServers',
  'nodeConnects',
  'policyScope',
  'nodes',
  'adminPolicies',
  'vendorPolicies',
  'fixTrials',
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
  readonly serviceConnects: readonly ConnectReading[] | null;
  readonly backendConnects: readonly ConnectReading[] | null;
  readonly controlConnects: readonly ConnectReading[] | null;
  readonly dnsServers: readonly DnsReading[] | null;
  readonly nodeConnects: readonly ConnectReading[] | null;
  readonly policyScope: PolicyScope | null;
  readonly nodes: readonly NodeSnapshot[] | null;
  readonly adminPolicies: readonly OtherPolicySnapshot[] | null;
  readonly vendorPolicies: readonly OtherPolicySnapshot[] | null;
  readonly fixTrials: readonly FixTrial[] | null;
}

/** What a run knows of them by now; null when something they need was not read. */
export function denialFacts(evidence: Evidence): DenialFacts | null {
  const kinds = [...DENIAL_NEEDS, ...DENIAL_USES] as const;
  if (DENIAL_NEEDS.some((kind) => factOf(evidence, kind) === null)) return null;
  return Object.fromEntries(kinds.map((kind) => [kind, factOf(evidence, kind)])) as unknown as DenialFacts;
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
  /** Set when the flow enters at a node's port, so that packets are met at another place than the Pod's own address. */
  readonly via: NodePort | null;
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
  /** What the API server said of fixes that it was shown. */
  readonly trials: readonly FixTrial[];
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
    flow,
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
      flow,
    }),
    dns,
    enforcer,
    servicePort: view?.port ?? null,
    policies: facts.policies,
    facts,
    known,
    workloads: facts.policyScope?.workloads ?? [],
    trials: facts.fixTrials ?? [],
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
      ? (view.used.length > 0 ? view.used : view.backends)
          .filter((one) => isServed(one, view.service, flow))
          .flatMap(asTarget)
      : direct === null || directPort === null
        ? []
        : addressesOf(direct)
            .slice(0, 1)
            .map((address) => ({ address, port: directPort, pod: direct }));
  return { targets, protocol: view?.protocol ?? flow.protocol ?? 'TCP' };
}

/** A node whose Service keeps the address of its clients sends to Pods of its own alone. */
function isServed({ node }: Backend, { spec }: ServiceSnapshot, { via }: Flow): boolean {
  return via === undefined || spec.externalTrafficPolicy !== 'Local' || node === via.node;
}

function resolvesNames({ destination, byAddress }: Flow): boolean {
  return !byAddress && (destination.kind === 'Service' || destination.kind === 'Host');
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

/** A rule that admits the source, whose address no Pod sees because a node puts its own in its place. */
function explainReplaced(
  direction: Direction,
  side: Extract<SideThat<'no'>, { readonly because: 'isolated' }>,
  { replaced, direct }: Legs,
  set: PolicySet,
): Reason | null {
  if (direction !== 'ingress' || !replaced) return null;
  // That a node reaches its own Pods is no rule: the source is asked about as if it were elsewhere.
  const elsewhere = { ...direct, source: { ...direct.source, node: null } };
  const by = admittingRule(evaluateDirection('ingress', elsewhere, set));
  const policy = by?.policy.networkPolicy ?? null;
  if (by === null || policy === null) return null;
  const isolatedBy = side.isolatedBy.flatMap(({ networkPolicy }) => networkPolicy ?? []);
  const own = side.nearest.filter((near) => near.policy === policy && near.rule === by.rule);
  const nearest = own.find(({ peer }) => peer !== null && admitsBy(peer, policy, direct)) ?? own[0] ?? null;
  return { kind: 'replaced-source', nearest, policy, isolatedBy };
}

function admittingRule(side: DirectionVerdict): Decider | null {
  if (side.allows === 'depends') return side.by;
  return side.allows === 'yes' && side.because === 'rule' ? side.by : null;
}

/** Whether this item of a rule, by itself, admits the flow. */
function admitsBy(peer: PolicyPeer, policy: PolicySnapshot, flow: PolicyFlow): boolean {
  const alone = {
    ...policy,
    spec: { ...policy.spec, policyTypes: ['Ingress'], ingress: [{ from: [peer] }], egress: [] },
  };
  return evaluateDirection('ingress', flow, [alone]).allows !== 'no';
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
  readonly flow: Flow;
}

/** The legs of the application's traffic; a lookup goes straight to a Pod of the cluster DNS. */
export function legsTo(
  traffic: Denial['traffic'],
  target: Target,
  protocol: string,
  facts: DenialFacts,
  flow: Flow,
): Legs {
  const source = found(facts.sourcePod);
  if (source === null) throw new Error('no source Pod, no flow');
  const { via: _, ...direct } = flow;
  return legsOf(source, target, protocol, traffic === 'dns' ? direct : flow, {
    namespaces: facts.namespaces,
    nodes: facts.nodes,
    service: found(facts.service),
  });
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
    const legs = legsTo(traffic, target, protocol, facts, scene.flow);
    const verdict = evaluateLegs(legs, set);
    for (const direction of ['egress', 'ingress'] as const) {
      const side = verdict[direction];
      const flow = legs[direction];
      const otherSide = verdict[direction === 'egress' ? 'ingress' : 'egress'];
      const reason =
        side.allows === 'depends'
          ? explainOpen(side, facts)
          : side.allows === 'no' && side.because === 'isolated'
            ? (explainReplaced(direction, side, legs, set) ??
              explainClosed(side, {
                ...scene,
                direction,
                flow,
                otherSide,
                sourceIsController: isController(source),
                ignoresBlocks: findEnforcer(facts.daemonSets ?? [])?.ignoresBlocks ?? false,
              }))
            : null;
      if (reason === null) continue;
      const { kind, nearest, policy, isolatedBy } = reason;
      const key = `${direction} ${kind} ${policy.metadata.namespace}/${policy.metadata.name} ${flow.port}`;
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
        via: traffic === 'dns' ? null : (scene.flow.via ?? null),
        otherSide,
        peers: [],
        addresses: [],
        port: flow.port,
        protocol,
        measured: 'not-measured',
        readings: [],
        control: null,
        targets: [target],
      });
    }
  }
  const all = [...groups.values()].map(({ targets: mine, ...denial }): Denial => {
    const readings = readingsOf(traffic, mine, facts, scene.flow);
    return {
      ...denial,
      peers: mine.map((target) => target.pod),
      addresses: mine.map((target) => target.address),
      readings,
      measured: measure(readings),
      control: (denial.via === null ? null : directly(mine, facts)) ?? controlFor(mine, facts),
    };
  });
  // What the model leaves open counts once packets say so.
  return all.filter(
    ({ kind, measured }) => kind !== 'host-network' || measured === 'dropped' || measured === 'rejected',
  );
}

/** What was measured of the flow to these Pods. Of the tries through a node's port each takes one of all Pods: those that failed count. */
export function readingsOf(
  traffic: Denial['traffic'],
  targets: readonly Target[],
  facts: DenialFacts,
  { via }: Flow,
): readonly (ConnectReading | DnsReading)[] {
  if (traffic === 'dns') return dnsReadings(targets, facts);
  if (via === undefined)
    return (facts.backendConnects ?? []).filter(({ address }) => targets.some((target) => target.address === address));
  const tries = facts.serviceConnects ?? [];
  const failed = tries.filter((reading) => !works(reading));
  return failed.length > 0 ? failed : tries;
}

/** One of these Pods that answers when it is asked by itself. */
function directly(targets: readonly Target[], { backendConnects }: DenialFacts): ConnectReading | null {
  return (
    (backendConnects ?? []).find(
      (reading) => reachable(reading) && targets.some(({ address }) => address === reading.address),
    ) ?? null
  );
}

function dnsReadings(targets: readonly Target[], facts: DenialFacts): readonly DnsReading[] {
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
