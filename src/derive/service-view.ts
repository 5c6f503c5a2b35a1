import { found, type Lookup } from '../evidence/collected.ts';
import type { Endpoints } from '../evidence/evidence.ts';
import type { PodSnapshot, ServicePort, ServiceSnapshot, WorkloadSnapshot } from '../evidence/snapshots.ts';
import type { Flow, ObjectRef, Protocol } from '../ladder/flow.ts';
import { type Labels, selects } from '../netpol/selector.ts';
import { type Backend, backendsOf, isHeadless, usedBackends } from './backends.ts';
import { isFinished } from './pods.ts';
import { askedPort, chooseServicePort } from './service-port.ts';

/** A Service, the port the flow means, and what is behind it. */
export interface ServiceView {
  readonly service: ServiceSnapshot;
  readonly ref: ObjectRef;
  readonly port: ServicePort;
  readonly protocol: Protocol;
  /** Null for a Service without a selector. */
  readonly selector: Labels | null;
  readonly backends: readonly Backend[];
  /** Those that new connections go to. */
  readonly used: readonly Backend[];
  /** Selected Pods that are not finished, ready or not. */
  readonly pods: readonly PodSnapshot[];
}

/** Null when there is no such Service, it is an ExternalName, or it does not publish the port. */
export function viewService(
  service: Lookup<ServiceSnapshot> | null,
  endpoints: Endpoints | null,
  flow: Flow,
): ServiceView | null {
  const object = found(service);
  if (object === null || endpoints === null || object.spec.type === 'ExternalName') return null;
  const choice = chooseServicePort(object, flow);
  if (choice.kind !== 'chosen') return null;
  const selector = object.spec.selector ?? {};
  // Clients of a headless Service connect to the port they name, whatever the slices say.
  const asked = isHeadless(object) ? askedPort(flow) : null;
  const backends = backendsOf(endpoints.slices, [...endpoints.selected, ...endpoints.stray], choice.port).map(
    (backend) => (typeof asked === 'number' ? { ...backend, port: asked } : backend),
  );
  return {
    service: object,
    ref: { kind: 'Service', namespace: object.metadata.namespace ?? '', name: object.metadata.name },
    port: choice.port,
    protocol: choice.protocol,
    selector: Object.keys(selector).length === 0 ? null : selector,
    backends,
    used: usedBackends(backends),
    pods: endpoints.selected.filter((pod) => !isFinished(pod)),
  };
}

/** Workloads whose Pods the selector would match, judged by their templates. */
export function workloadsBehind(selector: Labels, workloads: readonly WorkloadSnapshot[]): readonly WorkloadSnapshot[] {
  return servingWorkloads(workloads).filter((workload) =>
    selects({ matchLabels: selector }, workload.spec.template.metadata?.labels ?? {}),
  );
}

/** Without those that another of them owns (old ReplicaSets of a Deployment stay at 0), and without Jobs, whose Pods end by design. */
export function servingWorkloads(workloads: readonly WorkloadSnapshot[]): readonly WorkloadSnapshot[] {
  const isOwned = ({ metadata }: WorkloadSnapshot): boolean =>
    (metadata.ownerReferences ?? []).some((owner) =>
      workloads.some((other) => other.kind === owner.kind && other.metadata.name === owner.name),
    );
  return workloads.filter((workload) => workload.kind !== 'Job' && workload.kind !== 'CronJob' && !isOwned(workload));
}

export function workloadRef(workload: WorkloadSnapshot): ObjectRef {
  return { kind: workload.kind, namespace: workload.metadata.namespace ?? '', name: workload.metadata.name };
}
