/** A page drawn for a terminal: wrapped, headings and code told apart, commands left as they are typed. */
import { lexer, type Token, type Tokens } from 'marked';

export interface DrawOptions {
  /** Columns to wrap at. Code and addresses are never broken: they are there to be copied. */
  readonly width: number;
  readonly color: boolean;
}

/** SGR codes that turn a tone on and off, ECMA-48 section 8.3.117. */
const SGR = { strong: [1, 22], quiet: [2, 22], code: [36, 39] } as const;
const CODES = /\u001b\[\d+m/g;
const CODE_INDENT = 4;

/** One tone of text; the text itself without colours. */
export function paint(tone: keyof typeof SGR, text: string, { color }: Pick<DrawOptions, 'color'>): string {
  const [on, off] = SGR[tone];
  return color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

/**
 * The lines of a Markdown text, without a line feed at the end.
 *
 * @throws {Error} for Markdown that no page uses so far, such as a table: a page must not lose a part silently
 */
export function drawPage(markdown: string, options: DrawOptions): string {
  return lexer(markdown)
    .flatMap((token) => drawBlock(token, options))
    .join('\n')
    .trim();
}

function drawBlock(token: Token, options: DrawOptions): readonly string[] {
  switch (token.type) {
    case 'space':
      return [''];
    case 'heading':
      return wrap(paint('strong', drawInline(token.tokens, options), options), options.width);
    case 'paragraph':
    case 'text':
      return wrap(drawInline(token.tokens, options), options.width);
    case 'code':
      return (token as Tokens.Code).text
        .split('\n')
        .map((line) => `${' '.repeat(CODE_INDENT)}${line === '' ? '' : paint('code', line, options)}`.trimEnd());
    case 'list':
      return (token as Tokens.List).items.flatMap((item, index) => {
        const sign = token.ordered === true ? `${Number(token.start) + index}. ` : '- ';
        const lines = item.tokens.flatMap((part) =>
          drawBlock(part, { ...options, width: options.width - sign.length }),
        );
        return lines.map((line, at) => `${at === 0 ? sign : ' '.repeat(sign.length)}${line}`);
      });
    default:
      throw new Error(`A page has Markdown that explain cannot draw, a ${token.type}: ${token.raw.slice(0, 60)}`);
  }
}

function drawInline(tokens: readonly Token[] | undefined, options: DrawOptions): string {
  return (tokens ?? [])
    .map((token) => {
      switch (token.type) {
        case 'text':
        case 'escape':
          return token.text;
        case 'codespan':
          return options.color ? paint('code', token.text, options) : token.raw;
        case 'strong':
          return paint('strong', drawInline(token.tokens, options), options);
        case 'link':
          return token.text === token.href ? token.href : `${drawInline(token.tokens, options)} (${token.href})`;
        default:
          throw new Error(`A page has Markdown that explain cannot draw, a ${token.type}: ${token.raw.slice(0, 60)}`);
      }
    })
    .join('');
}

/** Breaks a text at its spaces and line feeds; a word longer than a line stands alone. Colours have no width. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(/\s+/)) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (line !== null && longer.replaceAll(CODES, '').length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line ?? ''];
}
