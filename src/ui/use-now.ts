import { useRef, useState } from 'react';

/**
 * A value of a screen that a second key of one piece finds as the first has left it: over a slow line several keys come together,
 * and nothing is drawn between them.
 *
 * @returns the value now, and what changes it and has the screen drawn again
 */
export function useNow<T>(initial: T): readonly [now: () => T, change: (to: T) => void] {
  const value = useRef(initial);
  const [, setDrawn] = useState(0);
  return [
    () => value.current,
    (to) => {
      value.current = to;
      setDrawn((times) => times + 1);
    },
  ];
}
