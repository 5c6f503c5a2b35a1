import { describe, expect, it } from 'vitest';
import { type FlowEnds, fitsNode, traceFlow, traceOf } from '../../src/derive/flow-trace.ts';
import type { CapturePlace, FlowCapture, FlowError, FlowPacket } from '../../src/evidence/readings.ts';
import { apiC, connect, REFUSED, SILENT, world } from '../support/world.ts';

const WEB = '10.244.2.10';
const API = '10.244.3.11';
const VIP = '10.96.114.140';
/** The first number of each end. */
const ISN = 1000;
const ANSWER = 70_000;

const ends: FlowEnds = {
  source: { name: 'web', node: 'n2', addresses: [WEB], isHost: false },
  target: { name: 'api-c', node: 'n3', addresses: [API], isHost: false },
  to: { name: 'api-c', address: API, port: 8080 },
  localPort: 20_007,
};

const FLAGS = { syn: false, ack: false, rst: false, fin: false };

function packet(device: string, isOut: boolean, changes: Partial<FlowPacket> = {}): FlowPacket {
  return {
    ...{ atMs: 0, device, isOut, isWrapped: false, sequence: ISN, acknowledged: 0, bytes: 0 },
    ...{ source: WEB, sourcePort: 20_007, destination: API, destinationPort: 8080 },
    flags: { ...FLAGS, syn: true },
    ...changes,
  };
}

const back = { source: API, sourcePort: 8080, destination: WEB, destinationPort: 20_007 };
const syn = packet;
const synAck = (device: string, isOut: boolean, changes: Partial<FlowPacket> = {}) =>
  packet(device, isOut, {
    ...{ ...back, sequence: ANSWER, acknowledged: ISN + 1, flags: { ...FLAGS, syn: true, ack: true } },
    ...changes,
  });
const wrapped = { isWrapped: true };

function capture(kind: CapturePlace['kind'], name: string, ...packets: readonly FlowPacket[]): FlowCapture {
  const tunnels = kind === 'node' ? ['vxlan0'] : [];
  return { place: { kind, name }, isWhole: true, packets, errors: [], tunnels, command: `tcpdump at ${name}` };
}

const web = (...packets: readonly FlowPacket[]) => capture('source', 'web', syn('eth0', true), ...packets);
const api = (...packets: readonly FlowPacket[]) => capture('backend', 'api-c', ...packets);
const n2 = (...packets: readonly FlowPacket[]) => capture('node', 'n2', ...packets);
const n3 = (...packets: readonly FlowPacket[]) => capture('node', 'n3', ...packets);

const intoN2 = [syn('veth1', false), syn('cni0', false)];
const throughN2 = [...intoN2, syn('vxlan0', true), syn('eth0', true, wrapped)];
const intoN3 = [syn('eth0', false, wrapped), syn('vxlan0', false)];
const throughN3 = [...intoN3, syn('cni0', true), syn('veth5', true)];
const backIntoN3 = [synAck('veth5', false), synAck('cni0', false)];
const backThroughN3 = [...backIntoN3, synAck('vxlan0', true), synAck('eth0', true, wrapped)];

function said(...captures: readonly FlowCapture[]): string | undefined {
  return traceFlow(captures, ends)?.said;
}

