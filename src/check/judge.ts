import type { Report, ReportFinding } from '../report/report.ts';
import { destinationText } from '../report/words.ts';
import type { CheckedFlow } from './checks.ts';

/**
 * - `ok`: as expected
 * - `mismatch`: not as expected
 * - `inconclusive`: neither, because something that matters could not be looked at
 * - `not-run`: the flow could not even be asked about: no such source, no answer from the cluster
 */
export type Outcome = 'ok' | 'mismatch' | 'inconclusive' | 'not-run';

export interface Judged {
  readonly outcome: Outcome;
  /** Ids of what stops the flow, the answer first; empty when it works or nothing is known. */
  readonly because: readonly string[];
  /** One line: what was found, and where it differs what was expected. */
  readonly says: string;
}

/**
 * What is asked for is not there. A typing error in `to` is just as unreachable as what a policy closes: only a flow
 * that names these as its reason may be unreachable because of them.
 */
const NOT_THERE: readonly string[] = ['dns-name-not-found', 'dns-wrong-namespace', 'vip-or-port-undefined'];

/** Whether a flow was found as it is expected to be. */
export function judgeFlow(flow: Pick<CheckedFlow, 'expect' | 'because'>, report: Report): Judged {
  const blockers = report.findings.filter(({ role }) => role === 'cause' || role === 'next-blocker');
  const because = [...new Set(blockers.map(({ id }) => id))];
  const [first] = blockers;
  switch (report.verdict) {
    case 'inconclusive':
      return { outcome: 'inconclusive', because, says: `inconclusive: ${missingPiece(report)}` };
    case 'healthy':
      if (flow.expect === 'reachable') return { outcome: 'ok', because: [], says: 'reachable' };
      return {
        outcome: 'mismatch',
        because: [],
        says: `expected unreachable${reason(flow)}: ${report.flow.source.name} reaches ${destinationText(report.flow.destination)}`,
      };
    case 'fault':
      if (flow.expect === 'reachable')
        return { outcome: 'mismatch', because, says: `expected reachable: ${found(first)}` };
      if (flow.because.some((id) => !because.includes(id)))
        return { outcome: 'mismatch', because, says: `expected unreachable${reason(flow)}, but found ${found(first)}` };
      if (flow.because.length === 0 && first !== undefined && NOT_THERE.includes(first.id))
        return {
          outcome: 'mismatch',
          because,
          says: `unreachable only because it is not there: ${found(first)} If that is meant, write because: ${first.id}`,
        };
      return { outcome: 'ok', because, says: `unreachable: ${because.join(', ')}` };
  }
}

function reason({ because }: Pick<CheckedFlow, 'because'>): string {
  return because.length === 0 ? '' : ` because of ${because.join(' and ')}`;
}

function found(finding: ReportFinding | undefined): string {
  return finding === undefined ? 'a fault without a name' : `${finding.id}: ${finding.summary}`;
}

/** The first thing that could not be looked at, and what would show it. */
function missingPiece(report: Report): string {
  const gap = report.gaps.find(({ unlock }) => unlock !== null) ?? report.gaps[0];
  if (gap === undefined) {
    const unknown = Object.values(report.rungs).find(({ state }) => state === 'unknown');
    return unknown?.summary ?? 'nothing wrong was seen, and not everything could be looked at';
  }
  return `${gap.what}: ${gap.detail}${gap.unlock === null ? '' : `. To see it: ${gap.unlock}`}`;
}
