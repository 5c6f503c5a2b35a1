/** `kubectl netdebug explain [ID | WORDS…]`: the pages behind the findings, in the terminal. */
import { pageFolders, rulePages } from 'virtual:rule-pages';
import { findTerminal } from '../adapters/terminal.ts';
import { nearNames } from '../derive/names.ts';
import { RUNG_NAMES, RUNGS } from '../ladder/rung.ts';
import { type DrawOptions, drawPage, paint, wrap } from '../pages/draw.ts';
import { type Page, pagesOf } from '../pages/page.ts';
import { clearHit, type Hit, searchPages } from '../pages/search.ts';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';

export interface ExplainView extends DrawOptions {
  /** The page as it was written instead of drawn: for a pipe, a file, a ticket. */
  readonly source: boolean;
}

/** Longer lines are hard to read. */
const WIDEST = 100;
const MOST_HITS = 12;
const ID_COLUMNS = 32;

/**
 * Prints a page, the list of pages, or the pages that fit some words.
 *
 * Like kubectl's own commands it starts no pager: nothing can hang in a script, and the page stays in the scrollback.
 * What is not a terminal gets the Markdown, unless `-o text` asks for the drawn page.
 *
 * @throws {UsageError} when nothing fits, with the nearest ids
 */
export function explainCommand(args: Pick<Arguments, 'positionals' | 'output' | 'color' | 'plain'>): number {
  const words = args.positionals.slice(1);
  const pages = pagesOf(rulePages, pageFolders);
  if (args.output === 'json') {
    process.stdout.write(`${JSON.stringify(asData(pages, words), null, 2)}\n`);
    return EXIT.healthy;
  }
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const view: ExplainView = {
    width: Math.min(terminal.columns, WIDEST),
    color: terminal.color,
    source: process.stdout.isTTY !== true && args.output === null,
  };
  process.stdout.write(explainText(pages, words, view));
  return EXIT.healthy;
}

/** The page of a finding as Markdown. @throws {UsageError} for an id that has none, with the nearest that do */
export function explain(id: string): string {
  const page = rulePages[id];
  if (page === undefined) throw nothingFits(id, Object.keys(rulePages));
  return page;
}

/** What `explain` prints for these words. @throws {UsageError} when nothing fits */
export function explainText(pages: readonly Page[], words: readonly string[], view: ExplainView): string {
  if (words.length === 0) return listText(pages, view);
  const known = pages.find(({ id }) => id === words[0] && words.length === 1);
  if (known !== undefined) return pageText(known, [], view);
  const hits = search(pages, words);
  const clear = isIdLike(words) ? null : clearHit(hits);
  return clear === null ? hitsText(words, hits, view) : pageText(clear.page, hits.slice(1), view);
}

function asData(pages: readonly Page[], words: readonly string[]): unknown {
  const short = ({ id, rung, title }: Page) => ({ id, rung, title });
  if (words.length === 0) return pages.map(short);
  const known = pages.find(({ id }) => id === words[0] && words.length === 1);
  if (known !== undefined) return { ...short(known), messages: known.messages, markdown: known.markdown };
  return search(pages, words).map(({ page, line }) => ({ ...short(page), line }));
}

/** @throws {UsageError} when nothing fits, or when one word is most likely an id with a slip in it */
function search(pages: readonly Page[], words: readonly string[]): readonly Hit[] {
  const query = words.join(' ');
  const ids = pages.map(({ id }) => id);
  const hits = searchPages(pages, query);
  const isSlip = isIdLike(words) && !ids.some((id) => id.includes(query)) && nearNames(query, ids).length > 0;
  if (hits.length === 0 || isSlip) throw nothingFits(query, ids);
  return hits;
}

/** `netpol-default-deny`: one word, written as ids are. It is asked for by its name, not described. */
function isIdLike(words: readonly string[]): boolean {
  return words.length === 1 && /^[a-z0-9]+(-[a-z0-9]+)+$/.test(words[0] ?? '');
}

function nothingFits(query: string, ids: readonly string[]): UsageError {
  const near = nearNames(query, ids);
  if (near.length > 0)
    return new UsageError(
      `There is no finding ${query}; the closest ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}.`,
      near.map((name) => `kubectl netdebug explain ${name}`),
    );
  return new UsageError(`No page has anything about "${query}".`, [
    'kubectl netdebug explain',
    'kubectl netdebug explain connection refused',
  ]);
}

function pageText(page: Page, others: readonly Hit[], view: ExplainView): string {
  if (view.source) return page.markdown;
  const place = page.rung === null ? page.id : `${page.id} · ${page.rung} ${RUNG_NAMES[page.rung]}`;
  const [title = '', ...body] = drawPage(page.markdown, view).split('\n');
  const also = others.slice(0, 3).map(({ page: { id } }) => id);
  return [
    title,
    paint('quiet', place, view),
    ...body,
    ...(also.length === 0 ? [] : ['', paint('quiet', `It may also be: ${also.join(', ')}`, view)]),
    '',
  ].join('\n');
}

function listText(pages: readonly Page[], view: DrawOptions): string {
  const groups = [...RUNGS, null].flatMap((rung) => {
    const mine = pages.filter((page) => page.rung === rung);
    if (mine.length === 0) return [];
    const heading = paint('strong', rung === null ? 'Beside the ladder' : `${rung}  ${RUNG_NAMES[rung]}`, view);
    return [heading, ...mine.flatMap((page) => nameLines('   ', page, view)), ''];
  });
  return `${groups.join('\n')}
kubectl netdebug explain ID        one page
kubectl netdebug explain WORDS     search, for example: explain i/o timeout
`;
}

/** Id and title; a long title goes on below itself. */
function nameLines(margin: string, { id, title }: Page, view: DrawOptions): readonly string[] {
  const columns = margin.length + ID_COLUMNS + 1;
  const [first = '', ...more] = wrap(title, view.width - columns);
  const name = paint('strong', id.padEnd(ID_COLUMNS), view);
  return [`${margin}${name} ${first}`, ...more.map((line) => ' '.repeat(columns) + line)];
}

function hitsText(words: readonly string[], hits: readonly Hit[], view: DrawOptions): string {
  const query = words.join(' ');
  const rest = hits.length - MOST_HITS;
  const lines = hits.slice(0, MOST_HITS).flatMap(({ page, line }) => {
    const most = view.width - 5;
    const short = line.length > most ? `${line.slice(0, most - 1)}…` : line;
    return [
      ...nameLines(`${page.rung ?? ' '}  `, page, view),
      ...(line === page.title || line === page.id ? [] : [paint('quiet', `     ${short}`, view)]),
    ];
  });
  return [
    isIdLike(words) ? `No page is called ${query}; these speak of it:` : `Pages about "${query}", the best first:`,
    '',
    ...lines,
    ...(rest > 0 ? [`   and ${rest} more; another word narrows it down`] : []),
    '',
    'kubectl netdebug explain ID            one page',
    'kubectl netdebug SOURCE DESTINATION    finds out which one it is',
    '',
  ].join('\n');
}
