/** A difference for a terminal: + came, - went, ~ changed; the answer first, then along the path. */
import { describe } from '../ladder/flow.ts';
import { RUNG_NAMES } from '../ladder/rung.ts';
import { cleanAll } from '../report/clean.ts';
import type { Report } from '../report/report.ts';
import { flowText, headline } from '../report/words.ts';
import type { RunDiff } from './diff.ts';
import type { FieldChange } from './fields.ts';
import type { ObjectChange } from './objects.ts';

export interface DiffTextOptions {
  readonly color: boolean;
  /** False: arrows and lines in ASCII. */
  readonly unicode: boolean;
}

export interface RunName {
  readonly file: string;
  readonly report: Report;
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;
/** SGR, ECMA-48 section 8.3.117. */
const COLOURS = { '+': 32, '-': 31, '~': 33 } as const;
/** Fields shown of one object; the rest is told by its number. */
const MOST_FIELDS = 12;

export function renderDiff(raw: RunDiff, runs: readonly [RunName, RunName], options: DiffTextOptions): string {
  const diff = cleanAll(raw);
  const [before, after] = cleanAll(runs);
  const arrow = options.unicode ? '→' : '->';
  const sign = (which: keyof typeof COLOURS): string =>
    options.color ? `\u001b[${COLOURS[which]}m${which}\u001b[0m` : which;
  const lines: string[] = [];
  const section = (title: string, rows: readonly string[]): void => {
    if (rows.length > 0) lines.push('', title, ...rows);
  };

  const { verdict } = diff;
  lines.push(
    verdict.before === verdict.after
      ? `${diff.differs ? `Still ${verdict.after}` : 'Nothing that matters has changed'}: ${headline(after.report)}`
      : `${verdict.before} ${arrow} ${verdict.after}: ${headline(after.report)}`,
    `  - ${before.file}  ${before.report.startedAt}  ${flowText(before.report)}`,
    `  + ${after.file}  ${after.report.startedAt}  ${flowText(after.report)}`,
  );
  section(
    'Rungs',
    diff.rungs.map(
      ({ rung, before: old, after: now }) =>
        `  ${sign('~')} ${rung} ${RUNG_NAMES[rung]}: ${old.state} (${old.summary}) ${arrow} ${now.state} (${now.summary})`,
    ),
  );
  section(
    'Findings',
    diff.findings.map(({ change, id, subject, before: old, after: now }) => {
      const grade = (finding: typeof old): string => (finding === null ? '' : `${finding.role}, ${finding.confidence}`);
      return change === 'changed'
        ? `  ${sign('~')} ${id} (${describe(subject)}): ${grade(old)} ${arrow} ${grade(now)}`
        : `  ${sign(SIGNS[change])} ${id} (${grade(now ?? old)}): ${(now ?? old)?.summary}`;
    }),
  );
  section(
    'On the path',
    diff.objects.filter(({ onPath }) => onPath).flatMap((change) => objectLines(change, sign, arrow)),
  );
  section(
    'Measured',
    diff.readings.map(({ what, before: old, after: now }) => `  ${sign('~')} ${what}: ${old} ${arrow} ${now}`),
  );
  section(
    'Beside the path',
    diff.objects.filter(({ onPath }) => !onPath).flatMap((change) => objectLines(change, sign, arrow)),
  );
  section(
    'Not compared in full',
    diff.notes.map((note) => `  ${note}`),
  );
  return `${lines.map((line) => line.replace(/\n/g, ' ')).join('\n')}\n`;
}

function objectLines(
  { change, object, fields }: ObjectChange,
  sign: (which: '+' | '-' | '~') => string,
  arrow: string,
): readonly string[] {
  const isNew = fields.some(({ path }) => path === 'metadata.uid');
  const shown = fields.filter(({ path }) => path !== 'metadata.uid');
  return [
    `  ${sign(SIGNS[change])} ${describe(object)}${isNew ? ', made anew' : ''}`,
    ...shown.slice(0, MOST_FIELDS).map((field) => `      ${fieldText(field, arrow)}`),
    ...(shown.length > MOST_FIELDS ? [`      and ${shown.length - MOST_FIELDS} more fields, see -o json`] : []),
  ];
}

function fieldText({ path, before, after }: FieldChange, arrow: string): string {
  return `${path}: ${before ?? '(none)'} ${arrow} ${after ?? '(none)'}`;
}
