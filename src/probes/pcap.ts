/**
 * Reads a classic pcap file of TCP and ICMP packets: just the fields that say who answered a connection attempt.
 *
 * @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html, https://www.tcpdump.org/linktypes.html, RFC 791, RFC 9293, RFC 792
 */
import type { Packet, Refusal } from '../evidence/readings.ts';

/** Bytes before the IP header and where its EtherType is, by link type: Ethernet, Linux cooked v1 and v2. */
const LINK_TYPES: Readonly<Record<number, { readonly header: number; readonly etherType: number }>> = {
  1: { header: 14, etherType: 12 },
  113: { header: 16, etherType: 14 },
  276: { header: 20, etherType: 0 },
};

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;

/** @param bytes the whole file; a record that was cut off at the end is left out. Empty for anything that is no pcap file. */
export function readPcap(bytes: Uint8Array): readonly Packet[] {
  return framesOf(bytes).flatMap((frame) => readFrame(frame) ?? []);
}

/** One record of a capture. */
export interface Frame {
  readonly atMs: number;
  /** The link type: 1 Ethernet, 113 and 276 Linux cooked v1 and v2. */
  readonly link: number;
  readonly frame: DataView;
  /** Where the IP header begins, and its EtherType. */
  readonly header: number;
  readonly etherType: number;
}

/** The records of a file that are long enough to hold an IP header, as `readPcap` takes them. */
export function framesOf(bytes: Uint8Array): readonly Frame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24) return [];
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  if (!little && view.getUint32(0, false) !== 0xa1b2c3d4 && view.getUint32(0, false) !== 0xa1b23c4d) return [];
  const nanoseconds = magic === 0xa1b23c4d || view.getUint32(0, false) === 0xa1b23c4d;
  const link = view.getUint32(20, little) & 0xffff;
  const layout = LINK_TYPES[link];
  if (layout === undefined) return [];
  const frames: Frame[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = view.getUint32(at + 8, little);
    if (at + 16 + length > bytes.length) break;
    const atMs = view.getUint32(at, little) * 1000 + view.getUint32(at + 4, little) / (nanoseconds ? 1e6 : 1e3);
    const frame = new DataView(bytes.buffer, bytes.byteOffset + at + 16, length);
    if (frame.byteLength >= layout.header + 20)
      frames.push({ atMs, link, frame, header: layout.header, etherType: frame.getUint16(layout.etherType) });
    at += 16 + length;
  }
  return frames;
}

function readFrame({ frame, header, etherType, atMs }: Frame): Packet | null {
  const ip = sub(frame, header);
  if (ip === null) return null;
  return etherType === 0x0800 ? readIpv4(ip, atMs) : etherType === 0x86dd ? readIpv6(ip, atMs) : null;
}

function sub(view: DataView, offset: number): DataView | null {
  return offset >= view.byteLength
    ? null
    : new DataView(view.buffer, view.byteOffset + offset, view.byteLength - offset);
}

function readIpv4(ip: DataView, atMs: number): Packet | null {
  if (ip.byteLength < 20 || ip.getUint8(0) >> 4 !== 4) return null;
  const payload = sub(ip, (ip.getUint8(0) & 0xf) * 4);
  const base = { atMs, source: ipv4(ip, 12), destination: ipv4(ip, 16), ttl: ip.getUint8(8) };
  if (payload === null) return base;
  return { ...base, ...readPayload(payload, ip.getUint8(9)) };
}

function readIpv6(ip: DataView, atMs: number): Packet | null {
  if (ip.byteLength < 40 || ip.getUint8(0) >> 4 !== 6) return null;
  const payload = sub(ip, 40);
  const base = { atMs, source: ipv6(ip, 8), destination: ipv6(ip, 24), ttl: ip.getUint8(7) };
  if (payload === null) return base;
  if (ip.getUint8(6) === ICMPV6 && payload.byteLength >= 8) {
    const about = quotedV6(sub(payload, 8));
    const [type, code] = [payload.getUint8(0), payload.getUint8(1)];
    return { ...base, icmp: { type, code, isV6: true, ...(about === null ? {} : { about }) } };
  }
  return ip.getUint8(6) === TCP ? { ...base, ...readPayload(payload, TCP) } : base;
}

function readPayload(payload: DataView, protocol: number): Pick<Packet, 'tcp' | 'icmp'> {
  if (protocol === TCP && payload.byteLength >= 14) {
    const flags = payload.getUint8(13);
    return {
      tcp: {
        sourcePort: payload.getUint16(0),
        destinationPort: payload.getUint16(2),
        syn: (flags & 2) !== 0,
        rst: (flags & 4) !== 0,
        ack: (flags & 16) !== 0,
      },
    };
  }
  if (protocol === ICMP && payload.byteLength >= 8) {
    const about = quoted(sub(payload, 8));
    return { icmp: { type: payload.getUint8(0), code: payload.getUint8(1), ...(about === null ? {} : { about }) } };
  }
  return {};
}

/** An ICMP error quotes the header of the packet it is about, and at least 8 bytes after it (RFC 792). */
function quoted(ip: DataView | null): NonNullable<NonNullable<Packet['icmp']>['about']> | null {
  if (ip === null || ip.byteLength < 28 || ip.getUint8(0) >> 4 !== 4) return null;
  const protocol = ip.getUint8(9);
  const payload = sub(ip, (ip.getUint8(0) & 0xf) * 4);
  if (payload === null || payload.byteLength < 4 || (protocol !== TCP && protocol !== UDP)) return null;
  return {
    destination: ipv4(ip, 16),
    protocol,
    sourcePort: payload.getUint16(0),
    destinationPort: payload.getUint16(2),
  };
}

