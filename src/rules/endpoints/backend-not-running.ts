import { isReady, isTerminating, ownerOf, podRef, stoppedBecause } from '../../derive/pods.ts';
import { viewService, workloadRef, workloadsBehind } from '../../derive/service-view.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'backend-not-running',
  rung: 'E',
  title: 'The backend Pods do not run',
  needs: ['service', 'endpoints', 'workloads'],
  uses: ['events'],
  lookAlikes: ['readiness-failing', 'backend-scaled-to-zero', 'selector-mismatch'],
  explains: [],
  judge({ service, endpoints, workloads, events }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const failed = endpoints.selected.filter((pod) => pod.status?.phase === 'Failed');
    // Pods on their way out are a rollout's daily business, unless nothing takes their place.
    const staying = view.pods.filter((pod) => !isTerminating(pod));
    const pods = [staying, view.pods, failed].find((some) => some.length > 0) ?? [];
    const stopped = pods.flatMap((pod) => {
      const because =
        stoppedBecause(pod) ?? (isTerminating(pod) && !isReady(pod) ? { reason: 'Terminating', detail: null } : null);
      return because === null ? [] : [{ pod, because }];
    });
    const [first] = stopped;
    if (first === undefined) {
      // A workload that wants Pods and has none: quota, admission, a broken template.
      const wanting =
        pods.length > 0
          ? undefined
          : workloadsBehind(view.selector, workloads).find((workload) => (workload.spec.replicas ?? 1) > 0);
      if (wanting === undefined)
        return clear(
          pods.length === 0
            ? `no Pod matches ${selectorText(view.selector)}`
            : `${pods.length} of ${pods.length} Pods run`,
        );
      const ref = workloadRef(wanting);
      const failure = wanting.status?.conditions?.find(
        (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
      );
      const event = events?.find(
        (candidate) =>
          candidate.reason === 'FailedCreate' && candidate.involvedObject.name?.startsWith(ref.name) === true,
      );
      const message = failure?.message ?? event?.message ?? null;
      return faults(
        [
          {
            subject: ref,
            summary: `${ref.kind} ${ref.name} wants ${wanting.spec.replicas === undefined || wanting.spec.replicas === 1 ? '1 Pod' : `${wanting.spec.replicas} Pods`} and has none${message === null ? '' : `: ${message}`}.`,
            confidence: 'proven',
            blocks: 'service',
            evidence: [
              seen(
                'workloads',
                `${ref.name}: ${wanting.spec.replicas ?? 1} wanted, ${wanting.status?.replicas ?? 0} exist`,
              ),
              ...(message === null ? [] : [seen(failure === undefined ? 'events' : 'workloads', message)]),
            ],
            fix: [
              {
                say: 'See what refuses its Pods',
                run: `kubectl -n ${ref.namespace} describe ${ref.kind.toLowerCase()} ${ref.name}`,
              },
            ],
          },
        ],
        '',
      );
    }
    const owner = ownerOf(first.pod);
    const subject = owner ?? podRef(first.pod);
    const { reason, detail } = first.because;
    const all = stopped.length === pods.length;
    const many = `${all ? `All ${pods.length}` : `${stopped.length} of ${pods.length}`} Pods of ${subject.kind} ${subject.name} ${stopped.length === 1 ? 'is' : 'are'}`;
    const who =
      pods.length > 1
        ? many
        : owner === null
          ? `Pod ${subject.name} is`
          : `The only Pod of ${subject.kind} ${subject.name} is`;
    const image = first.pod.spec.containers[0]?.image;
    const pulling =
      reason === 'ErrImagePull' ||
      reason === 'ImagePullBackOff' ||
      reason === 'ErrImageNeverPull' ||
      reason === 'InvalidImageName';
    const event = events?.find(
      (candidate) => candidate.involvedObject.name === first.pod.metadata.name && candidate.message !== undefined,
    );
    return faults(
      [
        {
          subject,
          summary: `${who} in ${reason}${detail === null ? '' : ` (${detail})`}${pulling && image !== undefined ? `: the image ${image} cannot be had` : ''}.`,
          confidence: 'proven',
          blocks: view.used.length === 0 ? 'service' : null,
          evidence: [
            ...stopped.slice(0, 3).map(({ pod, because }) => ({
              vantage: 'api' as const,
              command: `kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name}`,
              saw: `${because.reason}${because.detail === null ? '' : `, ${because.detail}`}`,
            })),
            ...(event === undefined ? [] : [seen('events', `${event.reason}: ${event.message}`)]),
            seen('endpoints', `${view.used.length} of ${view.backends.length} endpoints usable`),
          ],
          fix: pulling
            ? [
                {
                  say: 'Correct the image, or give the node a way to pull it',
                  run: `kubectl -n ${subject.namespace} describe pod ${first.pod.metadata.name}`,
                },
              ]
            : [
                {
                  say: 'Read what the last run said',
                  run: `kubectl -n ${subject.namespace} logs ${first.pod.metadata.name} --previous`,
                },
                {
                  say: 'And what the cluster says about it',
                  run: `kubectl -n ${subject.namespace} describe pod ${first.pod.metadata.name}`,
                },
              ],
        },
      ],
      '',
    );
  },
});
