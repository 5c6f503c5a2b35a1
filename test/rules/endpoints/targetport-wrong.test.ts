import rule from '../../../src/rules/endpoints/targetport-wrong.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  API_VIP,
  apiA,
  apiB,
  apiC,
  apiPod,
  CONNECTED,
  connect,
  connectService,
  counters,
  datagram,
  endpointsOf,
  found,
  listener,
  NOT_FOUND,
  REFUSED,
  rejected,
  reset,
  SILENT,
  service,
  slice,
  udpWorld,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const REFUSES = { kind: 'refused' } as const;
/** Every Pod refuses a datagram; by default with ICMP of its own. */
const refusals = (from?: string) =>
  (['api-a', 'api-b', 'api-c'] as const).map((name) => {
    const reading = datagram(name, REFUSES);
    return { ...reading, refusal: { kind: 'icmp', from: from ?? reading.address, ttl: 62, type: 3, code: 3 } as const };
  });
const to8081 = {
  service: found(service({ ports: [{ port: 80, targetPort: 8081 }] })),
  endpoints: { slices: [slice(API_PODS, { ports: [{ name: '', port: 8081 }] })], selected: API_PODS, stray: [] },
  serviceConnects: [connectService(reset(API_VIP))],
  backendConnects: API_PODS.map((pod) => connect(pod, { port: 8081, ...reset(pod.status?.podIPs?.[0]?.ip ?? '') })),
};
const everywhere = (...sockets: ReturnType<typeof listener>[]) => ({
  'api-a': sockets,
  'api-b': sockets,
  'api-c': sockets,
});
const refusing8080 = API_PODS.map((pod) => connect(pod, REFUSED));
const undeclared = (['a', 'b', 'c'] as const).map((letter) => apiPod(letter, { ports: [] }));

ruleCases(rule, {
  fires: [
    {
      when: 'the Pods answer on the port they declare, seen from the source',
      world: world({ ...to8081, otherPorts: [connect(apiA, CONNECTED)] }),
      says: 'Service api sends port 80 to port 8081 of its Pods, where nothing listens; api-a listens on 8080.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'path',
      addresses,
      saw: [
        'spec.ports[0]: port 80, targetPort 8081',
        '10.244.1.11:8081: refused by a TCP reset from 10.244.1.11 (TTL 62)',
        '10.244.1.11:8080: connected in 0.8 ms',
      ],
      run: [
        `kubectl -n shop patch service api --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":8080}]'`,
      ],
    },
    {
      when: 'the sockets of the Pods were read',
      world: world({ ...to8081, listeners: everywhere(listener('0.0.0.0', 8080)) }),
      says: 'Service api sends port 80 to port 8081 of its Pods, where nothing listens; api-a listens on 8080.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      saw: ['listening on 8080, not on 8081'],
    },
    {
      when: 'targetPort was left out and defaulted to the port',
      world: world({
        ...to8081,
        service: found(service({ ports: [{ port: 8081 }] })),
        listeners: everywhere(listener('0.0.0.0', 8080)),
      }),
      says: 'Service api sends port 8081 to port 8081 of its Pods, where nothing listens; api-a listens on 8080.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch service api --type=json -p '[{"op":"add","path":"/spec/ports/0/targetPort","value":8080}]'`,
      ],
    },
    {
      when: 'nothing but the refusals is known: one reading among several',
      world: world(to8081),
      says: 'Service api sends port 80 to port 8081 of its Pods, where nothing listens.',
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'path',
      addresses,
      run: ['kubectl -n shop edit service api'],
    },
    {
      when: 'the Pods declare the port and listen nowhere',
      world: world({ backendConnects: refusing8080, listeners: everywhere() }),
      says: 'Service api sends port 80 to port 8080 of its Pods, where nothing listens.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      saw: ['nothing on port 8080'],
    },
    {
      when: 'UDP: every Pod says that nothing listens, and one was looked into',
      world: udpWorld({
        udpProbes: [datagram('Service', REFUSES), ...refusals()],
        udpBefore: [counters('api-a', 3, 9125)],
      }),
      says: 'Service api sends port 8125 to UDP port 8125 of its Pods, where nothing listens; api-a listens on 9125.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      saw: ['api-a 10.244.1.11:8125: refused by ICMP 3/3 from 10.244.1.11', 'api-a: UDP on 9125'],
    },
  ],
  silent: [
    {
      when: 'UDP: silence is normal',
      world: udpWorld({ udpProbes: [datagram('api-a', { kind: 'silent', afterMs: 1500 })] }),
      outcome: 'clear',
      because: 'no backend refuses a datagram',
    },
    {
      when: 'UDP: somebody on the way refuses',
      world: udpWorld({ udpProbes: refusals('10.244.2.1') }),
      outcome: 'clear',
    },
    {
      when: 'UDP: one of three refuses, which is the fault of that Pod',
      world: udpWorld({
        udpProbes: [...refusals().slice(0, 1), datagram('api-b', { kind: 'answered', bytes: 1 })],
      }),
      outcome: 'clear',
      because: '1 of 2 backends do not refuse it',
    },
    { when: 'every backend answers', world: world(), outcome: 'clear', because: 'no backend refuses the connection' },
    {
      when: 'something listens, on loopback: that is app-loopback-only',
      world: world({ backendConnects: refusing8080, listeners: everywhere(listener('127.0.0.1', 8080)) }),
      outcome: 'clear',
      because: 'something listens on port 8080, but only on loopback',
    },
    {
      when: 'the Pods declare the port, and nobody looked inside: declarations prove nothing',
      world: world({ backendConnects: refusing8080 }),
      outcome: 'unsure',
      needs: 'backend',
    },
    {
      when: 'one of three refuses: that is the fault of that Pod, not of the mapping',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, reset('10.244.3.11'))] }),
      outcome: 'clear',
      because: '2 of 3 backends listen on it',
    },
    {
      when: 'somebody on the way rejects with ICMP: that is a policy or a firewall',
      world: world({ ...to8081, backendConnects: API_PODS.map((pod) => connect(pod, rejected('10.244.2.1'))) }),
      outcome: 'clear',
    },
    {
      when: 'nothing comes back at all',
      world: world({ ...to8081, backendConnects: API_PODS.map((pod) => connect(pod, SILENT)) }),
      outcome: 'clear',
    },
    {
      when: 'the refusing Pod is not Ready: nothing is sent to it',
      world: world({
        endpoints: endpointsOf([apiPod('a', { ready: false }), apiB, apiC]),
        backendConnects: [connect(apiA, REFUSED), connect(apiB), connect(apiC)],
      }),
      outcome: 'clear',
    },
    {
      when: 'undeclared ports are no evidence when something listens there',
      world: world({
        endpoints: endpointsOf(undeclared),
        service: found(service({ ports: [{ port: 80, targetPort: 8080 }] })),
        backendConnects: refusing8080,
        listeners: everywhere(listener('0.0.0.0', 8080)),
      }),
      outcome: 'clear',
      because: 'something listens on port 8080',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
