/** A page behind `explain`: what one finding means, how it is recognised, how it is mended. */
import { RUNG_NAMES, RUNGS, type Rung } from '../ladder/rung.ts';

export interface Page {
  readonly id: string;
  /** Null for a finding of no rung of its own, such as `unexplained`. */
  readonly rung: Rung | null;
  /** One line, from the first heading. */
  readonly title: string;
  /** What programs and tools print when this is the cause, the most typical first. */
  readonly messages: readonly string[];
  readonly markdown: string;
}

/** How a page begins the paragraph that lists, in backticks, what programs print. */
export const MESSAGES = 'Typical messages:';

/**
 * All pages, in the order of the ladder and by id within a rung; those of no rung come last.
 *
 * @param texts    Markdown by id
 * @param folders  the folder each page lies in, by id: the name of its rung in lower case
 */
export function pagesOf(
  texts: Readonly<Record<string, string>>,
  folders: Readonly<Record<string, string>>,
): readonly Page[] {
  const place = ({ rung }: Page): number => (rung === null ? RUNGS.length : RUNGS.indexOf(rung));
  return Object.entries(texts)
    .map(([id, markdown]) => ({
      id,
      rung: RUNGS.find((rung) => RUNG_NAMES[rung].toLowerCase() === folders[id]) ?? null,
      title: markdown.match(/^# (.*)$/m)?.[1] ?? id,
      messages: messagesOf(markdown),
      markdown,
    }))
    .sort((a, b) => place(a) - place(b) || a.id.localeCompare(b.id));
}

function messagesOf(markdown: string): readonly string[] {
  const paragraph = markdown.split(/\n\s*\n/).find((block) => block.startsWith(MESSAGES)) ?? '';
  return [...paragraph.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message.replaceAll(/\s+/g, ' '));
}
