import { describe, expect, it } from 'vitest';
import { UnreadableOutput } from '../../src/probes/probe.ts';
import { readResolvConf } from '../../src/probes/resolv-conf.ts';

const read = (text: string) => readResolvConf({ exitCode: 0, text, tookMs: 2 });

describe('resolv.conf', () => {
  it('as the kubelet writes it', () =>
    expect(
      read('search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'),
    ).toMatchObject({
      nameservers: ['10.96.0.10'],
      search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    }));

  it.each([
    [
      'has several nameservers, of both families',
      'nameserver 10.96.0.10\nnameserver fd00::a\n',
      { nameservers: ['10.96.0.10', 'fd00::a'] },
    ],
    ['has comments in the first column', '# nameserver 192.0.2.1\n;nameserver 192.0.2.2\n', { nameservers: [] }],
    ['knows the older word domain', 'domain corp.example\n', { search: ['corp.example'] }],
    [
      'believes the last search or domain',
      'domain a.example\nsearch b.example c.example\n',
      { search: ['b.example', 'c.example'] },
    ],
    ['may have an empty search list', 'search\n', { search: [] }],
    ['has one dot where it does not say', 'nameserver 10.96.0.10\n', { ndots: 1 }],
    ['has its dots among other options', 'options timeout:1 ndots:2 attempts:3 single-request-reopen\n', { ndots: 2 }],
    ['has options on several lines', 'options ndots:5\noptions edns0 trust-ad\n', { ndots: 5 }],
    ['reads ndots as C does', 'options ndots:many\n', { ndots: 0 }],
    ['has spaces and tabs', '  nameserver\t10.96.0.10 \r\n', { nameservers: ['10.96.0.10'] }],
    ['may be empty', '', { nameservers: [], search: [], ndots: 1 }],
  ])('%s', (_what, text, reading) => expect(read(text)).toMatchObject({ ...reading, text }));

  it('cannot be read', () =>
    expect(() => readResolvConf({ exitCode: 1, text: "cat: can't open '/etc/resolv.conf'", tookMs: 2 })).toThrow(
      UnreadableOutput,
    ));
});
