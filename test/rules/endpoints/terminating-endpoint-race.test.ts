import rule from '../../../src/rules/endpoints/terminating-endpoint-race.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiPod, connect, endpointOf, reset, slice, world } from '../../support/world.ts';

const [leavingB, leavingC] = [apiPod('b', { deleted: true }), apiPod('c', { deleted: true })];
const draining = { ready: false, serving: true, terminating: true };
const endpoints = (...pods: (typeof apiA)[]) => ({
  slices: [slice(pods.map((pod) => endpointOf(pod, pod === apiA ? undefined : draining)))],
  selected: pods,
  stray: [],
});

ruleCases(rule, {
  fires: [
    {
      when: 'only terminating Pods are left, and they refuse',
      world: world({
        endpoints: endpoints(leavingB, leavingC),
        backendConnects: [connect(leavingB, reset('10.244.2.11')), connect(leavingC, reset('10.244.3.11'))],
      }),
      says: 'api-b and api-c of Deployment api are terminating and are still endpoints of Service api, but refuse connections: they stop serving before they leave the endpoints, and nothing has taken over.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.2.11', '10.244.3.11'],
      saw: [
        'api-x7k2p: 10.244.2.11 (api-b), serving true, terminating true',
        'deletionTimestamp 2026-03-02T09:59:55.000Z, 5 s ago',
        'api-b 10.244.2.11:8080: refused by a TCP reset from 10.244.2.11 (TTL 62)',
      ],
      run: [
        `kubectl -n shop patch deployment api -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","lifecycle":{"preStop":{"sleep":{"seconds":10}}}}]}}}}'`,
        'kubectl -n shop rollout status deployment api',
      ],
    },
    {
      when: 'the slice has not heard of it yet',
      world: world({
        endpoints: {
          slices: [slice([apiA, endpointOf(leavingB, { ready: true, serving: true, terminating: false })])],
          selected: [apiA, leavingB],
          stray: [],
        },
        backendConnects: [connect(apiA), connect(leavingB, reset('10.244.2.11'))],
      }),
      says: 'api-b of Deployment api is terminating and is still an endpoint of Service api, but refuses connections: it stops serving before it leaves the endpoints.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.2.11'],
    },
  ],
  silent: [
    {
      when: 'terminating Pods drain and answer',
      world: world({
        endpoints: endpoints(leavingB, leavingC),
        backendConnects: [connect(leavingB), connect(leavingC)],
      }),
      outcome: 'clear',
      because: 'the backends that are terminating still answer',
    },
    {
      when: 'a terminating Pod refuses, and nothing is sent to it any more',
      world: world({
        endpoints: endpoints(apiA, leavingB),
        backendConnects: [connect(apiA), connect(leavingB, reset('10.244.2.11'))],
      }),
      outcome: 'clear',
      because: 'no backend in use is terminating',
    },
    {
      when: 'a Pod that stays refuses',
      world: world({ backendConnects: [connect(apiA, reset('10.244.1.11'))] }),
      outcome: 'clear',
    },
  ],
});
