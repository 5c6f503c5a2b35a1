/** Where the packets of a lost connection were last seen, from captures at its two ends and on the nodes between. */

import { found } from '../evidence/collected.ts';
import { type Evidence, type EvidenceMap, factOf } from '../evidence/evidence.ts';
import type { CapturePlace, FlowCapture, FlowPacket } from '../evidence/readings.ts';
import { endpoint, isReset } from './connects.ts';
import { addressesOf, podsBehind } from './pods.ts';

/** One end of the connection. */
export interface FlowEnd {
  readonly name: string;
  /** Null when it is not known. */
  readonly node: string | null;
  readonly addresses: readonly string[];
  /** Uses the network of its node: what arrives there has passed no device of a Pod. */
  readonly isHost: boolean;
}

export interface FlowEnds {
  readonly source: FlowEnd;
  /** Null for the address of a Service, behind which it may be any of its Pods. */
  readonly target: FlowEnd | null;
  /** What the source connects to. */
  readonly to: { readonly name: string; readonly address: string; readonly port: number };
  /** The source port of the attempt; null where the tool did not tell it. */
  readonly localPort: number | null;
}

/** What became of a connection that was watched while it failed. */
export interface FlowTrace {
  /** The packet that got lost first; `data`: the connection stood. */
  readonly what: 'SYN' | 'SYN-ACK' | 'data';
  readonly way: 'there' | 'back';
  readonly lastSeen: CapturePlace;
  /** Where it is lost: these nodes, or between them; empty when it can be anywhere between the two Pods, or inside one of them. */
  readonly nodes: readonly string[];
  /** Whether the packet that was lost had come out of the network between the nodes by then. */
  readonly hasCrossed: boolean;
  /** One sentence: last seen where, and what that means. */
  readonly said: string;
  /** What was connected to. */
  readonly address: string;
  /** Shows the packets where they were last seen. */
  readonly command: string;
}

/** A point that a packet passes, in the order of its way. */
interface Step {
  readonly place: CapturePlace;
  readonly moment: 'left' | 'entered' | 'passed' | 'wrapped' | 'unwrapped' | 'arrived';
  /** The packets seen there; empty when it did not come so far. */
  readonly seen: readonly FlowPacket[];
  /** False: nobody looked, or not all the time, so that its absence says nothing. */
  readonly isWatched: boolean;
}

/**
 * What the captures of this run say.
 *
 * @returns null without captures, when the connection came to be this time, and when they do not show where it ends
 */
export function traceOf(evidence: Evidence): FlowTrace | null {
  return traceFrom({
    sourcePod: factOf(evidence, 'sourcePod'),
    endpoints: factOf(evidence, 'endpoints'),
    destinationPod: factOf(evidence, 'destinationPod'),
    captureShot: factOf(evidence, 'captureShot'),
    flowCaptures: factOf(evidence, 'flowCaptures'),
  });
}

/** What a trace is made from; null where it was not collected. */
export const TRACE_USES = ['captureShot', 'flowCaptures'] as const;
type TraceFacts = {
  readonly [K in 'sourcePod' | 'endpoints' | 'destinationPod' | (typeof TRACE_USES)[number]]: EvidenceMap[K] | null;
};

/** The same from the facts of a rule. */
export function traceFrom({
  sourcePod,
  endpoints,
  destinationPod,
  captureShot: shot,
  flowCaptures: captures,
}: TraceFacts): FlowTrace | null {
  const pod = found(sourcePod);
  if (captures === null || shot === null || pod === null || isReset(shot) || shot.outcome.kind === 'failed')
    return null;
  const target = podsBehind(endpoints, destinationPod).find((candidate) =>
    addressesOf(candidate).includes(shot.address),
  );
  return traceFlow(captures, {
    source: {
      name: pod.metadata.name,
      node: pod.spec.nodeName ?? null,
      addresses: addressesOf(pod),
      isHost: pod.spec.hostNetwork === true,
    },
    target:
      target === undefined
        ? null
        : {
            name: target.metadata.name,
            node: target.spec.nodeName ?? null,
            addresses: addressesOf(target),
            isHost: target.spec.hostNetwork === true,
          },
    to: { name: shot.owner.name, address: shot.address, port: shot.port },
    localPort: shot.localPort,
  });
}

/** Whether what a finding says and where the packets were lost can both be true; what names no node cannot be contradicted. */
export function fitsNode(trace: FlowTrace, node: string | null): boolean {
  return node === null || trace.nodes.length === 0 || trace.nodes.includes(node);
}

