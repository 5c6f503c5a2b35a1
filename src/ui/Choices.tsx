import { Text } from 'ink';
import SelectInput from 'ink-select-input';
import { useRef, useState } from 'react';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';

export interface ChoicesProps<V extends string> {
  readonly items: readonly { readonly label: string; readonly value: V }[];
  readonly theme: Theme;
  /** Lit at first. */
  readonly initialIndex?: number;
  /** Rows there is room for. */
  readonly limit?: number;
  readonly onHighlight?: (value: V) => void;
  readonly onSelect: (value: V) => void;
}

/**
 * A list of which one is chosen. Keys are read here and not by SelectInput: of two that come in one piece, as they do over a
 * slow line, it takes the second for what was lit before the first. What is asked here may add a container to a Pod.
 */
export function Choices<V extends string>(props: ChoicesProps<V>) {
  const { items, theme, limit, onHighlight, onSelect } = props;
  // Between two keys of one piece nothing is drawn: the place is kept outside of what React draws.
  const place = useRef(props.initialIndex ?? 0);
  const [, setDrawn] = useState(place.current);
  const index = Math.min(place.current, items.length - 1);
  const move = (by: number) => () => {
    place.current = (Math.min(place.current, items.length - 1) + by + items.length) % items.length;
    setDrawn(place.current);
    const lit = items[place.current];
    if (lit !== undefined) onHighlight?.(lit.value);
  };
  useKeys({
    up: move(-1),
    down: move(1),
    go: () => {
      const chosen = items[Math.min(place.current, items.length - 1)];
      if (chosen !== undefined) onSelect(chosen.value);
    },
  });
  return (
    <SelectInput
      key={index}
      items={items.map(({ label, value }) => ({ key: value, label, value }))}
      initialIndex={index}
      isFocused={false}
      {...(limit === undefined ? {} : { limit })}
      indicatorComponent={({ isSelected }) => (
        <Text {...theme.styles.chosen}>{isSelected === true ? `${theme.signs.pointer} ` : '  '}</Text>
      )}
      itemComponent={({ isSelected, label }) => (
        <Text {...(isSelected === true ? theme.styles.chosen : {})} wrap="truncate">
          {label}
        </Text>
      )}
    />
  );
}
