import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number;
  /** What it wrote to stdout, when asked for. */
  readonly stdout: string;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** `show` prints stdout as it comes, `tee` also keeps it, `keep` only keeps it. Complaints are always shown. */
  readonly stdout?: 'show' | 'tee' | 'keep';
  /** Out of reach of Ctrl-C, for what has to be cleaned up. */
  readonly isUninterruptible?: boolean;
}

let current: ChildProcess | null = null;
let interruptedBy: NodeJS.Signals | null = null;

/** The exit code of an interrupted run, or null while nobody has interrupted it. */
export function interruptedCode(): number | null {
  return interruptedBy === null ? null : 128 + constants.signals[interruptedBy];
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    // Ctrl-C in a terminal has already reached the child, which is in our process group.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) current?.kill(signal);
  });
}

/** Runs a command in the root of the repository, with the Node and the tools of node_modules first on PATH. */
export function run(command: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  const { stdout = 'show', isUninterruptible = false } = options;
  const PATH = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const stdio: StdioOptions = ['inherit', stdout === 'show' ? 'inherit' : 'pipe', 'inherit'];
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH, ...options.env },
    stdio,
    detached: isUninterruptible,
  });
  if (!isUninterruptible) current = child;
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (stdout === 'tee') process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    const end = (code: number) => {
      if (current === child) current = null;
      resolve({ code, stdout: Buffer.concat(chunks).toString() });
    };
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Whether a program of that name is on PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  return (await run('sh', ['-c', `command -v ${name}`], { stdout: 'keep' })).code === 0;
}
