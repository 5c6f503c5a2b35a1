import type { RenderOptions } from 'ink';

/** How Ink takes the terminal, whatever is drawn on it. */
export const WHOLE_SCREEN: RenderOptions = {
  alternateScreen: true,
  incrementalRendering: true,
  maxFps: 10,
  exitOnCtrlC: false,
  // CI=1 in the environment would turn the screen off, on a terminal too.
  interactive: true,
};
