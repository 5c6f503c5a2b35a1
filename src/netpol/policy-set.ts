import type { PolicyEnd } from './flow.ts';
import { type Policy, TIER_ORDER, type Tier } from './policy.ts';
import type { Assumptions } from './read/common.ts';
import { readNetworkPolicy } from './read/network-policy.ts';

/** All policies of a cluster, translated and in the order in which they are asked. Make it once and ask it often. */
export interface PolicySet {
  readonly tiers: readonly Tier[];
  /** The policies of a tier that may select this Pod: what belongs to other namespaces is left out without being looked at. */
  candidates(tier: Tier, end: PolicyEnd): readonly Policy[];
  /** One sentence about each object that its API would not accept, and about each that is not read at all. */
  readonly problems: readonly string[];
}

export interface PolicySources {
  /** NetworkPolicies v1; the kind need not be written. */
  readonly networkPolicies?: readonly unknown[];
  /** Objects of every other policy API, with their tiers; `apiVersion` and `kind` say what each is. */
  readonly others?: readonly unknown[];
}

/** Nothing is known of the network plugin. */
const UNKNOWN_PLUGIN: Assumptions = { podsInBlocks: 'open' };

/** Never throws: what cannot be read is a policy that leaves open what it does, and a sentence. */
export function policySet(sources: PolicySources, assume: Partial<Assumptions> = {}): PolicySet {
  const assumptions = { ...UNKNOWN_PLUGIN, ...assume };
  const problems: string[] = [];
  const tell = (problem: string): void => {
    problems.push(problem);
  };
  const tiers: Tier[] = [
    {
      name: 'NetworkPolicy',
      order: TIER_ORDER.networkPolicy,
      policies: sorted((sources.networkPolicies ?? []).map((raw) => readNetworkPolicy(raw, assumptions, tell))),
      end: 'deny',
      ties: 'by-name',
      passTo: null,
    },
  ];
  return { tiers, candidates: indexed(tiers), problems };
}

/** The same in whatever order the objects came. */
function sorted(policies: readonly Policy[]): readonly Policy[] {
  const key = ({ object }: Policy): string => `${object.name}\0${object.namespace ?? ''}\0${object.kind}`;
  return policies
    .map((policy) => ({ policy, key: key(policy) }))
    .sort((a, b) => a.policy.order - b.policy.order || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ policy }) => policy);
}

function indexed(tiers: readonly Tier[]): PolicySet['candidates'] {
  const byNamespace = new Map<Tier, Map<string, Policy[]>>();
  for (const tier of tiers) {
    const namespaces = new Map<string, Policy[]>();
    for (const { within } of tier.policies) if (within !== null) namespaces.set(within, []);
    // Each list keeps the order of the tier, with what belongs to no namespace in between.
    for (const policy of tier.policies) {
      if (policy.within !== null) namespaces.get(policy.within)?.push(policy);
      else for (const list of namespaces.values()) list.push(policy);
    }
    byNamespace.set(tier, namespaces);
  }
  const ofCluster = new Map(tiers.map((tier) => [tier, tier.policies.filter(({ within }) => within === null)]));
  return (tier, end) => byNamespace.get(tier)?.get(end.namespace) ?? ofCluster.get(tier) ?? [];
}
