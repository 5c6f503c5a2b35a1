/** The way of one packet, device by device, as far as it was seen: for a failure that happens between the Pods. */
import { endpoint, works } from '../derive/connects.ts';
import { nodeState } from '../derive/node-states.ts';
import { internalAddress } from '../derive/nodes.ts';
import { addressesOf } from '../derive/pods.ts';
import type { Finding } from '../diagnose/diagnose.ts';
import { UNEXPLAINED } from '../diagnose/unexplained.ts';
import { found } from '../evidence/collected.ts';
import { factOf } from '../evidence/evidence.ts';
import type { ConnectReading, NodeState } from '../evidence/readings.ts';
import type { PodSnapshot } from '../evidence/snapshots.ts';
import type { Climb } from '../session/session.ts';

/** What a place on the way does with a packet. */
type Part = 'pod' | 'port' | 'bridge' | 'kernel' | 'overlay' | 'uplink' | 'between';

export interface WayPlace {
  /** `Pod web`, `node n2`, `between nodes`. */
  readonly where: string;
  /** The device, with a name as the kernel has it; null where there is none, or its name is not known. */
  readonly device: string | null;
  /** What is known of it: address, MTU, neighbours. Empty when that is nothing. */
  readonly what: string;
  /** The number of the finding that breaks the flow here, as counted in the report from 1; null: none does. */
  readonly finding: number | null;
}

export interface Way {
  /** The Pod or address at the end, with its port. */
  readonly to: string;
  readonly places: readonly WayPlace[];
  /** Nodes whose devices were not looked at. */
  readonly unseen: readonly string[];
}

interface Stop extends Omit<WayPlace, 'finding'> {
  readonly part: Part;
  /** Of a Pod null. */
  readonly node: string | null;
}

/** Where on the way each cause acts; what is not here acts in the kernel of the node that it names. */
const PARTS: Readonly<Record<string, Part>> = {
  'pod-netns-broken': 'pod',
  'client-port-exhaustion': 'pod',
  'hairpin-off': 'port',
  'pod-ip-conflict': 'bridge',
  'bridge-nf-off': 'bridge',
  'vxlan-vtep-stale': 'overlay',
  'vxlan-csum-offload': 'overlay',
  'underlay-blocked': 'between',
  'mtu-blackhole': 'between',
  'packet-loss': 'between',
};

/** Causes inside a backend, where the packet has arrived. */
const ARRIVED: ReadonlySet<string> = new Set([
  'app-hung',
  'app-loopback-only',
  'app-wrong-family',
  'listen-overflow',
  'cni-sandbox-fails',
]);

/**
 * The way to the backend that shows the failure best: one on another node before one on the source's.
 *
 * @returns null where the way is not what the report is about: the flow works, or another rung or the application stops it
 */
export function wayOf(
  climb: Climb,
  findings: readonly Pick<Finding, 'id' | 'rung' | 'role' | 'subject'>[],
): Way | null {
  const index = findings.findIndex(
    ({ id, rung, role }) => role === 'cause' && !ARRIVED.has(id) && (rung === 'P' || id === UNEXPLAINED),
  );
  const cause = findings[index];
  const source = found(factOf(climb.evidence, 'sourcePod'));
  const target = cause === undefined ? undefined : targetOf(climb, cause, source?.spec.nodeName);
  if (source === null || cause === undefined || target === undefined) return null;
  const stops = stopsOf(climb, source, target);
  const broken = breakAt(stops, cause, source.spec.nodeName ?? null);
  const unseen = [source.spec.nodeName, target.owner.kind === 'Pod' ? target.owner.node : null].filter(
    (node, at, all) => node != null && all.indexOf(node) === at,
  ) as string[];
  const states = factOf(climb.evidence, 'nodeStates');
  return {
    to: `${target.owner.name === target.address ? '' : `${target.owner.name} `}${endpoint(target.address, target.port)}`,
    places: stops.map(({ where, device, what }, at) => ({
      where,
      device,
      what,
      finding: at === broken ? index + 1 : null,
    })),
    unseen: unseen.filter((node) => nodeState(states, node) === null),
  };
}

function targetOf(
  { evidence }: Climb,
  { subject }: Pick<Finding, 'subject'>,
  own: string | undefined,
): ConnectReading | undefined {
  const readings = factOf(evidence, 'backendConnects') ?? [];
  const lost = readings.filter((reading) => !works(reading));
  const among = lost.length > 0 ? lost : readings;
  return (
    among.find(({ owner }) => subject.kind === 'Node' && subject.name !== own && owner.node === subject.name) ??
    among.find(({ owner }) => subject.kind === 'Pod' && owner.name === subject.name) ??
    among.find(({ owner }) => owner.node !== own) ??
    among[0]
  );
}

