import { describe, expect, it } from 'vitest';
import { sawConnect, works } from '../../src/derive/connects.ts';
import { readHttp } from '../../src/probes/connect.ts';
import { argvOf, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { httpSpec, recording } from './recording.ts';

const BACKEND = '10.244.1.11';
const NONE = { kind: 'none' };

/** The same words in Alpine's C library: strerror(3) of musl 1.2, src/errno/__strerror.h. */
function inMusl(text: string): string {
  return text
    .replaceAll('No route to host', 'Host is unreachable')
    .replaceAll('Network is unreachable', 'Network unreachable')
    .replaceAll('Connection timed out', 'Operation timed out');
}

describe.each(['7.88', '8.14'])('curl %s', (version) => {
  const connected = { kind: 'connected', ms: expect.closeTo(1, -1) };
  const silent = { kind: 'silent', afterMs: expect.closeTo(4000, -2) };
  const timedOut = { kind: 'timed-out', afterMs: expect.closeTo(4000, -2) };

  it.each([
    ['ok', httpSpec(BACKEND, 8080), connected, { kind: 'http', status: 200, bytes: 3 }],
    ['status-503', httpSpec(BACKEND, 8081), connected, { kind: 'http', status: 503, bytes: 0 }],
    ['silent', httpSpec(BACKEND, 8082), connected, silent],
    ['silent-ipv6', httpSpec('::1', 8085), connected, silent],
    ['empty-reply', httpSpec(BACKEND, 8083), connected, { kind: 'closed' }],
    ['reset', httpSpec(BACKEND, 8084), connected, { kind: 'reset' }],
    ['not-http', httpSpec(BACKEND, 8086), connected, { kind: 'other', text: 'Received HTTP/0.9 when not allowed' }],
    [
      'tls-on-plain-port',
      httpSpec(BACKEND, 8080, 'https'),
      connected,
      { text: expect.stringContaining('wrong version number') },
    ],
    ['tls-silent', httpSpec(BACKEND, 8082, 'https'), { kind: 'connected' }, silent],
    ['tls-refused', httpSpec(BACKEND, 9, 'https'), { kind: 'refused' }, NONE],
    ['refused', httpSpec(BACKEND, 9), { kind: 'refused', ms: expect.closeTo(0, 0) }, NONE],
    ['timeout', httpSpec('10.244.1.12', 8080), timedOut, NONE],
    [
      'host-unreachable',
      httpSpec('10.244.2.97', 8080),
      { kind: 'host-unreachable', ms: expect.closeTo(3050, -3) },
      NONE,
    ],
    ['network-unreachable', httpSpec('192.0.2.1', 8080), { kind: 'net-unreachable' }, NONE],
  ])('%s', (name, spec, outcome, exchange) => {
    const { command, output } = recording(`curl/${version}-${name}.txt`);
    expect(argvOf(spec).join(' ').replace('\n', '\\n')).toBe(command);
    for (const text of [output.text, inMusl(output.text)]) {
      const reading = readHttp(spec, { ...output, text }, command);
      expect(reading).toMatchObject({ address: spec.address, port: spec.port, owner: spec.owner, refusal: null });
      expect(reading.outcome).toMatchObject(outcome);
      expect(reading.exchange).toMatchObject(exchange);
    }
  });
});

describe('curl', () => {
  const read = (name: string) => readHttp(httpSpec(BACKEND, 8080), recording(`curl/${name}.txt`).output, 'curl');

  it('tells its own port after a connection, and from 8 on after a refusal', () => {
    expect(read('7.88-ok').localPort).toBeGreaterThan(1023);
    expect(read('8.14-refused').localPort).toBeGreaterThan(1023);
    expect(read('7.88-refused').localPort).toBeNull();
    expect(read('8.14-timeout').localPort).toBeNull();
  });

  it.each([
    ['reset', 'reset-in-the-middle'],
    ['closed', 'closed-in-the-middle'],
  ])('tells an answer that is %s before it is complete', (broken, name) => {
    const reading = read(`7.88-${name}`);
    expect(reading.exchange).toMatchObject({ kind: 'http', status: 200, bytes: 40_000, broken });
    expect(works(reading)).toBe(false);
    expect(sawConnect(reading)).toMatch(
      new RegExp(`HTTP 200, then ${broken} after 40,000 bytes, before the answer was complete$`),
    );
  });

  it('is missing from the image', () =>
    expect(() => readHttp(httpSpec(BACKEND, 80), { exitCode: 127, text: 'not found', tookMs: 2 }, '')).toThrow(
      ToolMissing,
    ));

  it.each([
    ['nothing, ended by our own limit', null, ''],
    ['an option that it does not know', 2, 'curl: option --noproxy: is unknown'],
    ['half of its last line', 0, '\n{"errormsg":null,"exitcode":0,"http_code":200,"local_po'],
    ['a last line without the numbers', 0, '\n{"errormsg":null,"exitcode":0}'],
    ['a last line with other types', 0, '\n{"errormsg":7,"exitcode":"0","http_code":null}'],
  ])('says nothing of the network by printing %s', (_what, exitCode, text) =>
    expect(() => readHttp(httpSpec(BACKEND, 80), { exitCode, text, tookMs: 5 }, '')).toThrow(UnreadableOutput),
  );
});
