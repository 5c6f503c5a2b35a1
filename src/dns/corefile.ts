/** Reads a Corefile, CoreDNS's configuration; see https://coredns.io/manual/configuration/ and corefile(5). */

/** A line of a server block: the name of a plugin, or of a property inside a plugin's own block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  /** What stands in its braces; empty without any. */
  readonly block: readonly Directive[];
}

export interface Server {
  /** Zones it answers for, lower case, with a dot at the end; `.` is every name. */
  readonly zones: readonly string[];
  readonly port: number;
  /** `dns` unless the key says otherwise (`tls`, `https`, `grpc`, `quic`). */
  readonly transport: string;
  readonly line: number;
  /** Its plugins in the order of the file; snippets are put in where they are imported. */
  readonly directives: readonly Directive[];
}

export interface CorefileProblem {
  readonly line: number;
  readonly text: string;
}

export interface Corefile {
  readonly servers: readonly Server[];
  /** What CoreDNS would not start with, as far as the grammar alone tells. */
  readonly problems: readonly CorefileProblem[];
  /** Files that it imports; what stands in them is not known. */
  readonly imports: readonly string[];
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly quoted: boolean;
}

/** Deeper braces than any plugin has, or snippets that import each other. */
const DEEPEST = 16;
const DNS_PORT = 53;

/** Never throws: what cannot be read is among the problems, and everything else is there all the same. */
export function parseCorefile(text: string): Corefile {
  const problems: CorefileProblem[] = [];
  const imports: string[] = [];
  const snippets = new Map<string, readonly Directive[]>();
  const tokens = tokensOf(text, problems);
  const reader = new Reader(tokens, problems);
  const servers: Server[] = [];
  const expand = (directives: readonly Directive[], depth = 0): readonly Directive[] =>
    directives.flatMap((directive) => {
      if (directive.name !== 'import') return [{ ...directive, block: expand(directive.block, depth + 1) }];
      const [wanted = '', ...args] = directive.args;
      const snippet = snippets.get(wanted);
      if (snippet === undefined) {
        imports.push(wanted);
        return [];
      }
      if (depth >= DEEPEST) {
        problems.push({ line: directive.line, text: `import ${wanted}: snippets import each other` });
        return [];
      }
      return expand(withArgs(snippet, args), depth + 1);
    });
  while (!reader.isDone) {
    const { keys, line, hasBraces } = reader.keys();
    if (keys[0] === 'import' && !hasBraces) {
      // A whole file, or a snippet that holds server blocks.
      if (!snippets.has(keys[1] ?? '')) imports.push(keys[1] ?? '');
      continue;
    }
    const directives = reader.block(hasBraces, 0);
    const snippet = keys.length === 1 ? /^\((.+)\)$/.exec(keys[0] ?? '')?.[1] : undefined;
    if (snippet !== undefined) snippets.set(snippet, directives);
    else if (keys.length > 0) servers.push(...serversOf(keys, line, expand(directives)));
  }
  return { servers, problems, imports: [...new Set(imports)] };
}

