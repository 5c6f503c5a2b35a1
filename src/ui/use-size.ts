import { useApp, useIsScreenReaderEnabled, useWindowSize } from 'ink';
import { useEffect, useRef, useState } from 'react';
import type { Size } from './lines.ts';

/** Whoever drags the corner of a window has stopped. */
const SETTLED_MS = 150;

/** Nothing has to fit where it is listened to, and no sentence is broken. */
const SPOKEN: Size = { columns: 1000, rows: 1000 };

/**
 * The size of the terminal. While it changes, terminals move and cut what stands on them, and Ink, which only writes what has
 * changed since its last frame, may take a row for drawn that is gone. So once the size has settled one frame is a row
 * shorter: from that to a full screen Ink clears and draws everything.
 */
export function useScreenSize(): Size {
  const { columns, rows } = useWindowSize();
  const isSpoken = useIsScreenReaderEnabled();
  const { waitUntilRenderFlush } = useApp();
  const first = useRef(`${columns} ${rows}`);
  const [isShort, setShort] = useState(false);
  useEffect(() => {
    if (first.current === `${columns} ${rows}`) return;
    first.current = '';
    const settled = setTimeout(() => setShort(true), SETTLED_MS);
    return () => clearTimeout(settled);
  }, [columns, rows]);
  useEffect(() => {
    if (!isShort) return;
    let isGone = false;
    void waitUntilRenderFlush().then(() => {
      if (!isGone) setShort(false);
    });
    return () => {
      isGone = true;
    };
  }, [isShort, waitUntilRenderFlush]);
  return isSpoken ? SPOKEN : { columns, rows: isShort ? rows - 1 : rows };
}
