/** One choice from a list on the whole screen; loaded only when there is a terminal. */
import { render, useWindowSize } from 'ink';
import { FRAME_ROWS, Frame } from './Frame.tsx';
import { BLANK, block, line, span } from './lines.ts';
import { type Look, type Theme, themeFor } from './theme.ts';
import { useChoices } from './use-choices.ts';
import { useKeys } from './use-keys.ts';
import { screenOptions } from './whole-screen.ts';

export interface MenuEntry {
  readonly name: string;
  readonly story: string;
}

/** The one that was chosen, or how the menu was left. The terminal is as before when this returns. */
export async function chooseStory<T extends MenuEntry>(
  entries: readonly T[],
  last: string | null,
  look: Look,
): Promise<T | Left> {
  let chosen: T | Left = 'quit';
  const instance = render(
    <Menu
      entries={entries}
      last={last}
      theme={themeFor(look)}
      onChoose={(name) => {
        chosen = entries.find((entry) => entry.name === name) ?? 'quit';
        instance.unmount();
      }}
      onLeave={(how) => {
        chosen = how;
        instance.unmount();
      }}
    />,
    screenOptions(look.spoken === true),
  );
  await instance.waitUntilExit();
  return chosen;
}

export type Left = 'quit' | 'interrupted';

export interface MenuProps {
  readonly entries: readonly MenuEntry[];
  /** Chosen before, and lit again. */
  readonly last: string | null;
  readonly theme: Theme;
  readonly onChoose: (name: string) => void;
  readonly onLeave: (how: Left) => void;
}

export function Menu({ entries, last, theme, onChoose, onLeave }: MenuProps) {
  const { columns, rows } = useWindowSize();
  const start = Math.max(
    0,
    entries.findIndex(({ name }) => name === last),
  );
  const leave = (): void => onLeave('quit');
  useKeys({ quit: leave, back: leave, interrupt: () => onLeave('interrupted') });
  const intro = [
    BLANK,
    ...block(
      [span(' ')],
      'Incidents that were recorded on a real cluster and are played as they went. Nothing here reaches a cluster of yours.',
      columns - 1,
    ),
    BLANK,
  ];
  const choices = useChoices({
    items: entries.map(({ name, story }) => ({ value: name, label: story })),
    theme,
    columns,
    initialIndex: start,
    limit: rows - FRAME_ROWS - intro.length - 2,
    onSelect: onChoose,
  });
  const below = [BLANK, line(`   same as: kubectl netdebug demo ${choices.lit?.value ?? ''}`, 'quiet')];
  return (
    <Frame
      size={{ columns, rows }}
      theme={theme}
      header={{ left: 'kubectl netdebug demo', right: `${entries.length} incidents` }}
      screen="menu"
      lines={[...intro, ...choices.lines, ...below]}
      said={{ once: intro, now: [line(choices.said), ...below] }}
    />
  );
}
