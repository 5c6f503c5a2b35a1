import rule from '../../../src/rules/path/app-loopback-only.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  API_PORTS,
  apiA,
  apiB,
  apiC,
  apiPod,
  CONNECTED,
  connect,
  endpointsOf,
  flow,
  found,
  listener,
  pod,
  REFUSED,
  rejected,
  reset,
  SILENT,
  world,
} from '../../support/world.ts';

const cRefuses = [connect(apiA), connect(apiB), connect(apiC, reset('10.244.3.11'))];
const db = pod({ name: 'db', node: 'n3', ip: '10.244.3.50', ports: API_PORTS });
const undeclared = [apiA, apiB, apiPod('c', { ports: [] })];

ruleCases(rule, {
  fires: [
    {
      when: 'one of three listens on 127.0.0.1',
      world: world({ backendConnects: cRefuses, listeners: { 'api-c': [listener('127.0.0.1', 8080)] } }),
      says: 'api-c listens on 127.0.0.1:8080 only, which no other Pod can reach; connections to 10.244.3.11:8080 are refused.',
      subject: 'Pod shop/api-c',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['10.244.3.11:8080: refused by a TCP reset from 10.244.3.11 (TTL 62)', 'api-c listens on 127.0.0.1:8080'],
      run: ['kubectl -n shop edit deployment api'],
    },
    {
      when: 'it listens on ::1, and the destination is the Pod itself',
      world: world({
        service: ABSENT,
        endpoints: ABSENT,
        destinationPod: found(db),
        backendConnects: [connect(db, REFUSED)],
        listeners: { db: [listener('::1', 8080), listener('0.0.0.0', 9090)] },
      }),
      flow: flow({
        destination: { kind: 'Pod', namespace: 'shop', name: 'db' },
        typed: 'pod/db',
        dnsName: null,
        port: 8080,
      }),
      says: 'db listens on [::1]:8080 only, which no other Pod can reach; connections to 10.244.3.50:8080 are refused.',
      subject: 'Pod shop/db',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.50'],
      saw: ['db listens on [::1]:8080, 0.0.0.0:9090'],
    },
    {
      when: 'nobody looked inside: one reading among three',
      world: world({ backendConnects: [connect(apiC, REFUSED)] }),
      says: 'Nothing that other Pods can reach listens on port 8080 of api-c, although the Pod declares it: the application is not up, uses another port, or listens on 127.0.0.1 only.',
      subject: 'Pod shop/api-c',
      confidence: 'possible',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'nobody looked inside, the Pod declares nothing, and the other backends show that the port is right',
      world: world({ endpoints: endpointsOf(undeclared), backendConnects: cRefuses }),
      says: 'Nothing that other Pods can reach listens on port 8080 of api-c, although other backends answer there: the application is not up, uses another port, or listens on 127.0.0.1 only.',
      subject: 'Pod shop/api-c',
      confidence: 'possible',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'two Pods have it: two findings',
      world: world({
        backendConnects: [connect(apiA, REFUSED), connect(apiB), connect(apiC, REFUSED)],
        listeners: { 'api-a': [listener('127.0.0.1', 8080)], 'api-c': [listener('127.0.0.1', 8080)] },
      }),
      says: 'api-a listens on 127.0.0.1:8080 only, which no other Pod can reach; connections to 10.244.1.11:8080 are refused.',
      subject: 'Pod shop/api-a',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.1.11'],
      also: [
        {
          says: 'api-c listens on 127.0.0.1:8080 only, which no other Pod can reach; connections to 10.244.3.11:8080 are refused.',
          subject: 'Pod shop/api-c',
          confidence: 'proven',
          blocks: 'path',
          addresses: ['10.244.3.11'],
        },
      ],
    },
  ],
  silent: [
    { when: 'every backend answers', world: world(), outcome: 'clear', because: 'no backend refuses the connection' },
    {
      when: 'there is no socket on that port at all: that is targetport-wrong',
      world: world({ backendConnects: cRefuses, listeners: { 'api-c': [listener('0.0.0.0', 9090)] } }),
      outcome: 'clear',
    },
    {
      when: 'it listens for all on that port as well as on loopback',
      world: world({
        backendConnects: cRefuses,
        listeners: { 'api-c': [listener('127.0.0.1', 8080), listener('10.244.3.11', 8080)] },
      }),
      outcome: 'clear',
    },
    {
      when: 'the Pods answer on another port: that is targetport-wrong',
      world: world({
        backendConnects: API_PODS.map((api) => connect(api, REFUSED)),
        otherPorts: API_PODS.map((api) => connect(api, { port: 9090, ...CONNECTED })),
      }),
      outcome: 'clear',
    },
    {
      when: 'somebody on the way rejects with ICMP: a policy, not the Pod',
      world: world({ backendConnects: [connect(apiC, rejected('10.244.2.1'))] }),
      outcome: 'clear',
    },
    {
      when: 'nothing comes back',
      world: world({ backendConnects: [connect(apiC, SILENT)] }),
      outcome: 'clear',
    },
  ],
});
