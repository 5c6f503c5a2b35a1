import { describe, expect, it } from 'vitest';
import { commandAgain } from '../../src/report/again.ts';
import { flow } from '../support/world.ts';

const again = (changes: Parameters<typeof flow>[0], access: 'source' | null = 'source') =>
  commandAgain({ flow: flow(changes), access });

describe('the command line of a run', () => {
  it.each([
    ['a Service as typed', {}, 'kubectl netdebug -n shop pod/web api --access source'],
    ['a port', { port: 8080 }, 'kubectl netdebug -n shop pod/web api:8080 --access source'],
    ['a protocol', { protocol: 'UDP' }, 'kubectl netdebug -n shop pod/web api --access source --protocol udp'],
    ['svc/', { dnsName: null }, 'kubectl netdebug -n shop pod/web svc/api --access source'],
    [
      'svc/ of another namespace',
      { dnsName: null, destination: { kind: 'Service', namespace: 'data', name: 'db' }, port: 'pg' },
      'kubectl netdebug -n shop pod/web svc/db.data:pg --access source',
    ],
    [
      'a Pod',
      { dnsName: null, destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' } },
      'kubectl netdebug -n shop pod/web pod/api-a --access source',
    ],
    [
      'the address of a Service',
      { byAddress: true, dnsName: null, typed: '10.96.114.140', port: 80 },
      'kubectl netdebug -n shop pod/web 10.96.114.140:80 --access source',
    ],
    [
      "a node's port",
      {
        byAddress: true,
        dnsName: null,
        typed: 'n1',
        port: 80,
        via: { node: 'n1', address: '172.18.0.11', port: 30080 },
      },
      'kubectl netdebug -n shop pod/web 172.18.0.11:30080 --access source',
    ],
    [
      'an IPv6 address and a port',
      {
        byAddress: true,
        dnsName: null,
        typed: 'fd00::1',
        destination: { kind: 'Address', address: 'fd00::1' },
        port: 443,
      },
      "kubectl netdebug -n shop pod/web '[fd00::1]:443' --access source",
    ],
    [
      'a URL',
      {
        scheme: 'https',
        typed: 'example.org',
        dnsName: 'example.org',
        destination: { kind: 'Host', host: 'example.org' },
        port: 8443,
      },
      'kubectl netdebug -n shop pod/web https://example.org:8443 --access source',
    ],
  ] as const)('%s', (_what, changes, command) => {
    expect(again(changes)).toBe(command);
  });

  it('reads only where nothing was granted', () => {
    expect(again({}, null)).toBe('kubectl netdebug -n shop pod/web api --access api');
  });

  it('is one word where a recording holds something else than a name', () => {
    expect(again({ source: { namespace: 'a b', name: '$(id)' } })).toBe(
      "kubectl netdebug -n 'a b' 'pod/$(id)' api --access source",
    );
  });
});
