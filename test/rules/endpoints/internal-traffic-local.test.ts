import rule from '../../../src/rules/endpoints/internal-traffic-local.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiC,
  apiOnly,
  apiPod,
  connect,
  connectService,
  endpointsOf,
  found,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const local = found(service({ spec: { internalTrafficPolicy: 'Local' } }));

ruleCases(rule, {
  fires: [
    {
      when: 'no backend is on the node of the client',
      world: world({
        service: local,
        endpoints: endpointsOf([apiA, apiC]),
        serviceConnects: [connectService(SILENT)],
        backendConnects: [connect(apiA), connect(apiC)],
      }),
      says: 'Service api has internalTrafficPolicy Local, and no ready backend runs on n2, where web is: its packets are dropped there, although 2 backends are ready on n1 and n3.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'spec.internalTrafficPolicy: Local',
        'ready: api-a on n1, api-c on n3',
        'spec.nodeName: n2',
        'api 10.96.114.140:80: no answer in 4 s',
        'api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200',
      ],
      run: [`kubectl -n shop patch service api -p '{"spec":{"internalTrafficPolicy":"Cluster"}}'`],
    },
    {
      when: 'the one on its node is not Ready, and only objects were read',
      world: apiOnly({ service: local, endpoints: endpointsOf([apiA, apiPod('b', { ready: false })]) }),
      says: 'Service api has internalTrafficPolicy Local, and no ready backend runs on n2, where web is: its packets are dropped there, although 1 backend is ready on n1.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
  ],
  silent: [
    {
      when: 'a backend is on the node of the client',
      world: world({ service: local }),
      outcome: 'clear',
      because: 'api-b on n2 can answer',
    },
    { when: 'the Service sends everywhere', world: world({ endpoints: endpointsOf([apiA]) }), outcome: 'clear' },
    {
      when: 'no node has a ready backend: the connection is refused, not dropped',
      world: world({
        service: local,
        endpoints: endpointsOf(
          API_PODS.map((_, index) => apiPod((['a', 'b', 'c'] as const)[index] ?? 'a', { ready: false })),
        ),
      }),
      outcome: 'clear',
      because: 'no node has a backend in use',
    },
  ],
});
