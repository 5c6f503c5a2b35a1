/** What `check` prints on a terminal or into a log: a line per flow as it settles, then what there is to do. */
import { cleanAll } from '../report/clean.ts';
import type { CheckedFlow } from './checks.ts';
import type { FileProblem } from './parse.ts';
import { countsOf, type FlowResult } from './result.ts';

export interface LineOptions {
  readonly color: boolean;
  /** False: arrows and dots in ASCII. */
  readonly unicode: boolean;
}

/** A sign by which a line is found in a long log, and its colour (SGR, ECMA-48 section 8.3.117). */
const SIGNS = {
  ok: ['ok', 32],
  mismatch: ['FAIL', 31],
  inconclusive: ['??', 33],
  'not-run': ['ERR', 31],
} as const satisfies Record<FlowResult['outcome'], readonly [string, number]>;

/** Its name, or `shop: deploy/web → api:80`. */
export function labelOf(flow: CheckedFlow, { unicode }: Pick<LineOptions, 'unicode'>): string {
  return flow.name ?? routeOf(flow, unicode);
}

function routeOf(flow: CheckedFlow, unicode: boolean): string {
  const port = flow.port === null ? '' : `, port ${flow.port}`;
  const protocol = flow.protocol === null ? '' : ` ${flow.protocol}`;
  return `${flow.namespace === null ? '' : `${flow.namespace}: `}${flow.from} ${unicode ? '→' : '->'} ${flow.to}${port}${protocol}`;
}

/**
 * One line about one flow.
 *
 * @param columns  of the widest label, so that what was found stands in one column
 */
export function flowLine(raw: FlowResult, columns: number, options: LineOptions): string {
  const result = cleanAll(raw);
  const [sign, colour] = SIGNS[result.outcome];
  return `${paint(sign.padEnd(4), colour, options)}  ${labelOf(result.flow, options).padEnd(columns)}  ${oneLine(result.says)}  ${result.seconds.toFixed(1)} s\n`;
}

export interface SummaryFacts {
  readonly access: string;
  readonly seconds: number;
  /** Words of this command line that reach the same cluster, such as `--context lab`; empty or ending with a space. */
  readonly connection: string;
}

/** How many are as expected, and for each that is not: what was expected and why, what was found, and how to ask about it alone. */
export function summaryText(raw: readonly FlowResult[], facts: SummaryFacts, options: LineOptions): string {
  const results = cleanAll(raw);
  const { flows, ok, mismatch, inconclusive, notRun } = countsOf(results);
  const parts = [
    `${ok} of ${flows} as expected`,
    ...(mismatch === 0 ? [] : [`${mismatch} not`]),
    ...(inconclusive === 0 ? [] : [`${inconclusive} inconclusive`]),
    ...(notRun === 0 ? [] : [`${notRun} could not be asked about`]),
    `access ${facts.access}`,
    `${facts.seconds.toFixed(1)} s`,
  ];
  const lines = [parts.join(options.unicode ? ' · ' : ', ')];
  for (const result of results) if (result.outcome !== 'ok') lines.push('', ...detailLines(result, facts, options));
  lines.push(...changeLines(results));
  return `${lines.join('\n')}\n`;
}

/** Where a flow stands in its file, what was expected and why, what was found, and what to type next. */
export function detailLines(
  raw: FlowResult,
  facts: Pick<SummaryFacts, 'access' | 'connection'>,
  options: LineOptions,
): readonly string[] {
  const { flow, outcome, says, report, problem } = cleanAll(raw);
  const lines = [`${flow.at.file}:${flow.at.line}  ${paint(labelOf(flow, options), 1, options)}`];
  if (flow.name !== null) lines.push(`  Flow   ${routeOf(flow, options.unicode)}`);
  if (flow.why !== null) lines.push(`  Why    ${oneLine(flow.why)}`);
  lines.push(`  Found  ${oneLine(says)}`);
  const [cause] = report?.findings ?? [];
  for (const step of outcome === 'mismatch' ? (cause?.fix.slice(0, 1) ?? []) : []) {
    lines.push(`  Fix    ${oneLine(step.say)}`);
    if (step.run !== undefined) lines.push(...step.run.split('\n').map((line) => `         ${line}`));
  }
  for (const command of problem?.tryThis ?? []) lines.push(`  Try    ${command}`);
  if (problem === null) lines.push(`  Alone  ${aloneCommand(flow, facts)}`);
  return lines;
}

/** What was added to the cluster and stays there, one line each. */
export function changeLines(results: readonly FlowResult[]): readonly string[] {
  const added = results.flatMap(({ report }) => report?.changes ?? []);
  return [
    ...(added.length === 0 ? [] : ['']),
    ...added.map(
      ({ kind, name, in: place, namespace }) =>
        `Added ${kind} ${name} to ${place} in ${namespace}. Its process ends 15 minutes after its last use; its name stays in the Pod's spec.`,
    ),
  ];
}

/** The run of this flow by itself. */
function aloneCommand(flow: CheckedFlow, { access, connection }: Pick<SummaryFacts, 'access' | 'connection'>): string {
  return [
    `kubectl netdebug ${connection}`.trimEnd(),
    ...(flow.namespace === null ? [] : [`-n ${flow.namespace}`]),
    flow.from,
    flow.to,
    ...(flow.port === null ? [] : [`--port ${flow.port}`]),
    ...(flow.protocol === null ? [] : [`--protocol ${flow.protocol.toLowerCase()}`]),
    `--access ${access}`,
  ].join(' ');
}

/** `checks.yaml:7:5: …`, as compilers write it and editors find it; at most twenty. */
export function problemLines(problems: readonly FileProblem[]): string {
  const most = 20;
  const lines = problems
    .slice(0, most)
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return `${cleanAll([...lines, ...(problems.length > most ? [`and ${problems.length - most} more`] : [])]).join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

function paint(text: string, code: number, { color }: LineOptions): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}
