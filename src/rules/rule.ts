import type { Reach, Stage } from '../derive/reach.ts';
import type { Vantage } from '../evidence/collected.ts';
import type { EvidenceKind, EvidenceMap } from '../evidence/evidence.ts';
import type { Access } from '../ladder/access.ts';
import type { Flow, ObjectRef } from '../ladder/flow.ts';
import type { Rung } from '../ladder/rung.ts';

/** An id of the catalogue of root causes; the file name of the rule and of its page. */
export type FaultId = string;

export type Confidence = 'proven' | 'likely' | 'possible';

/** One line of proof: where it was seen, what a person can paste to see it again, and what it showed. */
export interface Proof {
  readonly vantage: Vantage;
  readonly command: string;
  readonly saw: string;
}

/** A near miss side by side: what is asked for, what is there, and which of it does not fit. */
export interface Comparison {
  /** What is compared with what, with the user's own names. */
  readonly title: string;
  readonly rows: readonly {
    /** The term compared: a label key, `port`, `from`. */
    readonly what: string;
    readonly needs: string;
    readonly has: string;
    readonly ok: boolean;
  }[];
}

export interface FixStep {
  readonly say: string;
  readonly run?: string;
  /** What `run` changes, as a unified diff. */
  readonly diff?: string;
  /** Every door besides this flow that `run` opens between the Pods that are known: `shop/cart → shop/api-a TCP 8080`. */
  readonly opens?: readonly string[];
  /** Every door that `run` closes. */
  readonly closes?: readonly string[];
}

/** One root cause that was found. What it means for this flow is the engine's business, not the rule's. */
export interface Fault {
  readonly subject: ObjectRef;
  /** One sentence with the user's own names and numbers. */
  readonly summary: string;
  readonly confidence: Confidence;
  /** The first stage at which it stops a request of this flow; null when it does not stop this flow. */
  readonly blocks: Stage | null;
  /** Backend addresses it affects; absent: all of them. */
  readonly addresses?: readonly string[];
  readonly evidence: readonly Proof[];
  readonly ruledOut?: readonly { readonly id: FaultId; readonly because: string }[];
  readonly notRuledOut?: readonly { readonly id: FaultId; readonly needs: string }[];
  readonly fix: readonly FixStep[];
  /** Set where something came close. */
  readonly compare?: Comparison;
}

export type Judgement =
  | { readonly outcome: 'clear'; readonly because: string }
  | { readonly outcome: 'not-applicable'; readonly because: string }
  | { readonly outcome: 'unsure'; readonly needs: Access; readonly because: string }
  | { readonly outcome: 'fault'; readonly faults: readonly [Fault, ...Fault[]] };

export type Facts<Needs extends EvidenceKind, Uses extends EvidenceKind> = { readonly [K in Needs]: EvidenceMap[K] } & {
  readonly [K in Uses]: EvidenceMap[K] | null;
};

/** What every rule may know besides the evidence it declared. */
export interface Context {
  readonly flow: Flow;
  /** The cluster domain, `cluster.local` unless seen otherwise. */
  readonly domain: string;
  readonly reach: Reach;
  /** The API server's clock at the start of the run, in milliseconds since the epoch. */
  readonly now: number;
  /** A line of proof whose command is the one that collected this evidence. */
  seen(kind: EvidenceKind, saw: string): Proof;
}

export interface Rule<Needs extends EvidenceKind = EvidenceKind, Uses extends EvidenceKind = EvidenceKind> {
  readonly id: FaultId;
  readonly rung: Rung;
  /** The faulty state, as a heading. */
  readonly title: string;
  /** Without these the rule is not run: the engine answers "inconclusive" and names the gap. */
  readonly needs: readonly Needs[];
  /** Null when missing. */
  readonly uses: readonly Uses[];
  /** Faults that look the same; their own rules say whether they are out. Nearest first. */
  readonly lookAlikes: readonly FaultId[];
  /** Faults that follow from this one and are then reported as its consequences. */
  readonly explains: readonly FaultId[];
  judge(facts: Facts<Needs, Uses>, context: Context): Judgement;
}

/** A rule whose facts are typed by what it declares. The registry holds rules with that type erased: the engine hands each just what it asked for. */
export function defineRule<const Needs extends EvidenceKind, const Uses extends EvidenceKind>(
  rule: Rule<Needs, Uses>,
): Rule {
  return rule as unknown as Rule;
}

export function clear(because: string): Judgement {
  return { outcome: 'clear', because };
}

export function notApplicable(because: string): Judgement {
  return { outcome: 'not-applicable', because };
}

export function unsure(needs: Access, because: string): Judgement {
  return { outcome: 'unsure', needs, because };
}

/** A fault for each, or clear when there is none. */
export function faults(all: readonly Fault[], otherwise: string): Judgement {
  const [first, ...rest] = all;
  return first === undefined ? clear(otherwise) : { outcome: 'fault', faults: [first, ...rest] };
}
