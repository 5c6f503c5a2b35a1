import { useMemo, useRef } from 'react';
import { type Choosing, type ListName, type ListState, listsOf, litRow } from '../choose/choose.ts';
import type { Row } from '../choose/row.ts';
import { cleanAll } from '../report/clean.ts';
import { FRAME_ROWS, Frame } from './Frame.tsx';
import { BLANK, block, type Line, line, pad, type Size, shorten, span, spinner, widthOf } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';
import { windowAt } from './window.ts';

export interface PickProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly choosing: Choosing;
  /** The command line that would have said what is lit. */
  readonly command: string;
  /** Milliseconds on the clock of the lists. */
  readonly nowMs: number;
  readonly limitMs: number;
}

const QUESTIONS: Readonly<Record<Choosing['step'], string>> = {
  source: 'Which Pod cannot reach something? Connections are tried from it.',
  destination: 'What can it not reach?',
  port: 'Which port?',
};

/**
 * ```
 *  Which Pod cannot reach something? Connections are tried from it.
 *  Type to search: che_                                    3 of 5,000
 *
 *  Pods in shop
 *  ❯ ✘ deploy/checkout          1 of 2 Pods ready
 *      ✘ checkout-6d9f-x2x7q    CrashLoopBackOff 0/1  n2  restarts 12 (3m ago)
 * ```
 */
export function PickScreen({ size, theme, choosing, command, nowMs, limitMs }: PickProps) {
  const columns = size.columns - 1;
  const { step, query, rows, total, offered } = choosing;
  const lit = litRow(choosing);
  const items = headed(rows);
  const widths = useMemo(() => limited(widest(rows), columns), [rows, columns]);

  const same = block([span(' ')], `same as: ${command}`, columns, 'quiet');
  const state = stateLines(choosing, { theme, columns, nowMs, limitMs });
  const top: readonly Line[] = [
    line(` ${QUESTIONS[step]}`, 'strong'),
    searchLine(query, query === '' ? '' : `${count(total)} of ${count(offered.length)}`, columns),
    BLANK,
    // Where there is nothing to choose from, why stands where one looks.
    ...(rows.length === 0 ? state : []),
  ];
  const bottom = [...(rows.length === 0 ? [] : state), ...(size.rows < 24 ? [] : [BLANK]), ...same.slice(0, 3)];
  const room = Math.max(1, size.rows - FRAME_ROWS - top.length - bottom.length);

  const first = useRef(0);
  const at = items.findIndex((item) => typeof item !== 'string' && item.id === lit?.id);
  first.current = windowAt(first.current, { at, room, items });
  const visible = items
    .slice(first.current, first.current + room)
    .map((item) =>
      typeof item === 'string'
        ? line(` ${cleanAll(item)}`, 'quiet')
        : rowLine(cleanAll(item), { isLit: item.id === lit?.id, theme, widths, columns }),
    );
  const filling = Array.from({ length: Math.max(0, room - visible.length) }, () => BLANK);
  const below = items.length - first.current - room;
  const { signs } = theme;
  const position = [
    first.current > 0 ? `${signs.up.trim()} ${count(first.current)} above` : '',
    below > 0 ? `${signs.down} ${count(below)} below` : '',
  ].filter((part) => part !== '');
  return (
    <Frame
      size={size}
      theme={theme}
      header={headerOf(choosing, theme)}
      screen={step}
      position={position.join('  ')}
      lines={[...top, ...visible, ...filling, ...bottom]}
      said={{ once: [line(QUESTIONS[step])], now: [line(saidOf(choosing, theme)), ...state, ...same] }}
    />
  );
}

function headerOf({ source, destination, fixed, context, namespace, step }: Choosing, { signs }: Theme) {
  const to = step === 'port' ? `${destination?.word ?? ''}:port?` : (fixed.destination ?? 'destination?');
  return cleanAll({
    left: `${source?.word ?? 'source?'} ${signs.arrow} ${to}`,
    right: `${source?.namespace ?? namespace} ${signs.dot} ${context}`,
  });
}

function searchLine(query: string, found: string, columns: number): Line {
  const label = ' Type to search: ';
  const room = columns - widthOf(label) - widthOf(found) - 2;
  // The end is what is being typed.
  const shownQuery = [...query].slice(-Math.max(1, room)).join('');
  return [span(label, 'quiet'), span(pad(`${shownQuery}_`, Math.max(1, room + 1)), 'chosen'), span(found, 'quiet')];
}

/** What a list says of itself, asked again with every key and found once: the whole list comes back when a search is erased. */
function remembered<T extends object, R>(find: (of: T) => R): (of: T) => R {
  const known = new WeakMap<T, { readonly result: R }>();
  return (of) => {
    const found = known.get(of) ?? { result: find(of) };
    known.set(of, found);
    return found.result;
  };
}

/** A heading before the first row of each section. */
const headed = remembered((rows: readonly Row[]): readonly (Row | string)[] => {
  let last = '';
  return rows.flatMap((row) => {
    const isNew = row.section !== last && row.section !== '';
    last = row.section;
    return isNew ? [row.section, row] : [row];
  });
});

/** `Type to search: che. 3 of 5,000. Pods in shop, fails: deploy/checkout, 1 of 2 Pods ready` */
function saidOf(choosing: Choosing, { signs }: Theme): string {
  const { query, total, offered, rows } = choosing;
  const lit = litRow(choosing);
  const search = `Type to search: ${query === '' ? 'nothing typed' : cleanAll(query)}. ${count(total)} of ${count(offered.length)}.`;
  if (lit === null) return search;
  const place = rows.indexOf(lit) + 1;
  const state = lit.state === null ? '' : `${signs[lit.state]} `;
  return `${search} Row ${count(place)}: ${state}${cleanAll([lit.label, ...lit.facts].join(', '))}`;
}

