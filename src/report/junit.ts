/**
 * Results for CI in JUnit's XML, in the subset that the readers agree on: GitHub's test reporters, Jenkins and GitLab.
 *
 * - One testsuite for each flow, one testcase for each rung and one for the verdict: a suite is green exactly when the exit
 *   code is 0, since nothing but `failure` and `error` makes one red.
 * - GitLab shows the text inside a `failure`, GitHub's reporters its `message`, Jenkins both: the sentence stands in both.
 * - Jenkins takes what is before the last dot of a `classname` for a package, and addresses have dots: those are written `_`.
 * - GitLab tells testcases apart by `classname` and `name`, and all keep their history by them: the flow is in the one and the
 *   rung in the other, and neither has anything that changes from run to run.
 * - Only `failure`, `error` and `skipped` are known to all; `properties` and `system-out` are shown by some and ignored by the rest.
 *
 * @see https://github.com/testmoapp/junitxml and the schema of the Jenkins xUnit plugin
 */
import { describe } from '../ladder/flow.ts';
import { RUNG_NAMES, RUNGS, type Rung } from '../ladder/rung.ts';
import { cleanForMarkup } from './clean.ts';
import { gapsInShort } from './gaps.ts';
import type { Report, ReportFinding } from './report.ts';
import { changeText, flowName, headline, ROLE_WORDS } from './words.ts';

export interface JunitCase {
  readonly name: string;
  /** Groups cases of one flow; dots in it make packages. */
  readonly classname: string;
  /** Seconds; rungs are climbed side by side, so only the whole has a time. */
  readonly seconds: number;
  readonly outcome: JunitOutcome;
  /** Shown beside the result. */
  readonly output?: string;
}

/** `failed`: what was asked is not so. `error`: it could not be told. `skipped`: it does not apply here. */
export type JunitOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed' | 'error'; readonly type: string; readonly message: string; readonly details: string }
  | { readonly kind: 'skipped'; readonly message: string };

export interface JunitSuite {
  readonly name: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly JunitCase[];
}

/** The report of one run. */
export function renderJunit(report: Report): string {
  return junitOf([suiteOf(report)]);
}

/**
 * One file for any number of flows.
 *
 * @returns well-formed XML 1.0 whatever is in the texts: markup is escaped, and characters that XML cannot hold are shown as `\u0000`
 */
