import { describe, expect, it } from 'vitest';
import { changedFields } from '../../src/diff/fields.ts';

describe('fields that differ', () => {
  it.each([
    ['a value', { spec: { replicas: 3 } }, { spec: { replicas: 1 } }, [['spec.replicas', '3', '1']]],
    ['a key that came', { labels: {} }, { labels: { app: 'web' } }, [['labels.app', null, 'web']]],
    ['a key that went', { spec: { selector: { app: 'web' } } }, { spec: {} }, [['spec.selector.app', 'web', null]]],
    ['null, which is nothing', { a: null }, {}, []],
    ['a list of words, in any order', { ips: ['b', 'a'] }, { ips: ['a', 'b'] }, []],
    [
      'another word in a list',
      { types: ['Ingress'] },
      { types: ['Ingress', 'Egress'] },
      [['types', 'Ingress', 'Egress, Ingress']],
    ],
    [
      'items by their name, in any order',
      {
        ports: [
          { name: 'http', port: 80 },
          { name: 'dns', port: 53 },
        ],
      },
      {
        ports: [
          { name: 'dns', port: 53 },
          { name: 'http', port: 81 },
        ],
      },
      [['ports[http].port', '80', '81']],
    ],
    [
      'conditions by their type',
      { conditions: [{ type: 'Ready', status: 'True' }] },
      { conditions: [{ type: 'Ready', status: 'False', message: 'since 10:04' }] },
      [['conditions[Ready].status', 'True', 'False']],
    ],
    [
      'endpoints by their address',
      { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }] },
      { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] },
      [['endpoints[10.0.0.1].conditions.ready', 'true', 'false']],
    ],
    [
      'rules by their place',
      { ingress: [{ ports: [{ port: 80 }] }] },
      { ingress: [{ ports: [{ port: 8080 }] }] },
      [['ingress[0].ports[0].port', '80', '8080']],
    ],
    [
      'its own uid, but not the uid of others',
      { metadata: { uid: 'a' }, targetRef: { uid: 'a' } },
      { metadata: { uid: 'b' }, targetRef: { uid: 'b' } },
      [['metadata.uid', 'a', 'b']],
    ],
    [
      'no times and no debug containers',
      { lastTransitionTime: '1', ephemeralContainers: [], leaseRenewedAt: '1' },
      { lastTransitionTime: '2', ephemeralContainers: [{ name: 'netdebug' }], leaseRenewedAt: '2' },
      [],
    ],
  ])('%s', (_, before, after, changes) =>
    expect(changedFields(before, after)).toEqual(
      changes.map(([path, old, now]) => ({ path, before: old, after: now })),
    ),
  );
});
