import rule from '../../../src/rules/endpoints/backend-scaled-to-zero.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  apiPod,
  connectService,
  endpointsOf,
  found,
  rejected,
  service,
  workload,
  world,
} from '../../support/world.ts';

const labels = { app: 'api' };
const nobody = {
  endpoints: endpointsOf([]),
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  backendConnects: [],
};

const autoscaler = (name: string, ownerReferences: { kind: string; name: string }[] = []) => ({
  metadata: { name, namespace: 'shop', ownerReferences },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'api' }, minReplicas: 2, maxReplicas: 5 },
  status: {
    conditions: [
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'ScalingDisabled',
        message: 'scaling is disabled since the replica count of the target is zero',
      },
    ],
  },
});

const scaled = (message: string, lastTimestamp: string, name = 'api') => ({
  type: 'Normal',
  reason: 'ScalingReplicaSet',
  message,
  lastTimestamp,
  involvedObject: { kind: 'Deployment', namespace: 'shop', name },
});

ruleCases(rule, {
  fires: [
    {
      when: 'somebody scaled the Deployment down',
      world: world({
        ...nobody,
        workloads: [
          workload({
            name: 'api',
            replicas: 0,
            labels,
            scaledBy: { manager: 'kubectl', time: '2026-03-02T09:41:00Z' },
          }),
        ],
      }),
      says: 'Deployment api is scaled to 0 replicas (set by kubectl at 2026-03-02T09:41:00Z), so nothing is behind Service api.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['Deployment api: spec.replicas 0, template labels match app=api', '0 usable endpoints'],
      run: ['kubectl -n shop scale deployment/api --replicas=1', 'kubectl -n shop get hpa'],
    },
    {
      when: 'an event still says how many it had: as many are wanted again, and no autoscaler is meant for it',
      world: world({
        ...nobody,
        workloads: [workload({ name: 'api', replicas: 0, labels })],
        autoscalers: [],
        scalings: [
          scaled('Scaled up replica set api-7d4f9c6b5d from 0 to 3', '2026-03-02T08:00:00Z'),
          scaled('Scaled down replica set api-7d4f9c6b5d from 3 to 0', '2026-03-02T09:41:00Z'),
          scaled('Scaled down replica set cart-5c7b from 7 to 0', '2026-03-02T09:50:00Z', 'cart'),
        ],
      }),
      says: 'Deployment api is scaled to 0 replicas, so nothing is behind Service api.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['Scaled down replica set api-7d4f9c6b5d from 3 to 0'],
      run: ['kubectl -n shop scale deployment/api --replicas=3'],
    },
    {
      when: 'the last event is about something else: nobody knows how many it had',
      world: world({
        ...nobody,
        workloads: [workload({ name: 'api', replicas: 0, labels })],
        autoscalers: [],
        scalings: [scaled('Scaled up replica set api-7d4f9c6b5d from 0 to 3', '2026-03-02T08:00:00Z')],
      }),
      says: 'Deployment api is scaled to 0 replicas, so nothing is behind Service api.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop scale deployment/api --replicas=1'],
    },
    {
      when: 'an old ReplicaSet of it is at 0 too: one finding, and no probe ran',
      world: apiOnly({
        ...nobody,
        workloads: [
          workload({ name: 'api', replicas: 0, labels }),
          {
            ...workload({ kind: 'ReplicaSet', name: 'api-7d4f9c6b5d', replicas: 0, labels }),
            metadata: {
              name: 'api-7d4f9c6b5d',
              namespace: 'shop',
              ownerReferences: [{ kind: 'Deployment', name: 'api', controller: true }],
            },
          },
        ],
      }),
      says: 'Deployment api is scaled to 0 replicas, so nothing is behind Service api.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'an autoscaler is there, which does nothing at 0',
      world: world({
        ...nobody,
        workloads: [workload({ name: 'api', replicas: 0, labels })],
        autoscalers: [autoscaler('api')],
      }),
      says: 'Deployment api is scaled to 0 replicas, so nothing is behind Service api; HorizontalPodAutoscaler api (2 to 5 replicas) does nothing while it is at 0.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'api: 2 to 5 replicas; ScalingActive False: scaling is disabled since the replica count of the target is zero',
      ],
      run: ['kubectl -n shop scale deployment/api --replicas=1'],
    },
    {
      when: 'KEDA scales it, and sees no work',
      world: world({
        ...nobody,
        workloads: [workload({ name: 'api', replicas: 0, labels, scaledBy: { manager: 'keda' } })],
        autoscalers: [autoscaler('keda-hpa-api', [{ kind: 'ScaledObject', name: 'api-queue' }])],
      }),
      says: 'Deployment api is scaled to 0 replicas (set by keda), so nothing is behind Service api; ScaledObject api-queue of KEDA scales it up from 0 when there is work, and sees none.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop describe scaledobject api-queue', 'kubectl -n shop scale deployment/api --replicas=1'],
    },
    {
      when: 'the autoscaler of another workload is there',
      world: world({
        ...nobody,
        workloads: [workload({ name: 'api', replicas: 0, labels })],
        autoscalers: [{ ...autoscaler('web'), spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } } }],
      }),
      says: 'Deployment api is scaled to 0 replicas, so nothing is behind Service api.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'its last Pods are ending and still serve',
      world: world({
        endpoints: endpointsOf([apiPod('a', { deleted: true })]),
        workloads: [workload({ name: 'api', replicas: 0, labels })],
      }),
      says: 'Deployment api is scaled to 0 replicas, so Service api ends with its last terminating Pods.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'three replicas are wanted', world: world(), outcome: 'clear', because: 'its replicas are above 0' },
    {
      when: 'a standby of a blue-green release is at 0 on purpose, and the other one serves',
      world: world({
        endpoints: endpointsOf(API_PODS),
        workloads: [
          workload({ name: 'api-blue', labels: { ...labels, color: 'blue' } }),
          workload({ name: 'api-green', replicas: 0, labels: { ...labels, color: 'green' } }),
        ],
      }),
      outcome: 'clear',
      because: 'api-green is at 0, and other Pods stand behind api',
    },
    {
      when: 'replicas are wanted and none runs: that is backend-not-running',
      world: world({ ...nobody, workloads: [workload({ name: 'api', ready: 0, labels })] }),
      outcome: 'clear',
    },
    {
      when: 'no template matches: that is selector-mismatch',
      world: world({ ...nobody, service: found(service({ selector: { app: 'apii' } })) }),
      outcome: 'clear',
      because: 'no workload has app=apii',
    },
    {
      when: 'the Service has no selector',
      world: world({ service: found(service({ selector: null })) }),
      outcome: 'not-applicable',
    },
  ],
});
