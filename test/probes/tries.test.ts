import { describe, expect, it } from 'vitest';
import { type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';
import { readTries } from '../../src/probes/tries.ts';

const spec = {
  id: 'many-0',
  kind: 'manyConnects',
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
  tool: 'tries',
  address: '10.244.3.11',
  port: 8080,
  owner: { kind: 'Pod', name: 'api-c', node: 'n3' },
  times: 20,
} as const satisfies ProbeSpec;
const read = (text: string) => readTries(spec, { text, exitCode: 0, tookMs: 4000 }, 'nc');

describe('tries', () => {
  it('tells what became of each, in the words of OpenBSD and of busybox', () =>
    expect(
      read(`syn 7
try 0 1700000000.000000 1700000000.004000 Connection to 10.244.3.11 8080 port [tcp/http-alt] succeeded!
try 0 1700000000,000000 1700000001,004000 10.244.3.11 (10.244.3.11:8080) open
try 1 1700000000.000000 1700000003.000000 nc: connect to 10.244.3.11 port 8080 (tcp) timed out: Operation now in progress
try 1 1700000000.000000 1700000003.000000
try 1 1700000000.000000 1700000000.001000 nc: connect to 10.244.3.11 port 8080 (tcp) failed: Connection refused
try 1 1700000000.000000 1700000000.001000 nc: connect to 10.244.3.11 port 8080 (tcp) failed: Cannot assign requested address
ping 20 14
gateway 20 20
syn 12
`),
    ).toMatchObject({
      tries: [
        { ms: expect.closeTo(4, 1), outcome: 'connected' },
        { ms: expect.closeTo(1004, 1), outcome: 'connected' },
        { outcome: 'lost' },
        { outcome: 'lost' },
        { outcome: 'refused' },
        { outcome: 'failed' },
      ],
      ping: { sent: 20, received: 14 },
      gatewayPing: { sent: 20, received: 20 },
      synRetransmits: 5,
    }));

  it('says nothing of pings where none could be sent', () =>
    expect(read('try 0 1.0 1.1 succeeded!\n')).toMatchObject({ ping: null, gatewayPing: null, synRetransmits: null }));

  it('does not believe an output without a single connection', () =>
    expect(() => read('ping 20 20\n')).toThrow(UnreadableOutput));
});
