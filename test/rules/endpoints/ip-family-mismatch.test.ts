import rule from '../../../src/rules/endpoints/ip-family-mismatch.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  apiPod,
  connectService,
  endpointsOf,
  found,
  pod,
  rejected,
  service,
  slice,
  world,
} from '../../support/world.ts';

const ipv6 = (spec = {}) =>
  found(service({ clusterIP: 'fd00:96::7', spec: { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack', ...spec } }));
const empty = { ...slice([], { name: 'api-6' }), addressType: 'IPv6' };
const both = apiPod('a', { status: { podIPs: [{ ip: '10.244.1.11' }, { ip: 'fd00:244:1::b' }] } });

ruleCases(rule, {
  fires: [
    {
      when: 'the Service is IPv6 only, its Pods IPv4 only',
      world: world({
        service: ipv6(),
        endpoints: { slices: [empty], selected: API_PODS, stray: [] },
        serviceConnects: [connectService(rejected('fd00:244:2::1'), service({ clusterIP: 'fd00:96::7' }))],
        backendConnects: [],
      }),
      says: 'Service api is IPv6 only, and its 3 Ready Pods have IPv4 addresses only: it has no endpoint.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'ipFamilies IPv6; ipFamilyPolicy SingleStack',
        'addresses of its Ready Pods: 10.244.1.11, 10.244.2.11, 10.244.3.11',
      ],
      run: [`kubectl -n shop patch service api -p '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`],
    },
    {
      when: 'the client has no address of the Service’s family',
      world: apiOnly({ service: ipv6(), endpoints: { ...endpointsOf([both]) } }),
      says: 'Service api has IPv6 addresses only, and web has IPv4 only.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['status.podIPs: 10.244.2.10'],
    },
  ],
  silent: [
    { when: 'all are IPv4', world: world(), outcome: 'clear', because: 'Service, Pods and client share IPv4' },
    {
      when: 'the slice of a second family is empty',
      world: world({
        service: found(service({ spec: { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' } })),
        endpoints: { slices: [slice(API_PODS), empty], selected: API_PODS, stray: [] },
      }),
      outcome: 'clear',
    },
    {
      when: 'no Pod is Ready',
      world: world({ service: ipv6(), endpoints: endpointsOf([apiPod('a', { ready: false })]) }),
      outcome: 'not-applicable',
    },
    {
      when: 'the addresses of the client are not known',
      world: world({
        service: ipv6(),
        endpoints: endpointsOf([both]),
        sourcePod: found(pod({ name: 'web', ip: null })),
      }),
      outcome: 'clear',
    },
  ],
});
