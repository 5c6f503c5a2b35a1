import { Box, Static, Text } from 'ink';
import { useRef } from 'react';
import type { Header } from './frame-rows.ts';
import { keysSaid, type ScreenName } from './keys.ts';
import type { Line } from './lines.ts';
import type { Theme } from './theme.ts';

/** What is said on a screen that somebody listens to. */
export interface Said {
  /** Line by line as it comes; what has been said stays where it is and is not said again. */
  readonly once: readonly Line[];
  /** Said again when it changes: the choice that is lit, what is waited for. */
  readonly now: readonly Line[];
}

export interface SpokenFrameProps {
  readonly header: Header;
  readonly screen: ScreenName;
  readonly theme: Theme;
  readonly said: Said;
}

/**
 * The same screen for a screen reader: one line after the other in the ordinary terminal, without boxes, rules or anything
 * that moves. Only the last lines, with what is chosen and the keys, are written anew, and only when they differ.
 */
export function SpokenFrame({ header, screen, theme, said }: SpokenFrameProps) {
  const spoken = useRef<string[]>([]);
  const known = new Set(spoken.current);
  const title = [header.left, header.right.replace(' ,', ',')].filter((part) => part !== '').join(', ');
  const fresh = [title, ...textsOf(said.once)].filter((text) => !known.has(text));
  // Only ever longer: what Static has written it does not look at again.
  if (fresh.length > 0) spoken.current = [...spoken.current, ...fresh];
  return (
    <>
      <Static items={spoken.current}>{(text, place) => <Text key={place}>{text}</Text>}</Static>
      <Box flexDirection="column">
        {[...textsOf(said.now), keysSaid(screen, theme.signs)].map((text, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <Text key={place}>{text}</Text>
        ))}
      </Box>
    </>
  );
}

/** Blanks that only make columns say nothing. */
function textsOf(lines: readonly Line[]): readonly string[] {
  return lines
    .map((spans) =>
      spans
        .map(({ text }) => text)
        .join('')
        .replaceAll(/\s+/g, ' ')
        .replaceAll(' ,', ',')
        .trim(),
    )
    .filter((text) => text !== '');
}
