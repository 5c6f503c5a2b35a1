/**
 * The frame around a screen as plain text, the same that `Frame` has Ink draw. It is on the terminal before Ink and React
 * are loaded, which take longer than all else of a start; Ink then draws over it what is the same.
 */
import { keysLine, type ScreenName } from './keys.ts';
import { cut, type Line, type Size, widthOf } from './lines.ts';
import type { Style, Theme } from './theme.ts';

export interface FirstFrame {
  readonly size: Size;
  readonly theme: Theme;
  readonly color: boolean;
  readonly header: { readonly left: string; readonly right: string };
  readonly lines: readonly Line[];
  readonly screen: ScreenName;
}

/** One row of text per row of the screen, joined by line feeds, with escape sequences of ECMA-48 for colour where wanted. */
export function firstFrame({ size, theme, color, header, lines, screen }: FirstFrame): string {
  const { columns, rows } = size;
  const { styles, signs } = theme;
  const paint = (text: string, style: Style): string => (color ? sgr(text, style) : text);
  const rule = paint(signs.line.repeat(columns), styles.quiet);
  const left = shorten(header.left, Math.max(8, columns - widthOf(header.right) - 4));
  const gap = ' '.repeat(Math.max(0, columns - 2 - widthOf(left) - widthOf(header.right)));
  const body = lines.slice(0, Math.max(0, rows - 4)).map((spans) => {
    let room = columns;
    return spans
      .map(({ text, tone }) => {
        const shown = shorten(text, room);
        room -= widthOf(shown);
        return paint(shown, styles[tone]);
      })
      .join('');
  });
  const blank = Array<string>(Math.max(0, rows - 4 - body.length)).fill('');
  const top = ` ${paint(left, styles.strong)}${header.right === '' ? '' : `${gap}${paint(header.right, styles.quiet)}`}`;
  return [top, rule, ...body, ...blank, rule, shorten(keysLine(screen, signs, columns), columns)]
    .slice(0, rows)
    .join('\n');
}

/** A text on one row; what is too long ends in an ellipsis. */
function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${cut(text, columns - 1)[0] ?? ''}…`;
}

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** Select Graphic Rendition, ECMA-48 section 8.3.117. */
function sgr(text: string, { bold, dimColor, color }: Style): string {
  const on = [
    ...(bold === true ? [1] : []),
    ...(dimColor === true ? [2] : []),
    ...(color === undefined ? [] : [30 + COLORS.indexOf(color)]),
  ];
  return on.length === 0 || text === '' ? text : `\u001b[${on.join(';')}m${text}\u001b[0m`;
}
