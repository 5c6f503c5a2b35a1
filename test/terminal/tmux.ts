import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../run/child.ts';

const exec = promisify(execFile);

/** How a shell in a fresh terminal says that it is ready. */
const PROMPT = 'ready>';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Starts a shell in the terminal; `test/lab/lab ws` before it makes it one of the lab's workstation. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A real terminal with a shell in it, in a tmux server of its own. */
export class Terminal {
  static #count = 0;
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async start({ columns = 80, rows = 24, shell = ['sh'], env = {} }: TerminalOptions = {}): Promise<Terminal> {
    const terminal = new Terminal(`netdebug-${process.pid}-${Terminal.#count++}`);
    // What was asked in other tests must not be offered here.
    const settings = Object.entries({ LC_ALL: 'C.UTF-8', XDG_STATE_HOME: '/dev/null/none', ...env });
    await terminal.#tmux([
      ...['-f', '/dev/null', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, '-c', root],
      ...[
        'env',
        '-u',
        'CI',
        '-u',
        'NO_COLOR',
        '-u',
        'FORCE_COLOR',
        ...settings.map(([name, value]) => `${name}=${value}`),
      ],
      ...shell,
    ]);
    try {
      await terminal.waitFor(/[$#]\s*$/);
      await terminal.run("PS1='rea''dy> '; clear");
      await terminal.waitFor(PROMPT);
    } catch (error) {
      await terminal.close();
      throw error;
    }
    return terminal;
  }

  /** What is visible, one line per row, without spaces at the ends. */
  async capture(): Promise<string> {
    return this.#tmux(['capture-pane', '-p']);
  }

  /** The same with escape sequences for colours and the like. */
  async captureStyled(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-e']);
  }

  /** What has scrolled out of sight as well. */
  async scrollback(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-S', '-']);
  }

  /** Keys by tmux's names: `Enter`, `Escape`, `C-c`, `Up`, or a character. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys]);
  }

  /** Types a command line and ends it. */
  async run(command: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', command]);
    await this.press('Enter');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', `${columns}`, '-y', `${rows}`]);
  }

  /** @returns the first capture in which the text is seen */
  async waitFor(wanted: string | RegExp, limitMs = 20_000): Promise<string> {
    const isThere = (screen: string) => (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen));
    return this.waitUntil(isThere, `${wanted}`, limitMs);
  }

  async waitUntil(isRight: (screen: string) => boolean, what: string, limitMs = 20_000): Promise<string> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const screen = await this.capture();
      if (isRight(screen)) return screen;
      if (performance.now() > deadline)
        throw new Error(`Not seen in ${limitMs / 1000} s: ${what}\nThe terminal shows:\n${screen}`);
      await wait(30);
    }
  }

  /** Asks the shell, which must be waiting for a command. Lines of the answer. */
  async ask(command: string): Promise<string> {
    const end = `end-${Math.random().toString(36).slice(2)}`;
    await this.run(`clear; ${command}; echo ${end.slice(0, 4)}""${end.slice(4)}`);
    const screen = await this.waitFor(end);
    return screen.slice(0, screen.indexOf(end)).trim();
  }

  /** The state of the terminal itself, as tmux knows it. */
  async state(): Promise<{ readonly isAlternate: boolean; readonly hasCursor: boolean; readonly command: string }> {
    const text = await this.#tmux(['display-message', '-p', '#{alternate_on} #{cursor_flag} #{pane_current_command}']);
    const [alternate, cursor, command = ''] = text.trim().split(' ');
    return { isAlternate: alternate === '1', hasCursor: cursor === '1', command };
  }

  /** Process ids of netdebug in this terminal. */
  async programs(): Promise<readonly number[]> {
    const shell = Number((await this.#tmux(['display-message', '-p', '#{pane_pid}'])).trim());
    const { stdout } = await exec('ps', ['-eo', 'pid=,ppid=,args=']);
    const all = stdout.split('\n').flatMap((row) => {
      const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return args === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
    });
    const below = new Set([shell]);
    for (let size = 0; size !== below.size; ) {
      size = below.size;
      for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
    }
    return all.filter(({ pid, args }) => below.has(pid) && args.includes('lib/cli.mjs')).map(({ pid }) => pid);
  }

  async program(): Promise<number> {
    const [pid] = await this.programs();
    if (pid === undefined) throw new Error('netdebug does not run in this terminal');
    return pid;
  }

  /** Ends the shell and whatever runs in it, as closing the window does. */
  async close(): Promise<void> {
    await this.#tmux(['kill-server']).catch(() => undefined);
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const { stdout } = await exec('tmux', ['-L', this.#socket, ...args]);
    return stdout;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
