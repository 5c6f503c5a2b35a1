import { describe } from '../ladder/flow.ts';
import { RUNGS } from '../ladder/rung.ts';
import { compareLines } from '../report/compare.ts';
import { changedLines, diffLines, doorLists } from '../report/fix.ts';
import { gapsInShort } from '../report/gaps.ts';
import { agoText, NO_PROOF } from '../report/history.ts';
import type { Path } from '../report/path.ts';
import type { Report, ReportFinding } from '../report/report.ts';
import { unseenText, type Way, wayTitle } from '../report/way.ts';
import { causeOf, headline } from '../report/words.ts';
import { ladderLines } from './ladder.ts';
import { BLANK, block, commandLines, type Line, line, pad, span, widthOf } from './lines.ts';
import { pathLines } from './path-lines.ts';
import { STATE_TONES, type Theme, type Tone } from './theme.ts';

interface Layout {
  readonly theme: Theme;
  readonly columns: number;
  /** The access that can be asked for from this screen. */
  readonly deeper?: string | null;
  /** Of the check before this one; null for the first. */
  readonly before?: Report | null;
  /** What would show that the cause is none, from its page. */
  readonly unless?: readonly string[];
  /** Null where there is none to draw. */
  readonly path?: Path | null;
  /** Show all of what a fix changes, opens and closes. */
  readonly isUnfolded?: boolean;
}

const RESULT = { healthy: 'ok', fault: 'faulty', inconclusive: 'unknown' } as const;

/** The answer first, then why it is believed, what to type, and what is left open. */
export function verdictLines(report: Report, layout: Layout): readonly Line[] {
  const { theme, columns } = layout;
  const result = RESULT[report.verdict];
  const cause = causeOf(report);
  const others = report.findings.filter((finding) => finding !== cause);
  const tone: Tone = STATE_TONES[result];
  const ladder = [
    line(' The ladder', 'strong'),
    ...ladderLines(report.rungs, { ...layout, isLive: false }),
    ...drawnPath(layout),
    ...(report.way === undefined ? [] : wayLines(report.way, layout)),
  ];
  return [
    ...block([span(` ${theme.signs[result]} `, tone)], headline(report), columns, 'strong'),
    ...sinceBefore(report, layout),
    ...(cause === undefined ? [] : [...signature(cause, layout), BLANK, ...findingLines(cause, layout)]),
    ...(cause === undefined ? [BLANK, ...ladder] : []),
    ...others.flatMap((finding) => [BLANK, ...otherLines(finding, layout)]),
    ...(cause !== undefined && !others.some((finding) => finding.role === 'next-blocker')
      ? [BLANK, ...labelled('Then', ['nothing else that blocks this flow was seen'], layout)]
      : []),
    ...(report.gaps.length === 0 ? [] : [BLANK, ...gapLines(report, layout)]),
    ...(cause === undefined ? [] : [BLANK, ...ladder]),
    ...noteLines(report, layout),
    // Its page is read from disk and may come later than all else: what comes last moves nothing that is being read.
    ...(cause === undefined ? [] : doubtLines(layout)),
  ];
}

const MOST_BACKENDS = 12;

function drawnPath({ theme, columns, path = null }: Layout): readonly Line[] {
  if (path === null) return [];
  const drawn = pathLines(path, { theme, columns, rows: MOST_BACKENDS, isLive: false });
  return [BLANK, line(' The path', 'strong'), ...drawn];
}

/** `   node n2  vxlan0  10.244.2.0, MTU 1450, VXLAN over UDP 4789, to 10.90.0.13`, and a mark where it breaks. */
function wayLines(way: Way, { theme, columns }: Layout): readonly Line[] {
  const { signs } = theme;
  const where = Math.max(0, ...way.places.map((place) => widthOf(place.where)));
  const device = Math.max(0, ...way.places.map((place) => widthOf(place.device ?? '')));
  const unseen = unseenText(way);
  return [
    BLANK,
    ...block([span(' ')], wayTitle(way), columns, 'strong'),
    ...way.places.flatMap((place) => {
      const isHere = place.finding !== null;
      const lead = [
        span(` ${isHere ? signs.faulty : ' '} `, 'bad'),
        span(pad(place.where, where + 2), isHere ? 'bad' : 'quiet'),
        span(pad(place.device ?? '', device + 2), isHere ? 'bad' : 'plain'),
      ];
      return block(lead, isHere ? `${place.what} ${signs.here}`.trim() : place.what, columns, isHere ? 'bad' : 'quiet');
    }),
    ...(unseen === null ? [] : block([span(' ? ', 'unsure')], unseen, columns)),
  ];
}

