/** What this terminal can show. */
export interface Terminal {
  /** A screen can be drawn and keys can be read. */
  readonly interactive: boolean;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly columns: number;
  /** Whether the background is dark, as far as the terminal tells. */
  readonly dark: boolean;
}

export function findTerminal(options: {
  readonly color: 'auto' | 'always' | 'never';
  readonly plain: boolean;
}): Terminal {
  const { env, stdin, stdout } = process;
  const dumb = env.TERM === 'dumb';
  const isTerminal = stdout.isTTY === true;
  // https://no-color.org: any value that is not empty.
  const wantsColor = env.NO_COLOR === undefined || env.NO_COLOR === '';
  const background = env.COLORFGBG?.split(';').at(-1);
  return {
    interactive: isTerminal && stdin.isTTY === true && !dumb && !options.plain,
    color: options.color === 'always' || (options.color === 'auto' && isTerminal && wantsColor && !dumb),
    unicode: /utf-?8/i.test(env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? 'utf-8') && !dumb,
    columns: isTerminal ? Math.max(40, stdout.columns) : 100,
    dark: background === undefined || Number(background) < 7,
  };
}

/** By which a person, a terminal or a supervisor asks a program to end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal before the program that draws is there. */
export interface HeldScreen {
  /** Whoever comes next finds the screen as it is, and reads the keys that were pressed meanwhile. */
  release(): void;
  /**
   * Gives the terminal back as it was found; nothing when it was released.
   *
   * @param isDrawnOn - somebody else drew since, and has left the alternate screen
   */
  restore(options: { readonly isDrawnOn: boolean }): void;
}

/**
 * Takes the terminal for a first picture: alternate screen, cursor at home and hidden. Keys are kept for whoever reads them
 * later; Ctrl-C and q leave at once.
 *
 * @param isTyping - letters are text for what comes next, and q is one of them
 * @param picture - rows joined by line feeds; at most as many as the terminal has
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html DECSET 1049 and 25
 */
export function holdScreen(
  picture: string,
  { onLeave, isTyping }: { readonly onLeave: () => void; readonly isTyping: boolean },
): HeldScreen {
  const { stdin, stdout } = process;
  const typed: Buffer[] = [];
  const keep = (): void => {
    for (let keys = stdin.read() as Buffer | null; keys !== null; keys = stdin.read() as Buffer | null) {
      if (keys.includes(CTRL_C) || (!isTyping && keys.includes('q'))) onLeave();
      else typed.push(keys);
    }
  };
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    stdin.off('readable', keep);
    if (typed.length > 0) stdin.unshift(Buffer.concat(typed));
  };
  // Keys first: once the screen is taken, Ctrl-C must not end us before it is given back. Not "data": whoever stops listening to that
  // has to pause the stream, and a pause comes too late to be taken back by Ink.
  stdin.setRawMode(true).on('readable', keep);
  // Back at home: what draws next starts there, over the same rows.
  stdout.write(`\u001b[?1049h\u001b[?25l\u001b[H${picture.replaceAll('\n', '\r\n')}\u001b[H`);
  return {
    release,
    restore: ({ isDrawnOn }) => {
      if (!isHeld) return;
      release();
      stdin.setRawMode(false);
      if (!isDrawnOn) stdout.write('\u001b[?1049l\u001b[?25h');
    },
  };
}

const CTRL_C = 3;
