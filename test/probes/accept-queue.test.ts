import { describe, expect, it } from 'vitest';
import { readAcceptQueue } from '../../src/probes/accept-queue.ts';
import { type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';

const spec = {
  id: 'queue-api-c',
  kind: 'acceptQueues',
  at: { vantage: 'backend', namespace: 'shop', pod: 'api-c' },
  tool: 'accept-queue',
  pod: 'api-c',
  address: '10.244.3.11',
  port: 8080,
} as const satisfies ProbeSpec;
const read = (text: string) => readAcceptQueue(spec, { text, exitCode: 0, tookMs: 2100 }, 'ss');
const counters = (overflows: number, drops: number): string =>
  `TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPHPHits\nTcpExt: 0 ${overflows} ${drops} 812\n`;

describe('an accept queue', () => {
  it('is read with its counters before and after', () =>
    expect(
      read(
        `@@before\n${counters(4, 5)}@@socket\nLISTEN 10     9               *:8080            *:*\n@@inside\ntry 1\ntry 0\ntry 1\n@@after\n${counters(10, 11)}`,
      ),
    ).toMatchObject({
      queued: 10,
      backlog: 9,
      before: { overflows: 4, drops: 5 },
      after: { overflows: 10, drops: 11 },
      inside: { tried: 3, connected: 1 },
    }));

  it('has no length where nothing listens', () =>
    expect(read(`@@before\n${counters(0, 0)}@@socket\n@@inside\ntry 1\n@@after\n${counters(0, 0)}`)).toMatchObject({
      queued: null,
      backlog: null,
    }));

  it('is not believed without counters', () =>
    expect(() => read('@@before\n@@socket\nLISTEN 0 9 *:8080 *:*\n@@after\n')).toThrow(UnreadableOutput));
});
