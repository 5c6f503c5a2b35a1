/** What was decided, by whom, and how it came to it; all of it plain data. */
import type { PolicyPeer, PolicySnapshot } from '../evidence/snapshots.ts';
import type { Direction } from './flow.ts';
import type { Miss, OpenPoint } from './match.ts';
import type { PolicyObject } from './policy.ts';

/** The rule that decided. */
export interface Decider {
  readonly policy: PolicyObject;
  readonly direction: Direction;
  /** Position in its list of rules, from 0. */
  readonly rule: number;
  /** `ingress`, `egress`, `ingressDeny`, `egressDeny`. */
  readonly list: string;
  readonly ruleName: string | null;
  /** As the API writes it: `Allow`, `Accept`, `Deny`, `Drop`, `Pass`. */
  readonly verb: string;
  /** What of the rule covered the flow: `namespace shop, TCP 8080`; empty for a rule that covers everything. */
  readonly term: string;
}

/** A rule of a NetworkPolicy that isolates the Pod, with everything that would have to be different for it to match. */
export interface NearMiss {
  readonly policy: PolicySnapshot;
  /** Position in `spec.ingress` or `spec.egress`, from 0. */
  readonly rule: number;
  readonly peer: PolicyPeer | null;
  readonly misses: readonly Miss[];
}

/**
 * What one tier made of the flow.
 *
 * `no-policy`: none of its policies selects the Pod. `no-match`: some do, no rule matched, and it closes nothing.
 * `closed`: some do, no rule matched, and that alone denies. `open`: nobody can say; the next tiers were looked at as well.
 */
export interface Step {
  readonly tier: string;
  readonly outcome: 'allow' | 'deny' | 'pass' | 'closed' | 'no-match' | 'no-policy' | 'open';
  /** The policies of the tier that select the Pod in this direction. */
  readonly selecting: readonly PolicyObject[];
  readonly by: Decider | null;
  /** Why it is open; null otherwise. */
  readonly point: OpenPoint | null;
}

export type DirectionVerdict = {
  /** Tiers in the order they were asked, until one decided; empty when none has a say. */
  readonly walk: readonly Step[];
} & (
  | { readonly allows: 'yes'; readonly because: 'not-isolated' | 'same-pod' | 'host-network' | 'outside' }
  | { readonly allows: 'yes'; readonly because: 'rule'; readonly by: Decider }
  | { readonly allows: 'no'; readonly because: 'rule'; readonly by: Decider }
  | {
      readonly allows: 'no';
      readonly because: 'isolated';
      /** The policies that close the Pod, of whatever kind. */
      readonly isolatedBy: readonly [PolicyObject, ...PolicyObject[]];
      /** Rules of NetworkPolicies, the closest first. */
      readonly nearest: readonly NearMiss[];
    }
  | {
      readonly allows: 'depends';
      /** A sentence that names the point. */
      readonly on: string;
      readonly point: OpenPoint;
      /** The rule that the point belongs to, when it is one rule. */
      readonly by: Decider | null;
      readonly isolatedBy: readonly PolicyObject[];
    }
);

export interface FlowVerdict {
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}

/** Both ends must allow: one `no` denies, else one `depends` leaves the flow undecided. */
export function stateOf({ egress, ingress }: FlowVerdict): 'allow' | 'deny' | 'undecided' {
  if (egress.allows === 'no' || ingress.allows === 'no') return 'deny';
  return egress.allows === 'depends' || ingress.allows === 'depends' ? 'undecided' : 'allow';
}

/** `NetworkPolicy shop/to-api`, `AdminNetworkPolicy deny-all`. */
export function policyText({ kind, namespace, name }: PolicyObject): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

/** `NetworkPolicy shop/to-api, ingress rule 2: app=web, TCP 8080`. */
export function deciderText({ policy, list, rule, ruleName, verb, term }: Decider): string {
  const named = ruleName === null ? '' : ` (${ruleName})`;
  const does = policy.networkPolicy === null ? ` ${verb}` : '';
  return `${policyText(policy)}, ${list} rule ${rule + 1}${named}${does}${term === '' ? '' : `: ${term}`}`;
}

/** Why a direction is as it is, in one line. */
export function becauseText(verdict: DirectionVerdict): string {
  if (verdict.allows === 'depends') return verdict.on;
  if (verdict.because === 'rule') return deciderText(verdict.by);
  if (verdict.because === 'isolated')
    return `${verdict.isolatedBy.map(policyText).join(', ')}: no rule admits the flow`;
  return WITHOUT_RULE[verdict.because];
}

const WITHOUT_RULE = {
  'not-isolated': 'no policy denies it',
  'same-pod': 'a Pod always reaches itself',
  'host-network': 'policies do not select Pods on the host network, and a node reaches its own Pods',
  outside: 'no policy selects an address outside the cluster',
} as const;

/** One line for each tier that was asked. */
export function walkLines(walk: readonly Step[]): readonly string[] {
  return walk.map(({ tier, outcome, selecting, by, point }) => {
    if (point !== null) return `${tier}: undecided, ${point.text}`;
    if (by !== null) return `${tier}: ${outcome} by ${deciderText(by)}`;
    if (outcome === 'no-policy') return `${tier}: no policy selects the Pod`;
    const names = selecting.map(policyText).join(', ');
    return outcome === 'closed' ? `${tier}: denied, closed by ${names}` : `${tier}: no rule of ${names} matches`;
  });
}