/** `   P  ✘ → ✔  3 of 3 backends answer`: what the last check saw differently, rung by rung. */
function sinceBefore(report: Report, { theme, columns, before = null }: Layout): readonly Line[] {
  if (before === null) return [];
  const { signs } = theme;
  const changed = RUNGS.filter((rung) => before.rungs[rung].state !== report.rungs[rung].state);
  if (changed.length === 0) {
    const [was, is] = [causeOf(before), causeOf(report)];
    const other = was !== undefined && is !== undefined && was.id !== is.id;
    return block(
      [span('   ')],
      `Since the check before ${other ? `the cause has changed: it was ${was.id}` : 'no rung has changed'}.`,
      columns,
      'quiet',
    );
  }
  return [
    line('   Since the check before:', 'quiet'),
    ...changed.flatMap((rung) => {
      const [was, is] = [before.rungs[rung].state, report.rungs[rung].state];
      const lead = [
        span(`   ${rung}  `, 'strong'),
        span(signs[was], STATE_TONES[was]),
        span(` ${signs.arrow} `, 'quiet'),
        span(`${signs[is]}  `, STATE_TONES[is]),
      ];
      return block(lead, report.rungs[rung].summary, columns);
    }),
  ];
}

/** `   proven · selector-mismatch · Service shop/api` */
function signature(finding: ReportFinding, { theme, columns }: Layout): readonly Line[] {
  const dot = ` ${theme.signs.dot} `;
  return block([span('   ')], [finding.confidence, finding.id, describe(finding.subject)].join(dot), columns, 'quiet');
}

const LABEL_COLUMNS = 8;

function labelled(label: string, items: readonly string[], { columns }: Layout, tone: Tone = 'plain'): readonly Line[] {
  return items.flatMap((item, index) =>
    block([span(` ${pad(index === 0 ? label : '', LABEL_COLUMNS - 1)}`, 'strong')], item, columns, tone),
  );
}

function findingLines(finding: ReportFinding, layout: Layout): readonly Line[] {
  const seen = finding.evidence.flatMap((proof, index) =>
    block(
      [span(` ${pad(index === 0 ? 'Seen' : '', LABEL_COLUMNS - 1)}`, 'strong'), span(pad(proof.vantage, 9), 'quiet')],
      proof.saw,
      layout.columns,
    ),
  );
  const open = [
    ...labelled(
      'Not',
      finding.ruledOut.slice(0, 5).map(({ id, because }) => `${id}: ${because}`),
      layout,
    ),
    ...labelled(
      'Maybe',
      finding.notRuledOut.slice(0, 5).map(({ id, needs }) => `${id}: to tell, ${needs}`),
      layout,
    ),
  ];
  // What to do stands before what it is not: who has read the evidence wants to act. Of a near miss the two columns are the
  // evidence, so that the fix is still on the first screen.
  const fix = finding.fix.length === 0 ? [] : [BLANK, ...fixLines(finding, layout)];
  const near = nearLines(finding, layout);
  const proof = near.length === 0 ? [...seen, ...fix] : [...near, ...fix, BLANK, ...seen];
  return [
    ...proof,
    ...whenLines(finding, layout),
    ...(open.length === 0 ? [] : [BLANK, ...open]),
    ...sureness(finding, layout),
  ];
}

const SURE: Readonly<Record<ReportFinding['confidence'], string>> = {
  proven: 'proven: a causal test passed, or what the object says is enough by itself',
  likely: 'likely: it fits, and the nearest look-alike was excluded',
  possible: 'possible: one reading among several',
};

function sureness({ confidence }: ReportFinding, layout: Layout): readonly Line[] {
  return [BLANK, ...labelled('Sure', [SURE[confidence]], layout)];
}

/** What would show that the cause is none. */
function doubtLines(layout: Layout): readonly Line[] {
  const items = (layout.unless ?? []).slice(0, 2);
  return items.length === 0 ? [] : [BLANK, ...labelled('Doubt', items, layout)];
}

function whenLines({ history = [] }: ReportFinding, layout: Layout): readonly Line[] {
  if (history.length === 0) return [];
  const items = history.map(({ secondsBefore, what }) => `${pad(agoText(secondsBefore), 12)}${what}`);
  return [BLANK, ...labelled('When', [`${NO_PROOF}:`, ...items], layout, 'quiet')];
}

function nearLines({ compare }: ReportFinding, { theme, columns }: Layout): readonly Line[] {
  if (compare === undefined) return [];
  const signs = { ok: theme.signs.fits, faulty: theme.signs.differs };
  const lines = compareLines(compare, { width: columns - LABEL_COLUMNS, signs, widthOf });
  return lines.flatMap(({ text, ok }, index) =>
    block(
      [span(` ${pad(index === 0 ? 'Near' : '', LABEL_COLUMNS - 1)}`, 'strong')],
      text,
      columns,
      ok === null ? 'plain' : ok ? 'quiet' : 'bad',
    ),
  );
}

