import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/evidence/readings.ts';
import { countSynRetransmits, findRefusal, findStrayAnswer, findUdpRefusal, readPcap } from '../../src/probes/pcap.ts';
import { recording } from './recording.ts';

function bytesOf(file: string): Uint8Array {
  return Uint8Array.from(Buffer.from(recording(file).output.text, 'base64'));
}

/** Refused at port 9, rejected by a firewall at .13 and .14, accepted at 8081; and a UDP port that nobody has. */
describe.each(['any', 'lo'])('a capture of interface %s', (name) => {
  const packets = readPcap(bytesOf(`pcap/${name}.txt`));

  it('has every packet once', () => {
    expect(
      packets
        .map(({ destination }) => destination)
        .filter((address) => address !== '127.0.0.53' && address !== 'ff02::2'),
    ).toEqual([
      '10.244.1.11',
      '10.244.1.11',
      ...Array(4).fill('10.244.1.13'),
      ...Array(4).fill('10.244.1.14'),
      '10.244.1.11',
      '10.244.1.11',
      '::1',
      '::1',
      '10.244.1.11',
    ]);
    const times = packets.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('tells who refused: the kernel at the other end', () => {
    expect(findRefusal(packets, '10.244.1.11', 9, 40001)).toEqual({ kind: 'rst', from: '10.244.1.11', ttl: 64 });
    expect(findRefusal(packets, '10.244.1.11', 9, null)).toEqual({ kind: 'rst', from: '10.244.1.11', ttl: 64 });
    expect(findRefusal(packets, '::1', 9, 40005)).toEqual({ kind: 'rst', from: '::1', ttl: 64 });
  });

  it('tells who refused: somebody on the way, and with which code', () => {
    const icmp = { kind: 'icmp', type: 3, ttl: 64 };
    expect(findRefusal(packets, '10.244.1.13', 8080, 40002)).toEqual({ ...icmp, from: '10.244.1.13', code: 3 });
    expect(findRefusal(packets, '10.244.1.14', 8080, 40003)).toEqual({ ...icmp, from: '10.244.1.14', code: 13 });
  });

  it.each([
    ['another port', '10.244.1.11', 10, null],
    ['another address', '10.244.1.99', 9, null],
    ['another attempt', '10.244.1.11', 9, 40002],
    ['a connection that was accepted', '10.244.1.11', 8081, 40004],
    ['an error about UDP', '10.244.1.11', 53, null],
  ])('has no refusal of %s', (_what, address, port, localPort) =>
    expect(findRefusal(packets, address, port, localPort)).toBeNull(),
  );

  it('cut off anywhere, has the packets before the cut', () => {
    const bytes = bytesOf(`pcap/${name}.txt`);
    let before = 0;
    for (let length = 0; length <= bytes.length; length += length < 200 ? 1 : 11) {
      const some = readPcap(bytes.subarray(0, length));
      expect(some).toEqual(packets.slice(0, some.length));
      expect(some.length).toBeGreaterThanOrEqual(before);
      before = some.length;
    }
    expect(before).toBeGreaterThanOrEqual(packets.length - 1);
  });

  it('with any bytes changed, is read or left out, never a failure', () => {
    const bytes = bytesOf(`pcap/${name}.txt`);
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(changes, (all) => {
        const copy = bytes.slice();
        for (const [at, value] of all) copy[at] = value;
        readPcap(copy);
      }),
    );
  });
});

describe('a capture', () => {
  it.each([
    ['empty', new Uint8Array()],
    ['text', new TextEncoder().encode("tcpdump: any: You don't have permission to perform this capture")],
    ['a newer format', Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, ...Array(40).fill(0)])],
    ['nothing but zeros', new Uint8Array(200)],
  ])('that is %s has no packets', (_what, bytes) => expect(readPcap(bytes)).toEqual([]));

  it('of another link type has no packets', () => {
    const bytes = bytesOf('pcap/lo.txt');
    bytes[20] = 105;
    expect(readPcap(bytes)).toEqual([]);
  });

  it('of garbage has no packets, or some, but no failure', () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readPcap(bytes))));

  // RFC 5952, section 4.2: the longest run of zeros, of two equal runs the first, never a single group.
  it.each([
    [[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], '2001:db8::1:0:0:1'],
    [[0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], '2001:0:0:1::1'],
    [[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], '2001:db8:0:1:1:1:1:1'],
    [[0xfd, 0, 0, 0x10, 0x02, 0x44, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0], 'fd00:10:244:2::'],
    [Array(16).fill(0), '::'],
  ])('writes IPv6 addresses as Kubernetes does: %#', (address, text) => {
    const bytes = bytesOf('pcap/lo.txt');
    const packets = readPcap(bytes);
    const at = frameOf(
      bytes,
      packets.findIndex(({ source }) => source === '::1'),
    );
    bytes.set(address, at + 14 + 8);
    expect(readPcap(bytes).map(({ source }) => source)).toContain(text);
  });
});

