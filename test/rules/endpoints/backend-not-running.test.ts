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
  secondsAgo,
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

/** The scheduler's words about the only Pod. */
const unplaced = (message: string) =>
  apiPod('a', {
    ...noAddress,
    node: null,
    status: {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    },
  });

const refused = (message: string) => ({
  ...stopped([]),
  workloads: [
    {
      ...workload({ name: 'api', ready: 0, labels: { app: 'api' } }),
      status: { replicas: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message }] },
    },
  ],
});

const made = (seconds: number, status: PodSnapshot['status']): PodSnapshot => {
  const { metadata, ...rest } = apiPod('a', { ...noAddress, status: { phase: 'Pending', ...status } });
  return { ...rest, metadata: { ...metadata, creationTimestamp: secondsAgo(seconds) } };
};

ruleCases(rule, {
  fires: [
    {
      when: 'the only Pod was made seconds ago: it is only about to start',
      world: world(stopped([made(3, waiting('ContainerCreating'))])),
      says: 'The only Pod of Deployment api is being started (made 3 s ago, ContainerCreating).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop wait --for=condition=Ready pod/api-a --timeout=60s', 'kubectl -n shop describe pod api-a'],
    },
    {
      when: 'it is still not started after a minute: there is no last run to read of',
      world: world(stopped([made(60, waiting('ContainerCreating'))])),
      says: 'The only Pod of Deployment api is in ContainerCreating.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop describe pod api-a'],
    },
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
      says: 'The only Pod of Deployment api cannot be scheduled: none of 3 nodes fits: 3 have too little cpu left.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['Unschedulable, 0/3 nodes are available: 3 Insufficient cpu.'],
      run: ["kubectl describe nodes | grep -A9 'Allocated resources'", 'kubectl -n shop describe pod api-a'],
    },
    {
      when: 'nodes have a taint and other labels',
      world: world(
        stopped([
          unplaced(
            "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
          ),
        ]),
      ),
      says: 'The only Pod of Deployment api cannot be scheduled: none of 3 nodes fits: 1 has a taint that it does not tolerate (node-role.kubernetes.io/control-plane), 2 have none of the labels that its nodeSelector or affinity asks for.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: [
        'kubectl get nodes --show-labels',
        'kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints',
        'kubectl -n shop describe pod api-a',
      ],
    },
    {
      when: 'its PersistentVolumeClaim does not exist',
      world: world(stopped([unplaced('persistentvolumeclaim "api-data" not found')])),
      says: 'The only Pod of Deployment api cannot be scheduled (persistentvolumeclaim "api-data" not found).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop get persistentvolumeclaims', 'kubectl -n shop describe pod api-a'],
    },
    {
      when: 'the log of the crash is there',
      world: world({
        ...stopped(letters.map(crashing)),
        backendLogs: [{ pod: 'api-a', container: 'app', text: 'FATAL: cannot open /etc/api/config.yaml' }],
      }),
      says: 'All 3 Pods of Deployment api are in CrashLoopBackOff (last exit 1 (Error)): its last words: "FATAL: cannot open /etc/api/config.yaml".',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['api-a, container app: FATAL: cannot open /etc/api/config.yaml'],
    },
    {
      when: 'it was killed for want of memory',
      world: world(
        stopped([
          apiPod('a', {
            ready: false,
            status: {
              containerStatuses: [
                {
                  name: 'app',
                  ready: false,
                  restartCount: 4,
                  state: { waiting: { reason: 'CrashLoopBackOff' } },
                  lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
                },
              ],
            },
          }),
        ]),
      ),
      says: 'The only Pod of Deployment api is in CrashLoopBackOff (last exit 137 (OOMKilled)): it used more memory than its limit.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: [
        'kubectl -n shop get deployment api -o yaml | grep -A6 resources:',
        'kubectl -n shop logs api-a --previous',
        'kubectl -n shop describe pod api-a',
      ],
    },
    {
      when: 'its liveness probe ends it again and again',
      world: world({
        ...stopped([apiPod('a', { ready: false, status: waiting('CrashLoopBackOff', 137) })]),
        events: [
          {
            type: 'Warning',
            reason: 'Unhealthy',
            message: 'Liveness probe failed: HTTP probe failed with statuscode: 500',
            involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
          },
        ],
      }),
      says: 'The only Pod of Deployment api is in CrashLoopBackOff (last exit 137 (Error)): its liveness probe ends it (HTTP probe failed with statuscode: 500).',
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
      when: 'a quota has no room for another Pod',
      world: world(
        refused(
          'pods "api-7d4f9c6b5d-x2x4z" is forbidden: exceeded quota: small, requested: pods=1,requests.cpu=500m, used: pods=4,requests.cpu=1800m, limited: pods=4,requests.cpu=2',
        ),
      ),
      says: 'Deployment api wants 3 Pods and has none: ResourceQuota small is used up (pods: 1 more asked for, 4 of 4 used; requests.cpu: 500m more asked for, 1800m of 2 used).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop describe resourcequota small', 'kubectl -n shop describe deployment api'],
    },
    {
      when: 'an admission webhook refuses every Pod',
      world: world(
        refused(
          'admission webhook "validate.policies.example" denied the request: every image must come from registry.example',
        ),
      ),
      says: 'Deployment api wants 3 Pods and has none: admission webhook validate.policies.example refuses them (every image must come from registry.example).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'an admission webhook cannot be asked',
      world: world(
        refused(
          'Internal error occurred: failed calling webhook "inject.mesh.example": failed to call webhook: Post "https://injector.mesh.svc:443/inject?timeout=10s": no endpoints available for service "injector"',
        ),
      ),
      says: 'Deployment api wants 3 Pods and has none: admission webhook inject.mesh.example cannot be asked (failed to call webhook: Post "https://injector.mesh.svc:443/inject?timeout=10s": no endpoints available for service "injector").',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'the namespace enforces Pod Security',
      world: world(
        refused(
          'pods "api-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true)',
        ),
      ),
      says: 'Deployment api wants 3 Pods and has none: the namespace enforces Pod Security restricted, which they violate (runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true)).',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl get namespace shop --show-labels', 'kubectl -n shop describe deployment api'],
    },
    {
      when: 'its ServiceAccount does not exist',
      world: world(
        refused(
          'pods "api-x" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
        ),
      ),
      says: 'Deployment api wants 3 Pods and has none: ServiceAccount robot does not exist.',
      subject: 'Deployment shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop create serviceaccount robot', 'kubectl -n shop describe deployment api'],
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