export function junitOf(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = suites.reduce((sum, suite) => sum + suite.seconds, 0);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: 'kubectl-netdebug', ...counts(all), time: timeText(seconds) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * One flow as a suite: each rung, then the verdict.
 *
 * @param name  the flow by a name of its own; without it by its ends
 */
export function suiteOf(report: Report, name: string = flowName(report)): JunitSuite {
  const classname = `netdebug.${name.replaceAll('.', '_')}`;
  const seconds = report.durationMs / 1000;
  const rungs = RUNGS.map(
    (rung): JunitCase => ({
      name: `${rung} ${RUNG_NAMES[rung]}`,
      classname,
      seconds: 0,
      outcome: rungOutcome(report, rung),
    }),
  );
  const verdict: JunitCase = {
    name: 'verdict',
    classname,
    seconds,
    outcome: verdictOutcome(report),
    output: besides(report),
  };
  return {
    name,
    startedAt: report.startedAt,
    seconds,
    properties: {
      'netdebug.version': report.tool.version,
      'netdebug.access': report.flow.access,
      'netdebug.verdict': report.verdict,
    },
    cases: [...rungs, verdict],
  };
}

/** A rung that was not seen is only an error where the verdict hangs on it: a fault is named and a healthy flow works without it. */
function rungOutcome(report: Report, rung: Rung): JunitOutcome {
  const { state, summary } = report.rungs[rung];
  const blockers = report.findings.filter((finding) => finding.role === 'cause' || finding.role === 'next-blocker');
  const [finding] = blockers.filter((candidate) => candidate.rung === rung);
  switch (state) {
    case 'ok':
      return { kind: 'passed' };
    case 'not-applicable':
      return { kind: 'skipped', message: summary };
    case 'unknown':
      return report.verdict === 'inconclusive'
        ? { kind: 'error', type: 'inconclusive', message: summary, details: gapText(report) }
        : { kind: 'skipped', message: `not seen: ${summary}` };
    case 'faulty': {
      if (finding !== undefined)
        return { kind: 'failed', type: finding.id, message: finding.summary, details: findingText(finding) };
      const because = blockers[0] === undefined ? '' : ` It follows from ${blockers[0].id}: ${blockers[0].summary}`;
      return { kind: 'failed', type: blockers[0]?.id ?? 'faulty', message: summary, details: `${summary}.${because}` };
    }
  }
}

function verdictOutcome(report: Report): JunitOutcome {
  if (report.verdict === 'healthy') return { kind: 'passed' };
  if (report.verdict === 'inconclusive')
    return { kind: 'error', type: 'inconclusive', message: headline(report), details: gapText(report) };
  const causes = report.findings.filter((finding) => finding.role === 'cause');
  return {
    kind: 'failed',
    type: causes[0]?.id ?? 'fault',
    message: headline(report),
    details: causes.map(findingText).join('\n\n'),
  };
}

function findingText(finding: ReportFinding): string {
  return [
    finding.summary,
    `${finding.id}, ${ROLE_WORDS[finding.role]}, ${finding.confidence}: ${describe(finding.subject)}`,
    ...finding.evidence.map(
      ({ vantage, saw, command }) => `Seen (${vantage}): ${saw}${command === '' ? '' : `\n  ${command}`}`,
    ),
    ...finding.fix.map(({ say, run }) => `Fix: ${say}${run === undefined ? '' : `\n  ${run}`}`),
  ].join('\n');
}

function gapText(report: Report): string {
  return gapsInShort(report)
    .map(({ what, detail, unlock }) => `${what}: ${detail}${unlock === null ? '' : `. To see it: ${unlock}`}`)
    .join('\n');
}

/** What is no result: other findings, what was not looked at, what was added to the cluster. */
function besides(report: Report): string {
  const others = report.findings.filter(({ role }) => role !== 'cause').map(findingText);
  const gaps =
    report.verdict === 'inconclusive' || report.gaps.length === 0 ? [] : [`Not looked at:\n${gapText(report)}`];
  return [...others, ...gaps, ...report.flow.notes, ...report.changes.map(changeText)].join('\n\n');
}

function suiteLines({ name, startedAt, seconds, properties, cases }: JunitSuite): readonly string[] {
  const own = { name, ...counts(cases), time: timeText(seconds), timestamp: startedAt };
  const pairs = Object.entries(properties);
  return [
    `  <testsuite ${attributes(own)}>`,
    ...(pairs.length === 0
      ? []
      : [
          '    <properties>',
          ...pairs.map(([key, value]) => `      <property ${attributes({ name: key, value })}/>`),
          '    </properties>',
        ]),
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ];
}

function caseLines({ name, classname, seconds, outcome, output = '' }: JunitCase): readonly string[] {
  const head = `    <testcase ${attributes({ name, classname, time: timeText(seconds) })}`;
  const inside = [
    ...outcomeLines(outcome),
    ...(output === '' ? [] : [`      <system-out>${escapeXml(output)}</system-out>`]),
  ];
  return inside.length === 0 ? [`${head}/>`] : [`${head}>`, ...inside, '    </testcase>'];
}

function outcomeLines(outcome: JunitOutcome): readonly string[] {
  switch (outcome.kind) {
    case 'passed':
      return [];
    case 'skipped':
      return [`      <skipped ${attributes({ message: outcome.message })}/>`];
    case 'failed':
    case 'error': {
      const tag = outcome.kind === 'failed' ? 'failure' : 'error';
      const { message, type, details } = outcome;
      return [
        `      <${tag} ${attributes({ message, type })}>${escapeXml(details === '' ? message : details)}</${tag}>`,
      ];
    }
  }
}

function counts(cases: readonly JunitCase[]): Readonly<Record<string, string>> {
  const count = (kind: JunitOutcome['kind']): string =>
    String(cases.filter(({ outcome }) => outcome.kind === kind).length);
  return { tests: String(cases.length), failures: count('failed'), errors: count('error'), skipped: count('skipped') };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}="${escapeXml(value).replaceAll('\n', '&#10;')}"`)
    .join(' ');
}

function timeText(seconds: number): string {
  return seconds.toFixed(3);
}

function escapeXml(text: string): string {
  return cleanForMarkup(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
