import { useAnimation, useApp } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { type ChooseEvent, type Choosing, listsOf } from '../choose/choose.ts';
import { cleanAll } from '../report/clean.ts';
import { keyTable } from './keys.ts';
import { BLANK, line } from './lines.ts';
import { PageScreen } from './PageScreen.tsx';
import { PickScreen } from './PickScreen.tsx';
import type { Root } from './root.tsx';
import type { Theme } from './theme.ts';
import { useTyping } from './use-keys.ts';
import { useScreenSize } from './use-size.ts';
import { CLOCK_MS } from './whole-screen.ts';

export interface ChooserProps {
  readonly theme: Theme;
  readonly choosing: () => Choosing;
  /** Calls back on every new state, and returns how to end that. */
  readonly subscribe: (watcher: () => void) => () => void;
  readonly send: (event: ChooseEvent) => void;
  readonly nowMs: () => number;
  /** How long one answer of the API server is waited for. */
  readonly limitMs: number;
  readonly commandFor: (choosing: Choosing) => string;
  /** Ctrl-C: over at once. */
  readonly interrupt: () => void;
  /** Told how to hand the terminal to somebody else for a while. */
  readonly onLender: (lend: (work: () => Promise<void>) => Promise<void>) => void;
  readonly suspend: () => void;
}

/** Draws the pickers from now on. */
export function showChooser(root: Root, props: Omit<ChooserProps, 'theme'>): void {
  root.show(<Chooser {...props} theme={root.theme} />);
}

/** Keys to events, and the state to the screen. */
export function Chooser(props: ChooserProps) {
  const { theme, subscribe, send, nowMs, onLender, suspend, interrupt } = props;
  const choosing = useSyncExternalStore(subscribe, props.choosing);
  const size = useScreenSize();
  const { suspendTerminal } = useApp();
  useEffect(() => onLender(suspendTerminal), [onLender, suspendTerminal]);
  const isReading = listsOf(choosing).some((name) => choosing.lists[name]?.state === 'reading');
  // How long it has been waited for.
  useAnimation({ interval: CLOCK_MS, isActive: isReading });
  const [isAsking, setAsking] = useState(false);
  const page = Math.max(1, size.rows - 10);
  const move = (by: number) => () => send({ type: 'move', by });
  useTyping(
    isAsking
      ? { interrupt, suspend }
      : {
          interrupt,
          suspend,
          up: move(-1),
          down: move(1),
          'page-up': move(-page),
          'page-down': move(page),
          go: () => send({ type: 'take', atMs: nowMs() }),
          back: () => send({ type: 'back', atMs: nowMs() }),
          widen: () => send({ type: 'widen', atMs: nowMs() }),
          erase: () => send({ type: 'erase', all: false }),
          'erase-all': () => send({ type: 'erase', all: true }),
        },
    (text) => {
      if (isAsking) return;
      // No name has it, and a URL is never only that.
      if (text === '?' && choosing.query === '') setAsking(true);
      else send({ type: 'typed', text: text.replaceAll(/\p{Cc}+/gu, ' ') });
    },
  );
  if (isAsking) {
    const lines = [
      line(' Keys of this screen', 'strong'),
      BLANK,
      ...keyTable(choosing.step, theme.signs).map((row) => line(`   ${row}`)),
      BLANK,
      line('   Everything else is text to search for.', 'quiet'),
    ];
    const header = { left: 'kubectl netdebug', right: cleanAll(choosing.context) };
    return <PageScreen size={size} theme={theme} header={header} lines={lines} onBack={() => setAsking(false)} />;
  }
  return (
    <PickScreen
      size={size}
      theme={theme}
      choosing={choosing}
      command={cleanAll(props.commandFor(choosing))}
      nowMs={nowMs()}
      limitMs={props.limitMs}
    />
  );
}
