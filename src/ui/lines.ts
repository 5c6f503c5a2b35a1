/** A screen's text as lines of toned pieces: what fits is decided here, by columns, not by a layout engine. */
import stringWidth from 'string-width';
import { type Signs, STATE_TONES, type Tone } from './theme.ts';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** Stands for something that goes on, and turns where that can be seen. */
  readonly turns?: true;
}

export type Line = readonly Span[];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const BLANK: Line = [];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** In the place of a sign while that is not known yet. */
export function spinner({ spinner: [text = ''] }: Pick<Signs, 'spinner'>): Span {
  return { text, tone: STATE_TONES.unknown, turns: true };
}

export function line(text: string, tone: Tone = 'plain'): Line {
  return [span(text, tone)];
}

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Fills up to a width; a longer text stays whole and gets one space. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(1, width - widthOf(text)));
}

/** Breaks a text at spaces into pieces of at most `width` columns; a longer word is cut. Line feeds break too; what is indented stays so. */
export function wrap(text: string, width: number): readonly string[] {
  const limit = Math.max(1, width);
  return text.split('\n').flatMap((paragraph) => {
    const indent = ' '.repeat(Math.max(0, paragraph.search(/[^ ]/)));
    if (indent !== '' && indent.length < limit)
      return wrap(paragraph.trimStart(), limit - indent.length).map((piece) => indent + piece);
    const pieces: string[] = [];
    let piece = '';
    for (const word of paragraph.split(' ')) {
      const longer = piece === '' ? word : `${piece} ${word}`;
      if (widthOf(longer) <= limit) {
        piece = longer;
        continue;
      }
      if (piece !== '') pieces.push(piece);
      const [last = '', ...full] = cut(word, limit).toReversed();
      pieces.push(...full.toReversed());
      piece = last;
    }
    return [...pieces, piece];
  });
}

/** A word in pieces of at most `width` columns. */
export function cut(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  for (let rest = word; rest !== '' || pieces.length === 0; ) {
    const head = headOf(rest, width);
    // A character that is wider than the room stands alone.
    const [first = ''] = rest;
    const piece = head === '' && pieces.length > 0 ? first : head;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}

/** As much of the beginning as fits; empty when not even the first character does. */
function headOf(text: string, width: number): string {
  // Each of these has one column: no need to measure it letter by letter.
  const [plain = ''] = /^[\u0020-\u007e]*/.exec(text) ?? [];
  if (plain.length > width) return text.slice(0, Math.max(0, width));
  // The last of them may carry a combining mark.
  let head = plain.slice(0, -1);
  for (const char of text.slice(head.length)) {
    const longer = head + char;
    if (widthOf(longer) > width) return head;
    head = longer;
  }
  return head;
}

/** A text in at most `room` columns; an ellipsis stands for what is cut off, which must be readable elsewhere. */
export function shorten(text: string, room: number, { more }: Pick<Signs, 'more'>): string {
  if (widthOf(text) <= room) return text;
  const kept = room - widthOf(more);
  return kept < 0 ? headOf(more, room) : headOf(text, kept) + more;
}

/** A text behind a lead such as a label: lines after the first stand below the text, not below the lead. */
export function block(lead: readonly Span[], text: string, columns: number, tone: Tone = 'plain'): readonly Line[] {
  const indent = lead.reduce((sum, { text: part }) => sum + widthOf(part), 0);
  return wrap(text, columns - indent).map((piece, index) =>
    index === 0 ? [...lead, span(piece, tone)] : [span(' '.repeat(indent)), span(piece, tone)],
  );
}

/**
 * A command to be copied, on lines of its own. A line that is too long is continued the way a shell does it, so that what is
 * copied from the screen still runs; only a single word that is too long is cut, and then `isCut` says so.
 */
export function commandLines(
  command: string,
  { indent, columns }: { readonly indent: number; readonly columns: number },
): { readonly lines: readonly Line[]; readonly isCut: boolean } {
  const width = columns - indent;
  const isScript = command.includes('\n');
  let isCut = false;
  const pieces = command.split('\n').flatMap((text) => {
    if (widthOf(text) <= width) return [text];
    // Inside a here-document a backslash would become part of the text.
    if (isScript) {
      isCut = true;
      return cut(text, width);
    }
    const rows: { text: string; readonly isQuoted: boolean }[] = [];
    for (const word of shellWords(text)) {
      const last = rows.at(-1);
      if (last !== undefined && widthOf(`${last.text} ${word}`) <= width - 2) last.text = `${last.text} ${word}`;
      else if (widthOf(word) <= width - 2) rows.push({ text: word, isQuoted: false });
      else {
        const json = jsonRows(word, width);
        isCut ||= json === null;
        const pieces = json ?? cut(word, width - 2);
        rows.push(...pieces.map((row, index) => ({ text: row, isQuoted: json !== null && index < pieces.length - 1 })));
      }
    }
    // Within quotes the line goes on by itself, and a backslash would become part of the text.
    return rows.map((row, index) => (index === rows.length - 1 || row.isQuoted ? row.text : `${row.text} \\`));
  });
  return { lines: pieces.map((piece) => [span(' '.repeat(indent)), span(piece, 'strong')]), isCut };
}

/**
 * JSON in single quotes over several rows: between two tokens a line may end and the next begin with spaces, so that it is still the
 * same when it is copied from a screen. Null for anything else, and when a single token is too wide.
 *
 * @see RFC 8259 section 2 on insignificant whitespace
 */
function jsonRows(word: string, width: number): readonly string[] | null {
  const inner = /^'([[{][^']*)'$/.exec(word)?.[1];
  if (inner === undefined) return null;
  const tokens = inner.match(/(?:[^",{[]|"(?:\\.|[^"\\])*")*[,{[]?/g) ?? [];
  const rows = [''];
  for (const token of ["'", ...tokens, "'"]) {
    const last = rows[rows.length - 1] ?? '';
    if (widthOf(token) > width - 2) return null;
    if (widthOf(last + token) <= width - 2) rows[rows.length - 1] = last + token;
    else rows.push(token);
  }
  return rows;
}

/** Split at spaces that are outside quotes. */
function shellWords(text: string): readonly string[] {
  return text.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g) ?? [text];
}
