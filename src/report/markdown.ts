/**
 * The report for a ticket, in the Markdown that GitHub, GitLab and Jira have in common: CommonMark, tables with pipes, no HTML.
 *
 * @see https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/
 */
import { describe } from '../ladder/flow.ts';
import { RUNG_NAMES, RUNGS } from '../ladder/rung.ts';
import type { Comparison } from '../rules/rule.ts';
import type { Climb } from '../session/session.ts';
import { commandAgain } from './again.ts';
import { cleanForMarkup } from './clean.ts';
import { diffLines, doorLists } from './fix.ts';
import { gapsInShort } from './gaps.ts';
import { agoText, NO_PROOF } from './history.ts';
import { PROPOSAL_TITLE, proposalLines } from './proposal.ts';
import type { Report, ReportFinding } from './report.ts';
import { timelineOf } from './timeline.ts';
import { unseenText, type Way, wayTitle } from './way.ts';
import {
  causeOf,
  changeText,
  flowText,
  headline,
  ROLE_WORDS,
  STATE_SIGNS,
  STATE_WORDS,
  VERDICT_SIGNS,
} from './words.ts';

/** The answer, why, what to type; then what is not known, what was left behind and how to see it all again. */
export function renderMarkdown(report: Report, climb: Climb): string {
  const cause = causeOf(report);
  const others = report.findings.filter((finding) => finding !== cause);
  const blocks = [
    `## ${VERDICT_SIGNS[report.verdict]} ${prose(headline(report))}`,
    meta(report),
    ladder(report),
    ...(cause === undefined ? [] : findingBlocks(cause, true)),
    ...(others.length === 0 ? [] : ['### Also seen']),
    ...others.flatMap((finding) => findingBlocks(finding, false)),
    ...(report.way === undefined ? [] : wayBlocks(report.way)),
    ...(report.proposal === undefined
      ? []
      : [`### ${PROPOSAL_TITLE}`, list(proposalLines(report.proposal).map(prose))]),
    ...gapBlocks(report),
    ...noteBlocks(report),
    ...againBlocks(climb),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function meta(report: Report): string {
  const seconds = `${(report.durationMs / 1000).toFixed(2)} s`;
  const facts = [`access ${report.flow.access}`, seconds, report.startedAt, `kubectl-netdebug ${report.tool.version}`];
  return prose([flowText(report), ...facts].join(' · '));
}

function ladder({ rungs }: Report): string {
  const rows = RUNGS.map((rung) => {
    const { state, summary } = rungs[rung];
    return `| ${rung} | ${RUNG_NAMES[rung]} | ${STATE_SIGNS[state]} ${STATE_WORDS[state]} | ${prose(summary)} |`;
  });
  return ['| Rung | | State | What was seen |', '|---|---|---|---|', ...rows].join('\n');
}

function wayBlocks(way: Way): readonly string[] {
  const rows = way.places.map(({ where, device, what, finding }) => {
    const here = finding === null ? '' : `${STATE_SIGNS.faulty} breaks here: finding ${finding}`;
    return `| ${prose(where)} | ${device === null ? '' : prose(device)} | ${prose(what)} | ${here} |`;
  });
  const unseen = unseenText(way);
  return [
    `### ${prose(wayTitle(way))}`,
    ['| Where | Device | What is known | |', '|---|---|---|---|', ...rows].join('\n'),
    ...(unseen === null ? [] : [prose(unseen)]),
  ];
}

function findingBlocks(finding: ReportFinding, isAnswer: boolean): readonly string[] {
  const {
    id,
    role,
    confidence,
    subject,
    summary,
    evidence,
    ruledOut,
    notRuledOut,
    fix,
    explainedBy,
    compare,
    history = [],
  } = finding;
  const title = `${prose(describe(subject))} · ${prose(id)} · ${confidence}`;
  return [
    isAnswer ? `### Cause: ${title}` : `#### ${title}`,
    // The answer is the heading of the whole already.
    ...(isAnswer ? [] : [`${prose(summary)} (${ROLE_WORDS[role]})`]),
    ...(explainedBy === null ? [] : [`Follows from ${prose(explainedBy)}.`]),
    ...(evidence.length === 0 ? [] : ['**What was seen**', list(evidence.map(proofLine))]),
    ...(compare === undefined ? [] : comparisonBlocks(compare)),
    ...(fix.length === 0 ? [] : ['**Fix**']),
    ...fix.flatMap(fixBlocks),
    ...(history.length === 0
      ? []
      : [
          `**When**: ${NO_PROOF}`,
          list(
            history.map(({ at, secondsBefore, what }) => `${prose(at)} (${agoText(secondsBefore)}): ${prose(what)}`),
          ),
        ]),
    ...(ruledOut.length === 0
      ? []
      : ['**Ruled out**', list(ruledOut.map((item) => `${prose(item.id)}: ${prose(item.because)}`))]),
    ...(notRuledOut.length === 0
      ? []
      : ['**Not ruled out**', list(notRuledOut.map((item) => `${prose(item.id)}: to tell, ${prose(item.needs)}`))]),
  ];
}

/** What to do, what that changes line by line, and every door it opens or closes besides. */
function fixBlocks(step: ReportFinding['fix'][number]): readonly string[] {
  const diff = diffLines(step).map(({ text }) => text);
  return [
    prose(step.say),
    ...(diff.length === 0 ? [] : [fenced(diff.join('\n'), 'diff')]),
    ...(step.run === undefined ? [] : [fenced(step.run, 'sh')]),
    ...doorLists(step).flatMap(({ title, doors }) => [`${title}:`, list(doors.map(prose))]),
  ];
}

function comparisonBlocks({ title, rows }: Comparison): readonly string[] {
  const cells = rows.map(
    ({ what, needs, has, ok }) =>
      `| ${prose(what)} | ${prose(needs)} | ${prose(has)} | ${STATE_SIGNS[ok ? 'ok' : 'faulty']} ${ok ? 'fits' : 'differs'} |`,
  );
  return [`**Near miss**: ${prose(title)}`, ['| | Needs | Has | |', '|---|---|---|---|', ...cells].join('\n')];
}

function proofLine({ vantage, saw, command }: ReportFinding['evidence'][number]): string {
  return `${vantage}: ${prose(saw)}${command === '' ? '' : `  \n  ${codeSpan(command)}`}`;
}

function gapBlocks(report: Report): readonly string[] {
  if (report.gaps.length === 0) return [];
  const lines = gapsInShort(report).map(({ what, detail, reason, unlock }) => {
    const toSee = unlock === null ? '' : `. To see it: ${codeSpan(unlock)}`;
    return `${prose(what)}: ${prose(detail)} (${reason})${toSee}`;
  });
  return ['### What could not be looked at', list(lines)];
}

function noteBlocks({ flow, changes }: Report): readonly string[] {
  const left =
    changes.length === 0
      ? ['This run added nothing to the cluster.']
      : changes.map((change) => prose(changeText(change)));
  return [
    ...(flow.notes.length === 0 ? [] : ['### Notes', list(flow.notes.map(prose))]),
    '### What was left in the cluster',
    list(left),
  ];
}

function againBlocks(climb: Climb): readonly string[] {
  const probes = timelineOf(climb).flatMap(({ kind, command }) =>
    kind === 'probe' && command !== null ? [command] : [],
  );
  return [
    '### To see it again',
    fenced(commandAgain(climb), 'sh'),
    ...(probes.length === 0
      ? []
      : ['Each probe by itself, while the debug container runs:', fenced([...new Set(probes)].join('\n'), 'sh')]),
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/**
 * A text from outside as one line of plain words: nothing in it is markup, a mention of a person or the end of a table cell.
 * Line feeds become spaces.
 */
export function prose(text: string): string {
  return (
    cleanForMarkup(text.replace(/\s+/g, ' ').trim())
      .replace(/[\\`*_[\]<>~#${}]/g, '\\$&')
      .replace(/&/g, '&amp;')
      .replace(/\|/g, '&#124;')
      // A mention would notify a person; it is looked for in the rendered text, where no escape helps.
      .replace(/@(?=\w)/g, '@&#8203;')
      // What begins a list or an underlined heading does so only at the start of a line.
      .replace(/^([-+=])(?=[-+= ]|$)/, '\\$1')
      .replace(/^(\d+)([.)])(?= |$)/, '$1\\$2')
  );
}

/** A command within a line. Longer fences than any run of backticks inside; a line feed would be a space, so it is shown as one. */
export function codeSpan(text: string): string {
  const line = cleanForMarkup(text.replace(/\s*\n\s*/g, ' '));
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A block to copy from, whose end no text inside can fake. */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${cleanForMarkup(text)}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
