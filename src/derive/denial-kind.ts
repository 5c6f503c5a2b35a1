/** Which root cause a denial is: what keeps the nearest rule from admitting the flow. */
import type { PolicyPort, PolicySnapshot, ServicePort } from '../evidence/snapshots.ts';
import { inCidr } from '../netpol/cidr.ts';
import type { Direction, DirectionVerdict, Miss, NearMiss, PolicyEnd, PolicyFlow } from '../netpol/evaluate.ts';
import { labelMisses } from '../netpol/selector.ts';

/** What is wrong with the nearest rule; `nobody-admitted` and `other`: there is no near rule. */
export type DenialKind =
  | 'nobody-admitted'
  | 'pod-label'
  | 'namespace-label'
  /** Two conditions in one item where each by itself holds, or a bare podSelector, which means the own namespace. */
  | 'and-or'
  | 'service-port'
  | 'named-port'
  | 'protocol-or-range'
  /** An ipBlock with the Service's address: a policy sees the Pod's. */
  | 'service-block'
  /** The rule selects the peer by its labels, but its packets carry the address of its node. */
  | 'host-network'
  /** The rule admits the source, but a node's port puts the address of the node in its place. */
  | 'replaced-source'
  /** The rule names the peer by an ipBlock, which this network plugin does not apply to Pods and nodes. */
  | 'block-ignored'
  /** A rule of the other end admits this very flow; nobody thought of this end. */
  | 'one-side'
  /** The source is an ingress controller, a gateway or a scraper in another namespace. */
  | 'controller'
  | 'other';

/** What a denial is judged by, besides its nearest rules. */
export interface DenialScene {
  readonly direction: Direction;
  readonly flow: PolicyFlow;
  readonly servicePort: ServicePort | null;
  /** Addresses of the Service the flow goes to; a policy never sees them. */
  readonly serviceAddresses: readonly string[];
  /** What the policies of the other end say. */
  readonly otherSide: DirectionVerdict;
  readonly isolatedBy: readonly [PolicySnapshot, ...PolicySnapshot[]];
  /** Whether the source is one of those that forward the requests of others. */
  readonly sourceIsController: boolean;
  /** The network plugin does not apply ipBlocks to Pods and nodes. */
  readonly ignoresBlocks: boolean;
  /** Whether policies let the source look up names: else whoever let it out has not thought of all it needs. */
  readonly asksDns: boolean;
  /** All Pods of the namespaces on the path; null when they were not read. */
  readonly known: readonly PolicyEnd[] | null;
}

/**
 * The nearest rule that explains the denial, and how.
 *
 * Of the rules that come equally close, the first that names what is wrong: a rule for DNS is near every flow, and explains
 * none.
 */
export function explainDenial(
  nearest: readonly NearMiss[],
  scene: DenialScene,
): { readonly kind: DenialKind; readonly near: NearMiss | null } {
  const closest = nearest.filter((near) => near.misses.length === nearest[0]?.misses.length);
  for (const near of closest) {
    const kind = kindOf(near, scene);
    if (kind !== 'other') return { kind, near };
  }
  const [near = null] = closest;
  if (scene.direction === 'ingress' && scene.sourceIsController) return { kind: 'controller', near };
  const baseline = scene.isolatedBy.every(selectsEveryPod);
  if (
    !baseline &&
    (scene.direction === 'egress' || scene.asksDns) &&
    scene.otherSide.allows === 'yes' &&
    scene.otherSide.because === 'rule'
  )
    return { kind: 'one-side', near };
  return { kind: near === null ? 'nobody-admitted' : 'other', near };
}

/** Whether a policy is meant for all Pods of its namespace: the usual default deny. */
export function selectsEveryPod(policy: PolicySnapshot): boolean {
  const { matchLabels, matchExpressions } = policy.spec.podSelector ?? {};
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;
}

function kindOf(near: NearMiss, scene: DenialScene): DenialKind {
  const peer = scene.direction === 'ingress' ? scene.flow.source : scene.flow.destination;
  const terms = new Set<Miss['term']>(near.misses.map((miss) => miss.term));
  if (terms.size !== 1) return 'other';
  if (terms.has('pod-label')) {
    if (near.peer?.podSelector === undefined || near.peer.podSelector === null) return 'other';
    return meansTwoItems(near, scene.known) ? 'and-or' : 'pod-label';
  }
  if (terms.has('namespace-label')) return wouldMatchAlone(near, peer) ? 'and-or' : 'namespace-label';
  if (terms.has('own-namespace')) return namesLabels(near) ? 'and-or' : 'other';
  if (terms.has('ip-block')) {
    if (scene.ignoresBlocks && holdsPeer(near, peer)) return 'block-ignored';
    return coversService(near, peer, scene) ? 'service-block' : 'other';
  }
  return portKind(
    near.misses.flatMap((miss) => (miss.term === 'port' ? miss.ports : [])),
    scene,
  );
}

