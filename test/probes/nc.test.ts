import { describe, expect, it } from 'vitest';
import { readTcp } from '../../src/probes/connect.ts';
import { argvOf, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { recording, tcpSpec } from './recording.ts';

describe('nc of OpenBSD', () => {
  it.each([
    ['connected', tcpSpec('10.244.1.11', 8080), { kind: 'connected', ms: 36 }],
    ['connected-ipv6', tcpSpec('::1', 8085), { kind: 'connected', ms: 5 }],
    ['refused', tcpSpec('10.244.1.11', 9), { kind: 'refused', ms: 7 }],
    ['timeout', tcpSpec('10.244.1.12', 8080), { kind: 'timed-out', afterMs: 4200 }],
    ['host-unreachable', tcpSpec('10.244.2.96', 8080), { kind: 'host-unreachable', ms: 3089 }],
    ['network-unreachable', tcpSpec('192.0.2.1', 8080), { kind: 'net-unreachable', ms: 7 }],
  ])('%s', (name, spec, outcome) => {
    const { command, output } = recording(`nc/openbsd-1.219-${name}.txt`);
    expect(argvOf(spec).join(' ')).toBe(command);
    expect(readTcp(spec, output, command)).toEqual({
      address: spec.address,
      port: spec.port,
      owner: spec.owner,
      outcome,
      exchange: { kind: 'none' },
      localPort: null,
      refusal: null,
      command,
    });
  });
});

describe('nc', () => {
  const read = (exitCode: number | null, text: string, tookMs = 12, limitS?: number) =>
    readTcp(tcpSpec('10.244.1.11', 80, limitS), { exitCode, text, tookMs }, 'nc').outcome;

  // strerror(3) of musl 1.2, src/errno/__strerror.h, in the sentences of the OpenBSD nc.
  it.each([
    ['failed: Host is unreachable', { kind: 'host-unreachable', ms: 12 }],
    ['failed: Network unreachable', { kind: 'net-unreachable', ms: 12 }],
    ['timed out: Operation in progress', { kind: 'timed-out', afterMs: 12 }],
    ['failed: Operation timed out', { kind: 'timed-out', afterMs: 12 }],
    ['failed: Connection refused', { kind: 'refused', ms: 12 }],
    ['failed: Address not available', { kind: 'failed', text: 'Address not available' }],
    ['failed: Operation not permitted', { kind: 'failed', text: 'Operation not permitted' }],
  ])('of Alpine: %s', (words, outcome) =>
    expect(read(1, `nc: connect to 10.244.1.11 port 80 (tcp) ${words}\n`)).toEqual(outcome),
  );

  // networking/nc_bloaty.c of busybox, which Alpine has as `busybox nc`.
  it.each([
    ['10.244.1.11 (10.244.1.11:80) open\n', 0, { kind: 'connected', ms: 12 }],
    ['nc: 10.244.1.11 (10.244.1.11:80): Connection refused\n', 1, { kind: 'refused', ms: 12 }],
    ['nc: 10.244.1.11 (10.244.1.11:80): Host is unreachable\n', 1, { kind: 'host-unreachable', ms: 12 }],
    ['nc: 10.244.1.11 (10.244.1.11:80): Operation timed out\n', 1, { kind: 'timed-out', afterMs: 12 }],
  ])('of busybox: %s', (text, exitCode, outcome) => expect(read(exitCode, text)).toEqual(outcome));

  it('without -z in a small busybox says nothing of the network, whatever words are in its usage', () => {
    const { output } = recording('nc/busybox-1.35-without-z.txt');
    expect(() => readTcp(tcpSpec('10.244.1.11', 9), output, 'nc')).toThrow(new ToolMissing('nc that knows -z'));
  });

  it('may succeed without a word', () => expect(read(0, '')).toEqual({ kind: 'connected', ms: 12 }));

  it('timed out when it or our own limit ended it without a word, after all the time it had', () => {
    expect(read(1, '', 3990)).toEqual({ kind: 'timed-out', afterMs: 3990 });
    expect(read(1, '', 1990, 2)).toEqual({ kind: 'timed-out', afterMs: 1990 });
    expect(read(null, '', 6000)).toEqual({ kind: 'timed-out', afterMs: 6000 });
    expect(() => read(1, '', 12)).toThrow(UnreadableOutput);
  });

  it('is missing from the image', () => expect(() => read(127, 'nc: not found')).toThrow(ToolMissing));
});
