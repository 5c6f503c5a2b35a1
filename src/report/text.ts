/** The report for a terminal or a log: the answer first, then why, then what to type. */
import { describe } from '../ladder/flow.ts';
import { RUNG_NAMES, RUNGS } from '../ladder/rung.ts';
import type { Comparison } from '../rules/rule.ts';
import { cleanAll } from './clean.ts';
import { compareLines } from './compare.ts';
import { changedLines } from './fix.ts';
import { gapsInShort } from './gaps.ts';
import { agoText, NO_PROOF } from './history.ts';
import { PROPOSAL_TITLE, proposalLines } from './proposal.ts';
import type { Report, ReportFinding } from './report.ts';
import { unseenText, type Way, wayTitle } from './way.ts';
import { flowText, headline, ROLE_WORDS } from './words.ts';

export interface TextOptions {
  /** Columns to wrap at; commands are never wrapped, they are there to be copied. */
  readonly width: number;
  readonly color: boolean;
  /** False: signs and lines in ASCII. */
  readonly unicode: boolean;
}

type Tone = 'good' | 'bad' | 'unsure' | 'quiet' | 'strong';

/** SGR codes that turn a tone on and off, ECMA-48 section 8.3.117. */
const SGR: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  good: [32, 39],
  bad: [31, 39],
  unsure: [33, 39],
  quiet: [2, 22],
  strong: [1, 22],
};
const SIGNS = { ok: '✔', faulty: '✘', unknown: '?', 'not-applicable': '·', line: '─' } as const;
const ASCII_SIGNS = { ok: 'ok', faulty: 'x', unknown: '?', 'not-applicable': '-', line: '-' } as const;
const TONES = { ok: 'good', faulty: 'bad', unknown: 'unsure', 'not-applicable': 'quiet' } as const satisfies Record<
  string,
  Tone
>;

export function renderText(raw: Report, options: TextOptions): string {
  const report = cleanAll(raw);
  const page = new Page(options);
  const signs = options.unicode ? SIGNS : ASCII_SIGNS;
  const state = report.verdict === 'healthy' ? 'ok' : report.verdict === 'fault' ? 'faulty' : 'unknown';
  page.write(page.paint(TONES[state], `${signs[state]} ${headline(report)}`), 0, 2);
  page.write(
    page.paint(
      'quiet',
      `${flowText(report)} · access ${report.flow.access} · ${(report.durationMs / 1000).toFixed(2)} s`,
    ),
    2,
  );
  page.rule(signs.line);
  for (const rung of RUNGS) {
    const reading = report.rungs[rung];
    page.write(
      `${rung}  ${RUNG_NAMES[rung].padEnd(10)} ${page.paint(TONES[reading.state], signs[reading.state])}  ${reading.summary}`,
      1,
      18,
    );
  }
  for (const [index, finding] of report.findings.entries()) {
    page.rule(signs.line);
    renderFinding(page, finding, index === 0 && report.verdict === 'fault' ? null : finding.summary, index + 1);
  }
  if (report.way !== undefined) {
    page.rule(signs.line);
    renderWay(page, report.way, signs.faulty);
  }
  if (report.proposal !== undefined) {
    page.rule(signs.line);
    page.write(page.paint('strong', PROPOSAL_TITLE));
    for (const line of proposalLines(report.proposal)) page.write(line, 2, 4);
  }
  if (report.gaps.length > 0) {
    page.rule(signs.line);
    page.write(page.paint('unsure', 'Could not be looked at'));
    for (const gap of gapsInShort(report)) {
      const isCommand = gap.unlock?.startsWith('kubectl ') === true;
      const toSee = gap.unlock === null ? '' : isCommand ? '. To see it:' : `. To see it: ${gap.unlock}`;
      page.write(`${gap.what}: ${gap.detail} (${gap.reason})${toSee}`, 2, 4);
      if (isCommand) page.verbatim(gap.unlock ?? '', 4);
    }
  }
  if (report.changes.length > 0 || report.flow.notes.length > 0) page.rule(signs.line);
  for (const note of report.flow.notes) page.write(`Note   ${note}`, 0, 7);
  for (const change of report.changes) {
    page.write(
      `Added  ${change.kind} ${change.name} to ${change.in} in ${change.namespace}${change.left ? ". Its process ends 15 minutes after its last use; its name stays in the Pod's spec." : ', and removed it again.'}`,
      0,
      7,
    );
  }
  return page.text();
}

/**
 * ```
 *   Pod web        eth0    10.244.2.10, MTU 1450
 *   between nodes          10.90.0.12 to 10.90.0.13  ✘ breaks here: finding 1
 * ```
 */
