/** When and by whom the objects on the path were written: read only after something failed, and pruned to who, when and which fields. */
import * as z from 'zod/mini';
import { backendsOf, usedBackends } from '../derive/backends.ts';
import { works } from '../derive/connects.ts';
import { ownerOf } from '../derive/pods.ts';
import { chooseServicePort } from '../derive/service-port.ts';
import { workloadRef, workloadsBehind } from '../derive/service-view.ts';
import { type Collected, found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { ChangeSnapshot } from '../evidence/snapshots.ts';
import type { Flow, ObjectRef } from '../ladder/flow.ts';
import { selectorText } from '../netpol/selector.ts';
import { type Reading, readList, readObject } from './read.ts';

/** More owners than that behind one Service would be the same story again. */
const MOST_WORKLOADS = 3;
const MOST_FIELDS = 6;
const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};
const q = encodeURIComponent;

/** Something was measured to fail, or there is nothing to send to. */
export function somethingFails(evidence: Evidence, flow: Flow): boolean {
  const connects = [...(factOf(evidence, 'serviceConnects') ?? []), ...(factOf(evidence, 'backendConnects') ?? [])];
  if (connects.some((reading) => !works(reading))) return true;
  const answer = factOf(evidence, 'nameLookup')?.outcome;
  if (answer !== undefined && (answer.kind !== 'answered' || answer.rcode !== 'NOERROR')) return true;
  const service = found(factOf(evidence, 'service'));
  const endpoints = factOf(evidence, 'endpoints');
  if (service === null || endpoints === null) return false;
  const choice = chooseServicePort(service, flow);
  if (choice.kind !== 'chosen') return choice.kind === 'undefined';
  return usedBackends(backendsOf(endpoints.slices, endpoints.selected, choice.port)).length === 0;
}

const Written = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.optional(z.string()),
    creationTimestamp: z.optional(z.nullable(z.string())),
    ownerReferences: z.optional(z.array(z.object({ kind: z.string(), name: z.string() }))),
    managedFields: z.optional(
      z.array(
        z.object({
          manager: z.optional(z.string()),
          operation: z.optional(z.string()),
          time: z.optional(z.nullable(z.string())),
          subresource: z.optional(z.string()),
          fieldsV1: z.optional(z.looseObject({})),
        }),
      ),
    ),
  }),
});
type Written = z.infer<typeof Written>;

/**
 * Reads the Service, the workloads behind it with their revisions, the policies and CoreDNS's configuration, as far as
 * this run has met them. What may not be read is left out, and said to be.
 */
export async function collectChanges(
  reading: Reading,
  evidence: Evidence,
  flow: Flow,
): Promise<Collected<readonly ChangeSnapshot[]>> {
  const atMs = reading.nowMs();
  const reads = [...serviceReads(reading, evidence), ...policyReads(reading, evidence), ...dnsReads(reading, evidence)];
  const results = await Promise.all(reads);
  const lost = results.find((result) => result.status === 'missing');
  const name = flow.destination.kind === 'Service' ? flow.destination.name : '';
  const namespace = 'namespace' in flow.destination ? flow.destination.namespace : flow.source.namespace;
  const command = `kubectl -n ${namespace} get service ${name} -o yaml --show-managed-fields`;
  const value = results.flatMap((result) => (result.status === 'collected' ? result.value : []));
  if (value.length === 0 && lost?.status === 'missing') return lost;
  return {
    status: 'collected',
    value,
    command,
    atMs,
    tookMs: reading.nowMs() - atMs,
    ...(lost?.status === 'missing' ? { lost: lost.gap } : {}),
  };
}

type Read = Promise<Collected<readonly ChangeSnapshot[]>>;

