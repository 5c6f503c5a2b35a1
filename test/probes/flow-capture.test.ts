import { describe, expect, it } from 'vitest';
import { pcapOf, readCaptureStart, readFlowCapture } from '../../src/probes/flow-capture.ts';
import { NotAllowed, type ProbeSpec, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { recording } from './recording.ts';

const flow = { from: ['10.244.2.4'], to: ['10.244.3.3'], ports: [8080] };
const at = { vantage: 'node', namespace: 'shop', pod: 'netdebug-n3-abc', node: 'n3' } as const;
const end = { id: 'watched-n3', kind: 'flowCaptures', at, tool: 'capture-end', ...flow } as const satisfies ProbeSpec;
const start = { ...end, kind: 'captureStarts', tool: 'capture-start' } as const satisfies ProbeSpec;

const SYN = { source: '10.244.2.4', sourcePort: 26_508, destination: '10.244.3.3', destinationPort: 8080 };
const FLAGS = { syn: true, ack: false, rst: false, fin: false };
/** What `tcpdump -r` says of the two captures: a SYN and its retransmission a second later. */
const read = { ...SYN, flags: FLAGS, sequence: 2_804_213_721, acknowledged: 0, bytes: 0 };

describe('packets of one connection', () => {
  it('as the devices of the node saw them that they leave', () => {
    const capture = readFlowCapture(end, recording('flow-capture/4.99-n2.txt').output, 'tcpdump');
    const once = [
      { ...read, device: 'veth6f8f0abb', isOut: false, isWrapped: false },
      { ...read, device: 'cni0', isOut: false, isWrapped: false },
      { ...read, device: 'vxlan0', isOut: true, isWrapped: false },
      { ...read, device: 'eth0', isOut: true, isWrapped: true },
    ];
    expect(capture.packets.map(({ atMs: _atMs, ...packet }) => packet)).toEqual([...once, ...once]);
    expect(capture).toMatchObject({
      place: { kind: 'node', name: 'n3' },
      isWhole: true,
      errors: [],
      tunnels: ['vxlan0'],
    });
  });

  it('as those saw them of the node that they come to', () => {
    const { packets } = readFlowCapture(end, recording('flow-capture/4.99-n3.txt').output, 'tcpdump');
    expect(packets.map(({ device, isOut, isWrapped }) => [device, isOut, isWrapped])).toEqual([
      ['eth0', false, true],
      ['vxlan0', false, false],
      ['eth0', false, true],
      ['vxlan0', false, false],
    ]);
  });
});

/** A capture file of link type Linux cooked v1, as older versions write it. */
function cooked(...frames: readonly (readonly number[])[]): string {
  const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
  const bytes = [
    ...[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, ...word(0), ...word(0), ...word(128), ...word(113)],
    ...frames.flatMap((frame) => [...word(1), ...word(0), ...word(frame.length), ...word(frame.length), ...frame]),
  ];
  return Buffer.from(bytes).toString('base64');
}

const V4 = [10, 244, 2, 10];
const TO = [10, 244, 3, 11];
const sll = (type: number, etherType: readonly number[]) => [0, type, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, ...etherType];
const ipv4 = (protocol: number, from: readonly number[], to: readonly number[], payload: readonly number[]) => [
  ...[0x45, 0, 0, 20 + payload.length, 0, 0, 0, 0, 64, protocol, 0, 0, ...from, ...to],
  ...payload,
];
/** From port 20007 to 8080, with 3 bytes of data. */
const tcp = [0x4e, 0x27, 0x1f, 0x90, 0, 0, 3, 232, 0, 1, 0x11, 0x70, 0x50, 0x18, 1, 0, 0, 0, 0, 0, 1, 2, 3];
const text = (pcap: string, said = '0 packets dropped by kernel') => ({
  exitCode: 0,
  tookMs: 80,
  text: `@@link\n2 eth0\n@@tunnel\n@@said\n${said}\n@@pcap\n${pcap}\n`,
});

describe('other captures', () => {
  it('tell directions but no devices in an older form', () => {
    const output = text(
      cooked([...sll(4, [8, 0]), ...ipv4(6, V4, TO, tcp)], [...sll(0, [8, 0]), ...ipv4(6, TO, V4, tcp)]),
    );
    expect(readFlowCapture(end, output, '').packets).toEqual([
      {
        ...{ atMs: 1000, device: null, isOut: true, isWrapped: false, sequence: 1000, acknowledged: 70_000, bytes: 3 },
        ...{ source: '10.244.2.10', sourcePort: 20_007, destination: '10.244.3.11', destinationPort: 8080 },
        flags: { syn: false, ack: true, rst: false, fin: false },
      },
      expect.objectContaining({ isOut: false, source: '10.244.3.11' }),
    ]);
  });

  it('hold errors about the connection, with what they are about', () => {
    const quoted = ipv4(6, V4, TO, tcp.slice(0, 8));
    const output = text(
      cooked([...sll(0, [8, 0]), ...ipv4(1, [10, 244, 3, 1], V4, [3, 1, 0, 0, 0, 0, 0, 0, ...quoted])]),
    );
    expect(readFlowCapture(end, output, '')).toMatchObject({
      packets: [],
      errors: [{ from: '10.244.3.1', to: '10.244.2.10', type: 3, code: 1, sourcePort: 20_007, destinationPort: 8080 }],
    });
  });

  it('of IPv6', () => {
    const head = [0x60, 0, 0, 0, 0, tcp.length, 6, 64];
    const [a, b] = [10, 11].map((last) => [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    const output = text(cooked([...sll(4, [0x86, 0xdd]), ...head, ...(a ?? []), ...(b ?? []), ...tcp]));
    expect(readFlowCapture(end, output, '').packets).toMatchObject([
      { source: 'fd00::a', destination: 'fd00::b', bytes: 3 },
    ]);
  });

  it.each([
    ['the kernel gave some up', text(cooked(), '7 packets dropped by kernel')],
    ['it had ended by itself', { ...text(cooked()), text: `@@early\n0 packets captured\n${text(cooked()).text}` }],
    ['nobody says that it was complete', text(cooked(), '')],
    ['there was room for no more', text(cooked(...Array(300).fill([...sll(4, [8, 0]), ...ipv4(6, V4, TO, tcp)])))],
  ])('are not whole when %s', (_when, output) => expect(readFlowCapture(end, output, '').isWhole).toBe(false));

  it('are none where nothing was printed of them', () =>
    expect(() => readFlowCapture(end, { exitCode: 1, text: '', tookMs: 3 }, '')).toThrow(UnreadableOutput));
});

describe('a capture that begins', () => {
  const begin = (printed: string, exitCode = 1) => readCaptureStart(start, { text: printed, exitCode, tookMs: 90 });
  it('is told with its place', () => expect(begin('listening\n', 0)).toEqual({ place: { kind: 'node', name: 'n3' } }));

  it('is told apart from one that may not, cannot or does not', () => {
    expect(() => begin("tcpdump: any: You don't have permission to perform this capture on that device\n")).toThrow(
      new NotAllowed('packets cannot be captured in n3: the container has no NET_RAW'),
    );
    expect(() => begin('', 127)).toThrow(ToolMissing);
    expect(() => begin('tcpdump: syntax error in filter expression\n')).toThrow(UnreadableOutput);
  });
});

it('is a file for other programs', () => {
  const bytes = pcapOf(recording('flow-capture/4.99-n3.txt').output.text);
  expect([...(bytes ?? []).slice(0, 4)]).toEqual([0xd4, 0xc3, 0xb2, 0xa1]);
  expect(bytes).toHaveLength(24 + 2 * (16 + 128) + 2 * (16 + 80));
  expect(pcapOf('tcpdump: no suitable device found')).toBeNull();
});
