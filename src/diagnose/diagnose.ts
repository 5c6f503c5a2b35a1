import { clusterDomain } from '../derive/dns.ts';
import { traceOf } from '../derive/flow-trace.ts';
import { measuredReach, type Reach } from '../derive/reach.ts';
import { found, type Gap } from '../evidence/collected.ts';
import { type Evidence, type EvidenceKind, factOf, vantageOf } from '../evidence/evidence.ts';
import type { Access } from '../ladder/access.ts';
import type { Flow } from '../ladder/flow.ts';
import { RUNGS, type Rung } from '../ladder/rung.ts';
import type { Context, Fault, FaultId, Judgement, Rule } from '../rules/rule.ts';
import { type Role, rankFindings } from './rank.ts';
import { type RungReading, readRung } from './rungs.ts';
import { traced } from './traced.ts';
import { unexplained } from './unexplained.ts';

export interface Finding extends Fault {
  readonly id: FaultId;
  readonly rung: Rung;
  readonly title: string;
  readonly role: Role;
  readonly explainedBy: FaultId | null;
  /** Faults that follow from this one. */
  readonly explains: readonly FaultId[];
  readonly ruledOut: readonly { readonly id: FaultId; readonly because: string }[];
  readonly notRuledOut: readonly { readonly id: FaultId; readonly needs: string }[];
}

export type RuleResult =
  | { readonly id: FaultId; readonly judgement: Judgement }
  | { readonly id: FaultId; readonly judgement: { readonly outcome: 'pending' } }
  | {
      readonly id: FaultId;
      readonly judgement: {
        readonly outcome: 'inconclusive';
        readonly missing: readonly { readonly kind: EvidenceKind; readonly gap: Gap }[];
      };
    }
  | { readonly id: FaultId; readonly judgement: { readonly outcome: 'crashed'; readonly error: string } };

export type Verdict = 'healthy' | 'fault' | 'inconclusive';

export interface Diagnosis {
  readonly verdict: Verdict;
  readonly reach: Reach;
  readonly rungs: Readonly<Record<Rung, RungReading>>;
  /** Rank order: the first is the answer. */
  readonly findings: readonly Finding[];
  readonly results: readonly RuleResult[];
}

export interface DiagnoseOptions {
  readonly flow: Flow;
  readonly access: Access;
  /** The API server's clock, milliseconds since the epoch. */
  readonly now: number;
  /** Whether everything that was asked for has come in; only then is a failure called unexplained. */
  readonly settled: boolean;
}

/**
 * Judges the evidence as far as it has come in. Pure and quick enough to run after every event of a run.
 *
 * A rule whose needs are missing is not run; its result is `inconclusive` and names the gaps. A rule that throws is a bug of
 * ours, recorded as `crashed`, and never a finding.
 */
export function diagnose(evidence: Evidence, rules: readonly Rule[], options: DiagnoseOptions): Diagnosis {
  const reach = measuredReach(evidence, options.flow);
  const context: Context = {
    flow: options.flow,
    domain: clusterDomain(factOf(evidence, 'resolvConf'), found(factOf(evidence, 'corefile'))),
    reach,
    now: options.now,
    seen: (kind, saw) => ({ vantage: vantageOf(kind), command: evidence[kind]?.command ?? '', saw }),
  };
  const results = rules.map((rule) => ({ id: rule.id, judgement: runRule(rule, evidence, context) }) as RuleResult);
  const ranked = traced(rankFindings(toFindings(rules, results), reach), traceOf(evidence));
  const findings = options.settled ? [...ranked, ...unexplained(ranked, evidence, context, rules, results)] : ranked;
  const ordered = rankFindings(findings, reach);
  return {
    verdict: verdictOf(ordered, reach, options.settled),
    reach,
    rungs: Object.fromEntries(
      RUNGS.map((rung) => [rung, readRung(rung, { evidence, context, findings: ordered, settled: options.settled })]),
    ) as Record<Rung, RungReading>,
    findings: ordered,
    results,
  };
}

function runRule(rule: Rule, evidence: Evidence, context: Context): RuleResult['judgement'] {
  const missing: { kind: EvidenceKind; gap: Gap }[] = [];
  let pending = false;
  for (const kind of rule.needs) {
    const item = evidence[kind];
    if (item === undefined) pending = true;
    else if (item.status === 'missing') missing.push({ kind, gap: item.gap });
  }
  if (missing.length > 0) return { outcome: 'inconclusive', missing };
  if (pending) return { outcome: 'pending' };
  const facts = Object.fromEntries([...rule.needs, ...rule.uses].map((kind) => [kind, factOf(evidence, kind)]));
  try {
    return rule.judge(facts as Parameters<Rule['judge']>[0], context);
  } catch (error) {
    return { outcome: 'crashed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function toFindings(rules: readonly Rule[], results: readonly RuleResult[]): readonly Finding[] {
  return rules.flatMap((rule) => {
    const judgement = results.find((result) => result.id === rule.id)?.judgement;
    if (judgement?.outcome !== 'fault') return [];
    return judgement.faults.map((fault): Finding => {
      const excluded = lookAlikesOf(rule, results);
      return {
        ...fault,
        id: rule.id,
        rung: rule.rung,
        title: rule.title,
        role: 'risk',
        explainedBy: null,
        explains: rule.explains,
        ruledOut: unique([...(fault.ruledOut ?? []), ...excluded.ruledOut]),
        notRuledOut: unique([
          ...(fault.notRuledOut ?? []),
          ...(fault.confidence === 'proven' ? [] : excluded.notRuledOut),
        ]),
      };
    });
  });
}

/** A look-alike is out when its own rule says so, and open when that rule could not be run or needs more access. */
function lookAlikesOf(rule: Rule, results: readonly RuleResult[]): Pick<Finding, 'ruledOut' | 'notRuledOut'> {
  const ruledOut: { id: FaultId; because: string }[] = [];
  const notRuledOut: { id: FaultId; needs: string }[] = [];
  for (const id of rule.lookAlikes) {
    const judgement = results.find((result) => result.id === id)?.judgement;
    if (judgement?.outcome === 'clear' || judgement?.outcome === 'not-applicable')
      ruledOut.push({ id, because: judgement.because });
    if (judgement?.outcome === 'unsure') notRuledOut.push({ id, needs: `access ${judgement.needs}` });
    if (judgement?.outcome === 'inconclusive')
      notRuledOut.push({
        id,
        needs: judgement.missing[0]?.gap.unlock ?? judgement.missing[0]?.gap.detail ?? 'more evidence',
      });
  }
  return { ruledOut, notRuledOut };
}

function unique<T extends { readonly id: FaultId }>(items: readonly T[]): readonly T[] {
  return items.filter((item, index) => items.findIndex((other) => other.id === item.id) === index);
}

/** A flow that was measured to work from end to end is healthy, whatever else could not be read. */
function verdictOf(findings: readonly Finding[], reach: Reach, settled: boolean): Verdict {
  if (findings.some((finding) => finding.role === 'cause')) return 'fault';
  if (!settled) return 'inconclusive';
  const fine = (result: Reach['name']): boolean => result === 'works' || result === 'not-applicable';
  return fine(reach.name) && fine(reach.service) && reach.path === 'works' && fine(reach.application)
    ? 'healthy'
    : 'inconclusive';
}