function renderWay(page: Page, way: Way, sign: string): void {
  page.write(page.paint('strong', wayTitle(way)));
  const columns = (of: readonly string[]): number => Math.max(0, ...of.map((text) => text.length)) + 2;
  const where = columns(way.places.map((place) => place.where));
  const device = columns(way.places.map((place) => place.device ?? ''));
  for (const place of way.places) {
    const lead = `${place.where.padEnd(where)}${(place.device ?? '').padEnd(device)}`;
    const here = place.finding === null ? '' : page.paint('bad', `${sign} breaks here: finding ${place.finding}`);
    page.write([`${lead}${place.what}`, here].filter((text) => text !== '').join('  '), 2, 2 + where + device);
  }
  const unseen = unseenText(way);
  if (unseen !== null) page.write(page.paint('unsure', unseen), 2);
}

function renderFinding(page: Page, finding: ReportFinding, summary: string | null, number: number): void {
  page.write(
    `${page.paint('strong', `${number}. ${finding.id}`)} · ${ROLE_WORDS[finding.role]} · ${finding.confidence} · ${describe(finding.subject)}`,
    0,
    3,
  );
  if (summary !== null) page.write(summary, 3);
  if (finding.explainedBy !== null) page.write(`Follows from ${finding.explainedBy}.`, 3);
  page.list(
    'Seen',
    finding.evidence.map((proof) => `${proof.vantage.padEnd(7)} ${proof.saw}`),
    17,
  );
  if (finding.compare !== undefined) page.compare(finding.compare);
  page.list('When', whenLines(finding), 21);
  page.list('Not', someOf(finding.ruledOut.map((item) => `${item.id}: ${item.because}`)), 11);
  page.list('Maybe', someOf(finding.notRuledOut.map((item) => `${item.id}: needs ${item.needs}`)), 11);
  for (const [index, step] of finding.fix.entries()) {
    page.list(index === 0 ? 'Fix' : '', [step.say], 9);
    const changed = changedLines(step);
    if (changed.length > 0) page.verbatim(changed.map(({ text }) => text).join('\n'), 9);
    if (step.run !== undefined) page.verbatim(step.run, 9);
  }
}

function whenLines({ history = [] }: ReportFinding): readonly string[] {
  if (history.length === 0) return [];
  return [`${NO_PROOF}:`, ...history.map(({ secondsBefore, what }) => `${agoText(secondsBefore).padEnd(11)} ${what}`)];
}

/** The nearest look-alikes come first; the rest is told by its number. */
function someOf(items: readonly string[]): readonly string[] {
  const shown = 6;
  return items.length <= shown ? items : [...items.slice(0, shown), `and ${items.length - shown} more, see -o json`];
}

/** Lines of text with a margin; colours have no width. */
class Page {
  readonly #options: TextOptions;
  readonly #lines: string[] = [];

  constructor(options: TextOptions) {
    this.#options = options;
  }

  paint(tone: Tone, text: string): string {
    const [on, off] = SGR[tone];
    return this.#options.color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }

  rule(line: string): void {
    this.#lines.push(this.paint('quiet', line.repeat(Math.min(this.#options.width, 80))));
  }

  /** A paragraph: line feeds in a message of the cluster begin no line of their own, which could look like one of ours. */
  write(text: string, indent = 0, hanging = indent): void {
    this.#lines.push(...wrap(text.replace(/\s*\n\s*/g, ' '), { width: this.#options.width, indent, hanging }));
  }

  /** Items below one label; nothing at all without items. */
  list(label: string, items: readonly string[], hanging: number): void {
    for (const [index, item] of items.entries())
      this.write(`${this.paint('strong', (index === 0 ? label : '').padEnd(5))} ${item}`, 3, hanging);
  }

  /** What is needed and what is there, in columns where they fit. */
  compare(comparison: Comparison): void {
    const margin = 9;
    const { width, unicode } = this.#options;
    const signs = unicode ? SIGNS : ASCII_SIGNS;
    const lines = compareLines(comparison, { width: width - margin, signs, widthOf: (text) => text.length });
    this.list(
      'Near',
      lines.map(({ text, ok }) => (ok === null ? text : this.paint(ok ? 'quiet' : 'bad', text))),
      margin + 4,
    );
  }

  verbatim(text: string, indent: number): void {
    for (const line of text.split('\n')) this.#lines.push(' '.repeat(indent) + line);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

const COLOURS = /\u001b\[\d+m/g;

/** Breaks a text at spaces into lines of at most `width` columns; a longer word stands alone. */
function wrap(
  text: string,
  { width, indent, hanging }: { width: number; indent: number; hanging: number },
): readonly string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(' ')) {
    const columns = `${line} ${word}`.replace(COLOURS, '').length;
    if (!empty && columns > width) {
      lines.push(line);
      line = ' '.repeat(hanging) + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
    empty = false;
  }
  return [...lines, line].map((finished) => finished.trimEnd());
}