/** The same of ICMPv6 (RFC 4443); a packet with extension headers is passed over. */
function quotedV6(ip: DataView | null): NonNullable<NonNullable<Packet['icmp']>['about']> | null {
  if (ip === null || ip.byteLength < 44 || ip.getUint8(0) >> 4 !== 6) return null;
  const protocol = ip.getUint8(6);
  if (protocol !== TCP && protocol !== UDP) return null;
  return {
    destination: ipv6(ip, 24),
    protocol,
    sourcePort: ip.getUint16(40),
    destinationPort: ip.getUint16(42),
  };
}

/** The address of IPv4 at an offset. */
export function ipv4(view: DataView, at: number): string {
  return [0, 1, 2, 3].map((index) => view.getUint8(at + index)).join('.');
}

/** An address of IPv6 as Kubernetes writes it: the first of the longest runs of zeros is left out (RFC 5952, section 4). */
export function ipv6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(at + index * 2).toString(16)).join(':');
  const runs = groups.match(/\b0(:0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? groups : groups.replace(new RegExp(`(^|:)${longest}(:|$)`), '::');
}

/**
 * The packet that ended a connection attempt to this address: a reset from it, or an ICMP error about it.
 *
 * @param localPort narrows it to one attempt, when the tool told its source port
 * @returns null when no such packet was captured
 */
export function findRefusal(
  packets: readonly Packet[],
  address: string,
  port: number,
  localPort: number | null,
): Refusal | null {
  for (const packet of packets) {
    const { tcp, icmp } = packet;
    if (
      tcp?.rst === true &&
      packet.source === address &&
      tcp.sourcePort === port &&
      (localPort === null ? !wasAccepted(packets, packet) : tcp.destinationPort === localPort)
    ) {
      return { kind: 'rst', from: packet.source, ttl: packet.ttl };
    }
    const about = icmp?.about;
    if (
      icmp !== undefined &&
      about !== undefined &&
      about.destination === address &&
      about.destinationPort === port &&
      about.protocol === TCP &&
      isRefusing(icmp) &&
      (localPort === null || about.sourcePort === localPort)
    ) {
      return { kind: 'icmp', from: packet.source, ttl: packet.ttl, type: icmp.type, code: icmp.code };
    }
  }
  return null;
}

/** A reset may also end a connection that stood: health checkers and pools close like that, and it refuses nothing. */
function wasAccepted(packets: readonly Packet[], reset: Packet): boolean {
  return packets.some(
    ({ source, tcp }) =>
      source === reset.source &&
      tcp?.syn === true &&
      tcp.ack &&
      tcp.sourcePort === reset.tcp?.sourcePort &&
      tcp.destinationPort === reset.tcp.destinationPort,
  );
}

/** Destination unreachable or time exceeded. "Fragmentation needed" only makes packets smaller, a redirect only leads elsewhere. */
function isRefusing({ type, code, isV6 }: NonNullable<Packet['icmp']>): boolean {
  return isV6 === true ? type === 1 || type === 3 : (type === 3 && code !== 4) || type === 11;
}

/** The ICMP error about a datagram to this address; null when none was captured. */
export function findUdpRefusal(packets: readonly Packet[], address: string, port: number): Refusal | null {
  const answer = packets.find(
    ({ icmp }) =>
      icmp?.about?.destination === address && icmp.about.destinationPort === port && icmp.about.protocol === UDP,
  );
  return answer?.icmp === undefined
    ? null
    : { kind: 'icmp', from: answer.source, ttl: answer.ttl, type: answer.icmp.type, code: answer.icmp.code };
}

/** How often a SYN to this address and port was sent again: more than one from the same source port. Null where none was captured at all. */
export function countSynRetransmits(packets: readonly Packet[], address: string, port: number): number | null {
  const syns = packets.filter(
    ({ tcp, destination }) => tcp?.syn === true && !tcp.ack && destination === address && tcp.destinationPort === port,
  );
  return syns.length === 0 ? null : syns.length - new Set(syns.map(({ tcp }) => tcp?.sourcePort)).size;
}

/**
 * Who answered a connection to this address in its place: the packet comes to the port the connection was made from, and from another
 * address. The kernel knows no such connection and resets it.
 *
 * @returns null when nobody was seen to
 */
export function findStrayAnswer(packets: readonly Packet[], address: string, port: number): string | null {
  const opened = packets.flatMap(({ tcp, source, destination }) =>
    tcp?.syn === true && !tcp.ack ? [{ source, destination, port: tcp.sourcePort, to: tcp.destinationPort }] : [],
  );
  const own = opened.filter((syn) => syn.destination === address && syn.to === port);
  const stray = packets.find(
    ({ tcp, source, destination }) =>
      tcp?.syn === true &&
      tcp.ack &&
      source !== address &&
      own.some((syn) => syn.source === destination && syn.port === tcp.destinationPort) &&
      !opened.some((syn) => syn.destination === source && syn.port === tcp.destinationPort),
  );
  return stray?.source ?? null;
}
