/** `diff RUN RUN`: what changed between two recorded runs; both are judged by the rules of today. */
import { findTerminal } from '../adapters/terminal.ts';
import { diffRuns, type Run } from '../diff/diff.ts';
import { renderDiff } from '../diff/text.ts';
import { replayed } from '../recording/replayed.ts';
import { BadRunFile, readRunFile } from '../recording/run-file.ts';
import { buildReport } from '../report/report.ts';
import { climbOf } from '../session/session.ts';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';
import { readNamed } from './files.ts';
import { judgeClimb } from './judge.ts';

declare const __VERSION__: string;

const OUTPUTS: readonly string[] = ['text', 'json'];
const HOW_TO_RECORD = 'kubectl netdebug POD SERVICE --record FILE';

/** @returns 0 when nothing that matters has changed, 1 when something has, as diff(1) does; everything has been printed */
export async function diff(args: Arguments): Promise<number> {
  const [, first, second, ...more] = args.positionals;
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError('diff takes two files, each written by --record. A Pod of that name is written pod/diff.', [
      'kubectl netdebug diff before.ndjson after.ndjson',
      HOW_TO_RECORD,
    ]);
  if (first === '-' && second === '-') throw new UsageError('Only one of the two can come from standard input.');
  if (args.output !== null && !OUTPUTS.includes(args.output))
    throw new UsageError(`-o ${args.output}: diff takes one of ${OUTPUTS.join(', ')}.`);
  const before = await openRun(first);
  const after = await openRun(second);
  const result = diffRuns(before, after);
  if (args.output === 'json') {
    const about = (file: string, { report, redacted }: Run) => ({
      file,
      startedAt: report.startedAt,
      flow: report.flow,
      verdict: report.verdict,
      redacted,
    });
    const object = {
      schemaVersion: 1,
      tool: { version: __VERSION__ },
      before: about(first, before),
      after: about(second, after),
      ...result,
    };
    process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
  } else {
    const terminal = findTerminal({ color: args.color, plain: args.plain });
    const names = [
      { file: first, report: before.report },
      { file: second, report: after.report },
    ] as const;
    process.stdout.write(renderDiff(result, names, terminal));
  }
  return result.differs ? EXIT.fault : EXIT.healthy;
}

/** @throws {UsageError} for a file that holds no run, or none that got as far as a flow */
async function openRun(path: string): Promise<Run> {
  const name = path === '-' ? 'standard input' : path;
  const text = await readNamed(path, HOW_TO_RECORD);
  try {
    const file = readRunFile(text, name);
    const session = await replayed(file);
    const climb = climbOf(session);
    if (climb === null) {
      const why = session.phase === 'failed' ? `: ${session.problem.message}` : '.';
      throw new UsageError(`${name} holds a run that never got as far as a flow${why}`, [HOW_TO_RECORD]);
    }
    const report = buildReport(climb, judgeClimb(climb, true), {
      version: __VERSION__,
      startedAt: new Date(file.header.startedAt),
      durationMs: (climb.endedMs ?? 0) - climb.sinceMs,
    });
    return { evidence: climb.evidence, report, redacted: file.header.redacted };
  } catch (error) {
    throw error instanceof BadRunFile ? new UsageError(error.message, error.tryThis) : error;
  }
}
