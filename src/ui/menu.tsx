/** One choice from a list on the whole screen; loaded only when there is a terminal. */
import { Box, render, useWindowSize } from 'ink';
import { useState } from 'react';
import { Choices } from './Choices.tsx';
import { FRAME_ROWS, Frame, Lines } from './Frame.tsx';
import { BLANK, block, line, span } from './lines.ts';
import { type Theme, themeFor } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { WHOLE_SCREEN } from './whole-screen.ts';

export interface MenuEntry {
  readonly name: string;
  readonly story: string;
}

/** Null when nothing was chosen. The terminal is as before when this returns. */
export async function chooseStory<T extends MenuEntry>(
  entries: readonly T[],
  last: string | null,
  look: { readonly dark: boolean; readonly unicode: boolean },
): Promise<T | null> {
  let chosen: T | null = null;
  const instance = render(
    <Menu
      entries={entries}
      last={last}
      theme={themeFor(look)}
      onChoose={(name) => {
        chosen = entries.find((entry) => entry.name === name) ?? null;
        instance.unmount();
      }}
    />,
    WHOLE_SCREEN,
  );
  await instance.waitUntilExit();
  return chosen;
}

export interface MenuProps {
  readonly entries: readonly MenuEntry[];
  /** Chosen before, and lit again. */
  readonly last: string | null;
  readonly theme: Theme;
  /** Null: none. */
  readonly onChoose: (name: string | null) => void;
}

export function Menu({ entries, last, theme, onChoose }: MenuProps) {
  const { columns, rows } = useWindowSize();
  const start = Math.max(
    0,
    entries.findIndex(({ name }) => name === last),
  );
  const [lit, setLit] = useState(entries[start]?.name ?? '');
  const leave = (): void => onChoose(null);
  useKeys({ quit: leave, back: leave, interrupt: leave });
  const intro = [
    BLANK,
    ...block(
      [span(' ')],
      'Incidents that were recorded on a real cluster and are played as they went. Nothing here reaches a cluster of yours.',
      columns - 1,
    ),
    BLANK,
  ];
  const below = [BLANK, line(`   same as: kubectl netdebug demo ${lit}`, 'quiet')];
  const room = Math.max(1, rows - FRAME_ROWS - intro.length - below.length);
  return (
    <Frame
      size={{ columns, rows }}
      theme={theme}
      header={{ left: 'kubectl netdebug demo', right: `${entries.length} incidents` }}
      screen="menu"
    >
      <Lines theme={theme} lines={intro} />
      <Box flexDirection="column" flexShrink={0} marginLeft={1}>
        <Choices
          items={entries.map(({ name, story }) => ({ value: name, label: story }))}
          theme={theme}
          initialIndex={start}
          limit={Math.min(room, entries.length)}
          onSelect={onChoose}
          onHighlight={setLit}
        />
      </Box>
      <Lines theme={theme} lines={below} />
    </Frame>
  );
}
