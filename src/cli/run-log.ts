/** Writes a run as it happens: to a file, to standard output, with or without the names in it. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { linesOf, RUN_FILE_VERSION, type RunLine } from '../recording/line.ts';
import { Redactor } from '../recording/redact.ts';
import { replayed } from '../recording/replayed.ts';
import type { RunFile } from '../recording/run-file.ts';
import type { Header } from '../recording/schema.ts';
import { buildReport, type Report } from '../report/report.ts';
import type { Effect, RunEvent } from '../session/event.ts';
import { type Climb, climbOf, type Session } from '../session/session.ts';
import { type Arguments, UsageError } from './args.ts';
import { judgeClimb } from './judge.ts';

export interface RunLog {
  step(session: Session, event: RunEvent, effects: readonly Effect[]): void;
  /** Writes the last line. @returns what to show: with --redact the run that knows no names */
  end(run: FinishedRun): Promise<FinishedRun>;
}

export interface FinishedRun {
  readonly report: Report;
  readonly climb: Climb;
}

interface RunFacts {
  readonly version: string;
  readonly startedAt: Date;
  readonly request: Header['request'];
}

/**
 * Null when nobody wants to have the run written.
 *
 * @throws {UsageError} when the file cannot be written, or holds something that is no run
 */
export function openRunLog(args: Pick<Arguments, 'record' | 'redact' | 'output'>, facts: RunFacts): RunLog | null {
  if (args.record === undefined && args.output !== 'ndjson' && !args.redact) return null;
  const file = args.record === undefined ? null : openForWriting(args.record);
  const redactor = args.redact ? new Redactor() : null;
  const kept: RunLine[] = [];

  // One write for each line, at once: what was killed leaves whole lines behind.
  const write = (line: RunLine): void => {
    const text = `${JSON.stringify(line)}\n`;
    if (file !== null) writeSync(file, text);
    if (args.output === 'ndjson') process.stdout.write(text);
  };
  const put = (line: RunLine): void => {
    const shown = redactor === null ? line : redactor.line(line);
    if (redactor !== null) kept.push(shown);
    write(shown);
  };

  put({
    type: 'run',
    schemaVersion: RUN_FILE_VERSION,
    tool: { version: facts.version },
    startedAt: facts.startedAt.toISOString(),
    redacted: args.redact,
    request: facts.request,
  });
  return {
    step: (session, event, effects) => {
      for (const line of linesOf(session, event, effects)) put(line);
    },
    end: async (run) => {
      const shown = redactor === null ? run : await withoutNames(kept, run);
      write(shown.report);
      if (file !== null) closeSync(file);
      if (redactor !== null) process.stderr.write(redactor.summary());
      return shown;
    },
  };
}

/** Not the report with other words in it, but the report on the run with other words in it. */
async function withoutNames(lines: readonly RunLine[], real: FinishedRun): Promise<FinishedRun> {
  const [header, ...events] = lines;
  const file = { header, events, report: real.report } as unknown as RunFile;
  const climb = climbOf(await replayed(file));
  if (climb === null) throw new Error('the redacted run cannot be played');
  const report = buildReport(climb, judgeClimb(climb, true), {
    version: real.report.tool.version,
    startedAt: new Date(real.report.startedAt),
    durationMs: real.report.durationMs,
  });
  const ids = ({ verdict, findings }: Report): string =>
    [verdict, ...findings.map(({ id, role, confidence }) => `${id} ${role} ${confidence}`)].join(', ');
  if (ids(report) !== ids(real.report))
    process.stderr.write(`Without the names the rules see less: ${ids(report)}, instead of ${ids(real.report)}.\n`);
  return { report, climb };
}

function openForWriting(path: string): number {
  let file: number;
  try {
    file = openSync(path, 'a+', 0o600);
  } catch (error) {
    throw new UsageError(
      `--record ${path}: ${error instanceof Error ? error.message.replace(/, open .*$/, '') : error}.`,
      ['kubectl netdebug POD SERVICE --record run.ndjson'],
    );
  }
  // A run is written over by the next one; anything else with that name was not meant.
  if (fstatSync(file).isFile() && fstatSync(file).size > 0) {
    const begin = Buffer.alloc(13);
    readSync(file, begin, 0, begin.length, 0);
    if (begin.toString() !== '{"type":"run"') {
      closeSync(file);
      throw new UsageError(
        `--record ${path}: that file is there already and is no recorded run; it is left as it is.`,
        ['kubectl netdebug POD SERVICE --record run.ndjson'],
      );
    }
    ftruncateSync(file);
  }
  return file;
}
