/** The screen of a run: takes the terminal, and gives it back as it was. Loaded only when there is a terminal. */
import { render } from 'ink';
import type { Session } from '../session/session.ts';
import { App, type AppProps } from './App.tsx';
import { themeFor } from './theme.ts';

export interface ScreenOptions extends Omit<AppProps, 'subscribe' | 'theme' | 'onLender'> {
  readonly watch: (watcher: (session: Session) => void) => void;
  /** Whether the background is dark. */
  readonly dark: boolean;
  readonly unicode: boolean;
  /** The screen itself failed, which is a bug of ours. */
  readonly onCrash: (error: unknown) => void;
}

export interface Screen {
  /** Hands the terminal to `work` and takes it back when that has ended. */
  lend(work: () => Promise<void>): Promise<void>;
  /** Leaves the terminal as it was found. */
  close(): Promise<void>;
}

/** Colours follow the environment: with FORCE_COLOR=0, set before this file is imported, there are none. */
export function showScreen({ watch, dark, unicode, onCrash, ...app }: ScreenOptions): Screen {
  const watchers = new Set<() => void>();
  watch(() => {
    for (const watcher of watchers) watcher();
  });
  let lend: Screen['lend'] = (work) => work();
  let crash: unknown;
  const instance = render(
    <App
      {...app}
      theme={themeFor({ dark, unicode })}
      subscribe={(watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      }}
      onLender={(lender) => {
        lend = lender;
      }}
    />,
    {
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: 10,
      exitOnCtrlC: false,
      // CI=1 in the environment would turn the screen off, on a terminal too.
      interactive: true,
    },
  );
  const ended = instance.waitUntilExit().catch((error: unknown) => {
    crash = error;
    onCrash(error);
  });
  return {
    lend: (work) => lend(work),
    close: async () => {
      if (crash === undefined) instance.unmount();
      await ended;
    },
  };
}
