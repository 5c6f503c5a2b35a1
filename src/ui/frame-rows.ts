/**
 * A screen as rows of text. Ink draws these rows and nothing else; the first picture, before Ink and React are loaded, which
 * takes longer than all else of a start, is made of them as well. So Ink then draws over it what is the same.
 */
import { keysLine, type ScreenName } from './keys.ts';
import { type Line, type Size, shorten, widthOf } from './lines.ts';
import type { Style, Theme, Tone } from './theme.ts';

/** Rows that the frame itself takes: header, two rules, keys. */
export const FRAME_ROWS = 4;

export interface Header {
  readonly left: string;
  readonly right: string;
  /** What has passed, such as `1.2 s`; never cut off. */
  readonly time?: string;
}

export interface FrameContent {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly lines: readonly Line[];
  readonly screen: ScreenName;
  /** Stands in the lower rule: what is above and below of what does not fit. */
  readonly position?: string;
}

/**
 * ```
 *  web → svc/api:80                                    shop · lab   1.2 s
 * ────────────────────────────────────────────────────────────────────────
 *  …
 * ─────────────────────────────────────────────────────────── 12 more below
 *  ↑↓ scroll  l log  ? keys  q quit
 * ```
 *
 * @returns as many rows as the terminal has, none wider than it, with escape sequences for what the theme's styles say. Where
 * the terminal has fewer rows than the frame takes, the keys stay
 */
export function frameRows({ size, theme, header, lines, screen, position = '' }: FrameContent): readonly string[] {
  const { columns, rows } = size;
  const { styles, signs } = theme;
  const keys = shorten(keysLine(screen, signs, columns), columns, signs);
  const rule = (behind: string): string => {
    const words = behind === '' ? '' : shorten(` ${behind}`, columns, signs);
    return paint(signs.line.repeat(Math.max(0, columns - widthOf(words))) + words, styles.quiet);
  };
  const room = Math.max(0, rows - FRAME_ROWS);
  const body = lines.slice(0, room).map((spans) => rowOf(spans, theme, columns));
  const blank = Array<string>(room - body.length).fill('');
  const all = [headerRow(header, theme, columns), rule(''), ...body, ...blank, rule(position)];
  return [...all.slice(0, Math.max(0, rows - 1)), keys];
}

/** Where something turns, in rows and columns counted from 1 as terminals do. */
export interface Spot {
  readonly row: number;
  readonly column: number;
  readonly tone: Tone;
}

/** What of the rows above turns; empty where nothing goes on. */
export function turningSpots({ size, lines }: Pick<FrameContent, 'size' | 'lines'>): readonly Spot[] {
  return lines.slice(0, Math.max(0, size.rows - FRAME_ROWS)).flatMap((spans, index) => {
    let column = 1;
    return spans.flatMap(({ text, tone, turns }): readonly Spot[] => {
      const start = column;
      column += widthOf(flat(text));
      return turns === true && start <= size.columns ? [{ row: index + 3, column: start, tone }] : [];
    });
  });
}

/** What is written for all of them to look like `sign`; the cursor is then where it was (DECSC, DECRC), as Ink counts on. */
export function turned(spots: readonly Spot[], sign: string, { styles }: Theme): string {
  const drawn = spots.map(({ row, column, tone }) => `\u001b[${row};${column}H${paint(sign, styles[tone])}`);
  return `\u001b7${drawn.join('')}\u001b8`;
}

/** A line with its colours; what is too long ends in an ellipsis. */
export function rowOf(spans: Line, { styles, signs }: Theme, columns: number): string {
  let room = columns;
  return spans
    .map(({ text, tone }) => {
      const shown = shorten(flat(text), room, signs);
      room -= widthOf(shown);
      return paint(shown, styles[tone]);
    })
    .join('');
}

/** What is asked about stands left and gets most of the room; where, and for how long, stands right. */
function headerRow({ left, right, time = '' }: Header, { styles, signs }: Theme, columns: number): string {
  const inside = Math.max(0, columns - 2);
  const clock = shorten(time === '' ? '' : `   ${time}`, inside, signs);
  const shared = inside - widthOf(clock);
  const wanted = Math.min(widthOf(left), Math.max(shared - widthOf(right) - 2, Math.ceil(shared * 0.6)));
  const from = shorten(flat(left), wanted, signs);
  const where = shorten(flat(right), Math.max(0, shared - widthOf(from) - 2), signs);
  const gap = ' '.repeat(Math.max(0, shared - widthOf(from) - widthOf(where)));
  const behind = where + clock;
  return ` ${paint(from, styles.strong)}${behind === '' ? '' : gap + paint(behind, styles.quiet)}`;
}

/** A line feed in a name or a message would add a row of its own choice. */
function flat(text: string): string {
  return text.replaceAll('\n', ' ');
}

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** Select Graphic Rendition, ECMA-48 section 8.3.117. */
function paint(text: string, { bold, dimColor, color }: Style): string {
  const on = [
    ...(bold === true ? [1] : []),
    ...(dimColor === true ? [2] : []),
    ...(color === undefined ? [] : [30 + COLORS.indexOf(color)]),
  ];
  return on.length === 0 || text === '' ? text : `\u001b[${on.join(';')}m${text}\u001b[0m`;
}
