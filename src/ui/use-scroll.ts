import type { Line } from './lines.ts';
import type { Signs } from './theme.ts';
import { useNow } from './use-now.ts';

export interface Scroll {
  readonly visible: readonly Line[];
  /** `3 above · 12 below`, empty when all is visible. */
  readonly position: string;
  readonly actions: {
    readonly up: () => void;
    readonly down: () => void;
    readonly 'page-up': () => void;
    readonly 'page-down': () => void;
  };
}

/**
 * The part of `lines` that fits, and the keys that move it.
 *
 * @param follow  stay at the end while lines are added, until somebody scrolls up
 */
export function useScroll(
  lines: readonly Line[],
  { height, signs, follow = false }: { readonly height: number; readonly signs: Signs; readonly follow?: boolean },
): Scroll {
  // Null: at the start, or at the end when following.
  const [wanted, setWanted] = useNow<number | null>(null);
  const room = Math.max(1, height);
  const last = Math.max(0, lines.length - room);
  const topNow = (): number => Math.min(wanted() ?? (follow ? last : 0), last);
  const top = topNow();
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(last, topNow() + by));
    setWanted(follow && next === last ? null : next);
  };
  const below = lines.length - top - room;
  const parts = [top > 0 ? `${signs.up.trim()} ${top} above` : '', below > 0 ? `${signs.down} ${below} below` : ''];
  return {
    visible: lines.slice(top, top + room),
    position: parts.filter((part) => part !== '').join('  '),
    actions: {
      up: () => move(-1),
      down: () => move(1),
      'page-up': () => move(1 - room),
      'page-down': () => move(room - 1),
    },
  };
}