function stopsOf(climb: Climb, source: PodSnapshot, target: ConnectReading): readonly Stop[] {
  const { evidence } = climb;
  const states = factOf(evidence, 'nodeStates');
  const own = source.spec.nodeName ?? null;
  const far = target.owner.kind === 'Pod' ? target.owner.node : null;
  const here = nodeState(states, own);
  const there = nodeState(states, far);
  const address = addressesOf(source).find((one) => !one.includes(':')) ?? addressesOf(source)[0] ?? null;
  const [left, arrived] = [sideOf(here, address, 'near'), sideOf(there, target.address, 'near')];
  const isHost = source.spec.hostNetwork === true;
  const start = isHost
    ? podStop(source.metadata.name, null, 'has the network of its node')
    : sourceStop(climb, source, address);
  const out = isHost ? [] : left;
  const end: Stop =
    target.owner.kind === 'Pod'
      ? podStop(target.owner.name, null, target.address)
      : { part: 'pod', node: null, where: 'outside', device: null, what: target.address };
  const kernel = own === null ? [] : [kernelStop(own, climb)];
  if (far !== null && far === own) return [start, ...out, ...kernel, ...[...arrived].reverse(), end];
  const nodes = factOf(evidence, 'nodes') ?? [];
  const ip = (name: string | null): string | null => {
    const node = nodes.find(({ metadata }) => metadata.name === name);
    return node === undefined ? null : internalAddress(node);
  };
  const wire: Stop = {
    part: 'between',
    node: null,
    where: far === null ? 'beyond the node' : 'between nodes',
    device: null,
    what: far === null ? '' : [ip(own), ip(far)].map((one) => one ?? 'not known').join(' to '),
  };
  return [
    start,
    ...out,
    ...kernel,
    ...sideOf(here, target.address, 'far'),
    wire,
    ...[...sideOf(there, address, 'far')].reverse(),
    ...(far === null
      ? []
      : [{ part: 'kernel' as const, node: far, where: `node ${far}`, device: null, what: 'forwards' }]),
    ...[...arrived].reverse(),
    end,
  ];
}

function podStop(name: string, device: string | null, what: string): Stop {
  return { part: 'pod', node: null, where: `Pod ${name}`, device, what };
}

function sourceStop({ evidence }: Climb, source: PodSnapshot, address: string | null): Stop {
  const network = factOf(evidence, 'podNetwork');
  const name = network?.routeTo.device ?? network?.gateway?.device ?? null;
  const link = network?.links.find((one) => one.name === name);
  const facts = [
    address,
    link?.mtu === undefined ? null : `MTU ${link.mtu}`,
    network?.gateway == null ? null : `gateway ${network.gateway.address}`,
    link?.peerIndex === undefined ? null : `cable to device ${link.peerIndex} of the node`,
  ];
  return podStop(source.metadata.name, name, joined(facts));
}

function kernelStop(node: string, { flow, evidence }: Climb): Stop {
  const isService = flow.destination.kind === 'Service' && factOf(evidence, 'serviceConnects') !== null;
  return {
    part: 'kernel',
    node,
    where: `node ${node}`,
    device: null,
    what: isService ? 'translates the Service address, forwards' : 'forwards',
  };
}

/** The devices of one node between its kernel and an address: towards a Pod of its own (`near`) from the Pod on, otherwise from the kernel on. */
function sideOf(state: NodeState | null, address: string | null, side: 'near' | 'far'): readonly Stop[] {
  const way = state?.ways.find(({ to }) => to === address);
  if (state === null || way === undefined) return [];
  const stop = (part: Part, name: string, more: readonly (string | null)[] = []): Stop => {
    const known = state.devices.find((device) => device.name === name);
    const facts = [known?.address ?? null, known === undefined ? null : `MTU ${known.mtu}`, ...more];
    return { part, node: state.node, where: `node ${state.node}`, device: name, what: joined(facts) };
  };
  const port = (name: string, bridge: string | null): Stop => {
    const known = state.devices.find((device) => device.name === name);
    return stop('port', name, [
      known === undefined ? null : `device ${known.index}`,
      bridge === null ? null : `port of ${bridge}`,
      known?.hairpin == null ? null : `hairpin ${known.hairpin ? 'on' : 'off'}`,
    ]);
  };
  if (side === 'near') {
    if (way.bridgePort !== null) return [port(way.bridgePort, way.device), stop('bridge', way.device)];
    // Without a bridge each Pod has a device of its own; of a bridge the port was not learned.
    return [stop(isBridge(state, way.device) ? 'bridge' : 'port', way.device)];
  }
  const overlay = state.overlays.find(({ device }) => device === way.device);
  if (overlay === undefined) return [stop('uplink', way.device)];
  const wrapped = state.hops.find(({ to }) => to === address)?.wrappedFor ?? null;
  const facts = [
    overlay.udpPort === null ? null : `VXLAN over UDP ${overlay.udpPort}`,
    wrapped === null ? 'to no node that is known' : `to ${wrapped}`,
  ];
  return [stop('overlay', way.device, facts), ...(way.uplink === null ? [] : [stop('uplink', way.uplink)])];
}

/** A device that carries an address of the Pods' own range is no device of one Pod. */
function isBridge(state: NodeState, name: string): boolean {
  return state.devices.some((device) => device.name === name && device.address !== null && device.hairpin === null);
}

function joined(facts: readonly (string | null)[]): string {
  return facts.filter((fact) => fact !== null).join(', ');
}

/** The stop where a cause acts; -1 where the way does not show it, or nobody knows. */
function breakAt(stops: readonly Stop[], { id, subject }: Pick<Finding, 'id' | 'subject'>, own: string | null): number {
  if (id === UNEXPLAINED) return -1;
  const part = PARTS[id] ?? 'kernel';
  const node = subject.kind === 'Node' ? subject.name : own;
  // Packets of one Pod alone are lost at its end, not between the nodes.
  if (part === 'between' && subject.kind === 'Pod') return stops.length - 1;
  if (part === 'pod' || part === 'between') return stops.findIndex((stop) => stop.part === part);
  const exact = stops.findIndex((stop) => stop.part === part && stop.node === node);
  return exact >= 0 ? exact : stops.findIndex((stop) => stop.part === 'kernel' && stop.node === node);
}

/** `The way to api-7fmjh 10.244.3.2:8080, device by device` */
export function wayTitle({ to }: Way): string {
  return `The way to ${to}, device by device`;
}

/** What a reader is told of places that nobody looked at; null when all were seen. */
export function unseenText({ unseen }: Way): string | null {
  return unseen.length === 0
    ? null
    : `The devices of ${unseen.map((node) => `node ${node}`).join(' and ')} are not known: they were not looked at. To see them: --access node.`;
}
