import rule from '../../../src/rules/endpoints/named-targetport-missing.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  apiPod,
  connectService,
  endpointsOf,
  found,
  NOT_FOUND,
  pod,
  rejected,
  service,
  slice,
  world,
} from '../../support/world.ts';

const targeting = (targetPort: string | number) => found(service({ ports: [{ port: 80, targetPort }] }));
const noNumber = {
  endpoints: { slices: [slice(API_PODS, { ports: [] })], selected: API_PODS, stray: [] },
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  backendConnects: [],
};
const metricsOnly = apiPod('c', { ports: [{ name: 'metrics', containerPort: 9090 }] });

ruleCases(rule, {
  fires: [
    {
      when: 'no Pod has a port of that name',
      world: world({ ...noNumber, service: targeting('web') }),
      says: 'Port 80 of Service api targets the TCP port named web, and none of its 3 Pods has one: they define http (TCP 8080).',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'spec.ports[0].targetPort: web',
        '3 addresses, 3 of them without a number for this port',
        'http (TCP 8080)',
      ],
      run: [
        `kubectl -n shop patch service api --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":"http"}]'`,
      ],
    },
    {
      when: 'the port of that name has another protocol, and no probe ran',
      world: apiOnly({
        endpoints: {
          slices: [slice(API_PODS, { ports: [] })],
          selected: API_PODS.map((api) => ({
            ...api,
            spec: {
              ...api.spec,
              containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080, protocol: 'UDP' }] }],
            },
          })),
          stray: [],
        },
      }),
      says: 'Port 80 of Service api targets the TCP port named http, and none of its 3 Pods has one: they define http (UDP 8080).',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop edit service api'],
    },
    {
      when: 'a rollout half done: one Pod lacks the name and is skipped, the others serve',
      world: world({
        endpoints: {
          slices: [slice(API_PODS.slice(0, 2)), slice([metricsOnly], { name: 'api-m3v8d', ports: [] })],
          selected: [...API_PODS.slice(0, 2), metricsOnly],
          stray: [],
        },
      }),
      says: 'Port 80 of Service api targets the TCP port named http, and 1 of its 3 Pods lacks one: it defines metrics (TCP 9090).',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: null,
    },
    {
      when: 'the Pods declare no ports at all',
      world: world({
        endpoints: endpointsOf([pod({ name: 'api-x', ip: '10.244.2.20', labels: { app: 'api' } })]),
      }),
      says: 'Port 80 of Service api targets the TCP port named http, and its only Pod has none: it defines no ports.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    {
      when: 'every Pod has the port',
      world: world(),
      outcome: 'clear',
      because: 'every selected Pod has a port named http',
    },
    {
      when: 'the targetPort is a number, right or not: that is targetport-wrong',
      world: world({ service: targeting(9999) }),
      outcome: 'clear',
      because: 'the targetPort is a number',
    },
    {
      when: 'a restartable init container declares the name',
      world: world({
        endpoints: endpointsOf([
          pod({
            name: 'api-x',
            labels: { app: 'api' },
            spec: {
              initContainers: [
                { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'http', containerPort: 8080 }] },
              ],
            },
          }),
        ]),
      }),
      outcome: 'clear',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