/** A namespaceSelector in one item with a podSelector that matches in the policy's own namespace: as two items they would admit the Pod. */
function wouldMatchAlone({ peer: item, policy }: NearMiss, peer: PolicyEnd): boolean {
  return peer.namespace === policy.metadata.namespace && isSelective(item?.podSelector);
}

/**
 * A namespace and Pods in one item, where no Pod of such a namespace has those labels and some of the policy's own namespace
 * have them: whoever wrote it meant the one or the other.
 */
function meansTwoItems({ peer: item, policy }: NearMiss, known: readonly PolicyEnd[] | null): boolean {
  const spaces = item?.namespaceSelector;
  if (known === null || !isSelective(spaces) || spaces === undefined || spaces === null) return false;
  const labelled = known.filter((end) => labelMisses(item?.podSelector ?? {}, end.labels).length === 0);
  return (
    labelled.some((end) => end.namespace === policy.metadata.namespace) &&
    !labelled.some((end) => end.namespaceLabels === null || labelMisses(spaces, end.namespaceLabels).length === 0)
  );
}

/** A podSelector without a namespaceSelector that does name labels: `{}` says "my own namespace", and means it. */
function namesLabels({ peer: item }: NearMiss): boolean {
  return isSelective(item?.podSelector);
}

function isSelective(selector: NonNullable<NearMiss['peer']>['podSelector']): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length > 0 || (selector?.matchExpressions ?? []).length > 0;
}

/** As it is written the block admits the peer. */
function holdsPeer({ peer: item }: NearMiss, peer: PolicyEnd): boolean {
  const block = item?.ipBlock;
  if (block === undefined || block === null) return false;
  const outside = (address: string): boolean => (block.except ?? []).some((range) => inCidr(address, range));
  return peer.addresses.some((address) => inCidr(address, block.cidr) && !outside(address));
}

/** The block holds the Service's address, and leaves the Pod's out only because it ends before it. */
function coversService({ peer: item }: NearMiss, peer: PolicyEnd, scene: DenialScene): boolean {
  const block = item?.ipBlock;
  if (block === undefined || block === null || scene.direction !== 'egress') return false;
  const except = block.except ?? [];
  if (peer.addresses.some((address) => except.some((range) => inCidr(address, range)))) return false;
  return scene.serviceAddresses.some(
    (address) => inCidr(address, block.cidr) && !except.some((range) => inCidr(address, range)),
  );
}

function portKind(ports: readonly PolicyPort[], { flow, servicePort }: DenialScene): DenialKind {
  if (servicePort !== null && servicePort.port !== flow.port && ports.some((port) => port.port === servicePort.port))
    return 'service-port';
  if (ports.some((port) => unresolvedName(port, flow, servicePort))) return 'named-port';
  if (ports.some((port) => wrongProtocol(port, flow) || justMissesRange(port, flow))) return 'protocol-or-range';
  return 'other';
}

/** A port name that the receiving Pod does not declare for this protocol, or declares for another number than the Service sends to. */
export function unresolvedName(port: PolicyPort, flow: PolicyFlow, servicePort: ServicePort | null): boolean {
  const protocol = port.protocol ?? 'TCP';
  if (typeof port.port !== 'string' || protocol !== flow.protocol) return false;
  const declared = flow.destination.ports.filter(
    (candidate) => candidate.name === port.port && (candidate.protocol ?? 'TCP') === protocol,
  );
  if (declared.length === 0) return true;
  return port.port === servicePort?.name && declared.every((candidate) => candidate.containerPort !== flow.port);
}

/** The right number under another protocol; a port without a protocol is TCP. */
export function wrongProtocol(port: PolicyPort, flow: PolicyFlow): boolean {
  if ((port.protocol ?? 'TCP') === flow.protocol) return false;
  if (typeof port.port === 'string')
    return flow.destination.ports.some(
      ({ name, containerPort, protocol }) =>
        name === port.port && containerPort === flow.port && (protocol ?? 'TCP') === flow.protocol,
    );
  if (port.port === undefined) return true;
  return port.port <= flow.port && flow.port <= (port.endPort ?? port.port);
}

/** Ports that a range may end short of and still be meant for this one. */
const NEAR_PORTS = 100;

/** The range ends before the port, or begins after it, by no more than its own width. */
export function justMissesRange(port: PolicyPort, flow: PolicyFlow): boolean {
  if (typeof port.port !== 'number' || port.endPort === undefined) return false;
  if ((port.protocol ?? 'TCP') !== flow.protocol) return false;
  const away = flow.port < port.port ? port.port - flow.port : flow.port - port.endPort;
  return away > 0 && away <= Math.max(NEAR_PORTS, port.endPort - port.port);
}