function fixLines(finding: ReportFinding, layout: Layout): readonly Line[] {
  return finding.fix.flatMap((step, index) => {
    const say = labelled(index === 0 ? 'Fix' : '', [step.say], layout);
    const change = changeLines(step, layout);
    if (step.run === undefined) return [...say, ...change];
    const { lines, isCut } = commandLines(step.run, { indent: LABEL_COLUMNS, columns: layout.columns });
    const hint = isCut
      ? labelled('', [`(cut to fit: ${index === 0 ? 'c copies it, ' : ''}q prints it in one piece)`], layout, 'quiet')
      : [];
    // What to type first: what it changes may be longer than the screen.
    return [...say, ...lines, ...hint, ...change, ...(layout.isUnfolded === true ? allDoors(step, layout) : [])];
  });
}

/** Of a longer change only the beginning is shown until somebody asks for it. */
const MOST_CHANGED = 6;
const CHANGE_TONES = { comes: 'good', goes: 'bad', stays: 'quiet' } as const satisfies Record<string, Tone>;

/** `-  app: webb` and `+  app: web`: what the command below changes. */
function changeLines(step: ReportFinding['fix'][number], layout: Layout): readonly Line[] {
  const { isUnfolded = false } = layout;
  const changed = changedLines(step);
  const shown = isUnfolded ? diffLines(step) : changed.slice(0, MOST_CHANGED);
  // Never wrapped: the blanks at the beginning of a line of YAML mean something.
  const lines = shown.map(({ kind, text }): Line => [span(' '.repeat(LABEL_COLUMNS)), span(text, CHANGE_TONES[kind])]);
  const hidden = changed.length - MOST_CHANGED;
  const more = `(${hidden} more ${hidden === 1 ? 'line changes' : 'lines change'}: v shows all)`;
  return isUnfolded || hidden <= 0 ? lines : [...lines, ...labelled('', [more], layout, 'quiet')];
}

function allDoors(step: ReportFinding['fix'][number], layout: Layout): readonly Line[] {
  return doorLists(step).flatMap(({ title, doors }) => labelled('', [`${title}:`, ...doors], layout, 'quiet'));
}

/** Whether there is more to a fix than is shown at first: the lines around a change, or what else it opens. */
export function canUnfold(report: Report): boolean {
  return report.findings.some(({ fix }) =>
    fix.some((step) => diffLines(step).length > 0 || doorLists(step).length > 0),
  );
}

const ROLES: Readonly<Record<ReportFinding['role'], string>> = {
  cause: 'Also',
  'next-blocker': 'Then',
  consequence: 'So',
  risk: 'Risk',
  note: 'Note',
};

const ROLE_TEXTS: Readonly<Record<ReportFinding['role'], string>> = {
  cause: 'a second cause',
  'next-blocker': 'stops this flow once the cause is gone',
  consequence: 'a consequence',
  risk: 'does not stop this flow today',
  note: 'to know',
};

/** A finding that is not the answer: what it is and what to type, without the proof. */
function otherLines(finding: ReportFinding, layout: Layout): readonly Line[] {
  const dot = ` ${layout.theme.signs.dot} `;
  const follows = finding.explainedBy === null ? ROLE_TEXTS[finding.role] : `follows from ${finding.explainedBy}`;
  return [
    ...labelled(ROLES[finding.role], [finding.summary], layout),
    ...labelled('', [[follows, finding.confidence, finding.id].join(dot)], layout, 'quiet'),
    ...(finding.explainedBy === null ? fixLines(finding, layout) : []),
  ];
}

function gapLines(report: Report, layout: Layout): readonly Line[] {
  return [
    line(' Could not be looked at', 'unsure'),
    ...gapsInShort(report).flatMap((gap) => [
      ...block([span(' ? ', 'unsure')], `${gap.what}: ${gap.detail}`, layout.columns),
      ...(gap.unlock === null
        ? []
        : commandLines(toSee(gap.unlock, layout), { indent: 3, columns: layout.columns }).lines),
    ]),
  ];
}

function toSee(unlock: string, { deeper }: Layout): string {
  return deeper !== undefined && deeper !== null && unlock === `--access ${deeper}`
    ? 'to see it: d, go deeper'
    : `to see it: ${unlock}`;
}

function noteLines(report: Report, layout: Layout): readonly Line[] {
  const notes = labelled('Note', report.flow.notes, layout);
  const added = labelled(
    'Added',
    report.changes.map(
      (change) =>
        `${change.kind} ${change.name} to ${change.in} in ${change.namespace}${change.left ? '; its process ends 15 minutes after its last use' : ', and removed again'}`,
    ),
    layout,
    'quiet',
  );
  return notes.length + added.length === 0 ? [] : [BLANK, ...notes, ...added];
}
