/** The shape CI systems read: suites of cases. A failure is a flow that is not as expected; an error one that gave no answer. */
import { cleanAll } from '../report/clean.ts';
import { detailLines, labelOf } from './lines.ts';
import type { FlowResult } from './result.ts';

export interface JunitCase {
  readonly name: string;
  /** What the case belongs to; CI systems group by it. */
  readonly group: string;
  readonly seconds: number;
  /** One line. */
  readonly failure?: string;
  readonly error?: string;
  readonly skipped?: string;
  /** Lines that a person unfolds. */
  readonly details: string;
}

export interface JunitSuite {
  readonly name: string;
  readonly seconds: number;
  readonly cases: readonly JunitCase[];
}

/** One case for each flow, in the order of the files. Inconclusive is an error: a test that was not carried out has not passed. */
export function junitSuite(results: readonly FlowResult[], seconds: number): JunitSuite {
  return {
    name: 'kubectl netdebug check',
    seconds,
    cases: results.map((result) => {
      const { flow, outcome, says, report } = result;
      return {
        name: labelOf(flow, { unicode: true }),
        group: flow.at.file,
        seconds: result.seconds,
        ...(outcome === 'mismatch' ? { failure: says } : outcome === 'ok' ? {} : { error: says }),
        details:
          outcome === 'ok'
            ? says
            : detailLines(
                result,
                { access: report?.flow.access ?? 'api', connection: '' },
                { color: false, unicode: true },
              ).join('\n'),
      };
    }),
  };
}

/** JUnit's XML, of which there is no standard: only what Jenkins, GitLab and GitHub's reporters all read. */
export function junitText(suites: readonly JunitSuite[]): string {
  const lines = suites.flatMap(({ name, seconds, cases }) => [
    `  <testsuite name="${escaped(name)}" ${counts(cases)} time="${seconds.toFixed(3)}">`,
    ...cases.flatMap((item) => [
      `    <testcase name="${escaped(item.name)}" classname="${escaped(item.group)}" time="${item.seconds.toFixed(3)}">`,
      ...(['failure', 'error', 'skipped'] as const).flatMap((kind) => {
        const message = item[kind];
        return message === undefined
          ? []
          : [`      <${kind} message="${escaped(message)}">${escaped(item.details)}</${kind}>`];
      }),
      ...((item.failure ?? item.error ?? item.skipped) === undefined
        ? [`      <system-out>${escaped(item.details)}</system-out>`]
        : []),
      '    </testcase>',
    ]),
    '  </testsuite>',
  ]);
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = suites.reduce((sum, suite) => sum + suite.seconds, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(all)} time="${seconds.toFixed(3)}">\n${lines.join('\n')}\n</testsuites>\n`;
}

function counts(cases: readonly JunitCase[]): string {
  const having = (kind: 'failure' | 'error' | 'skipped'): number =>
    cases.filter((item) => item[kind] !== undefined).length;
  return `tests="${cases.length}" failures="${having('failure')}" errors="${having('error')}" skipped="${having('skipped')}"`;
}

/** For text and attributes. Characters that XML 1.0 cannot hold at all are shown as `clean` shows them. */
function escaped(text: string): string {
  return cleanAll(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
}
