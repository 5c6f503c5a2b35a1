/** What of the cluster's objects has changed between two runs, and whether it lies on the path of the flow. */

import { podsBehind } from '../derive/pods.ts';
import { workloadsBehind } from '../derive/service-view.ts';
import { type Collected, found, type Lookup } from '../evidence/collected.ts';
import { type ApiKind, type Evidence, factOf } from '../evidence/evidence.ts';
import type { OtherPolicySnapshot, PodSnapshot, PolicySnapshot } from '../evidence/snapshots.ts';
import type { ObjectRef } from '../ladder/flow.ts';
import { selects } from '../netpol/selector.ts';
import { changedFields, type FieldChange } from './fields.ts';

export interface ObjectChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly object: ObjectRef;
  /** Traffic of this flow meets it, or it decides where the traffic goes. */
  readonly onPath: boolean;
  /** Empty for what was added or removed. */
  readonly fields: readonly FieldChange[];
}

interface Seen {
  /** By which the object of the other run is found. */
  readonly key: string;
  readonly ref: ObjectRef;
  readonly onPath: boolean;
  readonly value: unknown;
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

type List = (evidence: Evidence) => readonly Seen[];

/**
 * Objects by the evidence they came with, from the source to the edges. Events, Leases and what is only read to suggest or to
 * compare are none of the path's state.
 */
const LISTS: readonly (readonly [ApiKind, List])[] = [
  // Of a workload another Pod may have been picked: it is still the source.
  ['sourcePod', (evidence) => one(evidence, 'sourcePod', 'Pod').map((seen) => ({ ...seen, key: 'source' }))],
  ['service', (evidence) => one(evidence, 'service', 'Service')],
  ['destinationPod', (evidence) => one(evidence, 'destinationPod', 'Pod')],
  [
    'endpoints',
    (evidence) => {
      const endpoints = factOf(evidence, 'endpoints');
      return [
        ...all('Pod', [...(endpoints?.selected ?? []), ...(endpoints?.stray ?? [])]),
        ...all('EndpointSlice', endpoints?.slices ?? []),
      ];
    },
  ],
  ['policies', (evidence) => policiesOf(evidence)],
  ['adminPolicies', (evidence) => otherPoliciesOf(factOf(evidence, 'adminPolicies') ?? [])],
  ['vendorPolicies', (evidence) => otherPoliciesOf(factOf(evidence, 'vendorPolicies') ?? [])],
  ['namespaces', (evidence) => all('Namespace', factOf(evidence, 'namespaces') ?? [])],
  ['workloads', (evidence) => workloadsOf(evidence)],
  ['nodes', (evidence) => all('Node', factOf(evidence, 'nodes') ?? [])],
  ['dnsService', (evidence) => one(evidence, 'dnsService', 'Service')],
  ['dnsPods', (evidence) => all('Pod', factOf(evidence, 'dnsPods') ?? [])],
  ['dnsSlices', (evidence) => all('EndpointSlice', factOf(evidence, 'dnsSlices') ?? [])],
  [
    'dnsWorkloads',
    (evidence) =>
      (factOf(evidence, 'dnsWorkloads') ?? []).map((workload) => seen(workload.kind, workload, { onPath: true })),
  ],
  [
    'corefile',
    (evidence) => {
      const text = found(factOf(evidence, 'corefile'));
      const ref = { kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' };
      return text === null ? [] : [{ key: keyOf(ref), ref, onPath: true, value: { Corefile: corefileLines(text) } }];
    },
  ],
  ['kubeProxyPods', (evidence) => all('Pod', factOf(evidence, 'kubeProxyPods') ?? [])],
  ['daemonSets', (evidence) => all('DaemonSet', factOf(evidence, 'daemonSets') ?? [], false)],
];

/** Read one by one, those that a run needed: that one of them was not read says nothing about it. */
const READ_BY_NAME: readonly ApiKind[] = ['namespaces', 'nodes'];

/** Changes on the path first. What only one of the runs could read is not compared. */
export function changedObjects(before: Evidence, after: Evidence): readonly ObjectChange[] {
  const changes = new Map<string, ObjectChange>();
  for (const [kind, list] of LISTS) {
    if (before[kind]?.status !== 'collected' || after[kind]?.status !== 'collected') continue;
    const [old, now] = [byKey(list(before)), byKey(list(after))];
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      if (READ_BY_NAME.includes(kind) && !(old.has(key) && now.has(key))) continue;
      const change = changeOf(old.get(key), now.get(key));
      // A Pod may be source and backend, or backend and cluster DNS: it is told where the path meets it first.
      const at = change === null ? '' : keyOf(change.object);
      if (change !== null && !changes.has(at)) changes.set(at, change);
    }
  }
  return [...changes.values()].sort((a, b) => Number(b.onPath) - Number(a.onPath));
}

function changeOf(old: Seen | undefined, now: Seen | undefined): ObjectChange | null {
  const object = now?.ref ?? old?.ref;
  if (object === undefined) return null;
  const onPath = old?.onPath === true || now?.onPath === true;
  if (old === undefined) return { change: 'added', object, onPath, fields: [] };
  if (now === undefined) return { change: 'removed', object, onPath, fields: [] };
  const fields = changedFields(old.value, now.value);
  return fields.length === 0 ? null : { change: 'changed', object, onPath, fields };
}

/** Each line by itself, so that a change shows the line and not the file. */
function corefileLines(text: string): object {
  return Object.fromEntries(text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [[line.trim(), 'there']])));
}