/** The connection that was tried again, as far as it got lost in one of these captures; null when it did not, or nothing of it was seen. */
export function traceFlow(captures: readonly FlowCapture[], ends: FlowEnds): FlowTrace | null {
  const attempts = attemptsIn(captures, ends);
  const lost = attempts.find((isn) => !isAnswered(captures, isn));
  if (lost !== undefined) return traceOpening(captures, ends, lost);
  const [stalled] = attempts;
  return stalled === undefined ? neverLeft(captures, ends) : traceData(captures, ends, stalled);
}

/** Sequence numbers of the SYNs to what was connected to, the last first; at the end nearest to the source that saw any. */
function attemptsIn(captures: readonly FlowCapture[], { source, to, localPort }: FlowEnds): readonly number[] {
  const ordered = [...captures].sort((a, b) => rankOf(a, source) - rankOf(b, source));
  for (const { packets } of ordered) {
    const syns = packets.filter(
      (packet) =>
        isSyn(packet) &&
        packet.destination === to.address &&
        packet.destinationPort === to.port &&
        (localPort === null || packet.sourcePort === localPort),
    );
    if (syns.length > 0) return [...new Set(syns.map(({ sequence }) => sequence))].reverse();
  }
  return [];
}

function rankOf({ place }: FlowCapture, source: FlowEnd): number {
  if (place.kind === 'source') return 0;
  return place.kind === 'backend' ? 3 : place.name === source.node ? 1 : 2;
}

const isSyn = ({ flags }: FlowPacket): boolean => flags.syn && !flags.ack;
/** Numbers of TCP have 32 bits and begin again after the last. */
const after = (number: number, by: number): number => (number + by) % 2 ** 32;
const distance = (from: number, to: number): number => (to - from + 2 ** 32) % 2 ** 32;
const isSynAckOf =
  (isn: number) =>
  ({ flags, acknowledged }: FlowPacket): boolean =>
    flags.syn && flags.ack && acknowledged === after(isn, 1);

/** The source has got an answer and goes on: it acknowledged, or somebody reset the attempt. */
function isAnswered(captures: readonly FlowCapture[], isn: number): boolean {
  const own = captures.filter(({ place }) => place.kind === 'source').flatMap(({ packets }) => packets);
  const went = own.find((packet) => isSyn(packet) && packet.sequence === isn);
  const isReply = (packet: FlowPacket): boolean =>
    packet.source === went?.destination &&
    packet.sourcePort === went.destinationPort &&
    packet.destinationPort === went.sourcePort;
  return own.some(
    (packet) =>
      isReply(packet) && (isSynAckOf(isn)(packet) || (packet.flags.rst && packet.acknowledged === after(isn, 1))),
  );
}

function captureOf(captures: readonly FlowCapture[], kind: CapturePlace['kind'], name: string): FlowCapture | null {
  return captures.find(({ place }) => place.kind === kind && place.name === name) ?? null;
}

/** The points on the way from one end to the other for the packets that `isMine` knows. */
function stepsOf(
  captures: readonly FlowCapture[],
  ends: FlowEnds,
  way: FlowTrace['way'],
  isMine: (packet: FlowPacket) => boolean,
): readonly Step[] {
  const { source, target } = ends;
  const first = { kind: 'source' as const, end: source };
  const last = { kind: 'backend' as const, end: target };
  const [from, to] = way === 'there' ? [first, last] : [last, first];
  const near = from.end?.isHost === true ? null : (from.end?.node ?? null);
  const far = to.end?.isHost === true ? null : (to.end?.node ?? null);
  return [
    ...(from.end === null ? [] : podStep(captures, { kind: from.kind, name: from.end.name }, 'left', isMine)),
    ...(near === null ? [] : nodeSteps(captures, near, { isFirst: true, isLast: near === far }, isMine)),
    ...(far === null || far === near ? [] : nodeSteps(captures, far, { isFirst: false, isLast: true }, isMine)),
    ...(to.end === null ? [] : podStep(captures, { kind: to.kind, name: to.end.name }, 'arrived', isMine)),
  ];
}

function podStep(
  captures: readonly FlowCapture[],
  place: CapturePlace,
  moment: 'left' | 'arrived',
  isMine: (packet: FlowPacket) => boolean,
): readonly Step[] {
  const capture = captureOf(captures, place.kind, place.name);
  const isComing = moment === 'arrived';
  const seen = (capture?.packets ?? []).filter((packet) => isMine(packet) && packet.isOut !== isComing);
  return [{ place, moment, seen, isWatched: capture?.isWhole === true }];
}

