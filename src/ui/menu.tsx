/** One choice from a list on the whole screen; loaded only when there is a terminal. */
import { render, Text, useIsScreenReaderEnabled, useWindowSize } from 'ink';
import SelectInput from 'ink-select-input';
import { FRAME_ROWS, Frame } from './Frame.tsx';
import { BLANK, block, line, shorten, span } from './lines.ts';
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

export function Menu(props: MenuProps) {
  return useIsScreenReaderEnabled() ? <SpokenMenu {...props} /> : <DrawnMenu {...props} />;
}

/** What both have in common: how it is left, what it says above, and which is lit at first. */
function useMenu({ entries, last, onLeave }: MenuProps) {
  const { columns, rows } = useWindowSize();
  const leave = (): void => onLeave('quit');
  useKeys({ quit: leave, back: leave, interrupt: () => onLeave('interrupted') });
  const about =
    'Incidents that were recorded on a real cluster and are played as they went. Nothing here reaches a cluster of yours.';
  const intro = [BLANK, ...block([span(' ')], about, columns - 1), BLANK];
  const start = Math.max(
    0,
    entries.findIndex(({ name }) => name === last),
  );
  return { size: { columns, rows }, intro, start, limit: Math.max(1, rows - FRAME_ROWS - intro.length - 2) };
}

const headerOf = ({ entries }: MenuProps) => ({ left: 'kubectl netdebug demo', right: `${entries.length} incidents` });
const commandOf = (name: string) => line(`   same as: kubectl netdebug demo ${name}`, 'quiet');

/**
 * Keys are read by `useChoices` and not by SelectInput: of two that come in one piece, as they do over a slow line, it loses one.
 */
function DrawnMenu(props: MenuProps) {
  const { entries, theme, onChoose } = props;
  const { size, intro, start, limit } = useMenu(props);
  const items = entries.map(({ name, story }) => ({ key: name, value: name, label: story }));
  const { lit } = useChoices({ items, theme, columns: size.columns, initialIndex: start, onSelect: onChoose });
  const shown = Math.min(limit, entries.length);
  const { signs, styles } = theme;
  return (
    <Frame
      size={size}
      theme={theme}
      header={headerOf(props)}
      screen="menu"
      lines={[...intro, ...Array<typeof BLANK>(shown).fill(BLANK), BLANK, commandOf(lit?.value ?? '')]}
      inset={{
        at: intro.length,
        rows: shown,
        node: (
          <SelectInput
            key={`${lit?.value} ${shown}`}
            items={items.map((item) => ({ ...item, label: shorten(item.label, size.columns - 4, signs) }))}
            initialIndex={Math.max(
              0,
              items.findIndex(({ value }) => value === lit?.value),
            )}
            limit={shown}
            isFocused={false}
            indicatorComponent={({ isSelected }) => (
              <Text {...styleOf(styles, isSelected)}>{isSelected === true ? ` ${signs.pointer} ` : '   '}</Text>
            )}
            itemComponent={({ isSelected, label }) => (
              <Text {...styleOf(styles, isSelected)} wrap="truncate">
                {label}
              </Text>
            )}
          />
        ),
      }}
    />
  );
}

const styleOf = (styles: Theme['styles'], isSelected = false) => styles[isSelected ? 'chosen' : 'plain'];

/** For a screen reader: what is lit is said again whenever it changes. */
function SpokenMenu(props: MenuProps) {
  const { entries, theme, onChoose } = props;
  const { size, intro, start, limit } = useMenu(props);
  const choices = useChoices({
    items: entries.map(({ name, story }) => ({ value: name, label: story })),
    theme,
    columns: size.columns,
    initialIndex: start,
    limit,
    onSelect: onChoose,
  });
  const below = [BLANK, commandOf(choices.lit?.value ?? '')];
  return (
    <Frame
      size={size}
      theme={theme}
      header={headerOf(props)}
      screen="menu"
      lines={[...intro, ...choices.lines, ...below]}
      said={{ once: intro, now: [line(choices.said), ...below] }}
    />
  );
}
