import { useMemo, useRef } from 'react';
import { type Choosing, type ListName, type ListState, listsOf, litRow } from '../choose/choose.ts';
import type { Row } from '../choose/row.ts';
import { cleanAll } from '../report/clean.ts';
import { FRAME_ROWS, Frame, Lines } from './Frame.tsx';
import { BLANK, block, type Line, line, pad, type Size, shorten, span, widthOf } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';

export interface PickProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly choosing: Choosing;
  /** The command line that would have said what is lit. */
  readonly command: string;
  /** Milliseconds on the clock of the lists. */
  readonly nowMs: number;
  readonly limitMs: number;
  readonly frame: number;
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
export function PickScreen({ size, theme, choosing, command, nowMs, limitMs, frame }: PickProps) {
  const columns = size.columns - 1;
  const { step, query, rows, total, offered } = choosing;
  const lit = litRow(choosing);
  const items = useMemo(() => withHeadings(rows), [rows]);
  const widths = useMemo(() => widthsOf(rows, columns), [rows, columns]);

  const same = block([span(' ')], `same as: ${command}`, columns, 'quiet');
  const state = stateLines(choosing, { theme, columns, nowMs, limitMs, frame });
  const top: readonly Line[] = [
    line(` ${QUESTIONS[step]}`, 'strong'),
    searchLine(query, query === '' ? '' : `${count(total)} of ${count(offered.length)}`, columns),
    BLANK,
  ];
  const bottom = [...state, ...(size.rows < 24 ? [] : [BLANK]), ...same.slice(0, 3)];
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
    <Frame size={size} theme={theme} header={headerOf(choosing, theme)} screen={step} position={position.join('  ')}>
      <Lines theme={theme} lines={[...top, ...visible, ...filling, ...bottom]} />
    </Frame>
  );
}

function headerOf({ source, destination, fixed, context, namespace, step }: Choosing, { signs }: Theme) {
  const to = step === 'port' ? `${destination?.word ?? ''}:?` : (fixed.destination ?? '?');
  return cleanAll({
    left: `${source?.word ?? '?'} ${signs.arrow} ${to}`,
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

/** A heading before the first row of each section. */
function withHeadings(rows: readonly Row[]): readonly (Row | string)[] {
  let last = '';
  return rows.flatMap((row) => {
    const isNew = row.section !== last && row.section !== '';
    last = row.section;
    return isNew ? [row.section, row] : [row];
  });
}

/** The same window as long as the lit row is in it; otherwise just far enough, with the heading above the first row. */
export function windowAt(
  first: number,
  { at, room, items }: { readonly at: number; readonly room: number; readonly items: readonly unknown[] },
): number {
  const last = Math.max(0, items.length - room);
  const kept = Math.min(first, last);
  if (at < 0) return Math.min(kept, last);
  const above = at > 0 && typeof items[at - 1] === 'string' ? at - 1 : at;
  if (above < kept) return above;
  return at >= kept + room ? at - room + 1 : kept;
}

interface Widths {
  readonly label: number;
  readonly facts: readonly number[];
}

/** Columns that are wide enough for all rows and not only for those in sight, so that nothing moves while one scrolls. */
function widthsOf(rows: readonly Row[], columns: number): Widths {
  let label = 12;
  const facts: number[] = [];
  for (const row of rows) {
    label = Math.max(label, row.label.length + 2 * row.indent);
    row.facts.slice(0, -1).forEach((fact, index) => {
      facts[index] = Math.max(facts[index] ?? 0, fact.length);
    });
  }
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
  readonly frame: number;
}

/** What is still read, what may not be read, and what it means when there is nothing. */
function stateLines(choosing: Choosing, options: StateOptions): readonly Line[] {
  const { theme, columns, nowMs, limitMs, frame } = options;
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
      const spinner = signs.spinner[frame % signs.spinner.length] ?? '';
      said.push([span(` ${spinner} `, 'unsure'), span(`Reading ${what}${so === '' ? '' : `: ${so}`}`, 'quiet')]);
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
