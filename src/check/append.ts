/** Adds a flow to the text of a file of checks. What a person wrote there stays as it is. */
import { isMap, isSeq, parseAllDocuments, stringify } from 'yaml';
import type { Report } from '../report/report.ts';
import { API_VERSION, type CheckedFlow, KIND } from './checks.ts';
import { isEmpty } from './parse.ts';

/** A flow as it is written: what a run was asked, and what it found. */
export interface FoundFlow {
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
  readonly port?: number | string;
  readonly protocol?: string;
  readonly expect: 'reachable' | 'unreachable';
  readonly because?: string | readonly string[];
}

export interface Asked {
  readonly source: string;
  readonly destination: string;
  readonly namespace: string;
  readonly port: number | string | null;
  readonly protocol: string | null;
}

/** @returns null when the run was inconclusive: then there is nothing that could be expected */
export function foundFlow(asked: Asked, report: Report, ids: readonly string[]): FoundFlow | null {
  if (report.verdict === 'inconclusive') return null;
  const causes = [...new Set(report.findings.filter(({ role }) => role === 'cause').map(({ id }) => id))];
  // `unexplained` says that nothing is known about the reason.
  const because = causes.filter((id) => ids.includes(id));
  return {
    namespace: asked.namespace,
    from: asked.source,
    to: asked.destination,
    ...(asked.port === null ? {} : { port: asked.port }),
    ...(asked.protocol === null ? {} : { protocol: asked.protocol.toLowerCase() }),
    expect: report.verdict === 'healthy' ? 'reachable' : 'unreachable',
    ...(because.length === 0 ? {} : { because: because.length === 1 ? (because[0] ?? '') : because }),
  };
}

/** The flow of the file that asks the same; null when there is none. */
export function sameFlow(flow: FoundFlow, flows: readonly CheckedFlow[]): CheckedFlow | null {
  return (
    flows.find(
      (known) =>
        known.from === flow.from &&
        known.to === flow.to &&
        (known.namespace ?? flow.namespace) === flow.namespace &&
        known.port === (flow.port ?? null) &&
        known.protocol === (flow.protocol?.toUpperCase() ?? null),
    ) ?? null
  );
}

/**
 * The text with one more flow at the end of its last document. Comments, order and layout of the rest stay; a file in JSON is
 * laid out anew.
 *
 * @param text  of a file that `parseChecks` accepts; null or blank for a new one
 */
export function appendFlow(text: string | null, flow: FoundFlow): string {
  if (text === null || text.trim() === '')
    return `# kubectl netdebug check -f this-file\n${stringify({ apiVersion: API_VERSION, kind: KIND, flows: [flow] })}`;
  const json = jsonOf(text);
  if (json !== null)
    return `${JSON.stringify({ ...json, flows: [...json.flows, without(json.namespace, flow)] }, null, 2)}\n`;
  const documents = [...parseAllDocuments(text)];
  const document = documents.findLast((one) => !isEmpty(one));
  const flows = document?.get('flows');
  if (document === undefined || !isSeq(flows)) throw new Error('no file of checks');
  const added = without(document.get('namespace'), flow);
  const last = flows.items.at(-1);
  const [startsAt] = flows.range ?? [];
  if (flows.flow !== true && isMap(last) && last.range && startsAt !== undefined) {
    const dash = startsAt - (text.lastIndexOf('\n', startsAt - 1) + 1);
    const lines = stringify([added]).trimEnd().split('\n');
    const item = lines.map((line) => `${' '.repeat(dash)}${line}\n`).join('');
    const end = endOfLine(text, last.range[1]);
    const before = text.slice(0, end);
    const result = `${before}${before.endsWith('\n') ? '' : '\n'}${item}${text.slice(end)}`;
    if (countOf(result) === countOf(text) + 1) return result;
  }
  flows.add(document.createNode(added));
  return documents.map((one) => one.toString({ lineWidth: 0 })).join('');
}

/** Null for YAML, also for YAML that begins with a brace. */
function jsonOf(text: string): { readonly namespace?: unknown; readonly flows: readonly unknown[] } | null {
  try {
    return JSON.parse(text) as { flows: readonly unknown[] };
  } catch {
    return null;
  }
}

function without(fileNamespace: unknown, { namespace, ...flow }: FoundFlow): object {
  return namespace === fileNamespace ? flow : { namespace, ...flow };
}

/** Behind the line break of the line that a value ends on; a comment beside the value stays beside it. */
function endOfLine(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const feed = text.indexOf('\n', offset);
  return feed < 0 ? text.length : feed + 1;
}

function countOf(text: string): number {
  return [...parseAllDocuments(text)].reduce((sum, document) => {
    if (isEmpty(document)) return sum;
    const flows = document.errors.length === 0 ? document.get('flows') : null;
    return sum + (isSeq(flows) ? flows.items.length : Number.NaN);
  }, 0);
}
