import type { PolicyEnd } from './flow.ts';
import { type Policy, TIER_ORDER, type Tier } from './policy.ts';
import { readAdminPolicy } from './read/admin-policy.ts';
import type { Assumptions } from './read/common.ts';
import { readNetworkPolicy } from './read/network-policy.ts';
import { isRecord, shown } from './read/raw.ts';

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
  const fixed = {
    admin: [] as Policy[],
    networkPolicy: (sources.networkPolicies ?? []).map((raw) => readNetworkPolicy(raw, assumptions, tell)),
    baseline: [] as Policy[],
  };
  for (const raw of sources.others ?? []) {
    const group = isRecord(raw) && typeof raw.apiVersion === 'string' ? raw.apiVersion.split('/')[0] : null;
    if (!isRecord(raw) || group === null) tell(`an object without apiVersion is no policy: ${shown(raw)}`);
    else if (group === 'networking.k8s.io') fixed.networkPolicy.push(readNetworkPolicy(raw, assumptions, tell));
    else if (group === 'policy.networking.k8s.io') {
      const { tier, policy } = readAdminPolicy(raw, tell);
      fixed[tier].push(policy);
    } else tell(`${String(raw.kind)} of ${String(raw.apiVersion)} is not read by this tool`);
  }
  const tier = (name: string, order: number, policies: readonly Policy[], rest: Pick<Tier, 'end' | 'ties'>): Tier => ({
    name,
    order,
    policies: sorted(policies),
    passTo: null,
    ...rest,
  });
  const tiers: readonly Tier[] = [
    tier('Admin tier', TIER_ORDER.admin, fixed.admin, { end: 'pass', ties: 'ambiguous' }),
    tier('NetworkPolicy', TIER_ORDER.networkPolicy, fixed.networkPolicy, { end: 'deny', ties: 'by-name' }),
    tier('Baseline tier', TIER_ORDER.baseline, fixed.baseline, { end: 'pass', ties: 'ambiguous' }),
  ].filter(({ policies, name }) => policies.length > 0 || name === 'NetworkPolicy');
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
