/**
 * Policies as a pure function: may this Pod talk to that Pod or address on this port, per direction, and which term decided.
 * Every API goes through the same walk, tier by tier; see {@link Tier}.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type { PolicySnapshot } from '../evidence/snapshots.ts';
import type { Direction, PolicyEnd, PolicyFlow } from './flow.ts';
import { allOf, anyOf, type Match, type OpenPoint } from './match.ts';
import type { Action, Policy, PolicyObject, Rule, Tier } from './policy.ts';
import { type PolicySet, policySet } from './policy-set.ts';
import type { Decider, DirectionVerdict, FlowVerdict, NearMiss, Step } from './verdict.ts';

export type { Direction, PolicyEnd, PolicyFlow } from './flow.ts';
export type { Miss } from './match.ts';
export { isolates, portText } from './read/network-policy.ts';
export type { DirectionVerdict, FlowVerdict, NearMiss } from './verdict.ts';

/** NetworkPolicies alone, or everything that was read of all APIs. Keep the list or the set: it is prepared once. */
export type Policies = PolicySet | readonly PolicySnapshot[];

/**
 * Judges one flow in both directions; replies are implied. Never throws, whatever the objects hold.
 *
 * `depends` means that the specification, or what could be read, does not decide; its point says which term.
 */
export function evaluateFlow(flow: PolicyFlow, policies: Policies): FlowVerdict {
  return { egress: evaluateDirection('egress', flow, policies), ingress: evaluateDirection('ingress', flow, policies) };
}

/** The policies that select a Pod and may drop something of it in this direction, those that only might select it included. */
export function isolating(direction: Direction, end: PolicyEnd, policies: Policies): readonly PolicyObject[] {
  if (end.outside === true || end.hostNetwork) return [];
  return scopeOf(direction, end, asSet(policies)).flatMap(({ chosen }) =>
    chosen
      .filter(
        ({ policy }) =>
          policy.closes[direction] || (policy.rules[direction] ?? []).some(({ action }) => action === 'deny'),
      )
      .map(({ policy }) => policy.object),
  );
}

/** One direction of {@link evaluateFlow}. */
export function evaluateDirection(direction: Direction, flow: PolicyFlow, policies: Policies): DirectionVerdict {
  const own = direction === 'egress' ? flow.source : flow.destination;
  const peer = direction === 'egress' ? flow.destination : flow.source;
  if (own.outside === true) return { allows: 'yes', because: 'outside', walk: [] };
  if (own.namespace === peer.namespace && own.name === peer.name && peer.outside !== true)
    return { allows: 'yes', because: 'same-pod', walk: [] };
  if (own.hostNetwork) return { allows: 'yes', because: 'host-network', walk: [] };
  const scope = scopeOf(direction, own, asSet(policies));
  // A node may always reach the Pods it runs, whatever policy says; from another node it is up to the implementation.
  if (peer.hostNetwork && direction === 'ingress' && peer.node !== null && peer.node === own.node)
    return {
      allows: 'yes',
      because: scope.some(({ chosen }) => chosen.length > 0) ? 'host-network' : 'not-isolated',
      walk: [],
    };
  return new Walk(direction, flow, own, peer).through(scope);
}

/** What a Pod has to do with a tier in one direction, whoever is at the other end. */
interface Chosen {
  readonly policy: Policy;
  readonly selects: Match;
}
interface ScopeTier {
  readonly tier: Tier;
  readonly chosen: readonly Chosen[];
}

/** One Pod is asked about many peers: what selects it is worked out once. */
const scopes = new WeakMap<PolicySet, WeakMap<PolicyEnd, Partial<Record<Direction, readonly ScopeTier[]>>>>();

function scopeOf(direction: Direction, own: PolicyEnd, set: PolicySet): readonly ScopeTier[] {
  const ofSet = scopes.get(set) ?? new WeakMap<PolicyEnd, Partial<Record<Direction, readonly ScopeTier[]>>>();
  scopes.set(set, ofSet);
  const ofEnd = ofSet.get(own) ?? {};
  ofSet.set(own, ofEnd);
  ofEnd[direction] ??= set.tiers.map((tier) => ({
    tier,
    chosen: set.candidates(tier, own).flatMap((policy): readonly Chosen[] => {
      if (policy.rules[direction] === null) return [];
      const selects = policy.selects(own);
      return selects.is === 'no' ? [] : [{ policy, selects }];
    }),
  }));
  return ofEnd[direction];
}

const sets = new WeakMap<readonly PolicySnapshot[], PolicySet>();

function asSet(policies: Policies): PolicySet {
  if ('tiers' in policies) return policies;
  const known = sets.get(policies);
  if (known !== undefined) return known;
  const set = policySet({ networkPolicies: policies });
  sets.set(policies, set);
  return set;
}

