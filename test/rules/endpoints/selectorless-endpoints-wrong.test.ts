import rule from '../../../src/rules/endpoints/selectorless-endpoints-wrong.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiOnly,
  connectAddress,
  connectService,
  found,
  HOST_UNREACHABLE,
  rejected,
  SILENT,
  service,
  slice,
  world,
} from '../../support/world.ts';

const byHand = found(service({ selector: null, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }));
const DB = { addresses: ['192.0.2.7'] };
const http = [{ name: 'http', port: 8080, protocol: 'TCP' }];
const made = slice([DB], { name: 'api-1', ports: http, managedBy: 'kubectl' });
const { labels: _whose, ...nameless } = made.metadata;
const loose = { ...made, metadata: nameless };
const refusing = [connectService(rejected('10.244.2.1'))];

ruleCases(rule, {
  fires: [
    {
      when: 'the slice lacks the label that says whose it is',
      world: apiOnly({ service: byHand, endpoints: { slices: [], selected: [], stray: [], loose: [loose] } }),
      says: 'Service api has no selector, and no EndpointSlice belongs to it: EndpointSlice api-1 lacks the label kubernetes.io/service-name=api.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['spec.selector: none', 'No resources found', 'api-1: 192.0.2.7, without that label'],
      run: ['kubectl -n shop label endpointslice api-1 kubernetes.io/service-name=api'],
    },
    {
      when: 'there is no slice at all',
      world: world({
        service: byHand,
        endpoints: { slices: [], selected: [], stray: [] },
        serviceConnects: refusing,
        backendConnects: [],
      }),
      says: 'Service api has no selector, and no EndpointSlice belongs to it.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'its slice is empty',
      world: world({
        service: byHand,
        endpoints: { slices: [slice([], { name: 'api-1' })], selected: [], stray: [] },
        backendConnects: [],
      }),
      says: 'Service api has no selector, and its EndpointSlice api-1 is empty.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'the port of the slice has another name',
      world: world({
        service: byHand,
        endpoints: {
          slices: [slice([DB], { name: 'api-1', ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })],
          selected: [],
          stray: [],
        },
        backendConnects: [],
        serviceConnects: refusing,
      }),
      says: 'Service api has no selector, and no port of its EndpointSlice api-1 has name and protocol of port http (80): a slice belongs to a port by its name.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['api-1: ports web/TCP 8080'],
      run: ['kubectl -n shop edit endpointslice api-1'],
    },
    {
      when: 'the address is not there',
      world: world({
        service: byHand,
        endpoints: { slices: [made], selected: [], stray: [] },
        backendConnects: [connectAddress('192.0.2.7', 8080, HOST_UNREACHABLE)],
      }),
      says: 'Service api has no selector; its hand-made EndpointSlice api-1 points to 192.0.2.7:8080, which cannot be reached.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['192.0.2.7'],
      saw: ['api-1: 192.0.2.7:8080, managed by kubectl', '192.0.2.7:8080: host unreachable after 3.1 s'],
    },
    {
      when: 'the address is silent, which may as well be the way there',
      world: world({
        service: byHand,
        endpoints: { slices: [made], selected: [], stray: [] },
        backendConnects: [connectAddress('192.0.2.7', 8080, SILENT)],
      }),
      says: 'Service api has no selector; its hand-made EndpointSlice api-1 points to 192.0.2.7:8080, which does not answer.',
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'path',
      addresses: ['192.0.2.7'],
    },
  ],
  silent: [
    { when: 'a controller writes the endpoints', world: world(), outcome: 'not-applicable' },
    {
      when: 'the hand-made endpoint answers',
      world: world({
        service: byHand,
        endpoints: { slices: [made], selected: [], stray: [] },
        backendConnects: [connectAddress('192.0.2.7', 8080)],
      }),
      outcome: 'clear',
      because: '1 of 1 hand-made endpoints answer',
    },
    {
      when: 'nothing was tried',
      world: apiOnly({ service: byHand, endpoints: { slices: [made], selected: [], stray: [] } }),
      outcome: 'clear',
    },
    {
      when: 'the Service is an alias',
      world: world({ service: found(service({ selector: null, spec: { type: 'ExternalName' } })) }),
      outcome: 'not-applicable',
    },
  ],
});
