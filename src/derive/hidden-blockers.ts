/** Who may drop packets that nothing which was read explains: candidates, each with what speaks for it. */
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { PodSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { isRejected, isSilent } from './connects.ts';
import { applicationTargets, controlFor, denialFacts, type Target } from './denials.ts';
import { findEnforcer } from './enforcer.ts';

export interface HiddenBlocker {
  readonly who: 'policies that could not be read' | 'a service mesh' | 'a firewall of the node' | 'the policy engine';
  readonly because: string;
}

const MESHES: readonly (readonly [container: RegExp, product: string])[] = [
  [/^istio-proxy$/, 'Istio'],
  [/^linkerd-proxy$/, 'Linkerd'],
  [/^kuma-sidecar$/, 'Kuma'],
  [/^consul-dataplane$/, 'Consul'],
];

/**
 * Candidates for backends that got lost, the likeliest first; empty when none got lost.
 *
 * A control, another Pod of the same node that answers, separates what is about the Pod from what is about the way there.
 */
export function hiddenBlockers(evidence: Evidence, flow: Flow): readonly HiddenBlocker[] {
  const facts = denialFacts(evidence);
  if (facts === null) return [];
  const lost = applicationTargets(facts, flow).targets.filter((target) =>
    (factOf(evidence, 'backendConnects') ?? []).some(
      (reading) => reading.address === target.address && (isSilent(reading) || isRejected(reading)),
    ),
  );
  if (lost.length === 0) return [];
  const enforcer = findEnforcer(facts.daemonSets ?? []);
  const control = controlFor(lost, facts);
  const unread = (['adminPolicies', 'vendorPolicies'] as const).flatMap((kind) => {
    const item = evidence[kind];
    return item?.status === 'missing' ? [item.gap.detail] : [];
  });
  const mesh = meshOf(lost);
  return [
    ...unread.map((detail) => ({ who: 'policies that could not be read', because: detail }) as const),
    ...(mesh === null ? [] : [{ who: 'a service mesh', because: mesh } as const]),
    ...(control !== null && enforcer !== null
      ? [
          {
            who: 'the policy engine',
            because: `another Pod of the same node answers, so the way there works; ${enforcer.product} may hold rules of its own`,
          } as const,
        ]
      : []),
    ...(control === null
      ? [
          {
            who: 'a firewall of the node',
            because: `no Pod of ${nodesOf(lost)} is known to answer; access node looks`,
          } as const,
        ]
      : []),
  ];
}

function meshOf(targets: readonly Target[]): string | null {
  for (const { pod } of targets)
    for (const [container, product] of MESHES)
      if (namesOf(pod).some((name) => container.test(name)))
        return `${pod.metadata.name} has a proxy of ${product}, which may ask for who is there`;
  return null;
}

function namesOf({ spec }: PodSnapshot): readonly string[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
}

function nodesOf(targets: readonly Target[]): string {
  return [...new Set(targets.map(({ pod }) => pod.spec.nodeName ?? '?'))].join(', ');
}
