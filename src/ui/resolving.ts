/** What stands on the screen while names are looked up: drawn once before Ink is loaded, and then by Ink. */
import { BLANK, type Line, span, spinner } from './lines.ts';
import type { Theme } from './theme.ts';

export interface Wanted {
  readonly source: string;
  readonly destination: string;
}

export function resolvingView(
  { source, destination }: Wanted,
  { signs }: Theme,
): { readonly header: { readonly left: string; readonly right: string }; readonly lines: readonly Line[] } {
  // Nothing to look up yet: it is going to be asked for.
  const doing =
    destination === '?' ? 'Reading what runs in the cluster' : `Looking up ${source} and ${destination} in the cluster`;
  return {
    header: { left: `${asked(source, 'source')} ${signs.arrow} ${asked(destination, 'destination')}`, right: '' },
    lines: [BLANK, [span(' '), spinner(signs), span(` ${doing}`)]],
  };
}

/** What is not typed yet is named by what it will be, as the pickers do. */
function asked(word: string, what: string): string {
  return word === '?' ? `${what}?` : word;
}