interface Reached {
  readonly by: Decider | null;
  readonly certain: boolean;
}

/** What one policy, or several of the same place, may do to the flow. */
interface Possible {
  readonly outcomes: ReadonlyMap<Exclude<Action, 'log'>, Reached>;
  /** It may be that no rule matches. */
  readonly falls: boolean;
  readonly point: OpenPoint | null;
  readonly pointBy: Decider | null;
}

/**
 * Follows every way the flow may take where a term is open. The verdict is certain when all ways end the same. The cost is one
 * look at each rule: a tier is entered once, however many ways lead to it.
 */
class Walk {
  readonly #direction: Direction;
  readonly #flow: PolicyFlow;
  readonly #own: PolicyEnd;
  readonly #peer: PolicyEnd;
  readonly #near: NearMiss[] = [];
  readonly #steps: Step[] = [];
  #isolatedBy: readonly PolicyObject[] = [];
  #point: OpenPoint | null = null;
  #pointBy: Decider | null = null;

  constructor(direction: Direction, flow: PolicyFlow, own: PolicyEnd, peer: PolicyEnd) {
    this.#direction = direction;
    this.#flow = flow;
    this.#own = own;
    this.#peer = peer;
  }

  through(scope: readonly ScopeTier[]): DirectionVerdict {
    const results = new Map<'allow' | 'deny', Reached>();
    const settle = (result: 'allow' | 'deny', reached: Reached): void => {
      const before = results.get(result);
      if (before === undefined || (!before.certain && reached.certain)) results.set(result, reached);
    };
    const reachable = new Set<number>([0]);
    for (const [index, { tier, chosen }] of scope.entries()) {
      if (!reachable.has(index)) continue;
      if (chosen.length === 0) {
        if (tier.policies.length > 0) this.#step(tier, 'no-policy', [], null, null);
        reachable.add(index + 1);
        continue;
      }
      const objects = unique(chosen.map(({ policy }) => policy.object));
      const passed = tier.passTo === null ? index + 1 : firstFrom(scope, tier.passTo);
      const { outcomes, falls, point, pointBy } = this.#ask(tier, chosen);
      for (const [action, reached] of outcomes) {
        if (action === 'pass') reachable.add(passed);
        else settle(action, reached);
      }
      let outcome: Step['outcome'] = [...outcomes.keys()][0] ?? 'no-match';
      let by = [...outcomes.values()][0]?.by ?? null;
      if (falls) {
        const closing = chosen.filter(({ policy }) => policy.closes[this.#direction]);
        const closed = tier.end === 'deny' && closing.length > 0;
        const surely = closing.some(({ selects }) => selects.is === 'yes');
        if (closed) {
          this.#isolatedBy = unique(closing.map(({ policy }) => policy.object));
          // However an open rule would end it, the tier denies: that is the better reason.
          settle('deny', { by: null, certain: surely });
        }
        if (!closed || !surely) reachable.add(index + 1);
        if (closed && !surely && outcomes.size === 0) this.#leaveOpen(openPoint(closing), null);
        if (outcomes.size === 0) outcome = closed ? 'closed' : 'no-match';
        by = outcomes.size === 0 ? null : by;
      }
      if (point !== null) this.#leaveOpen(point, pointBy);
      const tierPoint = point ?? (outcome === 'closed' && this.#point !== null ? this.#point : null);
      this.#step(tier, tierPoint === null ? outcome : 'open', objects, by, tierPoint);
    }
    if (reachable.has(scope.length)) settle('allow', { by: null, certain: true });
    return this.#verdict(results);
  }

  #step(
    tier: Tier,
    outcome: Step['outcome'],
    selecting: readonly PolicyObject[],
    by: Decider | null,
    point: OpenPoint | null,
  ): void {
    this.#steps.push({ tier: tier.name, outcome, selecting, by, point });
  }

  #leaveOpen(point: OpenPoint | null, by: Decider | null): void {
    if (this.#point !== null || point === null) return;
    this.#point = point;
    this.#pointBy = by;
  }

  #verdict(results: ReadonlyMap<'allow' | 'deny', Reached>): DirectionVerdict {
    const walk = this.#steps;
    const [first, ...others] = this.#isolatedBy;
    if (results.size > 1) {
      const point = this.#point ?? { kind: 'unread', text: 'what was read leaves it open' };
      return { allows: 'depends', on: point.text, point, by: this.#pointBy, isolatedBy: this.#isolatedBy, walk };
    }
    const denied = results.get('deny');
    if (denied !== undefined) {
      if (denied.by !== null) return { allows: 'no', because: 'rule', by: denied.by, walk };
      if (first !== undefined) {
        const nearest = this.#near.toSorted((a, b) => a.misses.length - b.misses.length);
        return { allows: 'no', because: 'isolated', isolatedBy: [first, ...others], nearest, walk };
      }
    }
    const by = results.get('allow')?.by ?? null;
    return by === null
      ? { allows: 'yes', because: 'not-isolated', walk }
      : { allows: 'yes', because: 'rule', by, walk };
  }

  /** Policies in order; those of the same place together, as any of them may be the first. */
  #ask(tier: Tier, chosen: readonly Chosen[]): Possible {
    const outcomes = new Map<Exclude<Action, 'log'>, Reached>();
    let point: OpenPoint | null = null;
    let pointBy: Decider | null = null;
    for (const group of tier.ties === 'ambiguous' ? byOrder(chosen) : chosen.map((one) => [one])) {
      const answers = group.map((one) => this.#askOne(one));
      for (const answer of answers) {
        for (const [action, reached] of answer.outcomes) {
          const before = outcomes.get(action);
          if (before === undefined || (!before.certain && reached.certain)) outcomes.set(action, reached);
        }
        if (point === null && answer.point !== null) {
          point = answer.point;
          pointBy = answer.pointBy;
        }
      }
      const certain = answers.flatMap(({ outcomes: own, falls }) => (falls ? [] : [...own.keys()]));
      if (new Set(certain).size > 1) {
        const names = group.map(({ policy }) => `${policy.object.kind} ${policy.object.name}`).join(' and ');
        point ??= {
          kind: 'conflict',
          text: `${names} have the same ${group[0]?.policy.object.rank ?? 'rank'} and disagree: which one counts is not defined`,
        };
      }
      if (answers.some(({ falls }) => !falls)) return { outcomes, falls: false, point, pointBy };
    }
    return { outcomes, falls: true, point, pointBy };
  }

  #askOne({ policy, selects }: Chosen): Possible {
    const outcomes = new Map<Exclude<Action, 'log'>, Reached>();
    let point: OpenPoint | null = null;
    let pointBy: Decider | null = null;
    for (const rule of policy.rules[this.#direction] ?? []) {
      if (rule.action === 'log') continue;
      const match = this.#matches(policy, rule);
      if (match.is === 'no') continue;
      const by = this.#decider(policy, rule, match);
      const undecided = match.is === 'open' ? match.point : (rule.condition ?? undefined);
      if (undecided === undefined && selects.is === 'yes') {
        outcomes.set(rule.action, { by, certain: true });
        return { outcomes, falls: false, point, pointBy };
      }
      if (!outcomes.has(rule.action)) outcomes.set(rule.action, { by, certain: false });
      if (point === null) {
        point = undecided ?? (selects.is === 'open' ? selects.point : null);
        pointBy = by;
      }
      // The rule surely matches if the policy applies at all: what follows in it cannot be reached.
      if (undecided === undefined) break;
    }
    return { outcomes, falls: true, point, pointBy };
  }

  #matches(policy: Policy, rule: Rule): Match {
    const ports = rule.ports(this.#flow);
    const snapshot = policy.object.networkPolicy;
    // Most rules of a large cluster fail by the port alone; only NetworkPolicies are told what else was missing.
    if (ports.is === 'no' && snapshot === null) return ports;
    if (rule.peers === null) {
      if (ports.is === 'no' && snapshot !== null)
        this.#near.push({ policy: snapshot, rule: rule.index, peer: null, misses: ports.misses });
      return ports;
    }
    const judged: Match[] = [];
    for (const term of rule.peers) {
      const match = allOf([term.match(this.#peer, this.#own), ports]);
      if (match.is === 'yes') return match;
      if (match.is === 'no' && snapshot !== null)
        this.#near.push({ policy: snapshot, rule: rule.index, peer: term.peer, misses: match.misses });
      judged.push(match);
    }
    return anyOf(judged);
  }

  #decider(policy: Policy, rule: Rule, match: Match): Decider {
    return {
      policy: policy.object,
      direction: this.#direction,
      rule: rule.index,
      list: rule.list,
      ruleName: rule.name,
      verb: rule.verb,
      term: match.is === 'yes' ? match.term : '',
    };
  }
}

function openPoint(chosen: readonly Chosen[]): OpenPoint | null {
  for (const { selects } of chosen) if (selects.is === 'open') return selects.point;
  return null;
}

function firstFrom(scope: readonly ScopeTier[], order: number): number {
  const index = scope.findIndex(({ tier }) => tier.order >= order);
  return index === -1 ? scope.length : index;
}

function byOrder(chosen: readonly Chosen[]): readonly (readonly Chosen[])[] {
  const groups: Chosen[][] = [];
  for (const one of chosen) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && last[0].policy.order === one.policy.order) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
