import rule from '../../../src/rules/endpoints/readiness-failing.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  acceptQueue,
  apiA,
  apiB,
  apiC,
  apiOnly,
  apiPod,
  CONNECTED,
  connect,
  connectService,
  endpointOf,
  endpointsOf,
  found,
  rejected,
  SILENT,
  service,
  slice,
  waiting,
  world,
} from '../../support/world.ts';

const letters = ['a', 'b', 'c'] as const;
const wrongPort = letters.map((letter) =>
  apiPod(letter, { ready: false, probe: { httpGet: { path: '/healthz', port: 8081 } } }),
);
const unhealthy = {
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed: Get "http://10.244.1.11:8081/healthz": connect: connection refused',
  involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
};
const notReady = {
  endpoints: endpointsOf(wrongPort),
  events: [unhealthy],
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  backendConnects: [connect(apiA, CONNECTED)],
};

ruleCases(rule, {
  fires: [
    {
      when: 'the probe asks the wrong port while the application listens',
      world: world(notReady),
      says: '3 of 3 Pods of Deployment api run but are not Ready, so Service api has no usable endpoint: readiness probe GET :8081/healthz says: Get "http://10.244.1.11:8081/healthz": connect: connection refused, while 10.244.1.11:8080 accepts connections.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['Running, Ready=False', 'connected: the application listens, the probe asks something else'],
      run: ['kubectl -n shop edit deployment api', 'kubectl -n shop describe pod api-a'],
    },
    {
      when: 'no probe of ours ran, and events have expired',
      world: apiOnly({ ...notReady, events: [] }),
      says: '3 of 3 Pods of Deployment api run but are not Ready, so Service api has no usable endpoint: readiness probe GET :8081/healthz.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'two of three are not Ready, and the third cannot accept what is left for it: capacity is lost',
      world: world({
        endpoints: endpointsOf([
          apiPod('a', { ready: false, probe: { tcpSocket: { port: 9 } } }),
          apiPod('b', { ready: false, probe: { tcpSocket: { port: 9 } } }),
          apiC,
        ]),
        backendConnects: [connect(apiC, SILENT)],
        acceptQueues: [acceptQueue('api-c', { queued: 10, after: { overflows: 3, drops: 3 } })],
      }),
      says: '2 of 3 Pods of Deployment api run but are not Ready, so Service api uses only 1 other: readiness probe TCP :9.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'those that are left are overloaded: api-c: 10 wait for accept, at most 9 may; 3 dropped meanwhile; 3 of 3 connect from inside',
      ],
    },
    {
      when: 'one of three is not Ready: the others serve, so this flow is not stopped',
      world: world({
        endpoints: endpointsOf([apiPod('a', { ready: false, probe: { tcpSocket: { port: 9 } } }), apiB, apiC]),
        backendConnects: [connect(apiB), connect(apiC)],
      }),
      says: '1 of 3 Pods of Deployment api runs but is not Ready, so Service api uses only 2 others: readiness probe TCP :9.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: null,
    },
    {
      when: 'a load balancer has not set its readiness gate',
      world: world({
        ...notReady,
        events: [],
        backendConnects: [],
        endpoints: endpointsOf([
          apiPod('a', { ready: false, spec: { readinessGates: [{ conditionType: 'target-health.example/api' }] } }),
        ]),
      }),
      says: 'The only Pod of Deployment api runs but is not Ready, so Service api has no usable endpoint: readiness gate target-health.example/api is not set.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop describe pod api-a'],
    },
  ],
  silent: [
    { when: 'every Pod is Ready', world: world(), outcome: 'clear', because: 'every running Pod is Ready' },
    {
      when: 'no Pod matches: that is selector-mismatch',
      world: world({ endpoints: endpointsOf([]) }),
      outcome: 'clear',
      because: 'no Pod matches the selector',
    },
    {
      when: 'the Pods crash: that is backend-not-running',
      world: world({
        endpoints: endpointsOf(
          letters.map((letter) => apiPod(letter, { ready: false, status: waiting('CrashLoopBackOff', 1) })),
        ),
      }),
      outcome: 'clear',
    },
    {
      when: 'a Pod on its way out is no longer Ready',
      world: world({
        endpoints: endpointsOf([...API_PODS, apiPod('a', { name: 'api-old', ready: false, deleted: true })]),
      }),
      outcome: 'clear',
    },
    {
      when: 'the Service publishes Pods that are not Ready, as databases do to find each other',
      world: world({
        service: found(service({ spec: { publishNotReadyAddresses: true } })),
        endpoints: {
          slices: [slice(wrongPort.map((pod) => endpointOf(pod, { ready: true, serving: false })))],
          selected: wrongPort,
          stray: [],
        },
      }),
      outcome: 'clear',
    },
    {
      when: 'the Service has no selector',
      world: world({ service: found(service({ selector: null })) }),
      outcome: 'not-applicable',
    },
  ],
});
