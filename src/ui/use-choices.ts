import { type Line, shorten, span } from './lines.ts';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useNow } from './use-now.ts';
import { windowAt } from './window.ts';

export interface ChoiceOptions<V extends string> {
  readonly items: readonly { readonly label: string; readonly value: V }[];
  readonly theme: Theme;
  readonly columns: number;
  /** Lit at first, and again when `of` is another. */
  readonly initialIndex?: number;
  /** What the choice is about. */
  readonly of?: string;
  /** Rows there is room for. */
  readonly limit?: number;
  readonly onSelect: (value: V) => void;
}

export interface ChoiceList<V extends string> {
  readonly lines: readonly Line[];
  readonly lit: { readonly label: string; readonly value: V } | undefined;
  /** `2 of 4: Read only` */
  readonly said: string;
}

/**
 * A list of which one is chosen with the arrows and taken with Enter. Of two keys that come in one piece, as they do over a
 * slow line, the second is for what the first has lit: what is asked here may add a container to a Pod.
 */
export function useChoices<V extends string>(options: ChoiceOptions<V>): ChoiceList<V> {
  const { items, theme, columns, initialIndex = 0, of = '', limit = items.length, onSelect } = options;
  const [placeNow, setPlace] = useNow({ of, index: initialIndex, first: 0 });
  const place = placeNow();
  if (place.of !== of) Object.assign(place, { of, index: initialIndex, first: 0 });
  const litIndex = (): number => Math.min(placeNow().index, items.length - 1);
  const move = (by: number) => () =>
    setPlace({ ...placeNow(), index: (litIndex() + by + items.length) % items.length });
  useKeys({
    up: move(-1),
    down: move(1),
    go: () => {
      const chosen = items[litIndex()];
      if (chosen !== undefined) onSelect(chosen.value);
    },
  });
  const index = litIndex();
  const room = Math.max(1, limit);
  const first = windowAt(place.first, { at: index, room, items });
  place.first = first;
  const { signs } = theme;
  const lines = items.slice(first, first + room).map(({ label }, row): Line => {
    const isLit = first + row === index;
    const tone = isLit ? 'chosen' : 'plain';
    return [span(isLit ? ` ${signs.pointer} ` : '   ', tone), span(shorten(label, columns - 4, signs), tone)];
  });
  const lit = items[index];
  return { lines, lit, said: `${index + 1} of ${items.length}: ${lit?.label ?? ''}` };
}