describe('a SYN that is lost on its way there', () => {
  it.each([
    [
      'before its own node',
      [web(), n2(), n3(), api()],
      'The SYN left web and was never seen on n2, its own node: lost between Pod and node.',
    ],
    [
      'on its own node',
      [web(), n2(...intoN2), n3(), api()],
      'The SYN left web and reached n2 on cni0, which did not send it on: lost on n2.',
    ],
    [
      'in the tunnel, which does not know the other node',
      [web(), n2(...intoN2, syn('vxlan0', true)), n3(), api()],
      'The SYN left web and went into vxlan0 of n2, which sent no wrapped packet to another node: lost on n2, between vxlan0 and its uplink.',
    ],
    [
      'between the nodes',
      [web(), n2(...throughN2), n3(), api()],
      'The SYN left web and then n2 by eth0, and was never seen on n3: lost between the two nodes.',
    ],
    [
      'on the other node, before it is unwrapped',
      [web(), n2(...throughN2), n3(syn('eth0', false, wrapped)), api()],
      'The SYN left web and reached n3 on eth0, inside a packet of VXLAN, and never came out of that: lost on n3, before it was unwrapped.',
    ],
    [
      'on the other node, behind that',
      [web(), n2(...throughN2), n3(...intoN3), api()],
      'The SYN left web and reached n3 on vxlan0, which did not send it on to api-c: lost on n3, between vxlan0 and api-c.',
    ],
    [
      'on the way into the Pod',
      [web(), n2(...throughN2), n3(...throughN3), api()],
      'The SYN left web and was sent to api-c by n3 on veth5, and never seen there: lost between n3 and api-c.',
    ],
    [
      'inside the Pod',
      [web(), n2(...throughN2), n3(...throughN3), api(syn('eth0', false))],
      'The SYN of web arrived in api-c, which sent no answer: lost inside api-c, by a rule of its own or a full queue.',
    ],
    [
      'anywhere, as far as the two Pods can tell',
      [web(), api()],
      'The SYN left web and was never seen in api-c: lost on the way, on n2 or n3 or between them.',
    ],
  ])('%s', (_where, captures, sentence) => expect(said(...captures)).toBe(sentence));

  it('names the nodes that it may be lost on', () => {
    const at = (...captures: readonly FlowCapture[]) => traceFlow(captures, ends)?.nodes;
    expect(at(web(), n2(...intoN2), n3(), api())).toEqual(['n2']);
    expect(at(web(), n2(...throughN2), n3(), api())).toEqual(['n2', 'n3']);
    expect(at(web(), n2(...throughN2), n3(...intoN3), api())).toEqual(['n3']);
    expect(at(web(), api())).toEqual([]);
  });

  it('tells whether it has crossed to the other node', () => {
    const has = (...captures: readonly FlowCapture[]) => traceFlow(captures, ends)?.hasCrossed;
    expect(has(web(), n2(...throughN2), n3(), api())).toBe(false);
    expect(has(web(), n2(...throughN2), n3(syn('eth0', false, wrapped)), api())).toBe(false);
    expect(has(web(), n2(...throughN2), n3(...intoN3), api())).toBe(true);
    expect(has(web(), api())).toBe(false);
  });

  it('goes by the last place that saw it, whatever a place before it has missed', () =>
    expect(said(web(), n2(), n3(...intoN3), api())).toBe(
      'The SYN left web and reached n3 on vxlan0, which did not send it on to api-c: lost on n3, between vxlan0 and api-c.',
    ));

  it('is not missed where nobody looked all the time', () =>
    expect(said(web(), { ...n2(), isWhole: false }, n3(), api())).toBe(
      'The SYN left web and was never seen on n3: lost before it.',
    ));

  it('says which error came back', () => {
    const error: FlowError = {
      atMs: 1,
      from: '10.244.3.1',
      to: WEB,
      type: 3,
      code: 1,
      sourcePort: 20_007,
      destinationPort: 8080,
    };
    expect(said(web(), n2(...throughN2), { ...n3(...intoN3), errors: [error] }, api())).toBe(
      'The SYN left web and reached n3 on vxlan0, which did not send it on to api-c: lost on n3, between vxlan0 and api-c. 10.244.3.1 says so by ICMP 3/1.',
    );
  });

  it('has passed no Pod device where the destination uses the network of its node', () => {
    const host = { ...ends, target: { name: 'metrics', node: 'n3', addresses: ['10.90.0.13'], isHost: true } };
    const metrics = capture('backend', 'metrics', syn('eth0', false));
    expect(traceFlow([web(), n2(...throughN2), metrics], host)).toMatchObject({
      said: 'The SYN of web arrived on n3, whose network metrics uses, and got no answer: lost on n3 itself, before metrics.',
      nodes: ['n3'],
    });
  });

  it('is the same packet under the address of a node', () => {
    const masked = { source: '10.90.0.12', sourcePort: 40_112 };
    expect(said(web(), n2(...intoN2, syn('eth0', true, masked)), api(syn('eth0', false, masked)))).toBe(
      'The SYN of web arrived in api-c as from 10.90.0.12, which sent no answer: lost inside api-c, by a rule of its own or a full queue.',
    );
  });

  it('never left, where the kernel of the source keeps it', () =>
    expect(said(capture('source', 'web'), n2(), api())).toBe(
      'No SYN to 10.244.3.11:8080 left web: its own kernel keeps it, for want of a neighbour that answers or by a rule.',
    ));

  it('to a Service is followed through its translation, and no further than somebody looked', () => {
    const service = { ...ends, target: null, to: { name: 'api', address: VIP, port: 80 } };
    const asked = { destination: VIP, destinationPort: 80 };
    const own = capture('source', 'web', syn('eth0', true, asked));
    expect(traceFlow([own, n2(syn('cni0', false, asked), syn('eth0', true))], service)?.said).toBe(
      'The SYN to api (10.96.114.140:80) left web and n2 for 10.244.3.11:8080, and no answer came back.',
    );
    expect(traceFlow([own, n2(syn('cni0', false, asked))], service)?.said).toBe(
      'The SYN to api (10.96.114.140:80) left web and reached n2 on cni0, which did not send it on: lost on n2.',
    );
  });
});

