import type { PodSnapshot } from '../../../src/evidence/snapshots.ts';
import rule from '../../../src/rules/endpoints/backend-not-running.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiB,
  apiC,
  apiOnly,
  apiPod,
  connectService,
  endpointsOf,
  found,
  rejected,
  service,
  slice,
  waiting,
  workload,
  world,
} from '../../support/world.ts';

const letters = ['a', 'b', 'c'] as const;
const all = (change: Parameters<typeof apiPod>[1]) => letters.map((letter) => apiPod(letter, change));
const crashing = (letter: 'a' | 'b' | 'c') => apiPod(letter, { ready: false, status: waiting('CrashLoopBackOff', 1) });
const noAddress = { ip: null, ready: false } as const;

const stopped = (pods: readonly PodSnapshot[]) => ({
  endpoints: endpointsOf(pods),
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  backendConnects: [],
});

ruleCases(rule, {
  fires: [
    {
      when: 'every Pod crashes at its start',
      world: world(stopped(letters.map(crashing))),
      says: 'All 3 Pods of Deployment api are in CrashLoopBackOff (last exit 1 (Error)).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['CrashLoopBackOff, last exit 1 (Error)', '0 of 3 endpoints usable'],
      run: ['kubectl -n shop logs api-a --previous', 'kubectl -n shop describe pod api-a'],
    },
    {
      when: 'the image cannot be pulled, and no probe ran',
      world: apiOnly({
        ...stopped(all({ ...noAddress, status: { phase: 'Pending', ...waiting('ImagePullBackOff') } })),
        events: [
          {
            type: 'Warning',
            reason: 'Failed',
            message: 'Failed to pull image "registry.example/app:1": not found',
            involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
          },
        ],
      }),
      says: 'All 3 Pods of Deployment api are in ImagePullBackOff: the image registry.example/app:1 cannot be had.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['Failed: Failed to pull image "registry.example/app:1": not found'],
      run: ['kubectl -n shop describe pod api-a'],
    },
    {
      when: 'the scheduler finds no room for the only Pod',
      world: world(
        stopped([
          apiPod('a', {
            ...noAddress,
            node: null,
            status: {
              phase: 'Pending',
              containerStatuses: [],
              conditions: [
                {
                  type: 'PodScheduled',
                  status: 'False',
                  reason: 'Unschedulable',
                  message: '0/3 nodes are available: 3 Insufficient cpu.',
                },
              ],
            },
          }),
        ]),
      ),
      says: 'The only Pod of Deployment api is in Unschedulable (0/3 nodes are available: 3 Insufficient cpu.).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'one of three crashes: the others serve, so this flow is not stopped',
      world: world({ endpoints: endpointsOf([crashing('a'), apiB, apiC]) }),
      says: '1 of 3 Pods of Deployment api is in CrashLoopBackOff (last exit 1 (Error)).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: null,
    },
    {
      when: 'the only Pod was evicted and nobody owns it',
      world: world({
        ...stopped([]),
        endpoints: {
          slices: [slice([])],
          selected: [
            {
              ...apiPod('a', { name: 'api' }),
              metadata: { name: 'api', namespace: 'shop', labels: { app: 'api' } },
              status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
            },
          ],
          stray: [],
        },
        workloads: [],
      }),
      says: 'Pod api is in Evicted (The node was low on resource: memory.).',
      subject: 'Pod shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'a quota refuses every Pod',
      world: world({
        ...stopped([]),
        workloads: [
          {
            ...workload({ name: 'api', ready: 0, labels: { app: 'api' } }),
            status: {
              replicas: 0,
              conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: compute' }],
            },
          },
        ],
      }),
      says: 'Deployment api wants 3 Pods and has none: exceeded quota: compute.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['api: 3 wanted, 0 exist', 'exceeded quota: compute'],
      run: ['kubectl -n shop describe deployment api'],
    },
    {
      when: 'every Pod is on its way out and none follows',
      world: world(
        stopped([apiPod('a', { deleted: true, ready: false }), apiPod('b', { deleted: true, ready: false })]),
      ),
      says: 'All 2 Pods of Deployment api are in Terminating.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
  ],
  silent: [
    { when: 'three Pods run', world: world(), outcome: 'clear', because: '3 of 3 Pods run' },
    {
      when: 'they run without being Ready: that is readiness-failing',
      world: world(stopped(all({ ready: false }))),
      outcome: 'clear',
    },
    {
      when: 'a rollout ends an old Pod whose container has already exited',
      world: world({
        endpoints: endpointsOf([
          apiPod('a', {
            name: 'api-old',
            deleted: true,
            ready: false,
            status: {
              containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
            },
          }),
          apiB,
          apiC,
        ]),
      }),
      outcome: 'clear',
      because: '2 of 2 Pods run',
    },
    {
      when: 'an evicted Pod lies about while others run',
      world: world({
        endpoints: endpointsOf([apiPod('a', { status: { phase: 'Failed', reason: 'Evicted' } }), apiB, apiC]),
      }),
      outcome: 'clear',
    },
    {
      when: 'a Job has finished: its Pods end by design',
      world: world({
        ...stopped([]),
        endpoints: endpointsOf([apiPod('a', { status: { phase: 'Succeeded' } })]),
        workloads: [workload({ kind: 'Job', name: 'migrate', replicas: 1, labels: { app: 'api' } })],
      }),
      outcome: 'clear',
      because: 'no Pod matches app=api',
    },
    {
      when: 'the workload wants no Pods: that is backend-scaled-to-zero',
      world: world({ ...stopped([]), workloads: [workload({ name: 'api', replicas: 0, labels: { app: 'api' } })] }),
      outcome: 'clear',
    },
    {
      when: 'the Service has no selector',
      world: world({ service: found(service({ selector: null })) }),
      outcome: 'not-applicable',
    },
  ],
});
