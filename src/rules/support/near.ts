/** How the nearest rule and the flow differ, in words. */
import { unresolvedName } from '../../derive/denial-kind.ts';
import type { Denial, Denials } from '../../derive/denials.ts';
import { editDistance } from '../../derive/names.ts';
import { ownerOf, podRef } from '../../derive/pods.ts';
import { slipOf } from '../../derive/policy-fix.ts';
import type { LabelSelector, PodSnapshot, PolicyPort } from '../../evidence/snapshots.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import { type Miss, type NearMiss, type PolicyEnd, portText } from '../../netpol/evaluate.ts';
import { type Labels, labelMisses } from '../../netpol/selector.ts';
import type { Comparison } from '../rule.ts';

/** The Pod at the far end of the rule: the source of an ingress rule, the first backend of an egress rule. */
export function otherPod({ direction, peers }: Denial, { source }: Denials): PodSnapshot {
  return direction === 'ingress' ? source : (peers[0] ?? source);
}

type LabelTerm = 'pod-label' | 'namespace-label';
type LabelMissOf = Extract<Miss, { readonly term: LabelTerm }>;

function labelMissesOf({ nearest }: Denial, term: LabelTerm): readonly LabelMissOf[] {
  return (nearest?.misses ?? []).flatMap((miss) => (miss.term === term ? [miss as LabelMissOf] : []));
}

/** What the rule asks for, what is there, and the labels that would do; `replaces`: one of them is there with another value. */
export function missingLabels(
  denial: Denial,
  term: LabelTerm,
): {
  readonly needs: string;
  readonly has: string;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly replaces: boolean;
} {
  const misses = labelMissesOf(denial, term);
  const item = denial.nearest?.peer;
  const selector = term === 'pod-label' ? item?.podSelector : item?.namespaceSelector;
  const wanted = selector?.matchLabels ?? {};
  return {
    needs: misses.map((miss) => miss.needs).join(', '),
    has: misses.map((miss) => (miss.has === null ? `no label ${miss.key}` : `${miss.key}=${miss.has}`)).join(', '),
    labels: misses.flatMap((miss) => {
      const value = Object.hasOwn(wanted, miss.key) ? wanted[miss.key] : undefined;
      return value === undefined ? [] : [[miss.key, value] as const];
    }),
    replaces: misses.some((miss) => miss.has !== null),
  };
}

/** The object whose labels a person would change, and a hint where a label that looks right is to be found. */
export function labelOn(denial: Denial, denials: Denials): { readonly owner: ObjectRef; readonly hint: string } {
  const pod = otherPod(denial, denials);
  const owner = ownerOf(pod) ?? podRef(pod);
  const { labels } = missingLabels(denial, 'pod-label');
  const workload = denials.workloads.find(
    ({ kind, metadata }) =>
      kind === owner.kind && metadata.name === owner.name && metadata.namespace === owner.namespace,
  );
  const carries = (there: Readonly<Record<string, string>> | undefined): boolean =>
    labels.length > 0 && labels.every(([key, value]) => there?.[key] === value);
  if (workload !== undefined && carries(workload.spec.template.metadata?.labels))
    return { owner, hint: ` (the template of ${owner.kind} ${owner.name} has it; this Pod is older)` };
  if (workload !== undefined && carries(workload.metadata.labels))
    return { owner, hint: ` (${owner.kind} ${owner.name} has it, its Pods do not)` };
  return { owner, hint: slipHint(denial, pod) };
}

function slipHint(denial: Denial, pod: PodSnapshot): string {
  const slip = slipOf(denial);
  if (slip !== null) return ` (${slip.how})`;
  for (const miss of labelMissesOf(denial, 'pod-label')) {
    const wanted = denial.nearest?.peer?.podSelector?.matchLabels?.[miss.key];
    const key = Object.entries(pod.metadata.labels ?? {}).find(
      ([name, value]) => value === wanted && editDistance(name, miss.key) <= 2,
    )?.[0];
    if (miss.has === null && key !== undefined) return ` (it has ${key}=${wanted})`;
  }
  return '';
}

/** Ports that the nearest rule names in vain. */
export function portsOf({ nearest }: Denial): readonly PolicyPort[] {
  return (nearest?.misses ?? []).flatMap((miss) => (miss.term === 'port' ? miss.ports : []));
}

/** "TCP 9090, TCP 80": what the nearest rule admits. */
export function portsText(denial: Denial): string {
  return portsOf(denial).map(portText).join(', ');
}

/** The first port name of the nearest rule that the receiving Pod does not resolve to the flow's port; null without one. */
export function unresolvedPort(denial: Denial, { servicePort }: Denials): PolicyPort | null {
  return portsOf(denial).find((port) => unresolvedName(port, denial.flow, servicePort)) ?? null;
}

type Row = Comparison['rows'][number];

/** The nearest rule beside the flow, term by term; null when no rule comes near. */
export function compareRule(denial: Denial): Comparison | null {
  const { nearest, direction, policy, flow } = denial;
  if (nearest === null || nearest.misses.length === 0) return null;
  const end = direction === 'ingress' ? flow.source : flow.destination;
  const portMiss = nearest.misses.find((miss) => miss.term === 'port');
  const what = direction === 'ingress' ? 'from' : 'to';
  const ports = (policy.spec[direction]?.[nearest.rule]?.ports ?? []).map(portText).join(', ');
  return {
    title: `NetworkPolicy ${policy.metadata.namespace}/${policy.metadata.name}, rule ${nearest.rule + 1} (${direction})`,
    rows: [
      ...peerRows(nearest, end, what),
      {
        what: 'port',
        needs: ports === '' ? 'any' : ports,
        has: `${flow.protocol} ${flow.port}`,
        ok: portMiss === undefined,
      },
    ],
  };
}

function peerRows({ peer, policy }: NearMiss, end: PolicyEnd, what: string): readonly Row[] {
  if (peer === null) return [{ what, needs: 'anybody', has: end.name, ok: true }];
  if (peer.ipBlock !== undefined && peer.ipBlock !== null)
    return [
      { what, needs: `address in ${peer.ipBlock.cidr}`, has: end.addresses.join(', ') || 'no address', ok: false },
    ];
  if (end.outside === true)
    return [{ what, needs: 'a Pod by its labels', has: `${end.name}, ${end.addresses.join(', ')}`, ok: false }];
  const own = policy.metadata.namespace ?? '';
  const spaces = peer.namespaceSelector ?? null;
  return [
    ...(spaces === null
      ? [{ what, needs: `namespace ${own}`, has: `namespace ${end.namespace}`, ok: end.namespace === own }]
      : labelRows(what, 'namespace', spaces, end.namespaceLabels ?? {})),
    ...labelRows(what, 'Pod', peer.podSelector ?? {}, end.labels),
  ];
}

function labelRows(what: string, whose: string, selector: LabelSelector, labels: Labels): readonly Row[] {
  const misses = labelMisses(selector, labels);
  const has = (key: string): string => (Object.hasOwn(labels, key) ? `${key}=${labels[key]}` : `no label ${key}`);
  const keys = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, needs: `${key}=${value}` })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      needs: [key, operator, (values ?? []).join(', ')].filter((part) => part !== '').join(' '),
    })),
  ];
  if (keys.length === 0) return [{ what, needs: `any ${whose}`, has: `a ${whose}`, ok: true }];
  return keys.map(({ key, needs }) => ({
    what,
    needs: `${whose} ${needs}`,
    has: has(key),
    ok: !misses.some((miss) => miss.key === key),
  }));
}
