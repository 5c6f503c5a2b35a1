import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { root } from '../run/child.ts';

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** One write of the program to its terminal. */
export interface Written {
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly atMs: number;
  readonly text: string;
}

/**
 * A program in a terminal made by script(1) of util-linux, where every byte and its moment can be seen; what it looks like cannot.
 * That is what `Terminal` is for.
 */
export class Pty {
  readonly written: Written[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<number>;
  #onWrite: () => void = () => undefined;
  #bytes = 0;

  /** @param command as words of a shell */
  constructor(command: string, { columns = 80, rows = 24, env = {} }: PtyOptions = {}) {
    const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
    this.#child = spawn('script', ['-qec', `stty rows ${rows} cols ${columns}; exec ${command}`, '/dev/null'], {
      cwd: root,
      env: { ...inherited, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', XDG_STATE_HOME: '/dev/null/none', ...env },
    });
    this.#exit = new Promise((resolve) => this.#child.on('exit', (code) => resolve(code ?? -1)));
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.written.push({ atMs: performance.now(), text: chunk.toString('utf8') });
      this.#onWrite();
    });
  }

  /** Bytes written to the terminal so far. */
  get bytes(): number {
    return this.#bytes;
  }

  press(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /**
   * @param from writes before this one are not looked at
   * @returns the number of the write with which the text is complete
   */
  async waitFor(wanted: string | RegExp, { from = 0, limitMs = 30_000 } = {}): Promise<number> {
    const isThere = (text: string): boolean => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
    const deadline = performance.now() + limitMs;
    let next = from;
    for (let seen = ''; ; ) {
      for (; next < this.written.length; next++) {
        seen += this.written[next]?.text ?? '';
        if (isThere(seen)) return next;
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`Not written in ${limitMs / 1000} s: ${wanted}\nThe end of it:\n${seen.slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#onWrite = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The program itself: script(1) has one child, which becomes it. */
  pid(): number {
    const { pid } = this.#child;
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    if (child === undefined || child === '') throw new Error('nothing runs in this terminal');
    return Number(child);
  }

  /** @returns the exit code */
  ended(): Promise<number> {
    return this.#exit;
  }

  close(): void {
    this.#child.kill();
  }
}

/**
 * Processor time of a process and all its threads so far, user and system, in milliseconds; in steps of 10.
 *
 * @see proc_pid_stat(5), fields 14 and 15, in clock ticks of which Linux counts 100 a second
 */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
