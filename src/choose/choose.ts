/**
 * Choosing source, destination and port as a pure state machine: `choose(choosing, event)` gives the next state and what to
 * ask of the cluster. What comes out is what could have been typed.
 */
import type { TableRow } from '../collect/table.ts';
import type { ServiceSnapshot } from '../evidence/snapshots.ts';
import { BadName, parseDestination, parseName } from '../target/parse.ts';
import { type IngressHosts, ingressRows, podDestinationRows, portRows, serviceRows } from './destinations.ts';
import { filterRows, LONGEST_QUERY, prepareRows } from './filter.ts';
import type { Chosen, Named, PortPick, RecentFlow, Row } from './row.ts';
import { sourceRows } from './sources.ts';

export type StepName = 'source' | 'destination' | 'port';

/** What is listed; each is read once, when it is first wanted. Everywhere: all namespaces. */
export interface Listed {
  readonly pods: TableRow;
  readonly podsEverywhere: TableRow;
  readonly services: ServiceSnapshot;
  readonly servicesEverywhere: ServiceSnapshot;
  readonly ingresses: IngressHosts;
}
export type ListName = keyof Listed;

export interface ListState<T> {
  readonly state: 'reading' | 'done' | 'refused' | 'no-answer';
  readonly items: readonly T[];
  /** Since when it is read, in milliseconds of the run. */
  readonly sinceMs: number;
  /** Why there is no more, in the API server's words; null when all is there or on its way. */
  readonly why: string | null;
}

export interface Choosing {
  readonly step: StepName;
  /** Given on the command line, and not asked for. */
  readonly fixed: { readonly source: string | null; readonly destination: string | null };
  /** Of the kubeconfig, and of `-n` or the kubeconfig. */
  readonly context: string;
  readonly namespace: string;
  readonly source: Named | null;
  readonly destination: Named | null;
  readonly ports: readonly PortPick[];
  readonly query: string;
  /** Whether Pods of all namespaces are shown. */
  readonly isWide: boolean;
  readonly lists: { readonly [K in ListName]?: ListState<Listed[K]> };
  /** Whose Services `lists.services` holds: those of the source's namespace. */
  readonly servicesOf: string | null;
  readonly recent: readonly RecentFlow[];
  /** All that this step offers, before it is filtered. */
  readonly offered: readonly Row[];
  readonly rows: readonly Row[];
  /** How many rows fit what is typed, also those that are not shown. */
  readonly total: number;
  /** The row that Enter takes; it stays the same row while the list around it grows. */
  readonly lit: string | null;
  /** Why what was typed cannot be taken as it is; null when it can, or when nothing was typed. */
  readonly complaint: string | null;
}

/** What is asked about in the end, by the words of the command line. */
export interface Question {
  readonly namespace: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number | string | null;
  readonly protocol: PortPick['protocol'] | null;
}

export type ChooseEvent =
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'erase'; readonly all: boolean }
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'widen'; readonly atMs: number }
  | { readonly type: 'take'; readonly atMs: number }
  | { readonly type: 'back'; readonly atMs: number }
  | {
      [K in ListName]: {
        readonly type: 'page';
        readonly list: K;
        readonly namespace: string | null;
        readonly items: readonly Listed[K][];
        readonly isLast: boolean;
      };
    }[ListName]
  | {
      readonly type: 'failed';
      readonly list: ListName;
      readonly namespace: string | null;
      readonly how: 'refused' | 'no-answer';
      readonly why: string;
    };

export interface ListRead {
  readonly list: ListName;
  /** Null: all of them. */
  readonly namespace: string | null;
}

export interface ChooseStep {
  readonly choosing: Choosing;
  /** To be read now. */
  readonly reads: readonly ListRead[];
  /** Set when there is nothing more to choose. */
  readonly outcome: { readonly kind: 'ask'; readonly question: Question } | { readonly kind: 'leave' } | null;
}

export interface Beginning {
  readonly source: string | null;
  readonly destination: string | null;
  readonly context: string;
  readonly namespace: string;
  readonly recent: readonly RecentFlow[];
  /** Begin where a source was chosen already: one step back from a run. */
  readonly from?: Named;
}