type LookupKind = 'sourcePod' | 'service' | 'destinationPod' | 'dnsService';

function one(evidence: Evidence, kind: LookupKind, name: string): readonly Seen[] {
  const item = evidence[kind] as Collected<Lookup<Named>> | undefined;
  const object = item?.status === 'collected' ? found(item.value) : null;
  return object === null ? [] : [seen(name, object, { onPath: true })];
}

function all(kind: string, objects: readonly Named[], onPath = true): readonly Seen[] {
  return objects.map((object) => seen(kind, object, { onPath }));
}

function seen(kind: string, object: Named, { onPath }: { readonly onPath: boolean }): Seen {
  const { name, namespace } = object.metadata;
  const ref: ObjectRef = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  return { key: keyOf(ref), ref, onPath, value: object };
}

function policiesOf(evidence: Evidence): readonly Seen[] {
  const pods = [
    found(factOf(evidence, 'sourcePod')),
    ...podsBehind(factOf(evidence, 'endpoints'), factOf(evidence, 'destinationPod')),
    ...(factOf(evidence, 'dnsPods') ?? []),
  ].filter((pod) => pod !== null);
  return (factOf(evidence, 'policies') ?? []).map((policy) =>
    seen('NetworkPolicy', policy, { onPath: pods.some((pod) => isAbout(policy, pod)) }),
  );
}

/** Whom these select is for the engine to say; any of them may be about the flow. */
function otherPoliciesOf(policies: readonly OtherPolicySnapshot[]): readonly Seen[] {
  return policies.map((policy) => seen(policy.kind, policy, { onPath: true }));
}

function isAbout(policy: PolicySnapshot, pod: PodSnapshot): boolean {
  return (
    policy.metadata.namespace === pod.metadata.namespace &&
    selects(policy.spec.podSelector ?? {}, pod.metadata.labels ?? {})
  );
}

function workloadsOf(evidence: Evidence): readonly Seen[] {
  const workloads = factOf(evidence, 'workloads') ?? [];
  const selector = found(factOf(evidence, 'service'))?.spec.selector ?? {};
  const behind = workloadsBehind(selector, workloads);
  return workloads.map((workload) => seen(workload.kind, workload, { onPath: behind.includes(workload) }));
}

function byKey(objects: readonly Seen[]): ReadonlyMap<string, Seen> {
  return new Map(objects.map((object) => [object.key, object]));
}

function keyOf(ref: ObjectRef): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}