/** What a node does with a packet: it comes in, wrapped or not, and goes out to a Pod or to another node. */
function nodeSteps(
  captures: readonly FlowCapture[],
  node: string,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
  isMine: (packet: FlowPacket) => boolean,
): readonly Step[] {
  const place: CapturePlace = { kind: 'node', name: node };
  const capture = captureOf(captures, 'node', node);
  const isWatched = capture?.isWhole === true;
  const mine = (capture?.packets ?? []).filter(isMine);
  const came = mine.filter(({ isOut }) => isOut !== true);
  const went = mine.filter(({ isOut, isWrapped }) => isOut !== false && (!isLast || !isWrapped));
  const isInTunnel = ({ device, isWrapped }: FlowPacket): boolean =>
    !isWrapped && device !== null && (capture?.tunnels ?? []).includes(device);
  const plain = came.filter(({ isWrapped }) => !isWrapped);
  // Only packets of IPv4 are known again inside VXLAN.
  const isKnownInside = !mine.some(({ source }) => source.includes(':'));
  const wrapped = isKnownInside ? went.filter((packet) => !isInTunnel(packet)) : went;
  const step = (moment: Step['moment'], seen: readonly FlowPacket[]): Step => ({ place, moment, seen, isWatched });
  return [
    step('entered', came),
    ...(isFirst ? [] : [step('unwrapped', plain)]),
    step('passed', went),
    ...(isLast ? [] : [step('wrapped', wrapped)]),
  ];
}

/** The last point at which it was seen, and the first after that at which somebody looked in vain; null when there is none. */
function lossIn(steps: readonly Step[]): { readonly last: Step | null; readonly missing: Step } | null {
  const reached = steps.findLastIndex(({ seen }) => seen.length > 0);
  const missing = steps.slice(reached + 1).find(({ isWatched }) => isWatched);
  return missing === undefined ? null : { last: steps[reached] ?? null, missing };
}

function traceOpening(captures: readonly FlowCapture[], ends: FlowEnds, isn: number): FlowTrace | null {
  const { source, target, to } = ends;
  const there = stepsOf(captures, ends, 'there', (packet) => isSyn(packet) && packet.sequence === isn);
  const loss = lossIn(there);
  const answers = captures.flatMap(({ packets }) => packets.filter(isSynAckOf(isn)));
  const towards = to.name === target?.name ? '' : ` to ${to.name} (${endpoint(to.address, to.port)})`;
  if (loss !== null && answers.length === 0)
    return traceAt(captures, ends, {
      ...loss,
      what: 'SYN',
      way: 'there',
      begins: `The SYN${towards} left ${source.name}`,
    });
  const arrived = there.at(-1);
  const end = target === null ? null : captureOf(captures, 'backend', target.name);
  const from = arrived?.seen[0]?.source;
  const masked = from !== undefined && !source.addresses.includes(from) ? ` as from ${from}` : '';
  const back = stepsOf(captures, ends, 'back', isSynAckOf(isn));
  if (answers.length === 0) {
    if (target === null || end === null) return lastOfService(captures, ends, there);
    const what = target.isHost
      ? `The SYN of ${source.name} arrived on ${target.node}, whose network ${target.name} uses${masked}, and got no answer: lost on ${target.node} itself, before ${target.name}`
      : `The SYN of ${source.name} arrived in ${target.name}${masked}, which sent no answer: lost inside ${target.name}, by a rule of its own or a full queue`;
    return {
      what: 'SYN',
      way: 'there',
      lastSeen: end.place,
      hasCrossed: false,
      said: `${what}.`,
      address: to.address,
      command: end.command,
      nodes: target.isHost && target.node !== null ? [target.node] : [],
    };
  }
  const stray = back.at(-1)?.seen.find((packet) => packet.source !== to.address);
  const own = captureOf(captures, 'source', source.name);
  if (stray !== undefined && own !== null)
    return {
      what: 'SYN-ACK',
      way: 'back',
      lastSeen: own.place,
      nodes: [],
      hasCrossed: true,
      address: to.address,
      command: own.command,
      said: `${endpoint(stray.source, stray.sourcePort)} answered ${source.name} in place of ${endpoint(to.address, to.port)}: nothing put the address back that was asked, and ${source.name} does not take such an answer.`,
    };
  const returned = lossIn(back);
  if (returned === null || target === null) return null;
  return traceAt(captures, ends, {
    ...returned,
    what: 'SYN-ACK',
    way: 'back',
    begins: `The SYN of ${source.name} arrived in ${target.name}${masked}, and its SYN-ACK left`,
  });
}

