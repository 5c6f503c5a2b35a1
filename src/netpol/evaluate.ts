/**
 * NetworkPolicy v1 as a pure function: may this Pod talk to that Pod on this port, per direction, and which term decided.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type { ContainerPort, PolicyPeer, PolicyPort, PolicySnapshot } from '../evidence/snapshots.ts';
import { inCidr } from './cidr.ts';
import { type LabelMiss, type Labels, labelMisses, selects } from './selector.ts';

/** One end of a flow, as policies see it: after Service addresses have been translated. */
export interface PolicyEnd {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Null when the namespace could not be read: namespace selectors are then undecided. */
  readonly namespaceLabels: Labels | null;
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  readonly node: string | null;
  readonly ports: readonly ContainerPort[];
}

export interface PolicyFlow {
  readonly source: PolicyEnd;
  readonly destination: PolicyEnd;
  /** The Pod's port, not the Service's. */
  readonly port: number;
  readonly protocol: string;
}

export type Direction = 'ingress' | 'egress';

/** One term that kept a rule from matching. */
export type Miss =
  | ({ readonly term: 'pod-label' } & LabelMiss)
  | ({ readonly term: 'namespace-label' } & LabelMiss)
  | { readonly term: 'own-namespace'; readonly needs: string; readonly has: string }
  | { readonly term: 'ip-block'; readonly needs: string; readonly has: string }
  | { readonly term: 'port'; readonly needs: string; readonly has: string; readonly ports: readonly PolicyPort[] };

/** A rule of a policy that isolates the Pod, with everything that would have to be different for it to match. */
export interface NearMiss {
  readonly policy: PolicySnapshot;
  /** Position in `spec.ingress` or `spec.egress`, from 0. */
  readonly rule: number;
  readonly peer: PolicyPeer | null;
  readonly misses: readonly Miss[];
}

export type DirectionVerdict =
  | { readonly allows: 'yes'; readonly because: 'not-isolated' | 'same-pod' | 'host-network' }
  | { readonly allows: 'yes'; readonly because: 'rule'; readonly policy: PolicySnapshot; readonly rule: number }
  | { readonly allows: 'no'; readonly isolatedBy: readonly [PolicySnapshot, ...PolicySnapshot[]]; readonly nearest: readonly NearMiss[] }
  | { readonly allows: 'depends'; readonly on: string; readonly isolatedBy: readonly PolicySnapshot[] };

export interface FlowVerdict {
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}

/**
 * Judges one flow in both directions; replies are implied.
 *
 * `depends` means that the specification, or what could be read, does not decide: an ipBlock that covers a Pod address, a
 * host-network end, a namespace without readable labels.
 */
export function evaluateFlow(flow: PolicyFlow, policies: readonly PolicySnapshot[]): FlowVerdict {
  return { egress: evaluateDirection('egress', flow, policies), ingress: evaluateDirection('ingress', flow, policies) };
}

/** Whether a policy isolates Pods it selects in this direction. Default: ingress always, egress only when it has egress rules. */
export function isolates(policy: PolicySnapshot, direction: Direction): boolean {
  const types = policy.spec.policyTypes ?? [];
  if (types.length === 0) return direction === 'ingress' || (policy.spec.egress ?? []).length > 0;
  return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
}

/** The policies that select a Pod and isolate it in this direction. */
export function isolating(direction: Direction, end: PolicyEnd, policies: readonly PolicySnapshot[]): readonly PolicySnapshot[] {
  return policies.filter(
    (policy) =>
      policy.metadata.namespace === end.namespace && isolates(policy, direction) && selects(policy.spec.podSelector ?? {}, end.labels),
  );
}

