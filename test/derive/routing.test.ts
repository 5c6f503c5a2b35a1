import { describe, expect, it } from 'vitest';
import { backendsOf } from '../../src/derive/backends.ts';
import { clientPlace, routedBackends } from '../../src/derive/routing.ts';
import { API_PODS, apiA, apiB, endpointOf, node, service, slice, web } from '../support/world.ts';

const HTTP = { port: 80, targetPort: 'http' };
const ON_N2 = { node: 'n2', zone: 'east' };
const plain = backendsOf([slice(API_PODS)], API_PODS, HTTP);
const hinted = (zones: readonly (string | null)[], kind: 'forZones' | 'forNodes' = 'forZones') =>
  backendsOf(
    [
      slice(
        API_PODS.map((pod, index) => {
          const zone = zones[index];
          return zone == null ? endpointOf(pod) : { ...endpointOf(pod), hints: { [kind]: [{ name: zone }] } };
        }),
      ),
    ],
    API_PODS,
    HTTP,
  );
const route = (backends: typeof plain, spec = {}, place: { node: string | null; zone: string | null } = ON_N2) => {
  const { backends: left, by } = routedBackends(backends, service({ spec }), place);
  return [left.map(({ podName }) => podName).join(' '), by];
};

describe('where a node sends connections to a Service', () => {
  it('is everywhere', () => expect(route(plain)).toEqual(['api-a api-b api-c', 'nothing']));

  it('is its own backends with internalTrafficPolicy Local, or nowhere', () => {
    expect(route(plain, { internalTrafficPolicy: 'Local' })).toEqual(['api-b', 'internal-traffic']);
    expect(route(plain, { internalTrafficPolicy: 'Local' }, { node: 'n9', zone: null })).toEqual([
      '',
      'internal-traffic',
    ]);
  });

  it('is unknown for a client on no node', () =>
    expect(route(plain, { internalTrafficPolicy: 'Local' }, { node: null, zone: null })[1]).toBe('nothing'));

  it('is its zone by hints', () => expect(route(hinted(['west', 'east', 'west']))).toEqual(['api-b', 'zone-hints']));

  it('is its node by hints, before its zone', () =>
    expect(route(hinted(['n1', 'n2', 'n3'], 'forNodes'))).toEqual(['api-b', 'node-hints']));

  it('is everywhere when one backend has no hint, none is for the zone, or the node has no zone', () => {
    expect(route(hinted(['west', 'east', null]))[1]).toBe('nothing');
    expect(route(hinted(['west', 'west', 'west']))[1]).toBe('nothing');
    expect(route(hinted(['west', 'east', 'west']), {}, { node: 'n2', zone: null })[1]).toBe('nothing');
  });

  it('leaves nothing out when all are for the zone', () =>
    expect(route(hinted(['east', 'east', 'east']))).toEqual(['api-a api-b api-c', 'nothing']));

  it('ignores hints with internalTrafficPolicy Local', () => {
    const backends = backendsOf([slice([apiA, apiB])], [apiA, apiB], HTTP);
    expect(route(backends, { internalTrafficPolicy: 'Local' })[0]).toBe('api-b');
  });
});

it('finds the zone of a client by its node', () => {
  const labels = { 'topology.kubernetes.io/zone': 'east' };
  const n2 = { ...node('n2'), metadata: { name: 'n2', labels } };
  expect(clientPlace(web, [node('n1'), n2])).toEqual({ node: 'n2', zone: 'east' });
  expect(clientPlace(web, [])).toEqual({ node: 'n2', zone: null });
  expect(clientPlace(null, [n2])).toEqual({ node: null, zone: null });
});
