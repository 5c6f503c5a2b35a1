/** A recorded run, shown again: the same screens and the same report, judged by the rules of today. */
import { readFileSync } from 'node:fs';
import { Player } from '../recording/player.ts';
import { BadRunFile, type RunFile, readRunFile } from '../recording/run-file.ts';
import type { Root } from '../ui/root.tsx';
import { type Arguments, UsageError } from './args.ts';
import { drive } from './drive.ts';
import { openProposal } from './proposed.ts';
import { onScreen } from './run.ts';
import { openRunLog } from './run-log.ts';

declare const __VERSION__: string;

/** @returns the exit code; everything has been printed. @throws {UsageError} when the file cannot be played */
export async function replay(args: Arguments, path: string): Promise<number> {
  if (args.positionals.length > 0)
    throw new UsageError(
      `--replay shows the run that ${path} holds; "${args.positionals.join(' ')}" has no place in it.`,
      [`kubectl netdebug --replay ${path}`],
    );
  return play(args, open(path));
}

/** Shows a run file. @returns the exit code */
export function play(args: Arguments, file: RunFile): Promise<number> {
  return onScreen(args, file.header.request, (root) => playOn(root, args, file));
}

async function playOn(root: Root | null, args: Arguments, file: RunFile): Promise<number> {
  const { header } = file;
  const startedAt = new Date(header.startedAt);
  const { source, destination, image, imagePullPolicy, profile } = header.request;
  const proposal = await openProposal(args.with, recordedNamespace(file), null);
  const ended = await drive({
    args,
    root,
    wanted: { source, destination },
    debug: { image, imagePullPolicy, profile },
    version: __VERSION__,
    startedAt,
    question: header.request.command,
    log: openRunLog(args, { version: header.tool.version, startedAt, request: header.request }),
    make: ({ onChange, interactive }) =>
      new Player({ file, speed: args.speed ?? (interactive ? 1 : Number.POSITIVE_INFINITY), onChange }),
    ...(proposal === undefined ? {} : { proposal }),
    isLast: (driver) => !(driver instanceof Player) || driver.isOver(),
    canAskAgain: false,
    isRecorded: true,
  });
  if (typeof ended !== 'number') throw new Error('a recording asks no other question');
  return ended;
}

/** Where the source of the run is: that of policies which name none. */
function recordedNamespace({ events }: RunFile): string {
  const resolved = events.find((event) => event.type === 'resolved');
  return resolved?.type === 'resolved' ? resolved.flow.source.namespace : 'default';
}

function open(path: string): RunFile {
  const name = path === '-' ? 'standard input' : path;
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(
      code === 'ENOENT' ? `--replay ${path}: there is no such file.` : `--replay ${path}: ${(error as Error).message}.`,
      ['ls *.ndjson'],
    );
  }
  try {
    const file = readRunFile(text, name);
    if (!file.events.some(({ type }) => type === 'resolved' || type === 'problem'))
      throw new UsageError(`${name} ends before the run had looked up its names; there is nothing to show.`, [
        'kubectl netdebug POD SERVICE --record FILE',
      ]);
    return file;
  } catch (error) {
    throw error instanceof BadRunFile ? new UsageError(error.message, error.tryThis) : error;
  }
}