function evaluateDirection(direction: Direction, flow: PolicyFlow, policies: readonly PolicySnapshot[]): DirectionVerdict {
  const own = direction === 'egress' ? flow.source : flow.destination;
  const peer = direction === 'egress' ? flow.destination : flow.source;
  if (own.namespace === peer.namespace && own.name === peer.name) return { allows: 'yes', because: 'same-pod' };
  if (own.hostNetwork) return { allows: 'yes', because: 'host-network' };
  const [first, ...others] = isolating(direction, own, policies);
  if (first === undefined) return { allows: 'yes', because: 'not-isolated' };
  // A node may always reach the Pods it runs, whatever policy says; from another node it is up to the implementation.
  if (peer.hostNetwork && direction === 'ingress' && peer.node !== null && peer.node === own.node) return { allows: 'yes', because: 'host-network' };

  const isolatedBy: readonly [PolicySnapshot, ...PolicySnapshot[]] = [first, ...others];
  const near: NearMiss[] = [];
  let open: string | null = null;
  for (const policy of isolatedBy) {
    const rules: readonly { peers: readonly PolicyPeer[]; ports: readonly PolicyPort[] }[] =
      direction === 'egress'
        ? (policy.spec.egress ?? []).map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] }))
        : (policy.spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }));
    for (const [index, rule] of rules.entries()) {
      const portMiss = missingPort(rule.ports, flow);
      const candidates: readonly (PolicyPeer | null)[] = rule.peers.length === 0 ? [null] : rule.peers;
      for (const candidate of candidates) {
        const judged = candidate === null ? { misses: [] } : missingPeer(candidate, policy, peer);
        const misses = [...judged.misses, ...portMiss];
        if (misses.length === 0 && judged.open === undefined) return { allows: 'yes', because: 'rule', policy, rule: index };
        if (misses.length === 0 && judged.open !== undefined) open ??= judged.open;
        else near.push({ policy, rule: index, peer: candidate, misses });
      }
    }
  }
  if (open !== null) return { allows: 'depends', on: open, isolatedBy };
  near.sort((a, b) => a.misses.length - b.misses.length);
  return { allows: 'no', isolatedBy, nearest: near };
}

function missingPort(ports: readonly PolicyPort[], flow: PolicyFlow): readonly Miss[] {
  if (ports.length === 0) return [];
  const matches = ports.some((port) => {
    if ((port.protocol ?? 'TCP') !== flow.protocol) return false;
    if (port.port === undefined) return true;
    if (typeof port.port === 'number') return port.port <= flow.port && flow.port <= (port.endPort ?? port.port);
    return flow.destination.ports.some(
      (named) => named.name === port.port && (named.protocol ?? 'TCP') === flow.protocol && named.containerPort === flow.port,
    );
  });
  if (matches) return [];
  return [{ term: 'port', needs: ports.map(portText).join(', '), has: `${flow.protocol} ${flow.port}`, ports }];
}

export function portText(port: PolicyPort): string {
  const protocol = port.protocol ?? 'TCP';
  if (port.port === undefined) return `${protocol} any`;
  return port.endPort === undefined ? `${protocol} ${port.port}` : `${protocol} ${port.port}-${port.endPort}`;
}

function missingPeer(candidate: PolicyPeer, policy: PolicySnapshot, peer: PolicyEnd): { misses: readonly Miss[]; open?: string } {
  const block = candidate.ipBlock;
  if (block !== undefined && block !== null) {
    const covered = peer.addresses.find(
      (address) => inCidr(address, block.cidr) && !(block.except ?? []).some((except) => inCidr(address, except)),
    );
    if (covered === undefined) return { misses: [{ term: 'ip-block', needs: block.cidr, has: peer.addresses.join(', ') || 'no address' }] };
    return { misses: [], open: `ipBlock ${block.cidr} covers the Pod address ${covered}: whether it applies to Pods is up to the network plugin` };
  }
  if (peer.hostNetwork) {
    return { misses: [{ term: 'pod-label', key: '', needs: 'a Pod with an address of its own', has: 'the address of its node' }] };
  }
  const misses: Miss[] = [];
  let open: string | undefined;
  if (candidate.namespaceSelector === undefined || candidate.namespaceSelector === null) {
    const own = policy.metadata.namespace ?? '';
    if (peer.namespace !== own) misses.push({ term: 'own-namespace', needs: own, has: peer.namespace });
  } else if (peer.namespaceLabels === null) {
    const empty = labelMisses(candidate.namespaceSelector, {}).length === 0;
    if (!empty) open = `the labels of namespace ${peer.namespace} could not be read`;
  } else {
    for (const miss of labelMisses(candidate.namespaceSelector, peer.namespaceLabels)) misses.push({ term: 'namespace-label', ...miss });
  }
  for (const miss of labelMisses(candidate.podSelector ?? {}, peer.labels)) misses.push({ term: 'pod-label', ...miss });
  return open === undefined ? { misses } : { misses, open };
}
