/**
 * Shell completion without the shell and the cluster: which question the words so far ask, what has to be listed to answer
 * it, and what may be typed next. Words and answers are those of cobra's protocol, which kubectl speaks to its plugins.
 *
 * @see https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md
 */
import { STORIES } from '../demo/stories.ts';
import { kindNamed } from '../target/parse.ts';
import { type Arguments, parseArguments } from './args.ts';
import { FLAGS, type Flag } from './flags.ts';

/** What cobra's scripts do with the candidates; values are bits. */
export const DIRECTIVE = { files: 0, noSpace: 2, noFiles: 4 } as const;

export interface Candidate {
  readonly text: string;
  /** Shown beside it by shells that can. */
  readonly about?: string;
}

/** One object of the cluster as `kubectl get` lists it: cells by column. */
export interface Row {
  readonly namespace: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** What may be listed in the cluster, and the path of the list below the API server. */
export interface Listing {
  readonly kind: string;
  /** Null: of all namespaces, or of a kind that has none. */
  readonly namespace: string | null;
}

/** Everything a question may need to be answered; what is missing has not come, and is not offered. */
export interface Known {
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  readonly contexts?: readonly { readonly name: string; readonly cluster: string }[];
  readonly clusters?: readonly string[];
  readonly users?: readonly string[];
  /** Titles of the rule pages, by id. */
  readonly findings?: Readonly<Record<string, string>>;
}

export type Question =
  | { readonly asks: 'nothing' | 'file' | 'flag' | 'context' | 'cluster' | 'user' | 'namespace' | 'finding' }
  | { readonly asks: 'value'; readonly values: readonly string[] }
  | { readonly asks: 'source' | 'destination'; readonly namespace: string | null };

/** The words of a command line, understood as far as they go. */
export interface Typed {
  readonly question: Question;
  /** What the answer has to begin with. */
  readonly word: string;
  /** Everything before that word. */
  readonly before: Arguments;
  /** Names of the flags before that word. */
  readonly used: ReadonlySet<string>;
}

/** Sub-commands, offered where a source may stand. */
export const COMMANDS: Readonly<Record<string, string>> = {
  cleanup: 'what earlier runs left in the cluster',
  check: 'are the flows of a file as expected',
  demo: 'recorded incidents, without a cluster',
  diff: 'what changed between two recorded runs',
  explain: 'what a finding means',
  policy: 'what may reach a Pod and what it may reach',
  permissions: 'the rights a level of access may use',
  version: 'the version',
};

/**
 * Reads the words after `kubectl netdebug`, the last of which is being typed and may be empty.
 *
 * @throws {UsageError} when the words before it are no command line
 */
export function readWords(words: readonly string[]): Typed {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const onlyNames = before.includes('--');
  const open = onlyNames ? null : flagOf(before.at(-1) ?? '');
  const isOpen = open?.value !== undefined && !(before.at(-1) ?? '').includes('=');
  const complete = isOpen ? before.slice(0, -1) : before;
  const typed = {
    before: parseArguments(complete),
    used: new Set(complete.map((word) => flagOf(word)?.name).filter((name) => name !== undefined)),
  };
  if (isOpen && open !== null) return { ...typed, word: last, question: valueQuestion(open) };
  if (!onlyNames && last.startsWith('-')) {
    const equals = last.indexOf('=');
    if (equals < 0) return { ...typed, word: last, question: { asks: 'flag' } };
    // Shells want the value alone; they put the flag before it again.
    const flag = flagOf(last);
    return {
      ...typed,
      word: last.slice(equals + 1),
      question: flag?.value === undefined ? { asks: 'nothing' } : valueQuestion(flag),
    };
  }
  return { ...typed, word: last, question: position(typed.before) };
}

function position(before: Arguments): Question {
  const [source, ...more] = before.positionals;
  const namespace = before.namespace ?? null;
  if (source === undefined) return { asks: 'source', namespace };
  if (source === 'diff' && more.length < 2) return { asks: 'file' };
  if (more.length > 0) return { asks: 'nothing' };
  if (source === 'explain') return { asks: 'finding' };
  if (source === 'demo') return { asks: 'value', values: STORIES.map(({ name }) => name) };
  if (source in COMMANDS) return { asks: 'nothing' };
  const dot = source.lastIndexOf('.');
  // `web.shop` goes to a Service of shop unless told otherwise.
  return { asks: 'destination', namespace: dot > 0 ? source.slice(dot + 1) : namespace };
}

function valueQuestion({ name, value = '' }: Flag): Question {
  if (name === 'namespace' || name === 'context' || name === 'cluster' || name === 'user') return { asks: name };
  if (value === 'FILE') return { asks: 'file' };
  return value.includes('|') ? { asks: 'value', values: value.split('|') } : { asks: 'nothing' };
}

/** The flag that a word is, with or without its value; null for anything else. */
function flagOf(word: string): Flag | null {
  const [, long, short] = /^(?:--([a-z-]+)(?:=.*)?|-[A-Za-z]*([A-Za-z]))$/s.exec(word) ?? [];
  return (
    FLAGS.find((flag: Flag) =>
      long !== undefined ? flag.name === long : short !== undefined && flag.short === short,
    ) ?? null
  );
}

const WORKLOADS = { deploy: 'Deployment', sts: 'StatefulSet', ds: 'DaemonSet' } as const;
const SOURCES = new Set(['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job']);
const DESTINATIONS = new Set([...SOURCES, 'Service', 'Node']);
const CLUSTER_WIDE = new Set(['Namespace', 'Node']);

/**
 * What has to be listed before the question can be answered; empty when nothing has.
 *
 * @param namespace  of the context, for questions that name none
 */
export function listingsFor({ question, word }: Typed, namespace: string): readonly Listing[] {
  if (question.asks === 'namespace') return [{ kind: 'Namespace', namespace: null }];
  if (question.asks !== 'source' && question.asks !== 'destination') return [];
  const at = question.namespace ?? namespace;
  const isDestination = question.asks === 'destination';
  const { kind, name } = splitWord(word);
  const allowed = isDestination ? DESTINATIONS : SOURCES;
  if (kind !== null) {
    return allowed.has(kind) ? [{ kind, namespace: CLUSTER_WIDE.has(kind) ? null : at }] : [];
  }
  if (name.includes('.')) return [{ kind: isDestination ? 'Service' : 'Namespace', namespace: null }];
  const kinds = isDestination ? ['Service', 'Pod'] : ['Pod', ...Object.values(WORKLOADS)];
  return kinds.map((each) => ({ kind: each, namespace: at }));
}

/** What may be typed next, in the order shells show it, and what the shell shall do with it. */
export function answer(typed: Typed, known: Known): { candidates: readonly Candidate[]; directive: number } {
  if (typed.question.asks === 'file') return { candidates: [], directive: DIRECTIVE.files };
  const candidates = offers(typed, known)
    .filter(({ text }) => text.startsWith(typed.word) && text !== '')
    .sort((a, b) => a.text.localeCompare(b.text, 'en', { numeric: true }));
  return { candidates, directive: DIRECTIVE.noFiles };
}

/** The answer as kubectl reads it: a candidate a line, what it is about behind a tab, the directive last. */
export function protocolText({ candidates, directive }: ReturnType<typeof answer>): string {
  const lines = candidates.map(({ text, about }) =>
    about === undefined ? oneLine(text) : `${oneLine(text)}\t${oneLine(about)}`,
  );
  return `${[...lines, `:${directive}`].join('\n')}\n`;
}

function offers({ question, word, used }: Typed, known: Known): readonly Candidate[] {
  const rows = (kind: string): readonly Row[] => known.rows?.[kind] ?? [];
  switch (question.asks) {
    case 'nothing':
    case 'file':
      return [];
    case 'flag':
      return flags(used);
    case 'value':
      return question.values.map((text) => ({ text }));
    case 'context':
      return (known.contexts ?? []).map(({ name, cluster }) => ({ text: name, about: `cluster ${cluster}` }));
    case 'cluster':
      return (known.clusters ?? []).map((text) => ({ text }));
    case 'user':
      return (known.users ?? []).map((text) => ({ text }));
    case 'namespace':
      return rows('Namespace').map(named('', 'Status'));
    case 'finding':
      return Object.entries(known.findings ?? {}).map(([text, about]) => ({ text, about }));
    case 'source':
      return [...sources(word, rows), ...Object.entries(COMMANDS).map(([text, about]) => ({ text, about }))];
    case 'destination':
      return destinations(word, rows);
  }
}

function flags(used: ReadonlySet<string>): Candidate[] {
  return FLAGS.filter((flag: Flag) => flag.multiple === true || !used.has(flag.name)).flatMap((flag: Flag) => [
    ...(flag.short === undefined ? [] : [{ text: `-${flag.short}`, about: flag.help }]),
    ...(flag.name === flag.short ? [] : [{ text: `--${flag.name}`, about: flag.help }]),
  ]);
}

function sources(word: string, rows: (kind: string) => readonly Row[]): Candidate[] {
  const { kind, typedKind, name } = splitWord(word);
  if (kind !== null) return objects(kind, `${typedKind}/`, rows(kind));
  if (name.includes('.')) return namespacesBehind(name, rows('Namespace'));
  // A Pod with the name of a sub-command has to be told from it.
  const pods = rows('Pod').map((row) => pod((row.cells.Name ?? '') in COMMANDS ? 'pod/' : '', row));
  return [...pods, ...Object.entries(WORKLOADS).flatMap(([short, each]) => objects(each, `${short}/`, rows(each)))];
}

function destinations(word: string, rows: (kind: string) => readonly Row[]): Candidate[] {
  const { kind, typedKind, name } = splitWord(word);
  if (kind === 'Service') return rows('Service').flatMap((row) => service(`${typedKind}/`, row, ''));
  if (kind !== null) return objects(kind, `${typedKind}/`, rows(kind));
  if (name.includes('.')) return rows('Service').flatMap((row) => service('', row, `.${row.namespace}`));
  return [...rows('Service').flatMap((row) => service('', row, '')), ...rows('Pod').map((row) => pod('pod/', row))];
}

function objects(kind: string, prefix: string, rows: readonly Row[]): Candidate[] {
  if (kind === 'Pod') return rows.map((row) => pod(prefix, row));
  if (kind === 'Node') return rows.map(named(prefix, 'Status'));
  // Jobs count completions, DaemonSets and ReplicaSets have a column for each number.
  return rows.map(({ cells }) => {
    const ready = cells.Ready ?? cells.Completions;
    const counted =
      cells.Desired !== undefined && cells.Ready !== undefined ? `${cells.Ready}/${cells.Desired}` : ready;
    return {
      text: `${prefix}${cells.Name ?? ''}`,
      about: `${kind}${counted === undefined ? '' : `, ${counted} ${cells.Ready === undefined ? 'complete' : 'ready'}`}`,
    };
  });
}

function pod(prefix: string, { cells }: Row): Candidate {
  return {
    text: `${prefix}${cells.Name ?? ''}`,
    about: `Pod, ${cells.Ready ?? '?'} ready, ${cells.Status ?? 'unknown'}`,
  };
}

/** `NAME:PORT` for each port of a Service, which is how it is typed; the name alone when it has none. */
function service(prefix: string, { cells }: Row, behind: string): Candidate[] {
  const name = `${prefix}${cells.Name ?? ''}${behind}`;
  const about = [`Service ${cells.Type ?? ''}`.trim(), cells['Cluster-IP']]
    .filter((part) => part !== undefined)
    .join(' ');
  const ports = new Map<string, string[]>();
  // 80/TCP, or 80:30080/TCP with the port of the nodes.
  for (const [, port = '', protocol = ''] of (cells['Port(s)'] ?? '').matchAll(/(\d+)(?::\d+)?\/([A-Z]+)/g))
    ports.set(port, [...(ports.get(port) ?? []), protocol]);
  if (ports.size === 0) return [{ text: name, about }];
  return [...ports].map(([port, protocols]) => ({
    text: `${name}:${port}`,
    about: `${about}, ${protocols.join(' and ')}`,
  }));
}

function namespacesBehind(name: string, rows: readonly Row[]): Candidate[] {
  const stem = name.slice(0, name.indexOf('.'));
  return rows.map(named(`${stem}.`, 'Status'));
}

function named(prefix: string, column: string): (row: Row) => Candidate {
  return ({ cells }) => {
    const about = cells[column];
    return { text: `${prefix}${cells.Name ?? ''}`, ...(about === undefined ? {} : { about }) };
  };
}

function splitWord(word: string): { kind: string | null; typedKind: string; name: string } {
  const slash = word.indexOf('/');
  const typedKind = slash < 0 ? '' : word.slice(0, slash);
  // A kind that does not exist must not be taken for none.
  return { kind: slash < 0 ? null : (kindNamed(typedKind) ?? 'unknown'), typedKind, name: word.slice(slash + 1) };
}

/** Names in a kubeconfig are free text; the protocol has lines and tabs. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}
