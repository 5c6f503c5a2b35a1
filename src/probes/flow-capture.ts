/**
 * Reads what `capture-start` and `capture-end` printed: packets of one connection as the devices of one place saw them.
 *
 * @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html, RFC 9293 section 3.1, RFC 7348 section 5 (VXLAN)
 */
import type { CapturePlace, CaptureStart, FlowCapture, FlowError, FlowPacket } from '../evidence/readings.ts';
import { sectionsOf } from './node-state.ts';
import { type Frame, framesOf, ipv4, ipv6 } from './pcap.ts';
import {
  NotAllowed,
  type ProbeOutput,
  type ProbePlace,
  type ProbeSpec,
  ToolMissing,
  UnreadableOutput,
} from './probe.ts';
import { CAPTURE_PACKETS } from './scripts.ts';

type StartSpec = Extract<ProbeSpec, { tool: 'capture-start' }>;
type EndSpec = Extract<ProbeSpec, { tool: 'capture-end' }>;

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
/** The flags of a VXLAN header say that it has an identifier. */
const VXLAN = 0x08;
const PACKET_OUTGOING = 4;

/** The two Pods by their names, a node by its. */
export function placeOf(at: ProbePlace): CapturePlace {
  return { kind: at.vantage, name: at.vantage === 'node' ? (at.node ?? '') : at.pod };
}

/**
 * @throws {ToolMissing} without tcpdump
 * @throws {NotAllowed} when the container may not capture
 * @throws {UnreadableOutput} when tcpdump did not begin for another reason
 */
export function readCaptureStart(spec: StartSpec, { text, exitCode }: ProbeOutput): CaptureStart {
  if (exitCode === 127) throw new ToolMissing('tcpdump');
  if (/permission|not permitted/i.test(text))
    throw new NotAllowed(`packets cannot be captured in ${placeOf(spec.at).name}: the container has no NET_RAW`);
  if (!/^listening$/m.test(text)) throw new UnreadableOutput(text);
  return { place: placeOf(spec.at) };
}

/** @throws {UnreadableOutput} without a capture in the text */
export function readFlowCapture(spec: EndSpec, { text }: ProbeOutput, command: string): FlowCapture {
  const sections = sectionsOf(text);
  const encoded = sections.get('pcap');
  if (encoded === undefined) throw new UnreadableOutput(text);
  const frames = framesOf(bytesOf(encoded.join('')));
  const devices = new Map(
    (sections.get('link') ?? []).flatMap((line) => {
      const link = /^(\d+) (\S+)$/.exec(line);
      return link === null ? [] : [[Number(link[1]), link[2] ?? ''] as const];
    }),
  );
  const said = (sections.get('said') ?? []).join(' ');
  const dropped = Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? Number.NaN);
  return {
    place: placeOf(spec.at),
    // One that had ended before it was asked to, by its limits, has missed the rest.
    isWhole: dropped === 0 && frames.length < CAPTURE_PACKETS && (sections.get('early') ?? []).length === 0,
    packets: frames.flatMap((frame) => readPacket(frame, devices) ?? []),
    errors: frames.flatMap((frame) => readError(frame) ?? []),
    tunnels: sections.get('tunnel') ?? [],
    command,
  };
}

/** The capture as a file for other programs; null without one. */
export function pcapOf(text: string): Uint8Array | null {
  const encoded = sectionsOf(text).get('pcap');
  const bytes = encoded === undefined ? new Uint8Array() : bytesOf(encoded.join(''));
  return bytes.length < 24 ? null : bytes;
}

/** What was damaged on the way holds no packets. */
function bytesOf(encoded: string): Uint8Array {
  try {
    return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** An IP packet: its two ends, its protocol, and where what it carries lies in the frame. */
interface Ip {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly at: number;
  /** Where it ends by its own account, which may lie behind what was kept of it. */
  readonly end: number;
}

function readIp(frame: DataView, at: number, etherType: number): Ip | null {
  if (etherType === 0x0800) {
    if (frame.byteLength < at + 20 || frame.getUint8(at) >> 4 !== 4) return null;
    return {
      source: ipv4(frame, at + 12),
      destination: ipv4(frame, at + 16),
      protocol: frame.getUint8(at + 9),
      at: at + (frame.getUint8(at) & 0xf) * 4,
      end: at + frame.getUint16(at + 2),
    };
  }
  if (etherType !== 0x86dd || frame.byteLength < at + 40 || frame.getUint8(at) >> 4 !== 6) return null;
  return {
    source: ipv6(frame, at + 8),
    destination: ipv6(frame, at + 24),
    protocol: frame.getUint8(at + 6),
    at: at + 40,
    end: at + 40 + frame.getUint16(at + 4),
  };
}

/** The IP packet of a frame, or the one that is wrapped inside. */
function innermost({ frame, header, etherType }: Frame): { readonly ip: Ip; readonly isWrapped: boolean } | null {
  const ip = readIp(frame, header, etherType);
  if (ip === null) return null;
  if (ip.protocol !== UDP) return { ip, isWrapped: false };
  // UDP and VXLAN have 8 bytes each, Ethernet 14.
  if (frame.byteLength < ip.at + 30 || frame.getUint8(ip.at + 8) !== VXLAN) return null;
  const inner = readIp(frame, ip.at + 30, frame.getUint16(ip.at + 28));
  return inner === null ? null : { ip: inner, isWrapped: true };
}

function readPacket(record: Frame, devices: ReadonlyMap<number, string>): FlowPacket | null {
  const found = innermost(record);
  if (found === null || found.ip.protocol !== TCP) return null;
  const { frame, link, atMs } = record;
  const { source, destination, at, end } = found.ip;
  if (frame.byteLength < at + 14) return null;
  const flags = frame.getUint8(at + 13);
  return {
    atMs,
    device: link === 276 ? (devices.get(frame.getUint32(4)) ?? null) : null,
    isOut:
      link === 276
        ? frame.getUint8(10) === PACKET_OUTGOING
        : link === 113
          ? frame.getUint16(0) === PACKET_OUTGOING
          : null,
    isWrapped: found.isWrapped,
    source,
    sourcePort: frame.getUint16(at),
    destination,
    destinationPort: frame.getUint16(at + 2),
    flags: { syn: (flags & 2) !== 0, ack: (flags & 16) !== 0, rst: (flags & 4) !== 0, fin: (flags & 1) !== 0 },
    sequence: frame.getUint32(at + 4),
    acknowledged: frame.getUint32(at + 8),
    bytes: Math.max(0, end - at - (frame.getUint8(at + 12) >> 4) * 4),
  };
}

function readError(record: Frame): FlowError | null {
  const found = innermost(record);
  if (found === null) return null;
  const { frame, atMs } = record;
  const { ip } = found;
  if ((ip.protocol !== ICMP && ip.protocol !== ICMPV6) || frame.byteLength < ip.at + 8) return null;
  // An error quotes the header of the packet it is about, and at least 8 bytes after it.
  const about = readIp(frame, ip.at + 8, ip.protocol === ICMP ? 0x0800 : 0x86dd);
  if (about === null || about.protocol !== TCP || frame.byteLength < about.at + 4) return null;
  return {
    atMs,
    from: ip.source,
    to: ip.destination,
    type: frame.getUint8(ip.at),
    code: frame.getUint8(ip.at + 1),
    sourcePort: frame.getUint16(about.at),
    destinationPort: frame.getUint16(about.at + 2),
  };
}