/** The first step that is not answered by the command line. */
export function begin({ source, destination, context, namespace, recent, from }: Beginning, atMs: number): ChooseStep {
  const choosing: Choosing = {
    step: 'source',
    fixed: { source, destination },
    context,
    namespace,
    source: null,
    destination: null,
    ports: [],
    query: '',
    isWide: false,
    lists: {},
    servicesOf: null,
    recent: recent.filter((flow) => flow.context === context),
    offered: [],
    rows: [],
    total: 0,
    lit: null,
    complaint: null,
  };
  if (from !== undefined) return enter('destination', { ...choosing, source: from }, atMs);
  if (source === null) return enter('source', choosing, atMs);
  return enter('destination', { ...choosing, source: typedSource(source, namespace) }, atMs);
}

/** Total: an event that makes no sense in a step changes nothing. */
export function choose(choosing: Choosing, event: ChooseEvent): ChooseStep {
  switch (event.type) {
    case 'typed': {
      const query = (choosing.query + event.text).slice(0, LONGEST_QUERY);
      return still(filtered({ ...choosing, query, lit: null }));
    }
    case 'erase': {
      const query = event.all ? '' : [...choosing.query].slice(0, -1).join('');
      return still(filtered({ ...choosing, query, lit: null }));
    }
    case 'move':
      return still(moved(choosing, event.by));
    case 'widen':
      if (choosing.step !== 'source') return still(choosing);
      return enterList({ ...choosing, isWide: !choosing.isWide, lit: null }, event.atMs);
    case 'take':
      return take(choosing, event.atMs);
    case 'back':
      return back(choosing, event.atMs);
    case 'page': {
      if (isStale(choosing, event)) return still(choosing);
      const before = choosing.lists[event.list];
      const items = [...(before?.items ?? []), ...event.items];
      const state = event.isLast ? 'done' : 'reading';
      return still(relisted(choosing, event.list, { state, items, sinceMs: before?.sinceMs ?? 0, why: null }));
    }
    case 'failed': {
      if (isStale(choosing, event)) return still(choosing);
      const before = choosing.lists[event.list];
      const next = { state: event.how, items: before?.items ?? [], sinceMs: before?.sinceMs ?? 0, why: event.why };
      return still(relisted(choosing, event.list, next as ListState<never>));
    }
  }
}

/** The lists that a step shows. */
export function listsOf({ step, isWide }: Pick<Choosing, 'step' | 'isWide'>): readonly ListName[] {
  if (step === 'source') return [isWide ? 'podsEverywhere' : 'pods'];
  return step === 'destination' ? ['services', 'servicesEverywhere', 'ingresses', 'pods'] : [];
}

/** The row that Enter takes. */
export function litRow({ rows, lit }: Choosing): Row | null {
  return rows.find(({ id }) => id === lit) ?? rows.find(({ chosen }) => chosen !== null) ?? null;
}

/** The words of the command line that would have said what is chosen so far, the lit row included. */
export function wordsSoFar(choosing: Choosing): readonly string[] {
  const chosen = litRow(choosing)?.chosen ?? null;
  if (chosen?.kind === 'flow') return wordsOf(questionOfFlow(chosen.flow));
  const source = chosen?.kind === 'source' ? chosen.pick : choosing.source;
  const destination = chosen?.kind === 'destination' ? chosen.pick : choosing.destination;
  const port = chosen?.kind === 'port' ? chosen.pick : null;
  const to = destination?.word ?? choosing.fixed.destination;
  return [
    ...['-n', source?.namespace ?? choosing.namespace],
    ...(source === null ? ['SOURCE'] : [source.word]),
    ...(to === null ? ['DESTINATION'] : [port === null ? to : `${to}:${port.port}`]),
    ...(port?.isShared === true ? ['--protocol', port.protocol.toLowerCase()] : []),
  ];
}

export function wordsOf({ namespace, source, destination, port, protocol }: Question): readonly string[] {
  return [
    ...['-n', namespace, source],
    port === null ? destination : `${destination}:${port}`,
    ...(protocol === null ? [] : ['--protocol', protocol.toLowerCase()]),
  ];
}

function still(choosing: Choosing): ChooseStep {
  return { choosing, reads: [], outcome: null };
}

function enter(step: StepName, choosing: Choosing, atMs: number): ChooseStep {
  return enterList({ ...choosing, step, query: '', lit: null, complaint: null }, atMs);
}

