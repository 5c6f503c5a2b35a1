/** Takes the terminal and shows at once what was asked; everything that knows an answer is loaded behind this first frame. */
import { type Instance, render, useAnimation, useWindowSize } from 'ink';
import type { ReactElement } from 'react';
import { cleanAll } from '../report/clean.ts';
import { ResolvingScreen } from './ResolvingScreen.tsx';
import { type Theme, themeFor } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { WHOLE_SCREEN } from './whole-screen.ts';

export interface RootOptions {
  /** As typed. */
  readonly wanted: { readonly source: string; readonly destination: string };
  /** Whether the background is dark. */
  readonly dark: boolean;
  readonly unicode: boolean;
  /** The person leaves before anything else was shown. */
  readonly onLeave: () => void;
}

export interface Root {
  readonly theme: Theme;
  /** Draws this from now on. */
  show(element: ReactElement): void;
  /** Rejects when what is drawn fails, which is a bug of ours. */
  readonly ended: Promise<unknown>;
  /** Leaves the terminal as it was found. */
  close(): Promise<void>;
}

/** Returns when the first frame is on the terminal. Colours follow the environment: with FORCE_COLOR=0, set before this file is imported, there are none. */
export async function openRoot({ wanted, dark, unicode, onLeave }: RootOptions): Promise<Root> {
  const theme = themeFor({ dark, unicode });
  const instance: Instance = render(<Early theme={theme} wanted={wanted} onLeave={onLeave} />, WHOLE_SCREEN);
  const ended = instance.waitUntilExit();
  // Who waits for it comes later; until then a failure is not unheard of.
  let crashed = false;
  ended.catch(() => {
    crashed = true;
  });
  await instance.waitUntilRenderFlush();
  return {
    theme,
    ended,
    show: (element) => instance.rerender(element),
    close: async () => {
      if (!crashed) instance.unmount();
      await ended.catch(() => undefined);
    },
  };
}

function Early({ theme, wanted, onLeave }: Pick<RootOptions, 'wanted' | 'onLeave'> & { readonly theme: Theme }) {
  const size = useWindowSize();
  const { frame } = useAnimation({ interval: 200 });
  useKeys({ quit: onLeave, interrupt: onLeave });
  return <ResolvingScreen size={size} theme={theme} frame={frame} {...cleanAll(wanted)} />;
}
