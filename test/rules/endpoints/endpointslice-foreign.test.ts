import rule from '../../../src/rules/endpoints/endpointslice-foreign.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiC,
  connect,
  connectAddress,
  endpointsOf,
  found,
  HOST_UNREACHABLE,
  reset,
  SILENT,
  service,
  slice,
  world,
} from '../../support/world.ts';

const dead = { addresses: ['10.244.3.250'] };
const extra = slice([dead], { name: 'api-extra', managedBy: 'example.com/migration' });
const unlabelled = {
  ...extra,
  metadata: { ...extra.metadata, labels: { 'kubernetes.io/service-name': 'api' } },
};
const withSlice = (more: typeof extra) => ({ ...endpointsOf(API_PODS), slices: [slice(API_PODS), more] });
const good = API_PODS.map((pod) => connect(pod));

ruleCases(rule, {
  fires: [
    {
      when: 'an extra slice adds a dead address',
      world: world({
        endpoints: withSlice(extra),
        backendConnects: [...good, connectAddress('10.244.3.250', 8080, HOST_UNREACHABLE)],
      }),
      says: 'EndpointSlice api-extra (managed by example.com/migration) adds 10.244.3.250 to Service api: it is no address of a selected Pod and cannot be reached, so 1 of 4 backends fail.',
      subject: 'EndpointSlice shop/api-extra',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.250'],
      saw: [
        'api-extra: 10.244.3.250; endpointslice.kubernetes.io/managed-by: example.com/migration',
        'Pods have 10.244.1.11, 10.244.2.11, 10.244.3.11',
        '10.244.3.250:8080: host unreachable after 3.1 s',
      ],
      run: ['kubectl -n shop delete endpointslice api-extra'],
    },
    {
      when: 'nobody says who manages it, and it is silent',
      world: world({
        endpoints: withSlice(unlabelled),
        backendConnects: [...good, connectAddress('10.244.3.250', 8080, SILENT)],
      }),
      says: 'EndpointSlice api-extra (managed by nobody in particular) adds 10.244.3.250 to Service api: it is no address of a selected Pod and does not answer, so 1 of 4 backends fail.',
      subject: 'EndpointSlice shop/api-extra',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.250'],
    },
  ],
  silent: [
    {
      when: 'what it adds answers',
      world: world({
        endpoints: withSlice(extra),
        backendConnects: [...good, connectAddress('10.244.3.250', 8080)],
      }),
      outcome: 'clear',
      because: 'what foreign slices add was not seen to fail',
    },
    {
      when: 'it lists a selected Pod, which fails',
      world: world({
        endpoints: withSlice(slice([apiC], { name: 'api-extra', managedBy: 'kubectl' })),
        backendConnects: [connect(apiA), connect(apiC, reset('10.244.3.11'))],
      }),
      outcome: 'clear',
    },
    { when: 'the controller wrote every slice', world: world(), outcome: 'clear' },
    {
      when: 'the Service has no selector: its slices are written by hand',
      world: world({
        service: found(service({ selector: null })),
        endpoints: { slices: [extra], selected: [], stray: [] },
      }),
      outcome: 'not-applicable',
    },
  ],
});
