import { describe, expect, it } from 'vitest';
import { readListeners } from '../../src/probes/listeners.ts';
import { UnreadableOutput } from '../../src/probes/probe.ts';
import { recording } from './recording.ts';

const listen = (address: string, port: number, queued = 0, backlog = 128) => ({ address, port, queued, backlog });

describe('ss', () => {
  it.each(['iproute2-6.1', 'iproute2-6.15'])('of %s lists the listening sockets of both families', (version) => {
    expect(readListeners(recording(`listeners/${version}.txt`).output)).toEqual([
      listen('127.0.0.1', 8088),
      listen('10.96.0.10', 53),
      ...[8080, 8081, 8082, 8083, 8084, 8086].map((port) => listen('0.0.0.0', port)),
      listen('::1', 8085),
      listen('*', 8087),
    ]);
  });

  it('names the interface of a socket, which is left out; a mapped address stays mapped', () => {
    const sockets = readListeners(recording('listeners/zones.txt').output);
    expect(sockets).toContainEqual(listen('127.0.0.53', 53, 1, 0));
    expect(sockets).toContainEqual(listen('::ffff:127.0.0.1', 9443, 0, 5));
  });

  it('prints nothing where nothing listens', () =>
    expect(readListeners({ exitCode: 0, text: '', tookMs: 4 })).toEqual([]));

  it.each([
    ['the time ran out', null, ''],
    ['neither ss nor /proc can be read', 1, "cat: can't open '/proc/net/tcp': Permission denied\n"],
    ['a line is something else', 0, 'ESTAB 0 0 10.244.1.11:8080 10.244.2.10:40112\n'],
    ['a port has a name', 0, 'LISTEN 0 128 0.0.0.0:http 0.0.0.0:*\n'],
  ])('is not believed when %s', (_when, exitCode, text) =>
    expect(() => readListeners({ exitCode, text, tookMs: 4 })).toThrow(UnreadableOutput),
  );
});

describe('/proc/net', () => {
  const { output } = recording('listeners/proc.txt');
  const sockets = [
    listen('127.0.0.1', 8088, 0, 0),
    listen('127.0.0.53', 53, 1, 0),
    listen('10.96.0.10', 53, 0, 0),
    ...[8080, 8081, 8082, 8083, 8084, 8086].map((port) => listen('0.0.0.0', port, 0, 0)),
  ];

  it('says the same as ss, where there is none', () =>
    expect(readListeners(output)).toEqual([
      ...sockets,
      listen('::1', 8085, 0, 0),
      listen('::', 8087, 0, 0),
      listen('::ffff:127.0.0.1', 9443, 0, 0),
    ]));

  it('has no tcp6 where IPv6 is off', () => {
    const v4 = output.text.slice(0, output.text.lastIndexOf('  sl  '));
    const text = `${v4}cat: /proc/net/tcp6: No such file or directory\n`;
    expect(readListeners({ exitCode: 1, text, tookMs: 4 })).toEqual(sockets);
  });
});
