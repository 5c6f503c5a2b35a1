/** Has Ink take the terminal and show what was asked; everything that knows an answer is loaded behind this. */
import { type Instance, render, useWindowSize } from 'ink';
import type { ReactElement } from 'react';
import { cleanAll } from '../report/clean.ts';
import { ResolvingScreen } from './ResolvingScreen.tsx';
import type { Theme } from './theme.ts';
import { screenOptions } from './whole-screen.ts';

export interface RootOptions {
  /** As typed. */
  readonly wanted: { readonly source: string; readonly destination: string };
  readonly theme: Theme;
  /** Right before something else is drawn, which reads keys. Until then nobody here does. */
  readonly onShow: () => void;
  /** For a screen reader. */
  readonly isSpoken: boolean;
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
export async function openRoot({ wanted, theme, onShow, isSpoken }: RootOptions): Promise<Root> {
  const instance: Instance = render(
    // What it would say, what comes next says as well.
    isSpoken ? null : <Early theme={theme} wanted={wanted} />,
    screenOptions(isSpoken),
  );
  const ended = instance.waitUntilExit();
  // Who waits for it comes later; until then a failure is not unheard of.
  let crashed = false;
  let isClosed = false;
  ended.catch(() => {
    crashed = true;
  });
  await instance.waitUntilRenderFlush();
  return {
    theme,
    ended,
    show: (element) => {
      onShow();
      instance.rerender(element);
    },
    close: async () => {
      if (!crashed) instance.unmount();
      await ended.catch(() => undefined);
      // What was said last stays; what is printed next begins below it.
      if (isSpoken && !isClosed) process.stdout.write('\n');
      isClosed = true;
    },
  };
}

function Early({ theme, wanted }: Pick<RootOptions, 'wanted' | 'theme'>) {
  const size = useWindowSize();
  return <ResolvingScreen size={size} theme={theme} {...cleanAll(wanted)} />;
}