/** Behind the address of a Service nobody watched: where its node sent it is all that is known. */
function lastOfService(
  captures: readonly FlowCapture[],
  { source, to }: FlowEnds,
  steps: readonly Step[],
): FlowTrace | null {
  const last = steps.findLast(({ seen }) => seen.length > 0);
  const packet = last?.seen.at(-1);
  if (last === undefined || packet === undefined || last.place.kind !== 'node') return null;
  const capture = captureOf(captures, 'node', last.place.name);
  const isTranslated = packet.destination !== to.address;
  return {
    what: 'SYN',
    way: 'there',
    lastSeen: last.place,
    nodes: [],
    hasCrossed: false,
    address: to.address,
    command: capture?.command ?? '',
    said: `The SYN to ${to.name} (${endpoint(to.address, to.port)}) left ${source.name} and ${last.place.name}${isTranslated ? ` for ${endpoint(packet.destination, packet.destinationPort)}` : ', which translated it to no backend'}, and no answer came back.`,
  };
}

/** The connection stood: the first piece of data that one end sent and the other never got. */
function traceData(captures: readonly FlowCapture[], ends: FlowEnds, isn: number): FlowTrace | null {
  const { source, target } = ends;
  const end = target === null ? null : captureOf(captures, 'backend', target.name);
  const own = captureOf(captures, 'source', source.name);
  if (target === null || end === null || own === null || !end.isWhole || !own.isWhole) return null;
  const answer = captures.flatMap(({ packets }) => packets).find(isSynAckOf(isn));
  if (answer === undefined) return null;
  for (const way of ['there', 'back'] as const) {
    const base = after(way === 'there' ? isn : answer.sequence, 1);
    // Of one connection, on every side of a translation: its numbers, and not those of another direction.
    const isOurs = belongs(captures, isn, way);
    const [sender, receiver] = way === 'there' ? [own, end] : [end, own];
    const pieces = (capture: FlowCapture, isOut: boolean): readonly (readonly [number, number])[] =>
      capture.packets
        .filter((packet) => isOurs(packet) && packet.bytes > 0 && packet.isOut !== !isOut)
        .map(({ sequence, bytes }) => [distance(base, sequence), distance(base, sequence) + bytes] as const);
    const got = pieces(receiver, false);
    const missing = firstGap(pieces(sender, true), got);
    if (missing === null) continue;
    const holds = (packet: FlowPacket): boolean => {
      const at = distance(base, packet.sequence);
      return isOurs(packet) && at <= missing.at && missing.at < at + packet.bytes;
    };
    const loss = lossIn(stepsOf(captures, ends, way, holds));
    if (loss === null) continue;
    return traceAt(captures, ends, {
      ...loss,
      what: 'data',
      way,
      begins: `The connection stands; a packet with ${missing.bytes.toLocaleString('en')} bytes of data left ${(way === 'there' ? source : target).name}`,
    });
  }
  return null;
}

/** The first byte that was sent and never arrived, and how large the packet was that began with it. */
function firstGap(
  sent: readonly (readonly [number, number])[],
  got: readonly (readonly [number, number])[],
): { readonly at: number; readonly bytes: number } | null {
  const ordered = [...got].sort(([a], [b]) => a - b);
  for (const [from, to] of [...sent].sort(([a], [b]) => a - b)) {
    let at = from;
    for (const [start, end] of ordered) if (start <= at && at < end) at = end;
    if (at < to) return { at, bytes: to - from };
  }
  return null;
}

/** Knows the packets of one connection at every place by the ends that its SYN had there. */
function belongs(
  captures: readonly FlowCapture[],
  isn: number,
  way: FlowTrace['way'],
): (packet: FlowPacket) => boolean {
  const keys = new Set(
    captures.flatMap(({ packets }) =>
      packets
        .filter((packet) => isSyn(packet) && packet.sequence === isn)
        .map(({ source, sourcePort, destination, destinationPort }) =>
          way === 'there'
            ? `${source} ${sourcePort} ${destination} ${destinationPort}`
            : `${destination} ${destinationPort} ${source} ${sourcePort}`,
        ),
    ),
  );
  return ({ source, sourcePort, destination, destinationPort }) =>
    keys.has(`${source} ${sourcePort} ${destination} ${destinationPort}`);
}

/** The source's own capture saw nothing go out: its kernel keeps the packet. */
function neverLeft(captures: readonly FlowCapture[], { source, to }: FlowEnds): FlowTrace | null {
  const own = captureOf(captures, 'source', source.name);
  if (own === null || !own.isWhole) return null;
  return {
    what: 'SYN',
    way: 'there',
    lastSeen: own.place,
    nodes: [],
    hasCrossed: false,
    address: to.address,
    command: own.command,
    said: `No SYN to ${endpoint(to.address, to.port)} left ${source.name}: its own kernel keeps it, for want of a neighbour that answers or by a rule.`,
  };
}

