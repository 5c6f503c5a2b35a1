import type { Access } from '../ladder/access.ts';
import type { Report } from '../report/report.ts';
import type { Problem } from '../session/event.ts';
import type { CheckedFlow, Expectation } from './checks.ts';
import { type Judged, judgeFlow, type Outcome } from './judge.ts';

/** One flow after it was asked about. */
export interface FlowResult extends Judged {
  readonly flow: CheckedFlow;
  readonly seconds: number;
  /** Null when the flow could not be asked about. */
  readonly report: Report | null;
  /** Why it could not. */
  readonly problem: Problem | null;
}

export function settledResult(flow: CheckedFlow, report: Report, seconds: number): FlowResult {
  return { ...judgeFlow(flow, report), flow, seconds, report, problem: null };
}

export function failedResult(flow: CheckedFlow, problem: Problem, seconds: number): FlowResult {
  return { outcome: 'not-run', because: [], says: firstLine(problem.message), flow, seconds, report: null, problem };
}

export type Ending = 'as-expected' | 'mismatch' | 'usage' | 'could-not-run' | 'inconclusive';

/**
 * What the whole check comes to. What is not as expected outweighs what could not be asked: somebody has to act on it
 * whatever else is true.
 */
export function endingOf(results: readonly FlowResult[]): Ending {
  const some = (outcome: Outcome): boolean => results.some((result) => result.outcome === outcome);
  if (some('mismatch')) return 'mismatch';
  if (results.some(({ problem }) => problem?.kind === 'usage')) return 'usage';
  if (some('not-run')) return 'could-not-run';
  return some('inconclusive') ? 'inconclusive' : 'as-expected';
}

/** The one problem that kept every flow from being asked about, such as a cluster that does not answer; null when there is none. */
export function commonProblem(results: readonly FlowResult[]): Problem | null {
  const first = results[0]?.problem ?? null;
  if (first === null || first.kind !== 'environment') return null;
  return results.every(({ problem }) => problem?.kind === 'environment') ? first : null;
}

export const CHECK_SCHEMA_VERSION = 1;

/** The object of `-o json`; fields and their meaning are stable within a schemaVersion. */
export interface CheckReport {
  readonly schemaVersion: typeof CHECK_SCHEMA_VERSION;
  readonly tool: { readonly version: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly access: Access;
  /** Requests to the API server that all flows together took. */
  readonly requests: number;
  readonly summary: Readonly<Record<'flows' | 'ok' | 'mismatch' | 'inconclusive' | 'notRun', number>>;
  readonly flows: readonly {
    readonly name: string | null;
    readonly namespace: string | null;
    readonly from: string;
    readonly to: string;
    readonly port: number | string | null;
    readonly protocol: string | null;
    readonly expect: Expectation;
    readonly because: readonly string[];
    readonly why: string | null;
    readonly at: CheckedFlow['at'];
    readonly outcome: Outcome;
    readonly says: string;
    /** Ids of what stops the flow, the answer first. */
    readonly found: readonly string[];
    readonly durationMs: number;
    readonly problem: Problem | null;
    /** The whole object of a run of this flow alone. */
    readonly report: Report | null;
  }[];
}

export interface CheckFacts {
  readonly version: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly access: Access;
  readonly requests: number;
}

/** @param results  in the order of the files */
export function buildCheckReport(results: readonly FlowResult[], facts: CheckFacts): CheckReport {
  return {
    schemaVersion: CHECK_SCHEMA_VERSION,
    tool: { version: facts.version },
    startedAt: facts.startedAt.toISOString(),
    durationMs: Math.round(facts.durationMs),
    access: facts.access,
    requests: facts.requests,
    summary: countsOf(results),
    flows: results.map(({ flow, outcome, says, because, seconds, problem, report }) => ({
      ...flow,
      outcome,
      says,
      found: because,
      durationMs: Math.round(seconds * 1000),
      problem,
      report,
    })),
  };
}

export function countsOf(results: readonly FlowResult[]): CheckReport['summary'] {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length;
  return {
    flows: results.length,
    ok: count('ok'),
    mismatch: count('mismatch'),
    inconclusive: count('inconclusive'),
    notRun: count('not-run'),
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
