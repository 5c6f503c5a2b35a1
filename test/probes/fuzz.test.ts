/** Whatever a tool prints, reading it gives a reading or one of the two refusals, at once. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { readAcceptQueue } from '../../src/probes/accept-queue.ts';
import { readHttp, readTcp } from '../../src/probes/connect.ts';
import { readDig, readDigSearch } from '../../src/probes/dig.ts';
import { readFlowCapture } from '../../src/probes/flow-capture.ts';
import { readIdle } from '../../src/probes/idle.ts';
import { readListeners } from '../../src/probes/listeners.ts';
import { readNodeState } from '../../src/probes/node-state.ts';
import { readPing } from '../../src/probes/ping.ts';
import { readPodNetwork } from '../../src/probes/pod-network.ts';
import { type ProbeOutput, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { readResolvConf } from '../../src/probes/resolv-conf.ts';
import { readSizes } from '../../src/probes/sizes.ts';
import { readTries } from '../../src/probes/tries.ts';
import { readUdp, readUdpCounters } from '../../src/probes/udp.ts';
import { digSpec, httpSpec, nodeSpec, recording, recordings, searchSpec, tcpSpec } from './recording.ts';

const captureSpec = {
  id: 'w',
  kind: 'flowCaptures',
  tool: 'capture-end',
  from: ['10.244.2.4'],
  to: ['10.244.3.3'],
  ports: [8080],
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
} as const;

const READERS: readonly (readonly [string, string, (output: ProbeOutput) => unknown])[] = [
  ['readDig', 'dig', (output) => readDig(digSpec('api.'), output, '')],
  ['readDigSearch', 'dig', (output) => readDigSearch(searchSpec('api'), output, '')],
  ['readHttp', 'curl', (output) => readHttp(httpSpec('10.244.1.11', 80), output, '')],
  ['readTcp', 'nc', (output) => readTcp(tcpSpec('10.244.1.11', 80), output, '')],
  ['readListeners', 'listeners', readListeners],
  ['readNodeState', 'node-state', (output) => readNodeState(nodeSpec('n2'), output, '')],
  ['readResolvConf', 'dig', readResolvConf],
  ['readFlowCapture', 'flow-capture', (output) => readFlowCapture(captureSpec, output, '')],
];

const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
const owner = { kind: 'Pod', name: 'api-c', node: 'n3' } as const;
const to = { at, address: '10.244.3.11', port: 8080, owner } as const;
const COUNTERS = 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 4 5\n';

/** What our own scripts print, and the tools in them. */
const SCRIPTS: readonly (readonly [string, string, (output: ProbeOutput) => unknown])[] = [
  [
    'readSizes',
    'mtu 1450\nping 100 0\nping 1450 1\nsocket ESTAB 0 6152 10.244.2.10:40112 10.244.3.11:8080 cubic retrans:1/3\nsmall 20134 0\nusual 0 124\n',
    (output) =>
      readSizes(
        { ...to, id: 's', kind: 'sizeTests', tool: 'sizes', scheme: 'http', host: 'api', padding: 0 },
        output,
        '',
      ),
  ],
  [
    'readPing',
    '--- 10.244.3.11 ping statistics ---\n20 packets transmitted, 14 received, 30% packet loss, time 228ms\n',
    (output) => readPing({ ...to, id: 'g', kind: 'backendPings', tool: 'ping', times: 20 }, output, ''),
  ],
  [
    'readTries',
    'syn 7\ntry 0 1.000000 1.004000 Connection to 10.244.3.11 8080 port [tcp/*] succeeded!\ntry 1 1,0 4,0 nc: timed out\nping 20 14\ngateway 20 20\nsyn 9\n',
    (output) => readTries({ ...to, id: 't', kind: 'manyConnects', tool: 'tries', times: 20 }, output, ''),
  ],
  [
    'readIdle',
    'hold 0 answered yes\nhold 15 closed yes\nhold 30 silent yes\nhold 60 reset no\n',
    (output) =>
      readIdle({ ...to, id: 'i', kind: 'idleTests', tool: 'idle', host: 'api', holdsS: [0, 15, 30, 60] }, output, ''),
  ],
  [
    'readPodNetwork',
    '@@link\n2: eth0@if7: <BROADCAST,UP,LOWER_UP> mtu 1450\n@@route\ndefault via 10.244.2.1 dev eth0\n@@get\n10.244.2.11 dev eth0 src 10.244.2.10\n@@gateway\ndefault via 10.244.2.1 dev eth0\n@@ping\n3 2\n@@neigh\n10.244.2.1 dev eth0 lladdr 3e:21:5a:c9:11:02 STALE\n@@owners\nUnicast reply from 10.244.2.11 [8A:11:5E:C0:00:01]  0.6ms\n@@range\n32768 60999\n@@used\n64 10.96.0.1:80\n',
    (output) =>
      readPodNetwork({ at, id: 'p', kind: 'podNetwork', tool: 'pod-network', address: '10.244.2.11' }, output, ''),
  ],
  [
    'readAcceptQueue',
    `@@before\n${COUNTERS}@@socket\nLISTEN 10 9 *:8080 *:*\n@@inside\ntry 1\n@@after\n${COUNTERS}`,
    (output) =>
      readAcceptQueue(
        { at, id: 'q', kind: 'acceptQueues', tool: 'accept-queue', pod: 'api-c', address: '10.244.3.11', port: 8080 },
        output,
        '',
      ),
  ],
  [
    'readUdp',
    'udp: line 3: printf: write error: Connection refused\nerror\nsilent 1.000000 2.500000\n',
    (output) => readUdp({ ...to, id: 'u', kind: 'udpProbes', tool: 'udp' }, output, ''),
  ],
  [
    'readUdpCounters',
    'Udp: InDatagrams NoPorts InErrors\nUdp: 12 3 0\nUdp6InDatagrams 5\nUdp6NoPorts 1\nUNCONN 0 0 0.0.0.0:8125 0.0.0.0:*\n',
    (output) => readUdpCounters({ at, id: 'c', kind: 'udpBefore', tool: 'udp-counters', pod: 'api-c' }, output, ''),
  ],
];

