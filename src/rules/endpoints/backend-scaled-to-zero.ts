import { isTerminating } from '../../derive/pods.ts';
import { viewService, workloadRef, workloadsBehind } from '../../derive/service-view.ts';
import type { AutoscalerSnapshot, EventSnapshot, WorkloadSnapshot } from '../../evidence/snapshots.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'backend-scaled-to-zero',
  rung: 'E',
  title: 'The workload behind the Service has 0 replicas',
  needs: ['service', 'endpoints', 'workloads'],
  uses: ['autoscalers', 'scalings'],
  lookAlikes: ['selector-mismatch', 'backend-not-running'],
  explains: [],
  judge({ service, endpoints, workloads, autoscalers, scalings }, { flow, seen }) {
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
        const scaler = scalerOf(workload, autoscalers);
        const down = scaledDown(workload, scalings);
        return {
          subject: ref,
          summary: `${ref.kind} ${ref.name} is scaled to 0 replicas${by === undefined ? '' : ` (set by ${by.manager}${by.time === undefined ? '' : ` at ${by.time}`})`}, so ${draining ? `Service ${view.ref.name} ends with its last terminating Pods` : `nothing is behind Service ${view.ref.name}`}${scaler === null ? '' : `; ${scaler.says}`}.`,
          confidence: 'proven',
          blocks: draining ? null : 'service',
          evidence: [
            seen(
              'workloads',
              `${ref.kind} ${ref.name}: spec.replicas 0, template labels match ${selectorText(view.selector ?? {})}`,
            ),
            seen('endpoints', `${view.used.length} usable endpoints`),
            ...(down === null ? [] : [seen('scalings', down.saw)]),
            ...(scaler === null ? [] : [seen('autoscalers', scaler.saw)]),
          ],
          fix: [
            ...(scaler?.keda === undefined || scaler.keda === null
              ? []
              : [
                  {
                    say: `Find out why ScaledObject ${scaler.keda} sees nothing to do`,
                    run: `kubectl -n ${ref.namespace} describe scaledobject ${scaler.keda}`,
                  },
                ]),
            {
              say:
                scaler === null || scaler.keda !== null
                  ? `Scale it up${down === null ? '' : `; it had ${down.from} before`}`
                  : `Scale it up; from 1 on HorizontalPodAutoscaler ${scaler.name} goes on by itself`,
              run: `kubectl -n ${ref.namespace} scale ${ref.kind.toLowerCase()}/${ref.name} --replicas=${scaler !== null && scaler.keda === null ? 1 : (down?.from ?? 1)}`,
            },
            ...(scaler !== null || autoscalers !== null
              ? []
              : [
                  {
                    say: 'If an autoscaler or a schedule did it, ask that first',
                    run: `kubectl -n ${ref.namespace} get hpa`,
                  },
                ]),
          ],
        };
      }),
      '',
    );
  },
});

/**
 * How many it had before somebody scaled it to 0, from the event of its Deployment; null when no event says so any more: they are
 * kept for an hour.
 *
 * @see pkg/controller/deployment/sync.go of Kubernetes: "Scaled down replica set NAME from 2 to 0"
 */
function scaledDown(
  { kind, metadata: { name } }: WorkloadSnapshot,
  events: readonly EventSnapshot[] | null,
): { readonly from: number; readonly saw: string } | null {
  const last = (events ?? [])
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
    .sort((a, b) => timeOf(b) - timeOf(a))
    .find(({ message }) => message !== undefined);
  const [saw, from] = /^Scaled down replica set \S+ from (\d+) to 0\b/.exec(last?.message ?? '') ?? [];
  return saw === undefined || Number(from) === 0 ? null : { from: Number(from), saw };
}

const timeOf = ({ lastTimestamp, eventTime }: EventSnapshot): number => Date.parse(lastTimestamp ?? eventTime ?? '');

interface Scaler {
  readonly name: string;
  /** The ScaledObject of KEDA that it belongs to; null for one of its own. */
  readonly keda: string | null;
  readonly says: string;
  readonly saw: string;
}

/** The autoscaler of a workload. It does nothing at 0 replicas, unless KEDA stands behind it, which scales from 0 when there is work. */
function scalerOf(workload: WorkloadSnapshot, autoscalers: readonly AutoscalerSnapshot[] | null): Scaler | null {
  const found = autoscalers?.find(
    ({ spec: { scaleTargetRef } }) =>
      scaleTargetRef.kind === workload.kind && scaleTargetRef.name === workload.metadata.name,
  );
  if (found === undefined) return null;
  const { name } = found.metadata;
  const keda = found.metadata.ownerReferences?.find(({ kind }) => kind === 'ScaledObject')?.name ?? null;
  const range = `${found.spec.minReplicas ?? 1} to ${found.spec.maxReplicas ?? '?'} replicas`;
  const off = found.status?.conditions?.find(({ type, status }) => type === 'ScalingActive' && status === 'False');
  return {
    name,
    keda,
    says:
      keda === null
        ? `HorizontalPodAutoscaler ${name} (${range}) does nothing while it is at 0`
        : `ScaledObject ${keda} of KEDA scales it up from 0 when there is work, and sees none`,
    saw: `${name}: ${range}${off === undefined ? '' : `; ScalingActive False: ${off.message ?? off.reason ?? ''}`}`,
  };
}
