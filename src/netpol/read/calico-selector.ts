/**
 * Calico's selector expressions: `app == 'web' && has(tier) || !(env in {'dev', 'test'})`.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */
import type { Labels } from '../selector.ts';
import { Malformed, shown } from './raw.ts';

export type Expression =
  | { readonly op: 'all' | 'global' }
  | { readonly op: 'has'; readonly key: string }
  | {
      readonly op: '==' | '!=' | 'contains' | 'starts with' | 'ends with';
      readonly key: string;
      readonly value: string;
    }
  | { readonly op: 'in' | 'not in'; readonly key: string; readonly values: readonly string[] }
  | { readonly op: '!'; readonly term: Expression }
  | { readonly op: '&&' | '||'; readonly terms: readonly Expression[] };

/** Deeper nesting than any person writes; it would only serve to exhaust the stack. */
const MOST_DEPTH = 100;
const TOKEN = /\s*(?:(&&|\|\||==|!=|[!(){},])|"([^"]*)"|'([^']*)'|([\w./-]+))/y;

type Token = { readonly sign: string } | { readonly quoted: string } | { readonly word: string };

/** @throws {Malformed} for what Calico would refuse */
export function parseSelector(text: string): Expression {
  const parser = new Parser(text);
  return parser.whole();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = this.#scan();
  }

  whole(): Expression {
    if (this.#tokens.length === 0) return { op: 'all' };
    const expression = this.#anyOf();
    if (this.#at < this.#tokens.length) this.#fail();
    return expression;
  }

  #scan(): readonly Token[] {
    const tokens: Token[] = [];
    const end = this.#text.trimEnd().length;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const found = TOKEN.exec(this.#text);
      if (found === null) throw new Malformed(`the selector ${shown(this.#text)} cannot be read`);
      const [, sign, double, single, word] = found;
      if (sign !== undefined) tokens.push({ sign });
      else if (word !== undefined) tokens.push({ word });
      else tokens.push({ quoted: double ?? single ?? '' });
    }
    return tokens;
  }

  #fail(): never {
    throw new Malformed(`the selector ${shown(this.#text)} cannot be read`);
  }

  #is(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || !('sign' in token) || token.sign !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#is(sign)) this.#fail();
  }

  #word(...words: readonly string[]): string | null {
    const token = this.#tokens[this.#at];
    if (token === undefined || !('word' in token)) return null;
    if (words.length > 0 && !words.includes(token.word)) return null;
    this.#at++;
    return token.word;
  }

  #quoted(): string {
    const token = this.#tokens[this.#at++];
    return token !== undefined && 'quoted' in token ? token.quoted : this.#fail();
  }

  #anyOf(): Expression {
    const terms = [this.#allOf()];
    while (this.#is('||')) terms.push(this.#allOf());
    return joined('||', terms);
  }

  #allOf(): Expression {
    const terms = [this.#term()];
    while (this.#is('&&')) terms.push(this.#term());
    return joined('&&', terms);
  }

  #term(): Expression {
    if (++this.#depth > MOST_DEPTH) throw new Malformed(`the selector ${shown(this.#text)} is nested too deep`);
    const term = this.#is('!') ? { op: '!' as const, term: this.#term() } : this.#simple();
    this.#depth--;
    return term;
  }

  #simple(): Expression {
    if (this.#is('(')) {
      const inside = this.#anyOf();
      this.#expect(')');
      return inside;
    }
    const key = this.#word() ?? this.#fail();
    if ((key === 'all' || key === 'global' || key === 'has') && this.#is('(')) {
      const term: Expression = key === 'has' ? { op: key, key: this.#word() ?? this.#fail() } : { op: key };
      this.#expect(')');
      return term;
    }
    if (this.#is('==')) return { op: '==', key, value: this.#quoted() };
    if (this.#is('!=')) return { op: '!=', key, value: this.#quoted() };
    switch (this.#word('in', 'not', 'contains', 'starts', 'ends')) {
      case 'in':
        return { op: 'in', key, values: this.#values() };
      case 'not':
        if (this.#word('in') === null) this.#fail();
        return { op: 'not in', key, values: this.#values() };
      case 'contains':
        return { op: 'contains', key, value: this.#quoted() };
      case 'starts':
        if (this.#word('with') === null) this.#fail();
        return { op: 'starts with', key, value: this.#quoted() };
      case 'ends':
        if (this.#word('with') === null) this.#fail();
        return { op: 'ends with', key, value: this.#quoted() };
      default:
        return this.#fail();
    }
  }

  #values(): readonly string[] {
    this.#expect('{');
    const values: string[] = [];
    if (this.#is('}')) return values;
    do values.push(this.#quoted());
    while (this.#is(','));
    this.#expect('}');
    return values;
  }
}

function joined(op: '&&' | '||', terms: readonly Expression[]): Expression {
  const [only, second] = terms;
  return only !== undefined && second === undefined ? only : { op, terms };
}

/** Whether labels satisfy an expression. A missing label differs from every value: `!=` and `not in` hold. */
export function satisfies(expression: Expression, labels: Labels): boolean {
  const has = (key: string): string | null => (Object.hasOwn(labels, key) ? (labels[key] ?? null) : null);
  switch (expression.op) {
    case 'all':
      return true;
    case 'global':
      return false;
    case 'has':
      return has(expression.key) !== null;
    case '==':
      return has(expression.key) === expression.value;
    case '!=':
      return has(expression.key) !== expression.value;
    case 'in':
      return expression.values.includes(has(expression.key) ?? '\0');
    case 'not in':
      return !expression.values.includes(has(expression.key) ?? '\0');
    case 'contains':
      return has(expression.key)?.includes(expression.value) ?? false;
    case 'starts with':
      return has(expression.key)?.startsWith(expression.value) ?? false;
    case 'ends with':
      return has(expression.key)?.endsWith(expression.value) ?? false;
    case '!':
      return !satisfies(expression.term, labels);
    case '&&':
      return expression.terms.every((term) => satisfies(term, labels));
    default:
      return expression.terms.some((term) => satisfies(term, labels));
  }
}

/** An expression as Calico would read it again. */
export function printSelector(expression: Expression): string {
  switch (expression.op) {
    case 'all':
    case 'global':
      return `${expression.op}()`;
    case 'has':
      return `has(${expression.key})`;
    case 'in':
    case 'not in':
      return `${expression.key} ${expression.op} {${expression.values.map(quote).join(', ')}}`;
    case '!':
      return `!${inBrackets(expression.term)}`;
    case '&&':
    case '||':
      return expression.terms.map(inBrackets).join(` ${expression.op} `);
    default:
      return `${expression.key} ${expression.op} ${quote(expression.value)}`;
  }
}

function inBrackets(term: Expression): string {
  const text = printSelector(term);
  return term.op === '&&' || term.op === '||' ? `(${text})` : text;
}

function quote(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}