/** Words between blanks; `#` starts a comment where a word could start, quotes hold a word with blanks in it. */
function tokensOf(text: string, problems: CorefileProblem[]): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\n') line++;
    if (/\s/.test(char)) at++;
    else if (char === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (char === '"') {
      const started = line;
      let word = '';
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\' && text[at + 1] === '"') at++;
        if (text[at] === '\n') line++;
        word += text[at];
      }
      if (at >= text.length) problems.push({ line: started, text: 'a quote is not closed' });
      at++;
      tokens.push({ text: word, line: started, quoted: true });
    } else {
      const word = /^\S+/.exec(text.slice(at, at + 4096))?.[0] ?? char;
      tokens.push({ text: word, line, quoted: false });
      at += word.length;
    }
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #problems: CorefileProblem[];
  #at = 0;

  constructor(tokens: readonly Token[], problems: CorefileProblem[]) {
    this.#tokens = tokens;
    this.#problems = problems;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** What stands before the brace; a comma at the end of a line goes on in the next. Without a brace the rest of the file is its block. */
  keys(): { readonly keys: readonly string[]; readonly line: number; readonly hasBraces: boolean } {
    const line = this.#tokens[this.#at]?.line ?? 0;
    const keys: string[] = [];
    let last = line;
    let goesOn = false;
    for (; !this.isDone; this.#at++) {
      const token = this.#tokens[this.#at] as Token;
      if (isBrace(token, '{')) {
        this.#at++;
        return { keys, line, hasBraces: true };
      }
      if (isBrace(token, '}')) {
        this.#problems.push({ line: token.line, text: 'a closing brace without an opening one' });
        this.#at++;
        break;
      }
      if (token.line !== last && !goesOn && keys.length > 0) break;
      last = token.line;
      goesOn = token.text.endsWith(',');
      keys.push(...token.text.split(',').filter((key) => key !== ''));
    }
    return { keys, line, hasBraces: false };
  }

  /** Lines up to the closing brace, or to the end of the file. */
  block(hasBraces: boolean, depth: number): readonly Directive[] {
    const directives: Directive[] = [];
    while (!this.isDone) {
      const first = this.#tokens[this.#at++] as Token;
      if (isBrace(first, '}')) {
        if (hasBraces) return directives;
        this.#problems.push({ line: first.line, text: 'a closing brace without an opening one' });
        continue;
      }
      if (isBrace(first, '{')) {
        this.#problems.push({ line: first.line, text: 'an opening brace without a name before it' });
        if (depth < DEEPEST) this.block(true, depth + 1);
        continue;
      }
      const args: string[] = [];
      let block: readonly Directive[] = [];
      for (; !this.isDone; this.#at++) {
        const token = this.#tokens[this.#at] as Token;
        if (token.line !== first.line || isBrace(token, '}')) break;
        if (!isBrace(token, '{')) args.push(token.text);
        else if (depth < DEEPEST) {
          this.#at++;
          block = this.block(true, depth + 1);
          break;
        } else this.#problems.push({ line: token.line, text: 'braces too deep' });
      }
      directives.push({ name: first.text, args, line: first.line, block });
    }
    if (hasBraces)
      this.#problems.push({
        line: this.#tokens.at(-1)?.line ?? 0,
        text: 'a brace is not closed at the end of the file',
      });
    return directives;
  }
}

function isBrace(token: Token, brace: '{' | '}'): boolean {
  return !token.quoted && token.text === brace;
}

/** `{args[0]}` in a snippet is the first word behind its name where it is imported. */
function withArgs(directives: readonly Directive[], args: readonly string[]): readonly Directive[] {
  const put = (word: string): string =>
    word.replaceAll(/\{args\[(\d{1,2})\]\}/g, (_, index: string) => args[Number(index)] ?? '');
  return directives.map(({ name, args: words, line, block }) => ({
    name: put(name),
    args: words.map(put),
    line,
    block: withArgs(block, args),
  }));
}

/** One server for each transport and port among the keys: `.:53`, `example.org`, `tls://.:853`, `10.0.0.0/24`. */
function serversOf(keys: readonly string[], line: number, directives: readonly Directive[]): readonly Server[] {
  const servers = new Map<string, { zones: string[]; port: number; transport: string }>();
  for (const key of keys) {
    const [, transport = 'dns', rest = key] = /^(?:([a-z0-9]+):\/\/)?(.*)$/.exec(key) ?? [];
    const [, zone = rest, digits] = /^(.*?)(?::(\d{1,5}))?$/.exec(rest) ?? [];
    const standard: Readonly<Record<string, number>> = { tls: 853, quic: 853, https: 443, grpc: 443 };
    const port = digits === undefined ? (standard[transport] ?? DNS_PORT) : Number(digits);
    const id = `${transport} ${port}`;
    const server = servers.get(id) ?? { zones: [], port, transport };
    server.zones.push(absolute(zone));
    servers.set(id, server);
  }
  return [...servers.values()].map((server) => ({ ...server, line, directives }));
}

/** Lower case, with a dot at the end. */
export function absolute(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** Whether the name is the zone or lies below it; both absolute. */
export function isBelow(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}