/** Asks for the lists that are shown now and have not been asked for. */
function enterList(before: Choosing, atMs: number): ChooseStep {
  const here = before.source?.namespace ?? before.namespace;
  const isElsewhere = before.step === 'destination' && before.servicesOf !== here;
  const { services: _, ...others } = before.lists;
  const choosing: Choosing = isElsewhere ? { ...before, servicesOf: here, lists: others } : before;
  const reads = listsOf(choosing)
    .filter((list) => choosing.lists[list] === undefined)
    .map((list) => ({ list, namespace: placeOf(list, choosing) }));
  const started = Object.fromEntries(
    reads.map(({ list }) => [list, { state: 'reading', items: [], sinceMs: atMs, why: null }]),
  );
  return { choosing: offering({ ...choosing, lists: { ...choosing.lists, ...started } }), reads, outcome: null };
}

function placeOf(list: ListName, { namespace, servicesOf }: Choosing): string | null {
  if (list === 'pods') return namespace;
  return list === 'services' ? servicesOf : null;
}

/** Of a namespace that is not asked about any more. */
function isStale({ servicesOf }: Choosing, { list, namespace }: ListRead): boolean {
  return list === 'services' && namespace !== servicesOf;
}

function relisted<K extends ListName>(choosing: Choosing, name: K, list: ListState<Listed[K]>): Choosing {
  const next = { ...choosing, lists: { ...choosing.lists, [name]: list } };
  return listsOf(next).includes(name) ? offering(next) : next;
}

function offering(choosing: Choosing): Choosing {
  const offered = offers(choosing);
  // As soon as all is there, and not when the first letter is typed.
  if (!listsOf(choosing).some((name) => choosing.lists[name]?.state === 'reading')) prepareRows(offered);
  return filtered({ ...choosing, offered });
}

function offers({ step, lists, isWide, namespace, source, ports, recent, fixed }: Choosing): readonly Row[] {
  switch (step) {
    case 'source': {
      const pods = isWide ? lists.podsEverywhere : lists.pods;
      // A flow has a destination of its own.
      const flows = fixed.destination === null ? recent.map(recentRow) : [];
      return [
        ...flows,
        ...sourceRows(pods?.items ?? [], namespace).map(under(isWide ? 'Pods' : `Pods in ${namespace}`)),
      ];
    }
    case 'destination': {
      const here = source?.namespace ?? namespace;
      const everywhere = lists.servicesEverywhere;
      // All of them include those of this namespace; until they are there, or may not be read, these do.
      const services = (everywhere?.items.length ?? 0) > 0 ? everywhere?.items : lists.services?.items;
      return [
        ...serviceRows(services ?? [], here),
        ...ingressRows(lists.ingresses?.items ?? [], here),
        // Below what most people mean; they come when that is there, so that Enter takes no Pod by surprise.
        ...(isReadingServices(lists) ? [] : podDestinationRows(podsIn(here, namespace, lists), here)),
      ];
    }
    case 'port':
      return portRows(ports);
  }
}

function isReadingServices({ services, servicesEverywhere }: Choosing['lists']): boolean {
  return services?.state === 'reading' || servicesEverywhere?.state === 'reading';
}

function podsIn(here: string, namespace: string, lists: Choosing['lists']): readonly TableRow[] {
  if (here === namespace) return lists.pods?.items ?? [];
  return (lists.podsEverywhere?.items ?? []).filter(({ metadata }) => metadata.namespace === here);
}

const under =
  (section: string) =>
  (row: Row): Row => ({ ...row, section });

function recentRow(flow: RecentFlow, index: number): Row {
  const { source, destination, port } = flow;
  return {
    id: `recent ${index}`,
    section: 'Lately',
    indent: 0,
    label: `${source.word} to ${destination.word}${port === null ? '' : `:${port}`}`,
    facts: [source.namespace],
    state: null,
    chosen: { kind: 'flow', flow },
  };
}

function filtered(choosing: Choosing): Choosing {
  const { rows, total } = filterRows(choosing.offered, choosing.query);
  const typed = typedRow(choosing, rows);
  const all = typed.row === null ? rows : [...rows, typed.row];
  const lit = all.some(({ id }) => id === choosing.lit) ? choosing.lit : null;
  return { ...choosing, rows: all, total: total + (typed.row === null ? 0 : 1), lit, complaint: typed.complaint };
}