function serviceReads(reading: Reading, evidence: Evidence): readonly Read[] {
  const service = found(factOf(evidence, 'service'));
  if (service === null) return [];
  const { name, namespace = '' } = service.metadata;
  const selector = service.spec.selector ?? {};
  const endpoints = factOf(evidence, 'endpoints');
  const owners = [
    ...(endpoints?.selected ?? []).flatMap((pod) => ownerOf(pod) ?? []),
    ...workloadsBehind(selector, factOf(evidence, 'workloads') ?? []).map(workloadRef),
  ];
  const workloads = [...new Map(owners.map((owner) => [`${owner.kind}/${owner.name}`, owner])).values()]
    .filter(({ kind }) => kind in PLURALS)
    .slice(0, MOST_WORKLOADS);
  return [
    one(reading, `/api/v1/namespaces/${q(namespace)}/services/${q(name)}`, { kind: 'Service', namespace, name }),
    ...workloads.map((ref) =>
      one(reading, `/apis/apps/v1/namespaces/${q(namespace)}/${PLURALS[ref.kind]}/${q(ref.name)}`, {
        kind: ref.kind,
        namespace,
        name: ref.name,
      }),
    ),
    ...(workloads.some(({ kind }) => kind === 'Deployment') && Object.keys(selector).length > 0
      ? [revisions(reading, namespace, selectorText(selector), workloads)]
      : []),
  ];
}

function policyReads(reading: Reading, evidence: Evidence): readonly Read[] {
  const namespaces = [...new Set((factOf(evidence, 'policies') ?? []).map(({ metadata }) => metadata.namespace ?? ''))];
  return namespaces.map(async (namespace) => {
    const list = await readList(
      reading,
      `/apis/networking.k8s.io/v1/namespaces/${q(namespace)}/networkpolicies`,
      Written,
      `kubectl -n ${namespace} get networkpolicies -o yaml --show-managed-fields`,
    );
    if (list.status === 'missing') return list;
    const value = list.value.flatMap((policy) =>
      writesOf(policy, { kind: 'NetworkPolicy', namespace, name: policy.metadata.name }),
    );
    return { ...list, value };
  });
}

function dnsReads(reading: Reading, evidence: Evidence): readonly Read[] {
  const answer = factOf(evidence, 'nameLookup')?.outcome;
  if (answer === undefined || (answer.kind === 'answered' && answer.rcode === 'NOERROR')) return [];
  const namespace = 'kube-system';
  return [
    one(reading, `/api/v1/namespaces/${namespace}/configmaps/coredns`, {
      kind: 'ConfigMap',
      namespace,
      name: 'coredns',
    }),
  ];
}

async function one(reading: Reading, path: string, ref: ObjectRef): Read {
  const command = `kubectl -n ${ref.namespace} get ${ref.kind.toLowerCase()} ${ref.name} -o yaml --show-managed-fields`;
  const object = await readObject(reading, path, Written, command);
  if (object.status === 'missing') return object;
  const written = found(object.value);
  return { ...object, value: written === null ? [] : writesOf(written, ref) };
}

/** Every ReplicaSet is a revision of its Deployment, made when the template changed. */
async function revisions(reading: Reading, namespace: string, selector: string, workloads: readonly ObjectRef[]): Read {
  const list = await readList(
    reading,
    `/apis/apps/v1/namespaces/${q(namespace)}/replicasets?labelSelector=${q(selector)}`,
    Written,
    `kubectl -n ${namespace} get replicasets -l ${selector}`,
  );
  if (list.status === 'missing') return list;
  const value = list.value.flatMap(({ metadata }): readonly ChangeSnapshot[] => {
    const owner = metadata.ownerReferences?.find(({ kind, name }) =>
      workloads.some((workload) => workload.kind === kind && workload.name === name),
    );
    return owner === undefined || metadata.creationTimestamp == null
      ? []
      : [
          {
            object: { kind: owner.kind, namespace, name: owner.name },
            at: metadata.creationTimestamp,
            operation: 'Rollout',
            fields: ['template'],
          },
        ];
  });
  return { ...list, value };
}

/** Writes of `spec` and `data`; what a controller notes in `status` says nothing about who changed what. */
function writesOf({ metadata }: Written, ref: ObjectRef): readonly ChangeSnapshot[] {
  return (metadata.managedFields ?? []).flatMap(({ manager, operation, time, subresource, fieldsV1 }) => {
    if (time == null || subresource === 'status') return [];
    const fields = ['f:spec', 'f:data'].flatMap((part) => Object.keys((fieldsV1?.[part] ?? {}) as object));
    const names = fields.filter((field) => field.startsWith('f:')).map((field) => field.slice(2));
    if (names.length === 0) return [];
    return [
      {
        object: { kind: ref.kind, namespace: ref.namespace, name: ref.name },
        at: time,
        operation: operation ?? 'Update',
        ...(manager === undefined ? {} : { manager }),
        fields: names.slice(0, MOST_FIELDS),
      },
    ];
  });
}
