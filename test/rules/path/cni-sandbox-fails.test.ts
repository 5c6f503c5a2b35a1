import rule from '../../../src/rules/path/cni-sandbox-fails.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiPod, endpointsOf, NOT_FOUND, world } from '../../support/world.ts';

const starting = apiPod('c', {
  ip: null,
  ready: false,
  status: {
    phase: 'Pending',
    containerStatuses: [
      { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
    ],
  },
});
const event = (message: string, reason = 'FailedCreatePodSandBox') => ({
  type: 'Warning',
  reason,
  message,
  involvedObject: { kind: 'Pod', name: 'api-c', namespace: 'shop' },
});
const FULL =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "0a1b": plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.3.2-10.244.3.2';

ruleCases(rule, {
  fires: [
    {
      when: 'the addresses of the node are used up',
      world: world({ endpoints: endpointsOf([starting]), events: [event(FULL)] }),
      says: 'New Pods on n3 get no network (plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.3.2-10.244.3.2): api-c does not start.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'service',
      saw: ['ContainerCreating'],
      run: ["kubectl get node n3 -o jsonpath='{.spec.podCIDR}'"],
    },
    {
      when: 'the plugin has no configuration, and two other Pods still serve',
      world: world({
        endpoints: endpointsOf([apiA, apiB, starting]),
        events: [
          event(
            'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
            'NetworkNotReady',
          ),
        ],
      }),
      says: 'New Pods on n3 get no network (network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not…): api-c does not start.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'every Pod runs', world: world(), outcome: 'clear', because: 'no Pod of this Service waits for a network' },
    {
      when: 'the sandbox fails for its image: that is backend-not-running',
      world: world({
        endpoints: endpointsOf([starting]),
        events: [event('Failed to create pod sandbox: failed to get sandbox image "registry.k8s.io/pause:3.9"')],
      }),
      outcome: 'clear',
    },
    {
      when: 'the Pod has got its network meanwhile',
      world: world({ endpoints: endpointsOf([apiA, apiB, apiPod('c')]), events: [event(FULL)] }),
      outcome: 'clear',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
