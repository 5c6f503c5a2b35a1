import rule from '../../../src/rules/endpoints/publish-not-ready.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiOnly,
  apiPod,
  connect,
  connectService,
  endpointOf,
  found,
  reset,
  SILENT,
  service,
  slice,
  world,
} from '../../support/world.ts';

const unready = apiPod('c', { ready: false });
const publishing = found(service({ spec: { publishNotReadyAddresses: true } }));
const published = (pods: typeof API_PODS) => ({
  service: publishing,
  endpoints: {
    slices: [slice(pods.map((pod) => endpointOf(pod, { ready: true, serving: true, terminating: false })))],
    selected: pods,
    stray: [],
  },
});

ruleCases(rule, {
  fires: [
    {
      when: 'one of three is not Ready and refuses',
      world: world({
        ...published([apiA, apiB, unready]),
        backendConnects: [connect(apiA), connect(apiB), connect(unready, reset('10.244.3.11'))],
        serviceConnects: [connectService(), connectService(reset('10.96.114.140'))],
      }),
      says: 'Service api publishes Pods that are not Ready (publishNotReadyAddresses): api-c is not Ready and refuses connections, while 2 of 3 backends answer.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'spec.publishNotReadyAddresses: true',
        'api-c: Ready=False, but ready in EndpointSlice api-x7k2p',
        'api-c 10.244.3.11:8080: refused by a TCP reset from 10.244.3.11 (TTL 62)',
      ],
      run: [
        'kubectl -n shop describe pod api-c',
        `kubectl -n shop patch service api -p '{"spec":{"publishNotReadyAddresses":false}}'`,
      ],
    },
    {
      when: 'none is Ready, and all are silent',
      world: world({
        ...published([apiPod('a', { ready: false }), unready]),
        backendConnects: [connect(apiA, SILENT), connect(unready, SILENT)],
      }),
      says: 'Service api publishes Pods that are not Ready (publishNotReadyAddresses): api-a and api-c are not Ready and do not answer.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'peers find each other before they are Ready, and answer',
      world: world({
        ...published([apiA, apiB, unready]),
        backendConnects: [apiA, apiB, unready].map((pod) => connect(pod)),
      }),
      outcome: 'clear',
      because: 'the Pods that are published without being Ready answer',
    },
    {
      when: 'a Ready Pod refuses',
      world: world({ ...published(API_PODS), backendConnects: [connect(apiA, reset('10.244.1.11'))] }),
      outcome: 'clear',
      because: 'every published Pod is Ready',
    },
    {
      when: 'the Service publishes Ready Pods only',
      world: world(),
      outcome: 'clear',
      because: 'Service api publishes Ready Pods only',
    },
    {
      when: 'no probe ran',
      world: apiOnly(published([apiA, unready])),
      outcome: 'unsure',
      needs: 'source',
    },
  ],
});
