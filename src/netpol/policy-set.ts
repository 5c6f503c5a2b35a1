import type { PolicyEnd } from './flow.ts';
import { allOf } from './match.ts';
import { type Policy, TIER_ORDER, type Tier } from './policy.ts';
import { readAdminPolicy } from './read/admin-policy.ts';
import { antreaTierOf, readAntreaPolicy, readAntreaTier } from './read/antrea.ts';
import { CALICO_FIXED_TIERS, type CalicoTier, calicoTierOf, readCalicoPolicy, readCalicoTier } from './read/calico.ts';
import { readCiliumPolicy } from './read/cilium.ts';
import { type Assumptions, unreadablePolicy } from './read/common.ts';
import { GROUP_KINDS, type Groups, readGroups } from './read/groups.ts';
import { readNetworkPolicy } from './read/network-policy.ts';
import { isRecord, type Raw, shown } from './read/raw.ts';

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
  const set = new Assembly(assumptions, tell, readGroups(sources.others ?? [], tell));
  for (const raw of sources.networkPolicies ?? []) set.addNetworkPolicy(raw);
  const others = sources.others ?? [];
  // Tiers first: what a policy is worth depends on where its tier stands.
  for (const raw of others) set.addTier(raw);
  for (const raw of others) set.add(raw);
  const tiers = set.tiers();
  return { tiers, candidates: indexed(tiers), problems };
}

type Rest = Pick<Tier, 'end' | 'ties' | 'passTo'>;
const NEXT: Rest = { end: 'pass', ties: 'ambiguous', passTo: null };

/** Sorts objects of all APIs into tiers. */
class Assembly {
  readonly #assume: Assumptions;
  readonly #tell: (problem: string) => void;
  readonly #groups: Groups;
  readonly #calicoTiers = new Map<string, CalicoTier>();
  readonly #antreaTiers = new Map<string, number>();
  readonly #policies = new Map<string, { readonly tier: Omit<Tier, 'policies'>; readonly policies: Policy[] }>();

  constructor(assume: Assumptions, tell: (problem: string) => void, groups: Groups) {
    this.#groups = groups;
    this.#assume = assume;
    this.#tell = tell;
  }

  addNetworkPolicy(raw: unknown): void {
    this.#into('networkPolicy', readNetworkPolicy(raw, this.#assume, this.#tell));
  }