describe('an answer that is lost on its way back', () => {
  const arrived = [web(), n2(...throughN2)] as const;
  const answered = api(syn('eth0', false), synAck('eth0', true));
  it.each([
    [
      'before the node of the backend',
      [...arrived, n3(...throughN3), answered],
      ' and was never seen on n3, its own node: lost between Pod and node, on the way back.',
    ],
    [
      'on it',
      [...arrived, n3(...throughN3, ...backIntoN3), answered],
      ' and reached n3 on cni0, which did not send it on: lost on n3, on the way back.',
    ],
    [
      'between the nodes',
      [...arrived, n3(...throughN3, ...backThroughN3), answered],
      ' and then n3 by eth0, and was never seen on n2: lost between the two nodes, on the way back.',
    ],
    [
      'on the node of the source',
      [
        web(),
        n2(...throughN2, synAck('eth0', false, wrapped), synAck('vxlan0', false)),
        n3(...throughN3, ...backThroughN3),
        answered,
      ],
      ' and reached n2 on vxlan0, which did not send it on to web: lost on n2, between vxlan0 and web, on the way back.',
    ],
    [
      'anywhere',
      [web(), answered],
      ' and was never seen in web: lost on the way, on n3 or n2 or between them, on the way back.',
    ],
  ])('%s', (_where, captures, end) =>
    expect(said(...captures)).toBe(`The SYN of web arrived in api-c, and its SYN-ACK left${end}`),
  );

  it('comes from an address that web did not ask', () => {
    const service = { ...ends, to: { name: 'api', address: VIP, port: 80 } };
    const asked = { destination: VIP, destinationPort: 80 };
    const own = capture('source', 'web', syn('eth0', true, asked), synAck('eth0', false));
    expect(traceFlow([own, answered], service)?.said).toBe(
      '10.244.3.11:8080 answered web in place of 10.96.114.140:80: nothing put the address back that was asked, and web does not take such an answer.',
    );
  });
});

