import { isTerminating } from '../../derive/pods.ts';
import { viewService, workloadRef, workloadsBehind } from '../../derive/service-view.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'backend-scaled-to-zero',
  rung: 'E',
  title: 'The workload behind the Service has 0 replicas',
  needs: ['service', 'endpoints', 'workloads'],
  uses: [],
  lookAlikes: ['selector-mismatch', 'backend-not-running'],
  explains: [],
  judge({ service, endpoints, workloads }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const behind = workloadsBehind(view.selector, workloads);
    const zero = behind.filter((workload) => workload.spec.replicas === 0);
    if (zero.length === 0)
      return clear(behind.length === 0 ? `no workload has ${selectorText(view.selector)}` : 'its replicas are above 0');
    // Another workload stands in: a standby at 0, as in blue-green releases, is nothing to report.
    if (view.pods.some((pod) => !isTerminating(pod)) || view.used.some((backend) => !backend.terminating))
      return clear(
        `${zero.map((workload) => workload.metadata.name).join(', ')} is at 0, and other Pods stand behind ${view.ref.name}`,
      );
    const draining = view.used.length > 0;
    return faults(
      zero.map((workload) => {
        const ref = workloadRef(workload);
        const by = workload.scaledBy;
        return {
          subject: ref,
          summary: `${ref.kind} ${ref.name} is scaled to 0 replicas${by === undefined ? '' : ` (set by ${by.manager}${by.time === undefined ? '' : ` at ${by.time}`})`}, so ${draining ? `Service ${view.ref.name} ends with its last terminating Pods` : `nothing is behind Service ${view.ref.name}`}.`,
          confidence: 'proven',
          blocks: draining ? null : 'service',
          evidence: [
            seen(
              'workloads',
              `${ref.kind} ${ref.name}: spec.replicas 0, template labels match ${selectorText(view.selector ?? {})}`,
            ),
            seen('endpoints', `${view.used.length} usable endpoints`),
          ],
          fix: [
            {
              say: 'Scale it up',
              run: `kubectl -n ${ref.namespace} scale ${ref.kind.toLowerCase()}/${ref.name} --replicas=1`,
            },
            {
              say: 'If an autoscaler or a schedule did it, ask that first',
              run: `kubectl -n ${ref.namespace} get hpa`,
            },
          ],
        };
      }),
      '',
    );
  },
});
