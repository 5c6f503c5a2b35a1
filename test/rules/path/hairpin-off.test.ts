import rule from '../../../src/rules/path/hairpin-off.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  connectService,
  endpointsOf,
  flow,
  found,
  REFUSED,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const fromB = flow({ source: { namespace: 'shop', name: 'api-b' } });
const of = (lost: number, all: number) =>
  Array.from({ length: all }, (_, index) => connectService(index < lost ? SILENT : {}));

ruleCases(rule, {
  fires: [
    {
      when: 'it is the only backend, and always picks itself',
      world: world({
        sourcePod: found(apiB),
        endpoints: endpointsOf([apiB]),
        serviceConnects: of(12, 12),
        backendConnects: [connect(apiB)],
      }),
      flow: fromB,
      says: 'api-b is the only backend of Service api itself: 12 of 12 connections to the Service come back to it and are lost, since n2 sends no packet back to where it came from (hairpin).',
      subject: 'Pod shop/api-b',
      confidence: 'likely',
      blocks: 'service',
      saw: ['api-b itself, at 10.244.2.11:8080: connected in 0.9 ms, HTTP 200'],
    },
    {
      when: 'it is one of three, and sometimes picks itself',
      world: world({ sourcePod: found(apiB), serviceConnects: of(4, 12) }),
      flow: fromB,
      says: 'api-b is a backend of Service api itself: 4 of 12 connections to the Service come back to it and are lost, since n2 sends no packet back to where it came from (hairpin).',
      subject: 'Pod shop/api-b',
      confidence: 'likely',
      blocks: 'service',
      saw: ['api 10.96.114.140:80: no answer in 4 s (4 of 12 tries)'],
    },
  ],
  silent: [
    {
      when: 'the source is no backend: then it is kube-proxy',
      world: world({ serviceConnects: of(4, 12) }),
      outcome: 'not-applicable',
    },
    {
      when: 'it reaches itself',
      world: world({ sourcePod: found(apiB), serviceConnects: of(0, 12) }),
      flow: fromB,
      outcome: 'clear',
    },
    {
      when: 'with other backends nothing gets through either: the address is broken',
      world: world({ sourcePod: found(apiB), serviceConnects: of(12, 12) }),
      flow: fromB,
      outcome: 'clear',
    },
    {
      when: 'another backend fails by itself, which is a third of the connections too',
      world: world({
        sourcePod: found(apiB),
        serviceConnects: of(4, 12),
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)],
      }),
      flow: fromB,
      outcome: 'clear',
      because: 'a backend fails when it is tried directly',
    },
    {
      when: 'the Service address refuses: nothing is lost',
      world: world({
        sourcePod: found(apiB),
        service: found(service()),
        endpoints: endpointsOf(API_PODS),
        serviceConnects: [connectService(REFUSED)],
      }),
      flow: fromB,
      outcome: 'clear',
    },
  ],
});