const exitCode = fc.option(fc.constantFrom(0, 1, 2, 7, 9, 28, 52, 56, 126, 127, 255));
const tookMs = fc.nat(6000);

/** Cuts, repeats, swaps and new characters in a recorded text. */
function mutated(text: string): fc.Arbitrary<string> {
  const at = fc.nat(text.length);
  const change = fc.oneof(
    fc.tuple(at, at).map(
      ([a, b]) =>
        (old: string) =>
          old.slice(0, Math.min(a, b)) + old.slice(Math.max(a, b)),
    ),
    fc.tuple(at, at).map(
      ([a, b]) =>
        (old: string) =>
          old.slice(0, b) + old.slice(a),
    ),
    fc.tuple(at, fc.string({ maxLength: 5 })).map(
      ([a, piece]) =>
        (old: string) =>
          old.slice(0, a) + piece + old.slice(a),
    ),
    fc.tuple(at, fc.constantFrom('\n', ' ', '"', '{"', 'null', '-1', '1e999', '\u0000', '%', ':')).map(
      ([a, piece]) =>
        (old: string) =>
          old.slice(0, a) + piece + old.slice(a + piece.length),
    ),
  );
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((all) => all.reduce((old, apply) => apply(old), text));
}

const RECORDED = READERS.map(
  ([name, folder, read]) => [name, recordings(folder).map((file) => recording(file).output.text), read] as const,
);

describe.each([...RECORDED, ...SCRIPTS.map(([name, text, read]) => [name, [text], read] as const)])(
  '%s',
  (_name, files, read) => {
    const attempt = (output: ProbeOutput): void => {
      try {
        read(output);
      } catch (error) {
        if (!(error instanceof UnreadableOutput) && !(error instanceof ToolMissing)) throw error;
      }
    };
    it('takes recorded outputs with changes', () => {
      const output = fc.record({ text: fc.constantFrom(...files).chain(mutated), exitCode, tookMs });
      fc.assert(fc.property(output, attempt), { numRuns: 300 });
    });

    it('takes any text', () => {
      const output = fc.record({ text: fc.string({ unit: 'binary-ascii', maxLength: 400 }), exitCode, tookMs });
      fc.assert(fc.property(output, attempt), { numRuns: 200 });
    });

    it('takes 64 kB of one character without delay', () => {
      for (const char of ['\n', ' ', ';', 'a', '{', ';; Got answer:\n', 'LISTEN ', 'x '])
        attempt({ text: char.repeat(65_536 / char.length), exitCode: 0, tookMs: 6000 });
    }, 2000);
  },
);
