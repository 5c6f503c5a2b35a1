/** What changed between two runs of the same question: the answer, the rungs, the findings, objects and measurements. */

import { PROBE_PLANS } from '../collect/probes.ts';
import type { Verdict } from '../diagnose/diagnose.ts';
import type { RungReading } from '../diagnose/rungs.ts';
import type { Evidence, EvidenceKind } from '../evidence/evidence.ts';
import type { ObjectRef } from '../ladder/flow.ts';
import { RUNGS, type Rung } from '../ladder/rung.ts';
import { EVIDENCE_WORDS, type Report, type ReportFinding } from '../report/report.ts';
import { flowText } from '../report/words.ts';
import { changedObjects, type ObjectChange } from './objects.ts';
import { changedReadings, type ReadingChange } from './readings.ts';

export interface Run {
  readonly evidence: Evidence;
  readonly report: Report;
  /** Its names are tokens that mean nothing in another file. */
  readonly redacted: boolean;
}

export interface RungChange {
  readonly rung: Rung;
  readonly before: RungReading;
  readonly after: RungReading;
}

export interface FindingChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly id: string;
  readonly subject: ObjectRef;
  /** Null: it was not there. */
  readonly before: Pick<ReportFinding, 'role' | 'confidence' | 'summary'> | null;
  readonly after: Pick<ReportFinding, 'role' | 'confidence' | 'summary'> | null;
}

export interface RunDiff {
  /** Something that matters to this flow has changed: not what lies beside its path, and not a time, which is one measurement. */
  readonly differs: boolean;
  readonly verdict: { readonly before: Verdict; readonly after: Verdict };
  readonly rungs: readonly RungChange[];
  readonly findings: readonly FindingChange[];
  /** On the path first. */
  readonly objects: readonly ObjectChange[];
  readonly readings: readonly ReadingChange[];
  /** Why the two cannot be compared in full, one sentence each. */
  readonly notes: readonly string[];
}

export function diffRuns(before: Run, after: Run): RunDiff {
  const verdict = { before: before.report.verdict, after: after.report.verdict };
  const rungs = RUNGS.flatMap((rung): readonly RungChange[] => {
    const [old, now] = [before.report.rungs[rung], after.report.rungs[rung]];
    return old.state === now.state ? [] : [{ rung, before: old, after: now }];
  });
  const findings = changedFindings(before.report.findings, after.report.findings);
  const objects = changedObjects(before.evidence, after.evidence);
  const readings = changedReadings(before.evidence, after.evidence);
  return {
    differs:
      verdict.before !== verdict.after ||
      rungs.length + findings.length > 0 ||
      readings.some(({ change }) => change === 'outcome') ||
      objects.some(({ onPath }) => onPath),
    verdict,
    rungs,
    findings,
    objects,
    readings,
    notes: notesOn(before, after),
  };
}

/** Two findings are the same when they are about the same object; their sentences may differ in numbers. */
function changedFindings(before: readonly ReportFinding[], after: readonly ReportFinding[]): readonly FindingChange[] {
  const keyOf = ({ id, subject }: ReportFinding): string =>
    [id, subject.kind, subject.namespace ?? '', subject.name].join(' ');
  const [old, now] = [before, after].map((list) => new Map(list.map((finding) => [keyOf(finding), finding])));
  return [...new Set([...(now?.keys() ?? []), ...(old?.keys() ?? [])])].flatMap((key): readonly FindingChange[] => {
    const [was, is] = [old?.get(key) ?? null, now?.get(key) ?? null];
    const finding = is ?? was;
    if (finding === null || (was !== null && is !== null && was.role === is.role && was.confidence === is.confidence))
      return [];
    return [
      {
        change: was === null ? 'added' : is === null ? 'removed' : 'changed',
        id: finding.id,
        subject: finding.subject,
        before: was === null ? null : brief(was),
        after: is === null ? null : brief(is),
      },
    ];
  });
}

function brief({ role, confidence, summary }: ReportFinding): FindingChange['before'] {
  return { role, confidence, summary };
}

function notesOn(before: Run, after: Run): readonly string[] {
  const [old, now] = [before.report, after.report];
  const question = ({ flow }: Report): string => JSON.stringify([flow.source.namespace, flow.destination]);
  return [
    ...(question(old) === question(now)
      ? []
      : [`The runs ask about different flows: first ${flowText(old)}, then ${flowText(now)}.`]),
    ...(before.redacted || after.redacted
      ? [
          'Names of a redacted run are tokens of that file alone: objects of two files may look different and be the same.',
        ]
      : []),
    ...(old.flow.access === now.flow.access
      ? []
      : [`The first run had access ${old.flow.access}, the second ${now.flow.access}.`]),
    ...unseen(before.evidence, after.evidence).map((gap) => `Only the second run has seen ${gap}`),
    ...unseen(after.evidence, before.evidence).map((gap) => `Only the first run has seen ${gap}`),
  ];
}

/** What `lacking` could not look at and `having` could: kinds that are missing for one reason are one line. */
function unseen(lacking: Evidence, having: Evidence): readonly string[] {
  const kinds = (Object.keys(lacking) as EvidenceKind[]).filter(
    (kind) => lacking[kind]?.status === 'missing' && having[kind]?.status === 'collected',
  );
  const groups = Map.groupBy(kinds, (kind) => {
    const item = lacking[kind];
    return item?.status === 'missing' ? item.gap.detail : '';
  });
  return [...groups].map(([detail, group]) => {
    const measured = group.some((kind) => kind in PROBE_PLANS);
    const read = group.flatMap((kind) => (kind in PROBE_PLANS ? [] : [EVIDENCE_WORDS[kind]]));
    return `${[...(measured ? ['what is measured from inside Pods'] : []), ...read].join(', ')}; in the other: ${detail}.`;
  });
}
