import rule from '../../../src/rules/endpoints/zone-routing-imbalance.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  connectService,
  endpointOf,
  found,
  node,
  reset,
  service,
  slice,
  world,
} from '../../support/world.ts';

const zoned = (name: string, zone: string) => {
  const plain = node(name);
  return { ...plain, metadata: { ...plain.metadata, labels: { 'topology.kubernetes.io/zone': zone } } };
};
const nodes = [zoned('n1', 'west'), zoned('n2', 'east'), zoned('n3', 'west')];
const hinted = (zones: readonly [string, string, string]) => ({
  slices: [
    slice(API_PODS.map((pod, index) => ({ ...endpointOf(pod), hints: { forZones: [{ name: zones[index] ?? '' }] } }))),
  ],
  selected: API_PODS,
  stray: [],
});
const close = {
  service: found(service({ spec: { trafficDistribution: 'PreferClose' } })),
  endpoints: hinted(['west', 'east', 'west']),
  nodes,
};
const bad = connect(apiB, reset('10.244.2.11'));

ruleCases(rule, {
  fires: [
    {
      when: 'the only backend of the zone refuses',
      world: world({
        ...close,
        backendConnects: [connect(apiA), bad, connect(apiC)],
        serviceConnects: [connectService(reset('10.244.2.11'))],
      }),
      says: 'Service api lets clients in zone east reach only 1 of 3 backends, by hints in its EndpointSlices; api-b refuses connections, while 2 elsewhere answer.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      addresses: ['10.244.2.11'],
      saw: ['spec.trafficDistribution: PreferClose', 'web runs on n2 in zone east', 'hints for zone east: api-b'],
      run: [
        'kubectl -n shop describe pod api-b',
        `kubectl -n shop patch service api -p '{"spec":{"trafficDistribution":null}}'`,
      ],
    },
    {
      when: 'one of two of the zone refuses',
      world: world({
        ...close,
        endpoints: hinted(['east', 'east', 'west']),
        backendConnects: [connect(apiA), bad, connect(apiC)],
      }),
      says: 'Service api lets clients in zone east reach only 2 of 3 backends, by hints in its EndpointSlices; 1 of them, api-b, refuses connections, while 1 elsewhere answers.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'service',
      addresses: ['10.244.2.11'],
    },
  ],
  silent: [
    {
      when: 'the backend of the zone answers',
      world: world({ ...close, backendConnects: [connect(apiA, reset('10.244.1.11')), connect(apiB), connect(apiC)] }),
      outcome: 'clear',
    },
    {
      when: 'all fail',
      world: world({ ...close, backendConnects: API_PODS.map((pod) => connect(pod, reset('10.244.2.11'))) }),
      outcome: 'clear',
    },
    {
      when: 'no backend is hinted for the zone: hints are ignored',
      world: world({
        ...close,
        endpoints: hinted(['west', 'west', 'west']),
        backendConnects: [connect(apiA), bad, connect(apiC)],
      }),
      outcome: 'clear',
      because: 'no hint keeps a backend from this client',
    },
    { when: 'there are no hints', world: world({ nodes, backendConnects: [connect(apiA), bad] }), outcome: 'clear' },
  ],
});
