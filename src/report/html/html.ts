/** Markup that cannot be broken out of: every text put into a template is escaped, only templates are not. */
import { cleanForMarkup } from '../clean.ts';

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | null | readonly Content[];

/**
 * A piece of HTML or SVG. Values may stand in text and inside of quoted attributes, nowhere else: not in a tag's name, a
 * script, a style or a URL. Null is nothing; a list is its items.
 *
 * @see https://html.spec.whatwg.org/multipage/syntax.html
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.map((string, index) => string + markupOf(values[index] ?? null)).join(''));
}

/** Lines between them, so that the source is readable. */
export function lines(items: readonly Html[]): Html {
  return new Html(items.map(({ markup }) => markup).join('\n'));
}

function markupOf(value: Content): string {
  if (value === null) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeText(value);
  return value.map(markupOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return cleanForMarkup(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
