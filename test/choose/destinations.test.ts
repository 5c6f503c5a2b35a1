import { describe, expect, it } from 'vitest';
import { ingressRows, podDestinationRows, serviceRows } from '../../src/choose/destinations.ts';
import { podRow, service } from './rows.ts';

describe('Services as destinations', () => {
  it('of the own namespace come first, the others carry theirs', () =>
    expect(
      serviceRows([service('db', { namespace: 'data' }), service('api')], 'shop').map(({ section, label }) => [
        section,
        label,
      ]),
    ).toEqual([
      ['Services in shop', 'api'],
      ['Services in other namespaces', 'db.data'],
    ]));

  it('tell their ports, and which number alone would not do', () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153 },
    ];
    const [row] = serviceRows([service('kube-dns', { ports })], 'shop');
    expect(row?.facts).toEqual(['10.96.0.7', 'ports 53/UDP, 53, 9153']);
    expect(row?.chosen).toMatchObject({
      ports: [
        { port: 53, protocol: 'UDP', name: 'dns', isShared: true },
        { port: 53, protocol: 'TCP', name: 'dns-tcp', isShared: true },
        { port: 9153, protocol: 'TCP', name: 'metrics', isShared: false },
      ],
    });
  });
});

it('Pods are named with their kind, which tells them from Services', () =>
  expect(podDestinationRows([podRow('web')], 'shop')[0]?.chosen).toMatchObject({
    pick: { namespace: 'shop', word: 'pod/web' },
  }));

it('hosts of Ingresses are URLs, each once, without wildcards', () => {
  const rules = [{ host: 'a.example' }, { host: 'b.example' }, { host: '*.example' }, {}];
  const front = { metadata: { name: 'front', namespace: 'shop' }, spec: { rules, tls: [{ hosts: ['b.example'] }] } };
  expect(ingressRows([front, front], 'shop').map(({ label }) => label)).toEqual([
    'http://a.example',
    'https://b.example',
  ]);
});