const WEB = '10.244.2.10';
const API = '10.244.3.11';
const flags = (more: Partial<NonNullable<Packet['tcp']>>, ports: [number, number]): NonNullable<Packet['tcp']> => ({
  sourcePort: ports[0],
  destinationPort: ports[1],
  syn: false,
  ack: false,
  rst: false,
  ...more,
});
const syn = (port: number, atMs: number): Packet => ({
  atMs,
  source: WEB,
  destination: API,
  ttl: 64,
  tcp: flags({ syn: true }, [port, 8080]),
});
const back = (port: number, more: Partial<NonNullable<Packet['tcp']>>): Packet => ({
  atMs: 9,
  source: API,
  destination: WEB,
  ttl: 62,
  tcp: flags(more, [8080, port]),
});
const error = (type: number, code: number, more: object = {}): Packet => ({
  atMs: 9,
  source: '10.90.0.1',
  destination: WEB,
  ttl: 63,
  icmp: { type, code, about: { destination: API, protocol: 6, sourcePort: 40001, destinationPort: 8080 }, ...more },
});

describe('what refuses', () => {
  it('is no reset that ends a connection which had been accepted', () => {
    const closed = [syn(40001, 1), back(40001, { syn: true, ack: true }), back(40001, { rst: true })];
    expect(findRefusal(closed, API, 8080, null)).toBeNull();
    expect(findRefusal([...closed, syn(40002, 2), back(40002, { rst: true })], API, 8080, null)).toEqual({
      kind: 'rst',
      from: API,
      ttl: 62,
    });
  });

  it.each([
    ['network unreachable', error(3, 0)],
    ['host unreachable', error(3, 1)],
    ['prohibited', error(3, 13)],
    ['time exceeded: a routing loop', error(11, 0)],
    ['ICMPv6 no route', error(1, 0, { isV6: true })],
    ['ICMPv6 time exceeded', error(3, 0, { isV6: true })],
  ])('is %s', (_what, packet) => expect(findRefusal([packet], API, 8080, 40001)).toMatchObject({ from: '10.90.0.1' }));

  it.each([
    ['fragmentation needed: the next packet is smaller', error(3, 4)],
    ['a redirect: the next packet goes elsewhere', error(5, 1)],
    ['ICMPv6 packet too big', error(2, 0, { isV6: true })],
  ])('is not %s', (_what, packet) => expect(findRefusal([packet], API, 8080, 40001)).toBeNull());

  it('is told for datagrams by the error about them', () => {
    const about = { destination: API, protocol: 17, sourcePort: 40001, destinationPort: 8125 };
    expect(findUdpRefusal([error(3, 3, { about })], API, 8125)).toEqual({
      kind: 'icmp',
      from: '10.90.0.1',
      ttl: 63,
      type: 3,
      code: 3,
    });
    expect(findUdpRefusal([error(3, 3)], API, 8080)).toBeNull();
  });
});

it('counts a SYN that was sent again, not two connections', () =>
  expect(countSynRetransmits([syn(40001, 1), syn(40002, 1), syn(40001, 1001), syn(40001, 2001)], API, 8080)).toBe(2));

it('knows nothing of retransmissions where no SYN was captured', () =>
  expect(countSynRetransmits([], API, 8080)).toBeNull());

describe('an answer from another address than the one asked', () => {
  const WEB = '10.244.2.10';
  const VIP = '10.96.114.140';
  const POD = '10.244.2.11';
  const packet = (source: string, from: number, destination: string, to: number, ack = false): Packet => ({
    atMs: 1,
    source,
    destination,
    ttl: 64,
    tcp: { sourcePort: from, destinationPort: to, syn: true, ack, rst: false },
  });

  it('is told by the port it comes to', () =>
    expect(findStrayAnswer([packet(WEB, 40001, VIP, 80), packet(POD, 8080, WEB, 40001, true)], VIP, 80)).toBe(POD));

  it('is none when the address itself answers', () =>
    expect(findStrayAnswer([packet(WEB, 40001, VIP, 80), packet(VIP, 80, WEB, 40001, true)], VIP, 80)).toBeNull());

  it('is none when that Pod was asked directly, by chance from the same port', () =>
    expect(
      findStrayAnswer(
        [packet(WEB, 40001, VIP, 80), packet(WEB, 40001, POD, 8080), packet(POD, 8080, WEB, 40001, true)],
        VIP,
        80,
      ),
    ).toBeNull());

  it('is none when nobody answers, or another port was asked', () => {
    expect(findStrayAnswer([packet(WEB, 40001, VIP, 80)], VIP, 80)).toBeNull();
    expect(findStrayAnswer([packet(WEB, 40001, VIP, 443), packet(POD, 8080, WEB, 40001, true)], VIP, 80)).toBeNull();
  });
});

/** Where the bytes of a packet begin in a file. */
function frameOf(bytes: Uint8Array, index: number): number {
  const view = new DataView(bytes.buffer);
  let at = 24;
  for (let skipped = 0; skipped < index; skipped++) at += 16 + view.getUint32(at + 8, true);
  return at + 16;
}
