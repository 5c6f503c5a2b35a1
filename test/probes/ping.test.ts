import { describe, expect, it } from 'vitest';
import { readPing } from '../../src/probes/ping.ts';
import { type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';

const SPEC: Extract<ProbeSpec, { tool: 'ping' }> = {
  id: 'ping-0',
  kind: 'backendPings',
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
  tool: 'ping',
  address: '10.244.3.11',
  owner: { kind: 'Pod', name: 'api-c', node: 'n3' },
  times: 20,
};

function read(text: string) {
  return readPing(SPEC, { exitCode: 0, tookMs: 200, text }, 'ping').count;
}

describe('pings', () => {
  it('are counted as iputils says it', () =>
    expect(
      read(
        'PING 10.244.3.11 (10.244.3.11) 56(84) bytes of data.\n\n--- 10.244.3.11 ping statistics ---\n20 packets transmitted, 14 received, 30% packet loss, time 228ms\nrtt min/avg/max/mdev = 0.064/0.083/0.122/0.017 ms\n',
      ),
    ).toEqual({ sent: 20, received: 14 }));

  it('are counted as busybox says it, and with errors in between', () => {
    expect(read('20 packets transmitted, 20 packets received, 0% packet loss\n').received).toBe(20);
    expect(read('20 packets transmitted, 0 received, +20 errors, 100% packet loss, time 311ms\n').received).toBe(0);
  });

  it('that could not be sent are no lost ones', () => {
    for (const text of [
      'ping: cannot flood, minimal interval for user must be >= 200 ms\n',
      'ping: socktype: SOCK_RAW\n',
      '',
    ])
      expect(() => read(text)).toThrow(UnreadableOutput);
  });
});
