/** Finds pages by words: of the title, of the text, or of a message that a program printed. */
import type { Page } from './page.ts';

export interface Hit {
  readonly page: Page;
  /** The sentence, or the message, that matched best; without Markdown. */
  readonly line: string;
  /** Comparable within one search only; above 0. */
  readonly score: number;
}

/** How much a word tells, by where it stands. Words under Sources tell nothing, those of look-alikes speak of other pages. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'What it is': 4,
  'How netdebug recognises it': 2,
  Fix: 2,
  'When this is wrong': 1,
  'Look-alikes': 0.5,
  Sources: 0,
};
const TITLE_WEIGHT = 8;
const MESSAGE_WEIGHT = 20;
/** Each later message of a page is a little less typical than the one before. */
const MESSAGE_STEP = 1;

/** How much more a cause weighs that an on-call rota meets every week. */
const COMMON_WEIGHT = 4;
const COMMON: ReadonlySet<string> = new Set([
  ...['dns-name-not-found', 'dns-wrong-namespace', 'dns-coredns-down', 'dns-upstream-unreachable'],
  ...['dns-hostnetwork-policy', 'dns-cache-stale', 'dns-headless-empty', 'dns-ndots-amplification'],
  ...['selector-mismatch', 'backend-scaled-to-zero', 'backend-not-running', 'readiness-failing'],
  ...['named-targetport-missing', 'targetport-wrong', 'terminating-endpoint-race', 'headless-port-confusion'],
  ...['app-loopback-only', 'app-hung', 'underlay-blocked', 'node-down'],
  ...['netpol-default-deny-ingress', 'netpol-default-deny-egress', 'netpol-egress-dns-missing'],
  ...['netpol-peer-pod-label-mismatch', 'netpol-namespace-label-missing', 'netpol-port-is-service-port'],
  ...['netpol-one-side-only'],
]);

/** Every word stands at least in the section that says what it is. */
const CLEAR_SCORE = 4;

const STOP_WORDS = new Set('a an and are at be by for from i in is it my of on or that the to was with'.split(' '));

interface Sentence {
  readonly text: string;
  readonly weight: number;
}

/**
 * Pages that fit the words, best first; of those that list a message the causes that are common come first, and where two fit as
 * well the order of `pages` counts.
 *
 * A page fits when the query contains one of its messages, as a pasted line of a log does, or is part of one. Only where
 * no page fits so, words decide: each has to begin a word of the page; where no page has them all, half of them have to.
 * Empty when nothing fits, and for a query without a word.
 */
export function searchPages(pages: readonly Page[], query: string): readonly Hit[] {
  const wanted = plain(query);
  const words = wordsOf(wanted);
  if (words.length === 0) return [];
  const looked = pages.map((page) => look(page, wanted, words));
  const said = looked.filter(({ message }) => message > 0);
  const most = Math.max(...looked.map(({ found }) => found));
  const fitting = said.length > 0 ? said : looked.filter(({ found }) => found === most && found * 2 >= words.length);
  return fitting
    .map(({ page, line, message, told }) => ({
      page,
      line,
      score: message + told / words.length + (message > 0 && COMMON.has(page.id) ? COMMON_WEIGHT : 0),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

/** The first hit when it stands out: it is about these words, and no other fits half as well. Else null. */
export function clearHit(hits: readonly Hit[]): Hit | null {
  const [first, second] = hits;
  // A page that mentions the words in passing is not about them.
  if (first === undefined || first.score < CLEAR_SCORE) return null;
  return second === undefined || first.score >= 2 * second.score ? first : null;
}

function look(page: Page, wanted: string, words: readonly string[]) {
  const sentences = sentencesOf(page).map((sentence) => {
    const has = words.filter((word) => hasWord(sentence.text, word));
    return { ...sentence, has, score: sentence.weight * has.length };
  });
  const told = words.map((word) =>
    Math.max(0, ...sentences.filter(({ has }) => has.includes(word)).map(({ weight }) => weight)),
  );
  const index = page.messages.findIndex((message) => isSaid(plain(message), wanted));
  const best = sentences.reduce((a, b) => (b.score > a.score ? b : a));
  return {
    page,
    line: page.messages[index] ?? best.text,
    message: index === -1 ? 0 : MESSAGE_WEIGHT - index * MESSAGE_STEP,
    found: told.filter((weight) => weight > 0).length,
    told: told.reduce((sum, weight) => sum + weight, 0),
  };
}

/** `crash` is in "CrashLoopBackOff", `host` is not in "localhost". */
function hasWord(text: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}`, 'iu').test(text);
}

/** Either contains the other; a piece of a message has to be long enough to mean it. */
function isSaid(message: string, wanted: string): boolean {
  return hasWord(wanted, message) || (wanted.length >= 4 && hasWord(message, wanted));
}

function sentencesOf({ id, title, markdown }: Page): readonly Sentence[] {
  const [, ...sections] = markdown.split(/^## /m);
  return [
    { text: title, weight: TITLE_WEIGHT },
    { text: id, weight: TITLE_WEIGHT },
    ...sections.flatMap((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const weight = WEIGHTS[heading] ?? 1;
      return lines
        .join('\n')
        .split(/\n\s*\n|\n(?=- |```)/)
        .flatMap((block) =>
          block.startsWith('```') ? block.split('\n') : block.replaceAll(/\s+/g, ' ').split(/(?<=\.) /),
        )
        .map((text) => ({
          text: text
            .replace(/^- |^```.*$/, '')
            .replaceAll(/`|\*\*/g, '')
            .trim(),
          weight,
        }))
        .filter(({ text }) => text !== '');
    }),
  ];
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

function wordsOf(text: string): readonly string[] {
  const words = text.split(/[^\p{L}\p{N}/._-]+/u).map((word) => word.replaceAll(/^[./_-]+|[./_-]+$/g, ''));
  return [...new Set(words)].filter((word) => word !== '' && !STOP_WORDS.has(word));
}