/** What was typed, taken as it is: a name that is not listed, an address, a host, a URL. */
function typedRow(
  choosing: Choosing,
  rows: readonly Row[],
): { readonly row: Row | null; readonly complaint: string | null } {
  const word = choosing.query.trim();
  const { step, namespace } = choosing;
  if (word === '' || step === 'port') return { row: null, complaint: null };
  try {
    if (step === 'source') parseName(word);
    else parseDestination(word);
  } catch (error) {
    return { row: null, complaint: error instanceof BadName ? error.message : String(error) };
  }
  // Listed as well, and said with more about it.
  if (rows.some(({ chosen }) => chosen !== null && wordOf(chosen).replace(/^pod\//, '') === word.replace(/^pod\//, '')))
    return { row: null, complaint: null };
  const here = step === 'source' ? namespace : (choosing.source?.namespace ?? namespace);
  const pick = { namespace: here, word };
  const row: Row = {
    id: 'typed',
    section: 'As typed',
    indent: 0,
    label: word,
    facts: [step === 'source' ? `in ${here}` : whatIsTyped(word)],
    state: null,
    chosen: step === 'source' ? { kind: 'source', pick } : { kind: 'destination', pick, ports: [] },
  };
  return { row, complaint: null };
}

function wordOf(chosen: Chosen): string {
  return chosen.kind === 'source' || chosen.kind === 'destination' ? chosen.pick.word : '';
}

function whatIsTyped(word: string): string {
  const { to } = parseDestination(word);
  if (to.form === 'address') return 'an address';
  return to.form === 'url' ? 'a URL' : to.kind === null ? 'a Service, a Pod or a host name' : `a ${to.kind}`;
}

function moved(choosing: Choosing, by: number): Choosing {
  const rows = choosing.rows.filter(({ chosen }) => chosen !== null);
  const at = rows.findIndex(({ id }) => id === litRow(choosing)?.id);
  // One step beyond an end comes out at the other; a whole page stops there.
  const to =
    Math.abs(by) === 1 ? (at + by + rows.length) % rows.length : Math.max(0, Math.min(rows.length - 1, at + by));
  const next = rows[to];
  return next === undefined ? choosing : { ...choosing, lit: next.id };
}

function take(choosing: Choosing, atMs: number): ChooseStep {
  const chosen = litRow(choosing)?.chosen ?? null;
  switch (chosen?.kind) {
    case undefined:
      return still(choosing);
    case 'flow':
      return ask(choosing, questionOfFlow(chosen.flow));
    case 'source': {
      const next = { ...choosing, source: chosen.pick };
      return choosing.fixed.destination === null
        ? enter('destination', next, atMs)
        : ask(next, questionOf(next, choosing.fixed.destination, null));
    }
    case 'destination': {
      const next = { ...choosing, destination: chosen.pick, ports: chosen.ports };
      return chosen.ports.length > 1 ? enter('port', next, atMs) : ask(next, questionOf(next, chosen.pick.word, null));
    }
    case 'port':
      return ask(choosing, questionOf(choosing, choosing.destination?.word ?? '', chosen.pick));
  }
}

/** First takes back what was typed, then the step. */
function back(choosing: Choosing, atMs: number): ChooseStep {
  if (choosing.query !== '') return choose(choosing, { type: 'erase', all: true });
  if (choosing.step === 'port') return enter('destination', choosing, atMs);
  if (choosing.step === 'destination' && choosing.fixed.source === null)
    return enter('source', { ...choosing, source: null }, atMs);
  return { choosing, reads: [], outcome: { kind: 'leave' } };
}

function ask(choosing: Choosing, question: Question): ChooseStep {
  return { choosing, reads: [], outcome: { kind: 'ask', question } };
}

function questionOf({ source, namespace }: Choosing, destination: string, port: PortPick | null): Question {
  return {
    namespace: source?.namespace ?? namespace,
    source: source?.word ?? '',
    destination,
    port: port?.port ?? null,
    protocol: port?.isShared === true ? port.protocol : null,
  };
}

function questionOfFlow({ source, destination, port }: RecentFlow): Question {
  return { namespace: source.namespace, source: source.word, destination: destination.word, port, protocol: null };
}

/** `web.shop` is looked for in shop first, and so are its destinations. */
function typedSource(word: string, namespace: string): Named {
  const dot = word.lastIndexOf('.');
  return { word, namespace: dot > 0 && !word.includes('/') ? word.slice(dot + 1) : namespace };
}
