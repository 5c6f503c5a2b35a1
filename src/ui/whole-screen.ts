import type { RenderOptions } from 'ink';

/** How Ink takes the terminal, whatever is drawn on it; where it is listened to, line after line without leaving what was there. */
export function screenOptions(isSpoken: boolean): RenderOptions {
  return {
    alternateScreen: !isSpoken,
    incrementalRendering: !isSpoken,
    isScreenReaderEnabled: isSpoken,
    // The letter one types must be there before the next: a frame every 33 ms at most.
    maxFps: 30,
    exitOnCtrlC: false,
    // CI=1 in the environment would turn the screen off, on a terminal too.
    interactive: true,
  };
}

/** What comes in faster than this is shown together: drawing costs more than judging. */
export const FRAME_MS = 250;

export const CLOCK_MS = 1000;
