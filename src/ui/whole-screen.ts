import type { RenderOptions } from 'ink';

/** How Ink takes the terminal, whatever is drawn on it. */
export const WHOLE_SCREEN: RenderOptions = {
  alternateScreen: true,
  incrementalRendering: true,
  // The letter one types must be there before the next: a frame every 33 ms at most.
  maxFps: 30,
  exitOnCtrlC: false,
  // CI=1 in the environment would turn the screen off, on a terminal too.
  interactive: true,
};
