/** Reads run files: all or nothing for what is damaged, everything there is for what was cut off. */
import type { Report } from '../report/report.ts';
import type { RunEvent } from '../session/event.ts';
import { type ProbesLaunched, RUN_FILE_VERSION } from './line.ts';
import { Header, LINES } from './schema.ts';

export interface RunFile {
  readonly header: Header;
  /** In the order in which they happened. */
  readonly events: readonly (RunEvent | ProbesLaunched)[];
  /** As it was judged then; null when the run was cut off. */
  readonly report: Report | null;
}

/** The file cannot be used; the message names it and the line, and the commands are worth a try. */
export class BadRunFile extends Error {
  readonly tryThis: readonly string[];

  constructor(message: string, tryThis: readonly string[]) {
    super(message);
    this.name = 'BadRunFile';
    this.tryThis = tryThis;
  }
}

/**
 * A run file from its text.
 *
 * A last line without its line feed is what a killed run leaves behind, and is passed over. So are lines of a type that a
 * newer tool has added.
 *
 * @param name of the file, for messages
 * @throws {BadRunFile} when it is none, is damaged, or has a newer schema
 */
export function readRunFile(text: string, name: string): RunFile {
  const lines = text.split('\n');
  // What follows the last line feed is empty, or a line that was not finished.
  lines.pop();
  const [first] = lines;
  if (first === undefined) {
    throw new BadRunFile(
      text === '' ? `${name} is empty.` : `${name} is no run file: it has no complete first line.`,
      HOW_TO_RECORD,
    );
  }
  const header = headerOf(first, name);
  const events: (RunEvent | ProbesLaunched)[] = [];
  let report: Report | null = null;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === '') continue;
    const value = parse(line, name, index + 1);
    if (isReport(value)) {
      report = value as Report;
      continue;
    }
    const type = (value as { type?: unknown } | null)?.type;
    if (typeof type !== 'string') throw damaged(name, index + 1, 'has no type');
    const schema = LINES[type];
    if (schema === undefined) continue;
    const result = schema.safeParse(value);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw damaged(name, index + 1, `${type}${placeOf(issue?.path ?? [])} is not what it should be`);
    }
    events.push(result.data as RunEvent | ProbesLaunched);
  }
  return { header, events, report };
}

const HOW_TO_RECORD = ['kubectl netdebug POD SERVICE --record FILE'];

function headerOf(line: string, name: string): Header {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadRunFile(`${name} is no run file: its first line is not JSON.`, HOW_TO_RECORD);
  }
  const { type, schemaVersion, tool } = (value ?? {}) as {
    type?: unknown;
    schemaVersion?: unknown;
    tool?: { version?: unknown };
  };
  if (type !== 'run') {
    const hint = isReport(value)
      ? 'a report of -o json; that cannot be played, only what --record or -o ndjson wrote'
      : `its first line does not begin a run`;
    throw new BadRunFile(`${name} is no run file: it is ${hint}.`.replace('it is its', 'its'), HOW_TO_RECORD);
  }
  if (typeof schemaVersion === 'number' && schemaVersion > RUN_FILE_VERSION) {
    throw new BadRunFile(
      `${name} was written by kubectl-netdebug ${String(tool?.version ?? 'of a later version')} in run file format ${schemaVersion}; this version reads formats up to ${RUN_FILE_VERSION}.`,
      ['kubectl krew upgrade netdebug'],
    );
  }
  const result = Header.safeParse(value);
  if (!result.success)
    throw damaged(name, 1, `run${placeOf(result.error.issues[0]?.path ?? [])} is not what it should be`);
  return result.data;
}

function isReport(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !('type' in value) && 'verdict' in value && 'rungs' in value;
}

function parse(line: string, name: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(name, number, 'is not JSON');
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : ` at ${path.map(String).join('.')}`;
}

function damaged(name: string, line: number, what: string): BadRunFile {
  const before = line <= 2 ? [] : [`head -n ${line - 1} ${name} > up-to-there.ndjson`];
  return new BadRunFile(
    `${name} is damaged: line ${line} ${what}.${before.length === 0 ? '' : ' The lines before it can be played.'}`,
    before.length === 0 ? HOW_TO_RECORD : before,
  );
}
