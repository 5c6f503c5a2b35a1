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
