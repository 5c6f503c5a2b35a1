import { describe, expect, it } from 'vitest';
import { absoluteName, clusterDomain, dnsBackends, servedDomains, usesClusterDns } from '../../src/derive/dns.ts';
import { corednsA, dnsService, dnsSlice, flow, resolvConf, slice } from '../support/world.ts';

const corefile = (zones: string) => `.:53 {\n    errors\n    kubernetes ${zones} {\n        pods insecure\n    }\n}\n`;

describe('the cluster domain', () => {
  it.each([
    [
      'is what the Pod completes names with',
      { ...resolvConf, search: ['shop.svc.k8s.lan', 'svc.k8s.lan'] },
      null,
      'k8s.lan',
    ],
    ['is what CoreDNS serves, when the Pod does not tell', null, corefile('k8s.lan. in-addr.arpa'), 'k8s.lan'],
    ['is cluster.local when nobody tells', null, null, 'cluster.local'],
    ['is cluster.local when the Corefile names no zone', null, corefile(''), 'cluster.local'],
    ['is taken from the Pod before the Corefile', resolvConf, corefile('k8s.lan'), 'cluster.local'],
    ['is not an outside search domain', { ...resolvConf, search: ['corp.example'] }, null, 'cluster.local'],
  ])('%s', (_when, conf, text, domain) => expect(clusterDomain(conf, text)).toBe(domain));

  it('may be one of several that CoreDNS serves', () => {
    expect(servedDomains(corefile('k8s.lan cluster.local in-addr.arpa ip6.arpa'))).toEqual([
      'k8s.lan',
      'cluster.local',
    ]);
    expect(servedDomains(corefile(''))).toEqual([]);
    expect(servedDomains(null)).toEqual([]);
  });
});

describe('the absolute name', () => {
  it.each([
    ['of a Service', { kind: 'Service', namespace: 'shop', name: 'api' }, 'api.shop.svc.k8s.lan.'],
    ['of a host', { kind: 'Host', host: 'example.com' }, 'example.com.'],
    ['of a host that ends with a dot', { kind: 'Host', host: 'example.com.' }, 'example.com.'],
    ['of an address is none', { kind: 'Address', address: '10.96.0.7' }, null],
    ['of a Pod is none', { kind: 'Pod', namespace: 'shop', name: 'api-a' }, null],
  ] as const)('%s', (_when, destination, name) => expect(absoluteName(flow({ destination }), 'k8s.lan')).toBe(name));
});

describe('the cluster DNS', () => {
  it('is asked directly or through a cache on the node', () => {
    const asks = (...nameservers: string[]) => usesClusterDns({ ...resolvConf, nameservers }, dnsService);
    expect(asks('10.96.0.10')).toBe(true);
    expect(asks('169.254.20.10')).toBe(true);
    expect(asks('192.0.2.53', '10.96.0.10')).toBe(true);
    expect(asks('192.0.2.53')).toBe(false);
    expect(asks()).toBe(false);
  });

  it('has the endpoints of its UDP port', () => {
    const found = dnsBackends(dnsService, [dnsSlice([corednsA])], [corednsA]);
    expect(found).toMatchObject([{ address: '10.244.1.2', port: 53, podName: 'coredns-a' }]);
    const other = slice([corednsA], { ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }] });
    expect(dnsBackends(dnsService, [other], [corednsA])).toMatchObject([{ port: 5353 }]);
  });
});