interface Widths {
  readonly label: number;
  readonly facts: readonly number[];
}

/** Columns that are wide enough for all rows and not only for those in sight, so that nothing moves while one scrolls. */
const widest = remembered((rows: readonly Row[]): Widths => {
  let label = 12;
  const facts: number[] = [];
  for (const row of rows) {
    label = Math.max(label, row.label.length + 2 * row.indent);
    row.facts.slice(0, -1).forEach((fact, index) => {
      facts[index] = Math.max(facts[index] ?? 0, fact.length);
    });
  }
  return { label, facts };
});

function limited({ label, facts }: Widths, columns: number): Widths {
  return { label: Math.min(label, Math.floor(columns * 0.5)), facts: facts.map((width) => Math.min(width, 24)) };
}

function rowLine(
  { label, facts, state, indent, chosen }: Row,
  {
    isLit,
    theme,
    widths,
    columns,
  }: { readonly isLit: boolean; readonly theme: Theme; readonly widths: Widths; readonly columns: number },
): Line {
  const { signs } = theme;
  const room = widths.label - 2 * indent;
  const texts = facts.map((fact, index) => pad(fact, (widths.facts[index] ?? 0) + 2)).join('');
  const tone = chosen === null ? 'quiet' : state === 'faulty' ? STATE_TONES.faulty : 'plain';
  return [
    span(isLit ? ` ${signs.pointer} ` : '   ', 'chosen'),
    span(' '.repeat(2 * indent)),
    span(state === null ? '' : `${signs[state]} `, state === null ? 'plain' : STATE_TONES[state]),
    span(
      pad(shorten(label, room, signs), room + (state === null ? 4 : 2)),
      isLit ? 'chosen' : chosen === null ? 'quiet' : 'plain',
    ),
    span(shorten(texts.trimEnd(), Math.max(1, columns - widths.label - 7), signs), tone),
  ];
}

const LIST_WORDS: Readonly<Record<ListName, (namespace: string) => string>> = {
  pods: (namespace) => `Pods in ${namespace}`,
  podsEverywhere: () => 'Pods in all namespaces',
  services: (namespace) => `Services in ${namespace}`,
  servicesEverywhere: () => 'Services in all namespaces',
  ingresses: () => 'Ingresses in all namespaces',
};

/** After this long without an answer somebody wonders. */
const SLOW_MS = 1000;

interface StateOptions {
  readonly theme: Theme;
  readonly columns: number;
  readonly nowMs: number;
  readonly limitMs: number;
}

/** What is still read, what may not be read, and what it means when there is nothing. */
function stateLines(choosing: Choosing, options: StateOptions): readonly Line[] {
  const { theme, columns, nowMs, limitMs } = options;
  const { signs } = theme;
  const { step, query, rows, lists, complaint, namespace, servicesOf, isWide } = choosing;
  const said: Line[] = [];
  let isReading = false;
  for (const name of listsOf(choosing)) {
    const list: ListState<unknown> | undefined = lists[name];
    if (list === undefined || list.state === 'done') continue;
    const what = LIST_WORDS[name]((name === 'services' ? servicesOf : namespace) ?? namespace);
    if (list.state === 'reading') {
      if (isReading) continue;
      isReading = true;
      const waitedMs = nowMs - list.sinceMs;
      const so =
        list.items.length > 0
          ? `${count(list.items.length)} so far`
          : waitedMs < SLOW_MS
            ? ''
            : `no answer for ${Math.floor(waitedMs / 1000)} s, given up after ${Math.round(limitMs / 1000)} s`;
      said.push([span(' '), spinner(signs), span(` Reading ${what}${so === '' ? '' : `: ${so}`}`, 'quiet')]);
      continue;
    }
    const why = list.state === 'refused' ? `You may not list ${what}.` : `Reading ${what} failed: ${list.why ?? ''}.`;
    said.push(...block([span(' ? ', 'unsure')], `${cleanAll(why)} ${instead(name, step)}`, columns).slice(0, 2));
  }
  // What may not be listed is not empty.
  if (rows.length === 0 && !isReading && (query !== '' || said.length === 0)) {
    const empty =
      query !== ''
        ? `Nothing here is called like that${step === 'source' && !isWide ? '; tab looks in all namespaces' : ''}.`
        : emptyText(choosing);
    said.push(...block([span('   ')], empty, columns));
  }
  if (complaint !== null && rows.length === 0)
    said.push(...block([span('   ')], cleanAll(complaint), columns, 'quiet').slice(0, 2));
  return said;
}

function emptyText({ step, isWide, namespace, servicesOf }: Choosing): string {
  if (step !== 'source') return `There is no Service in ${servicesOf ?? namespace}. Type an address, a host or a URL.`;
  return isWide ? 'There is no Pod in this cluster.' : `There is no Pod in ${namespace}. Tab shows all namespaces.`;
}

/** What can be done without a list. */
function instead(name: ListName, step: Choosing['step']): string {
  if (name === 'servicesEverywhere') return 'Type NAME.NAMESPACE for others.';
  if (name === 'ingresses') return 'Type a URL for a host.';
  return step === 'source' ? 'Type a name: POD, deploy/NAME, NAME.NAMESPACE.' : 'Type a name.';
}

const count = (number: number): string => number.toLocaleString('en');