describe('data that is lost over a connection that stands', () => {
  const opened = { there: [syn('eth0', false), synAck('eth0', true)], here: [synAck('eth0', false)] };
  const data = (device: string, isOut: boolean, from: number, bytes: number, changes: Partial<FlowPacket> = {}) =>
    packet(device, isOut, { sequence: ISN + 1 + from, bytes, flags: { ...FLAGS, ack: true }, ...changes });
  const reply = (device: string, isOut: boolean, from: number, bytes: number) =>
    data(device, isOut, 0, bytes, { ...back, sequence: ANSWER + 1 + from });

  it('of a request', () =>
    expect(
      said(
        web(...opened.here, data('eth0', true, 0, 100), data('eth0', true, 100, 1398)),
        api(...opened.there, data('eth0', false, 0, 100)),
      ),
    ).toBe(
      'The connection stands; a packet with 1,398 bytes of data left web and was never seen in api-c: lost on the way, on n2 or n3 or between them.',
    ));

  it('of an answer, between the nodes', () =>
    expect(
      said(
        web(...opened.here, data('eth0', true, 0, 100)),
        n2(...throughN2),
        n3(...throughN3, reply('cni0', false, 0, 1398), { ...reply('eth0', true, 0, 1398), isWrapped: true }),
        api(...opened.there, data('eth0', false, 0, 100), reply('eth0', true, 0, 1398)),
      ),
    ).toBe(
      'The connection stands; a packet with 1,398 bytes of data left api-c and then n3 by eth0, and was never seen on n2: lost between the two nodes, on the way back.',
    ));

  it('is none where a packet was cut in two on its way', () =>
    expect(
      said(
        web(...opened.here, data('eth0', true, 0, 2800)),
        api(...opened.there, data('eth0', false, 0, 1400), data('eth0', false, 1400, 1400)),
      ),
    ).toBeUndefined());

  it('is none where all of it arrived, and the application says nothing', () =>
    expect(
      said(web(...opened.here, data('eth0', true, 0, 100)), api(...opened.there, data('eth0', false, 0, 100))),
    ).toBeUndefined());

  it('goes on behind the last number of 32 bits', () => {
    const last = 2 ** 32 - 1;
    const own = capture(
      'source',
      'web',
      syn('eth0', true, { sequence: last }),
      synAck('eth0', false, { acknowledged: 0 }),
      data('eth0', true, 0, 100, { sequence: 0 }),
    );
    const there = api(syn('eth0', false, { sequence: last }), synAck('eth0', true, { acknowledged: 0 }));
    expect(said(own, there)).toContain('a packet with 100 bytes of data left web');
  });
});

describe('captures that show no loss', () => {
  it.each<[string, readonly FlowCapture[]]>([
    ['of a connection that stands', [web(synAck('eth0', false)), api(syn('eth0', false), synAck('eth0', true))]],
    [
      'but a refusal',
      [
        web(packet('eth0', false, { ...back, acknowledged: ISN + 1, flags: { ...FLAGS, rst: true, ack: true } })),
        api(syn('eth0', false)),
      ],
    ],
    ['since nobody else looked all the time', [web(), { ...n2(), isWhole: false }]],
    ['since there are none', []],
  ])('%s', (_what, captures) => expect(said(...captures)).toBeUndefined());

  it('but of another attempt than ours', () => {
    const other = syn('eth0', true, { sourcePort: 40_000, sequence: 5 });
    expect(said(web(other, synAck('eth0', false)), api(syn('eth0', false), synAck('eth0', true)))).toBeUndefined();
  });
});

describe('of a run', () => {
  const flowCaptures = [capture('source', 'web', syn('eth0', true)), api()];
  it('is what was captured while the connection was tried again', () =>
    expect(
      traceOf(world({ captureShot: { ...connect(apiC, SILENT), localPort: 20_007 }, flowCaptures })),
    ).toMatchObject({
      what: 'SYN',
      way: 'there',
      lastSeen: { kind: 'source', name: 'web' },
      address: '10.244.3.11',
      command: 'tcpdump at web',
    }));

  it('is nothing without captures, or where the connection was refused', () => {
    expect(traceOf(world({ captureShot: connect(apiC, SILENT) }))).toBeNull();
    expect(traceOf(world({ captureShot: connect(apiC, REFUSED), flowCaptures }))).toBeNull();
  });

  it('contradicts only what is said of another node', () => {
    const trace = traceFlow([web(), n2(...intoN2), n3(), api()], ends);
    if (trace === null) throw new Error('there is a trace');
    expect(['n2', 'n3', null].map((node) => fitsNode(trace, node))).toEqual([true, false, true]);
    expect(fitsNode({ ...trace, nodes: [] }, 'n3')).toBe(true);
  });
});
