import { describe, expect, it } from 'vitest';
import { type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';
import { readUdp, readUdpCounters } from '../../src/probes/udp.ts';

const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
const spec = {
  id: 'udp-0',
  kind: 'udpProbes',
  at,
  tool: 'udp',
  address: '10.244.3.11',
  port: 8125,
  owner: { kind: 'Pod', name: 'stats-a', node: 'n3' },
} as const satisfies ProbeSpec;
const outcome = (text: string) => readUdp(spec, { text, exitCode: 0, tookMs: 1500 }, 'nc').outcome;

describe('a datagram', () => {
  it.each([
    ['answer\n', { kind: 'answered', bytes: 1 }],
    ['closed\n', { kind: 'refused' }],
    ['udp: line 3: read: read error: 3: Connection refused\nclosed\n', { kind: 'refused' }],
    ['udp: line 3: printf: write error: Connection refused\nerror\n', { kind: 'refused' }],
    [
      'udp: line 3: printf: write error: Operation not permitted\nerror\n',
      { kind: 'failed', text: 'Operation not permitted' },
    ],
    ['silent 1700000000.000000 1700000001.500000\n', { kind: 'silent', afterMs: expect.closeTo(1500, 1) }],
  ])('%j', (text, expected) => expect(outcome(text)).toEqual(expected));

  it.each(['', 'silent\n', 'bash: /dev/udp: no such file\n'])('is not believed: %j', (text) =>
    expect(() => outcome(text)).toThrow(UnreadableOutput),
  );
});

describe('UDP counters', () => {
  const counters = { id: 'udp-before-stats-a', kind: 'udpBefore', at, tool: 'udp-counters', pod: 'stats-a' } as const;
  const read = (text: string) => readUdpCounters(counters, { text, exitCode: 0, tookMs: 8 }, 'nstat');

  it('are those of both families, and the ports that are bound', () =>
    expect(
      read(`Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors
Udp: 12 3 0 12 0
Udp6InDatagrams                 	5
Udp6NoPorts                     	1
UNCONN 0      0            0.0.0.0:8125      0.0.0.0:*
UNCONN 0      0               [::]:9125         [::]:*
`),
    ).toMatchObject({
      delivered: 17,
      noPort: 4,
      bound: [
        { address: '0.0.0.0', port: 8125 },
        { address: '::', port: 9125 },
      ],
    }));

  it('are not believed where /proc says nothing', () => expect(() => read('')).toThrow(UnreadableOutput));
});
