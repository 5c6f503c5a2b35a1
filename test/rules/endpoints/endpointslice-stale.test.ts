import rule from '../../../src/rules/endpoints/endpointslice-stale.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  apiA,
  apiB,
  apiC,
  apiOnly,
  apiPod,
  connect,
  endpointOf,
  found,
  HOST_UNREACHABLE,
  NOT_FOUND,
  SILENT,
  secondsAgo,
  service,
  slice,
  world,
} from '../../support/world.ts';

const lease = (renewed: number) =>
  found({
    metadata: { name: 'kube-controller-manager', namespace: 'kube-system' },
    spec: { holderIdentity: 'n1', leaseDurationSeconds: 15, renewTime: secondsAgo(renewed) },
  });

const cGone = {
  endpoints: { slices: [slice([apiA, apiB, apiC])], selected: [apiA, apiB], stray: [] },
  backendConnects: [connect(apiA), connect(apiB), connect(apiC, HOST_UNREACHABLE)],
};

ruleCases(rule, {
  fires: [
    {
      when: 'a Pod was deleted while the controller manager was away',
      world: world({ ...cGone, controllerLease: lease(180) }),
      says: 'EndpointSlice api-x7k2p still lists 10.244.3.11 for Pod api-c, which does not exist any more; the controller manager last renewed its lease 180 s ago.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'api-x7k2p: 10.244.3.11, ready, targetRef Pod api-c',
        'not found',
        'renewed 180 s ago',
        '10.244.3.11:8080: host unreachable after 3.1 s',
      ],
      run: [
        'kubectl -n kube-system get lease kube-controller-manager -o yaml',
        'kubectl -n shop delete endpointslice api-x7k2p',
      ],
    },
    {
      when: 'the lease is fresh, and no probe ran',
      world: apiOnly(cGone),
      says: 'EndpointSlice api-x7k2p still lists 10.244.3.11 for Pod api-c, which does not exist any more.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'the Pod has another address by now, and its old one answers as somebody else',
      world: world({
        endpoints: {
          slices: [slice([apiA, apiB, apiC])],
          selected: [apiA, apiB, apiPod('c', { ip: '10.244.3.77' })],
          stray: [],
        },
      }),
      says: 'EndpointSlice api-x7k2p still lists 10.244.3.11 for Pod api-c, which has the address 10.244.3.77.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'the Pod has finished and its address is free for others',
      world: world({
        ...cGone,
        endpoints: {
          slices: [slice([apiA, apiB, apiC])],
          selected: [apiA, apiB, apiPod('c', { status: { phase: 'Failed' } })],
          stray: [],
        },
      }),
      says: 'EndpointSlice api-x7k2p still lists 10.244.3.11 for Pod api-c, which is Failed.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'a new Pod of the same name took its place, as in a StatefulSet',
      world: world({
        ...cGone,
        endpoints: {
          slices: [slice([apiA, apiB, apiC])],
          selected: [apiA, apiB, apiPod('c', { uid: 'uid-api-c-2', ip: '10.244.3.78' })],
          stray: [],
        },
      }),
      says: 'EndpointSlice api-x7k2p still lists 10.244.3.11 for Pod api-c, which was replaced by a new Pod of that name with the address 10.244.3.78.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'two addresses are dead: one controller, one finding',
      world: world({
        endpoints: { slices: [slice([apiA, apiB, apiC])], selected: [apiA], stray: [] },
        backendConnects: [connect(apiA), connect(apiB, SILENT), connect(apiC, SILENT)],
      }),
      says: 'EndpointSlice api-x7k2p still lists 10.244.2.11 for Pod api-b, which does not exist any more; 1 more address is stale too.',
      subject: 'EndpointSlice shop/api-x7k2p',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.2.11', '10.244.3.11'],
    },
  ],
  silent: [
    { when: 'every address belongs to its Pod', world: world(), outcome: 'clear' },
    {
      when: 'the node of a Pod is silent, and the Pod still exists',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'the endpoint drains: nothing new is sent there',
      world: world({
        endpoints: {
          slices: [slice([apiA, apiB, endpointOf(apiC, { ready: false, serving: true, terminating: true })])],
          selected: [apiA, apiB],
          stray: [],
        },
      }),
      outcome: 'clear',
    },
    {
      when: 'a Pod has no address yet: the lists were read a moment apart',
      world: world({
        endpoints: {
          slices: [slice([apiA, apiB, apiC])],
          selected: [apiA, apiB, apiPod('c', { ip: null })],
          stray: [],
        },
      }),
      outcome: 'clear',
    },
    {
      when: 'the slice is written by somebody else: that is endpointslice-foreign',
      world: world({
        endpoints: { slices: [slice([apiC], { managedBy: 'my-operator' })], selected: [], stray: [] },
      }),
      outcome: 'clear',
    },
    {
      when: 'addresses are written by hand and point to no Pod',
      world: world({
        service: found(service({ selector: null })),
        endpoints: { slices: [slice([{ addresses: ['192.0.2.7'] }])], selected: [], stray: [] },
      }),
      outcome: 'clear',
    },
    {
      when: 'there is no Service',
      world: world({ service: NOT_FOUND, backendConnects: ABSENT }),
      outcome: 'not-applicable',
    },
  ],
});
