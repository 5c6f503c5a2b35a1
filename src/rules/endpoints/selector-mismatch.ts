import { editDistance } from '../../derive/names.ts';
import { servingWorkloads, viewService, workloadsBehind } from '../../derive/service-view.ts';
import type { WorkloadSnapshot } from '../../evidence/snapshots.ts';
import { type Labels, labelMisses, selectorText } from '../../netpol/selector.ts';
import { type Comparison, clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'selector-mismatch',
  rung: 'E',
  title: 'The Service selects no Pod',
  needs: ['service', 'endpoints'],
  uses: ['workloads'],
  lookAlikes: ['backend-scaled-to-zero', 'readiness-failing', 'backend-not-running'],
  explains: [],
  judge({ service, endpoints, workloads }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    if (view.pods.length > 0)
      return clear(
        `${view.pods.length === 1 ? '1 Pod matches' : `${view.pods.length} Pods match`} ${selectorText(view.selector)}`,
      );
    // Pods that failed for good are backend-not-running's; those that ended well (a Job's) never count.
    const finished = endpoints.selected.map((pod) => pod.metadata.name);
    if (endpoints.selected.some((pod) => pod.status?.phase === 'Failed'))
      return clear(`${finished.join(', ')} match, but have failed`);
    const { selector } = view;
    const behind = workloads === null ? [] : workloadsBehind(selector, workloads);
    if (behind.length > 0)
      return clear(
        `the template of ${behind.map((workload) => workload.metadata.name).join(', ')} matches ${selectorText(selector)}`,
      );
    const near = workloads === null ? null : nearest(selector, servingWorkloads(workloads));
    const namespace = view.ref.namespace ?? '';
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} selects ${selectorText(selector)}, and no ${finished.length === 0 ? '' : 'running '}Pod in ${namespace} has these labels${near === null ? '' : `; ${near.workload.kind} ${near.workload.metadata.name} has ${selectorText(near.has)} (${near.workload.status?.readyReplicas ?? 0} ready)`}${workloads === null ? '; which workloads make Pods there may not be read' : ''}.`,
          confidence: workloads === null ? 'possible' : 'proven',
          blocks: 'service',
          ...(near === null ? {} : { compare: compared(view.ref.name, selector, near.workload) }),
          evidence: [
            seen('service', `spec.selector: ${selectorText(selector)}`),
            {
              vantage: 'api',
              command: `kubectl -n ${namespace} get pods -l ${selectorText(selector)}`,
              saw: finished.length === 0 ? 'No resources found' : `only finished Pods: ${finished.join(', ')}`,
            },
            ...(near === null
              ? []
              : [
                  seen(
                    'workloads',
                    `${near.workload.kind} ${near.workload.metadata.name}: template labels ${selectorText(near.workload.spec.template.metadata?.labels ?? {})}`,
                  ),
                ]),
          ],
          ...(workloads === null
            ? {
                notRuledOut: [
                  { id: 'backend-scaled-to-zero', needs: `kubectl auth can-i list deployments -n ${namespace}` },
                ],
              }
            : {}),
          fix:
            near === null
              ? [
                  {
                    say: 'Compare the selector with the labels of the Pods that should answer',
                    run: `kubectl -n ${namespace} get pods --show-labels`,
                  },
                ]
              : [
                  {
                    say: `Let the Service select ${selectorText(near.has)}`,
                    run: `kubectl -n ${namespace} patch service ${view.ref.name} -p '${JSON.stringify({ spec: { selector: near.patch } })}'`,
                  },
                ],
        },
      ],
      '',
    );
  },
});

/** Every term of the selector beside the label of the Pods that the workload makes. */
function compared(service: string, selector: Labels, workload: WorkloadSnapshot): Comparison {
  const labels = workload.spec.template.metadata?.labels ?? {};
  return {
    title: `The selector of Service ${service}, and the Pods of ${workload.kind} ${workload.metadata.name}`,
    rows: Object.entries(selector).map(([key, value]) => ({
      what: key,
      needs: value,
      has: labels[key] ?? 'no such label',
      ok: labels[key] === value,
    })),
  };
}

interface Near {
  readonly workload: WorkloadSnapshot;
  /** The workload's own values for the keys that differ. */
  readonly has: Labels;
  /** What a merge patch of the selector needs; null removes a key the workload does not have. */
  readonly patch: Readonly<Record<string, string | null>>;
}

/** The workload whose template misses the fewest terms of the selector, with values at most half different. */
function nearest(selector: Labels, workloads: readonly WorkloadSnapshot[]): Near | null {
  const scored = workloads.flatMap((workload) => {
    const labels = workload.spec.template.metadata?.labels ?? {};
    const misses = labelMisses({ matchLabels: selector }, labels);
    const keysKnown = misses.filter((miss) => miss.has !== null);
    const distance = keysKnown.reduce((sum, miss) => sum + editDistance(selector[miss.key] ?? '', miss.has ?? ''), 0);
    const close =
      keysKnown.length > 0 &&
      keysKnown.every(
        (miss) => editDistance(selector[miss.key] ?? '', miss.has ?? '') <= Math.ceil((miss.has ?? '').length / 2) + 1,
      );
    const someMatch = misses.length < Object.keys(selector).length;
    if (!close && !someMatch) return [];
    const has = Object.fromEntries(keysKnown.map((miss) => [miss.key, miss.has ?? '']));
    const patch = Object.fromEntries(misses.map((miss) => [miss.key, miss.has]));
    return [{ workload, has: Object.keys(has).length === 0 ? labels : has, patch, misses: misses.length, distance }];
  });
  scored.sort((a, b) => a.misses - b.misses || a.distance - b.distance);
  return scored[0] ?? null;
}
