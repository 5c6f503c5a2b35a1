import rule from '../../../src/rules/endpoints/headless-port-confusion.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiOnly,
  CONNECTED,
  connect,
  flow,
  found,
  reset,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const headless = (port: number, targetPort: number | string = 8080) => ({
  service: found(service({ clusterIP: 'None', ports: [{ name: 'http', port, targetPort }] })),
  endpoints: {
    slices: [
      {
        metadata: { name: 'api-x7k2p', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'api' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: API_PODS.map((pod) => ({
          addresses: pod.status?.podIPs?.map(({ ip }) => ip) ?? [],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: 'shop', uid: pod.metadata.uid },
        })),
      },
    ],
    selected: API_PODS,
    stray: [],
  },
});
const on80 = API_PODS.map((pod, index) => connect(pod, { ...reset(`10.244.${index + 1}.11`), port: 80 }));

ruleCases(rule, {
  fires: [
    {
      when: 'the client uses the published port, and the Pods refuse it',
      world: world({ ...headless(80), backendConnects: on80, otherPorts: [connect(apiA, CONNECTED)] }),
      flow: flow({ port: 80 }),
      says: "Service api is headless, so nothing translates ports: web connects to port 80 of the Pods themselves, which serve api's port http (80) on 8080.",
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.2.11', '10.244.3.11'],
      saw: [
        'clusterIP: None, port 80, targetPort 8080',
        'api-a 10.244.1.11:80: refused by a TCP reset from 10.244.1.11 (TTL 62)',
        'api-a 10.244.1.11:8080: connected in 0.8 ms',
      ],
      run: ['kubectl netdebug -n shop web api.shop:8080'],
    },
    {
      when: 'the client uses a port that nobody has',
      world: world({
        ...headless(80),
        backendConnects: API_PODS.map((pod) => connect(pod, { ...reset('10.244.1.11'), port: 9090 })),
      }),
      flow: flow({ port: 9090 }),
      says: 'Service api is headless, so nothing translates ports: web connects to port 9090 of the Pods themselves, which serve api on 8080.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.2.11', '10.244.3.11'],
    },
    {
      when: 'a URL is asked for, and only objects were read',
      world: apiOnly(headless(80, 'http')),
      flow: flow({ scheme: 'http' }),
      says: "Service api is headless, so nothing translates ports: web connects to port 80 of the Pods themselves, which serve api's port http (80) on 8080.",
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'path',
    },
  ],
  silent: [
    {
      when: 'the client uses the Pods’ own port',
      world: world(headless(80)),
      flow: flow({ port: 8080 }),
      outcome: 'clear',
      because: "8080 is the Pods' own port",
    },
    { when: 'nobody said which port', world: world(headless(80)), outcome: 'not-applicable' },
    { when: 'the Service has an address', world: world(), flow: flow({ port: 80 }), outcome: 'not-applicable' },
    {
      when: 'something listens on the port that is not published',
      world: world({ ...headless(80), backendConnects: API_PODS.map((pod) => connect(pod, { port: 80 })) }),
      flow: flow({ port: 80 }),
      outcome: 'clear',
    },
    {
      when: 'the Pods are silent, which is no refusal',
      world: world({ ...headless(80), backendConnects: API_PODS.map((pod) => connect(pod, { ...SILENT, port: 80 })) }),
      flow: flow({ port: 80 }),
      outcome: 'clear',
    },
  ],
});