  addTier(raw: unknown): void {
    if (!isRecord(raw) || raw.kind !== 'Tier') return;
    const group = groupOf(raw);
    if (group === 'projectcalico.org' || group === 'crd.projectcalico.org') {
      const tier = readCalicoTier(raw, this.#tell);
      if (tier !== null) this.#calicoTiers.set(tier.name, tier);
    } else if (group === 'crd.antrea.io') {
      const tier = readAntreaTier(raw, this.#tell);
      if (tier !== null) this.#antreaTiers.set(...tier);
    }
  }

  add(raw: unknown): void {
    if (
      !isRecord(raw) ||
      typeof raw.apiVersion !== 'string' ||
      typeof raw.kind !== 'string' ||
      raw.kind.trim() === ''
    ) {
      this.#tell(`an object without apiVersion and kind is no policy: ${shown(raw)}`);
      return;
    }
    switch (`${groupOf(raw)} ${raw.kind}`) {
      case 'networking.k8s.io NetworkPolicy':
        this.addNetworkPolicy(raw);
        break;
      case 'policy.networking.k8s.io AdminNetworkPolicy':
      case 'policy.networking.k8s.io BaselineAdminNetworkPolicy':
      case 'policy.networking.k8s.io ClusterNetworkPolicy': {
        const { tier, policy } = readAdminPolicy(raw, this.#tell);
        this.#into(tier, policy);
        break;
      }
      case 'cilium.io CiliumNetworkPolicy':
      case 'cilium.io CiliumClusterwideNetworkPolicy':
        this.#into('networkPolicy', ...readCiliumPolicy(raw, this.#tell, this.#groups));
        break;
      case 'projectcalico.org NetworkPolicy':
      case 'projectcalico.org GlobalNetworkPolicy':
      case 'crd.projectcalico.org NetworkPolicy':
      case 'crd.projectcalico.org GlobalNetworkPolicy':
        this.#addCalico(raw);
        break;
      case 'crd.antrea.io NetworkPolicy':
      case 'crd.antrea.io ClusterNetworkPolicy':
        this.#addAntrea(raw);
        break;
      default:
        if (raw.kind !== 'Tier' && !GROUP_KINDS.includes(raw.kind))
          this.#tell(`${raw.kind.trim()} of ${raw.apiVersion} is not read by this tool`);
    }
  }

  /** NetworkPolicies have their tier even where there are none: a walk through the tiers always names it. */
  tiers(): readonly Tier[] {
    this.#into('networkPolicy');
    return [...this.#policies.values()]
      .map(({ tier, policies }) => ({ ...tier, policies: sorted(policies) }))
      .sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  }

  #addCalico(raw: Raw): void {
    const name = calicoTierOf(raw);
    const policy = readCalicoPolicy(raw, this.#tell, this.#groups);
    const tier = this.#calicoTiers.get(name);
    const fixed = CALICO_FIXED_TIERS[name];
    if (fixed !== undefined) this.#into(fixed, policy);
    else if (tier !== undefined)
      this.#put(`Calico tier ${name}`, tier.order, { end: tier.end, ties: 'by-name', passTo: null }, policy);
    else this.#nowhere(policy, name);
  }

  #addAntrea(raw: Raw): void {
    const [name, priority] = antreaTierOf(raw, this.#antreaTiers);
    const policy = readAntreaPolicy(raw, this.#tell, this.#groups);
    if (priority === null) {
      this.#nowhere(policy, name);
      return;
    }
    const isLast = name === 'baseline';
    this.#put(
      `Antrea tier ${name}`,
      isLast ? TIER_ORDER.antreaBaseline : TIER_ORDER.antrea + priority,
      { ...NEXT, passTo: isLast ? null : TIER_ORDER.networkPolicy },
      policy,
    );
  }

  /** A tier that nobody made: whether its policies count, and before which others, cannot be said. */
  #nowhere(policy: Policy, tier: string): void {
    const { kind, namespace, name } = policy.object;
    const sentence = `${kind} ${namespace === null ? '' : `${namespace}/`}${name} is in the tier ${tier}, which does not exist or could not be read`;
    this.#tell(sentence);
    const unknown = unreadablePolicy(policy.object, sentence, {
      order: 0,
      within: policy.within,
      canDeny: true,
      canClose: false,
    });
    const selects = (end: PolicyEnd) => allOf([policy.selects(end), unknown.selects(end)]);
    this.#put('tiers that are not known', Number.NEGATIVE_INFINITY, NEXT, { ...unknown, selects });
  }

  #into(tier: 'admin' | 'networkPolicy' | 'baseline', ...policies: readonly Policy[]): void {
    const { name, rest } = FIXED_TIERS[tier];
    this.#put(name, TIER_ORDER[tier], rest, ...policies);
  }

  #put(name: string, order: number, rest: Rest, ...policies: readonly Policy[]): void {
    const known = this.#policies.get(name) ?? { tier: { name, order, ...rest }, policies: [] };
    known.policies.push(...policies);
    this.#policies.set(name, known);
  }
}

const FIXED_TIERS = {
  admin: { name: 'Admin tier', rest: NEXT },
  networkPolicy: { name: 'NetworkPolicy', rest: { end: 'deny', ties: 'by-name', passTo: null } },
  baseline: { name: 'Baseline tier', rest: NEXT },
} as const satisfies Record<string, { readonly name: string; readonly rest: Rest }>;

function groupOf({ apiVersion }: Raw): string {
  return typeof apiVersion === 'string' ? (apiVersion.split('/')[0] ?? '') : '';
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
