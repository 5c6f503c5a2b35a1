import { describe, expect, it } from 'vitest';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import type { ProbeKind } from '../../src/evidence/evidence.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  type Changes,
  dnsAnswer,
  flow,
  found,
  NO_ANSWER,
  resolvConf,
  searchAnswer,
  service,
  systemLookups,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const FOLLOW_UPS = [
  'dnsRetries',
  'moreLookups',
  'dnsPairs',
  'controlLookup',
  'freshLookup',
  'wildcardLookup',
  'upstreamLookups',
] as const;

/** `name @server`, in order; the times of a getent. */
function asked(kind: ProbeKind, changes: Changes, to: Flow = WEB_TO_API): readonly string[] {
  return PROBE_PLANS[kind].plan(world(changes), to).map((spec) => {
    if (spec.tool === 'dig') return `${spec.name} ${spec.type ?? 'A'} @${spec.server ?? ''}`;
    if (spec.tool === 'dns-pairs') return `${spec.atOnce} × ${spec.name} @${spec.server}`;
    if (spec.tool === 'getent') return `${spec.times} × ${spec.name}`;
    return spec.tool === 'dig-search' ? spec.name : spec.tool === 'tcp' ? `${spec.address}:${spec.port}` : spec.tool;
  });
}

describe('what a lookup that went wrong leads to', () => {
  it.each(FOLLOW_UPS)('a healthy one does not lead to %s', (kind) => expect(asked(kind, {})).toEqual([]));

  it('what got no answer is asked once more', () =>
    expect(
      asked('dnsRetries', {
        nameLookup: dnsAnswer(NO_ANSWER),
        dnsServers: [
          dnsAnswer(NO_ANSWER, { server: '10.244.1.2' }),
          dnsAnswer(answered(API_VIP), { server: '10.244.3.2' }),
        ],
      }),
    ).toEqual(['api.shop.svc.cluster.local. A @', 'api.shop.svc.cluster.local. A @10.244.1.2']));

  it('an outside name is waited for longer, since CoreDNS itself waits 2 s for its upstream', () => {
    const limits = (to: Flow) =>
      PROBE_PLANS.dnsRetries
        .plan(world({ nameLookup: dnsAnswer(NO_ANSWER) }), to)
        .map((spec) => (spec.tool === 'dig' ? spec.limitS : null));
    expect(limits(WEB_TO_API)).toEqual([undefined]);
    expect(limits(outside)).toEqual([3]);
  });

  it.each<[string, Changes]>([
    ['a lookup of the system gets stuck', { systemLookups: systemLookups('api', [API_VIP], 1) }],
    ['a server does not answer', { dnsServers: [dnsAnswer(NO_ANSWER, { server: '10.244.1.2' })] }],
  ])('%s: many more are made', (_when, changes) => expect(asked('moreLookups', changes)).toEqual(['20 × api']));

  it('some stall: pairs are asked of the Service and of each Pod', () =>
    expect(asked('dnsPairs', { systemLookups: systemLookups('api', [API_VIP], 1) })).toEqual([
      '30 × svc.cluster.local. @10.96.0.10',
      '6 × svc.cluster.local. @10.244.1.2',
      '6 × svc.cluster.local. @10.244.3.2',
    ]));

  it('no pairs are asked where the domain has a label that would be cut in two', () =>
    expect(
      asked('dnsPairs', {
        systemLookups: systemLookups('api', [API_VIP], 1),
        resolvConf: { ...resolvConf, search: ['shop.svc.production.example', 'svc.production.example'] },
      }),
    ).toEqual([]));

  it('nothing answers: no more are made', () =>
    expect(
      asked('moreLookups', {
        nameLookup: dnsAnswer(NO_ANSWER),
        searchLookup: searchAnswer('api', NO_ANSWER),
        systemLookups: systemLookups('api', [], 6),
        dnsServers: [dnsAnswer(NO_ANSWER)],
      }),
    ).toEqual([]));

  it('a slow outside name is compared with a new one, one of the cluster, and the upstream', () => {
    const slow: Changes = {
      service: ABSENT,
      endpoints: ABSENT,
      corefile: found('.:53 {\n    kubernetes cluster.local\n    forward . 192.0.2.1 /etc/resolv.conf\n}\n'),
      nameLookup: { ...dnsAnswer(answered('198.51.100.10'), { name: `${host}.` }), tookMs: 1500 },
      searchLookup: { ...searchAnswer(host, answered('198.51.100.10')), tookMs: 1500 },
    };
    expect(asked('freshLookup', slow, outside)).toEqual(['netdebug-no-such-name.www.example.com']);
    expect(asked('controlLookup', slow, outside)).toEqual(['kubernetes.default.svc.cluster.local. A @']);
    expect(asked('upstreamLookups', slow, outside)).toEqual(['www.example.com. A @192.0.2.1']);
  });

  it('an answer from a strange search domain: it is asked for a name that cannot exist', () => {
    const step = { name: `${host}.corp.test.`, rcode: 'NOERROR', addresses: ['10.9.9.9'] };
    const changes: Changes = {
      resolvConf: { ...resolvConf, search: [...resolvConf.search, 'corp.test'] },
      searchLookup: { ...searchAnswer(host, answered('10.9.9.9')), steps: [step] },
    };
    expect(asked('wildcardLookup', changes, outside)).toEqual(['netdebug-no-such-name.corp.test. A @']);
  });

  it('a host is asked for IPv6 as well, and what is found is tried', () => {
    expect(asked('ipv6Lookup', {}, outside)).toEqual(['www.example.com. AAAA @']);
    expect(asked('ipv6Lookup', {})).toEqual([]);
    const v6 = dnsAnswer(answered('2001:db8::7'), { name: `${host}.` });
    const http = flow({ ...outside, port: 8443 });
    expect(asked('outsideConnects', { service: ABSENT, ipv6Lookup: v6 }, { ...http, port: 5432 })).toEqual([
      '2001:db8::7:5432',
    ]);
  });

  it('a Service with IPv6 alone is asked for AAAA', () => {
    const v6 = found(service({ clusterIP: 'fd00:96::7', spec: { ipFamilies: ['IPv6'] } }));
    expect(asked('nameLookup', { service: v6 })).toEqual(['api.shop.svc.cluster.local. AAAA @']);
  });
});
