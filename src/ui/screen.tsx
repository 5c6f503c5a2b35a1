/** The screen of a run: what is drawn follows the session. Loaded only when there is a terminal. */
import type { Session } from '../session/session.ts';
import { App, type AppProps } from './App.tsx';
import type { Root } from './root.tsx';
import { together } from './together.ts';
import { FRAME_MS } from './whole-screen.ts';

export interface ScreenOptions extends Omit<AppProps, 'subscribe' | 'theme' | 'onLender'> {
  /** Has the terminal already. */
  readonly root: Root;
  readonly watch: (watcher: (session: Session) => void) => void;
  /** The screen itself failed, which is a bug of ours. */
  readonly onCrash: (error: unknown) => void;
}

export interface Screen {
  /** Hands the terminal to `work` and takes it back when that has ended. */
  lend(work: () => Promise<void>): Promise<void>;
  /** Leaves the terminal as it was found. */
  close(): Promise<void>;
}

export function showScreen({ root, watch, onCrash, ...app }: ScreenOptions): Screen {
  const watchers = new Set<() => void>();
  const shown = together(
    () => {
      for (const watcher of watchers) watcher();
    },
    { everyMs: FRAME_MS },
  );
  let phase: Session['phase'] | null = null;
  watch((session) => {
    shown({ isUrgent: session.phase !== phase });
    phase = session.phase;
  });
  let lend: Screen['lend'] = (work) => work();
  root.show(
    <App
      {...app}
      theme={root.theme}
      subscribe={(watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      }}
      onLender={(lender) => {
        lend = lender;
      }}
    />,
  );
  root.ended.catch(onCrash);
  return { lend: (work) => lend(work), close: () => root.close() };
}
