/**
 * What every policy API is translated into: tiers in a fixed order, policies in order within a tier, rules in order within a
 * policy. The first rule that matches decides; a tier may close a Pod that none of its rules admitted.
 */
import type { PolicyPeer, PolicySnapshot } from '../evidence/snapshots.ts';
import type { Direction, PolicyEnd, PolicyFlow } from './flow.ts';
import type { Match, OpenPoint } from './match.ts';

/** A policy as a person finds it in the cluster. */
export interface PolicyObject {
  readonly kind: string;
  readonly apiVersion: string;
  /** Null for policies of the whole cluster. */
  readonly namespace: string | null;
  readonly name: string;
  /** Its place among its like, as it is written there: `priority 10`, `order 100`; null where there is none. */
  readonly rank: string | null;
  /** The object, when it is a NetworkPolicy: the one kind that a fix may be written for. */
  readonly networkPolicy: PolicySnapshot | null;
}

/** `pass` leaves the tier; `log` decides nothing. */
export type Action = 'allow' | 'deny' | 'pass' | 'log';

export interface PeerTerm {
  /** The peer of a NetworkPolicy that this stands for; null for none or for another API. */
  readonly peer: PolicyPeer | null;
  match(peer: PolicyEnd, own: PolicyEnd): Match;
}

export interface Rule {
  /** Position in its list of rules, from 0. */
  readonly index: number;
  /** The list of the object it stands in: `ingress`, `egressDeny`. */
  readonly list: string;
  readonly name: string | null;
  readonly action: Action;
  /** As the API writes it: `Accept`, `Drop`. */
  readonly verb: string;
  /** Null: everybody. An empty list: nobody. */
  readonly peers: readonly PeerTerm[] | null;
  ports(flow: PolicyFlow): Match;
  /** A rule that matches but has a condition nobody can judge here, such as an HTTP path. */
  readonly condition: OpenPoint | null;
}

export interface Policy {
  readonly object: PolicyObject;
  /** Place within the tier, lower first. Policies of the same place are compared by name, or are ambiguous, as the tier says. */
  readonly order: number;
  /** The only namespace whose Pods it can select; null for any. */
  readonly within: string | null;
  selects(end: PolicyEnd): Match;
  /** Null: it has no say in this direction. */
  readonly rules: Readonly<Record<Direction, readonly Rule[] | null>>;
  /** Whether it closes the Pods it selects in this direction to whatever no rule of the tier allows. */
  readonly closes: Readonly<Record<Direction, boolean>>;
}

export interface Tier {
  /** As it is printed: `Admin tier`, `NetworkPolicy`. */
  readonly name: string;
  /** Place among the tiers, lower first; see {@link TIER_ORDER}. */
  readonly order: number;
  /** In the order they are asked. */
  readonly policies: readonly Policy[];
  /** What happens to a closed Pod's flow that no rule matched. */
  readonly end: 'deny' | 'pass';
  /** Policies of the same place that disagree: undefined by the API (`ambiguous`), or settled by name. */
  readonly ties: 'ambiguous' | 'by-name';
  /** Where `pass` leads: to the next tier, or to the first that has at least this order. */
  readonly passTo: number | null;
}

/**
 * Where the fixed tiers stand. The numbers are Calico's, whose own tiers lie between them; the gaps hold the others.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/tier
 * @see https://antrea.io/docs/main/docs/antrea-network-policy/
 */
export const TIER_ORDER = {
  /** Antrea's tiers have priorities 0 to 255, which are added. */
  antrea: -1000,
  admin: 1000,
  networkPolicy: 1_000_000,
  antreaBaseline: 5_000_000,
  baseline: 10_000_000,
} as const;
