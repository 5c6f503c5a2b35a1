/** Reports as small as judging them needs. */
import type { Report, ReportFinding } from '../../src/report/report.ts';

const quiet = { state: 'ok', summary: 'fine' } as const;

export const healthy: Report = {
  schemaVersion: 1,
  tool: { version: '0.1.0' },
  startedAt: '2026-03-02T10:00:00.000Z',
  durationMs: 400,
  flow: {
    source: { kind: 'Pod', namespace: 'shop', name: 'web', node: 'n1' },
    destination: { kind: 'Service', namespace: 'shop', name: 'api', port: 80, protocol: 'TCP' },
    access: 'source',
    notes: [],
  },
  verdict: 'healthy',
  rungs: { D: quiet, E: quiet, P: quiet, N: quiet, X: { state: 'not-applicable', summary: 'not on this path' } },
  findings: [],
  gaps: [],
  changes: [],
};

export function finding(id: string, role: ReportFinding['role'], changes: Partial<ReportFinding> = {}): ReportFinding {
  return {
    id,
    rung: 'N',
    role,
    confidence: 'proven',
    subject: { kind: 'Service', namespace: 'shop', name: 'api' },
    summary: `This is ${id}.`,
    evidence: [],
    ruledOut: [],
    notRuledOut: [],
    fix: [],
    explainedBy: null,
    ...changes,
  };
}

export function faulty(...findings: readonly ReportFinding[]): Report {
  return { ...healthy, verdict: 'fault', findings };
}

export const inconclusive: Report = {
  ...healthy,
  verdict: 'inconclusive',
  rungs: { ...healthy.rungs, P: { state: 'unknown', summary: 'not measured' } },
  gaps: [
    { what: 'events of the namespace', reason: 'timed-out', detail: 'no answer', unlock: null },
    {
      what: 'everything that is measured from the source Pod',
      reason: 'not-permitted',
      detail: 'nothing was run in the source Pod',
      unlock: '--access source',
    },
  ],
};
