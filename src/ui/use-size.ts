import { useApp, useIsScreenReaderEnabled, useStdout, useWindowSize } from 'ink';
import { useEffect, useRef } from 'react';
import type { Size } from './lines.ts';

/** Whoever drags the corner of a window has stopped. */
const SETTLED_MS = 150;

/** Nothing has to fit where it is listened to, and no sentence is broken. */
const SPOKEN: Size = { columns: 1000, rows: 1000 };

/** Erase all, cursor to the first place: ED and CUP of ECMA-48. */
const CLEAR = '\u001b[2J\u001b[H';

/**
 * The size of the terminal. While it changes, terminals move and cut what stands on them, and Ink, which only writes what has
 * changed since its last frame, may take a row for drawn that is gone. So once the size has settled everything is erased: whatever
 * is written past Ink makes it forget what it has drawn and draw the whole frame again.
 */
export function useScreenSize(): Size {
  const { columns, rows } = useWindowSize();
  const isSpoken = useIsScreenReaderEnabled();
  const { waitUntilRenderFlush } = useApp();
  const { write } = useStdout();
  const first = useRef(`${columns} ${rows}`);
  useEffect(() => {
    if (isSpoken || first.current === `${columns} ${rows}`) return;
    first.current = '';
    let isGone = false;
    const settled = setTimeout(() => {
      void waitUntilRenderFlush().then(() => {
        if (!isGone) write(CLEAR);
      });
    }, SETTLED_MS);
    return () => {
      isGone = true;
      clearTimeout(settled);
    };
  }, [columns, rows, isSpoken, waitUntilRenderFlush, write]);
  return isSpoken ? SPOKEN : { columns, rows };
}