interface Loss {
  readonly last: Step | null;
  readonly missing: Step;
  readonly what: FlowTrace['what'];
  readonly way: FlowTrace['way'];
  readonly begins: string;
}

function traceAt(captures: readonly FlowCapture[], ends: FlowEnds, loss: Loss): FlowTrace | null {
  const { last, missing, what, way, begins } = loss;
  if (last === null) return null;
  const { words, nodes } = placeWords(loss, ends);
  const told = captures
    .flatMap(({ errors }) => errors)
    .find(({ destinationPort, sourcePort }) =>
      [...last.seen, ...missing.seen].some(
        (packet) => packet.sourcePort === sourcePort && packet.destinationPort === destinationPort,
      ),
    );
  const errorWords = told === undefined ? '' : ` ${told.from} says so by ICMP ${told.type}/${told.code}.`;
  const capture = captureOf(captures, last.place.kind, last.place.name);
  return {
    what,
    way,
    lastSeen: last.place,
    nodes,
    hasCrossed: hasCrossed(last, way === 'there' ? ends.target : ends.source),
    said: `${begins}${words}${way === 'back' ? ', on the way back' : ''}.${errorWords}`,
    address: ends.to.address,
    command: capture?.command ?? '',
  };
}

/** It was seen on the node of the end that it goes to, and not only wrapped. */
function hasCrossed({ place, seen }: Step, to: FlowEnd | null): boolean {
  return place.kind === 'node' && place.name === to?.node && seen.some(({ isWrapped }) => !isWrapped);
}

/** From leaving one end to the place of the loss. */
function placeWords(
  { last, missing, way }: Loss,
  { source, target }: FlowEnds,
): { readonly words: string; readonly nodes: readonly string[] } {
  const { place, moment, seen } = last as Step;
  const device = seen.at(-1)?.device ?? null;
  const on = device === null ? '' : ` on ${device}`;
  const by = device === null ? '' : ` by ${device}`;
  const next = missing.place;
  const [from, to] = way === 'there' ? [source, target] : [target, source];
  const receiver = to?.name ?? 'its destination';
  const between = [...new Set([from?.node, to?.node].flatMap((node) => node ?? []))];
  if (place.kind !== 'node') {
    if (next.kind !== 'node')
      return {
        words: ` and was never seen in ${next.name}: lost on the way, on ${between.length === 1 ? between[0] : `${between.join(' or ')} or between them`}`,
        nodes: [],
      };
    const isOwn = next.name === from?.node;
    return {
      words: isOwn
        ? ` and was never seen on ${next.name}, its own node: lost between Pod and node`
        : ` and was never seen on ${next.name}: lost before it`,
      nodes: isOwn ? [next.name] : between,
    };
  }
  const here = place.name;
  const isHere = next.kind === 'node' && next.name === here;
  const lostBetween = {
    words: ` and then ${here}${by}, and was never seen on ${next.name}: lost between the two nodes`,
    nodes: [here, next.name],
  };
  switch (moment) {
    case 'entered':
      return seen.every(({ isWrapped }) => isWrapped) && missing.moment !== 'passed'
        ? {
            words: ` and reached ${here}${on}, inside a packet of VXLAN, and never came out of that: lost on ${here}, before it was unwrapped`,
            nodes: [here],
          }
        : { words: ` and reached ${here}${on}, which did not send it on: lost on ${here}`, nodes: [here] };
    case 'unwrapped':
      return {
        words: ` and reached ${here}${on}, which did not send it on to ${receiver}: lost on ${here}, between ${device ?? 'its uplink'} and ${receiver}`,
        nodes: [here],
      };
    case 'passed':
      if (isHere)
        return {
          words: ` and went into ${device ?? 'the tunnel'} of ${here}, which sent no wrapped packet to another node: lost on ${here}, between ${device ?? 'the tunnel'} and its uplink`,
          nodes: [here],
        };
      return next.kind === 'node'
        ? lostBetween
        : {
            words: ` and was sent to ${receiver} by ${here}${on}, and never seen there: lost between ${here} and ${receiver}`,
            nodes: here === to?.node ? [here] : between,
          };
    default:
      return next.kind === 'node'
        ? lostBetween
        : {
            words: ` and then ${here}${by}, and was never seen in ${next.name}: lost behind ${here}`,
            nodes: between,
          };
  }
}
