import type { Problem } from '../session/event.ts';
import { FRAME_ROWS, Frame, type Header } from './Frame.tsx';
import { BLANK, block, commandLines, type Line, line, type Size, span } from './lines.ts';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useScroll } from './use-scroll.ts';

export interface FailedProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly problem: Problem;
  readonly onQuit: () => void;
}

/** What could not be done, because of what, and what to try. */
export function FailedScreen({ size, theme, header, problem, onQuit }: FailedProps) {
  const scroll = useScroll(failedLines(problem, theme, size.columns - 1), {
    height: size.rows - FRAME_ROWS,
    signs: theme.signs,
  });
  useKeys({ ...scroll.actions, go: onQuit });
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="failed"
      position={scroll.position}
      lines={scroll.visible}
    />
  );
}

function failedLines({ kind, message, tryThis }: Problem, theme: Theme, columns: number): readonly Line[] {
  const bug: readonly Line[] =
    kind === 'bug' ? [line(' netdebug failed; this is a bug. Please report it with the lines below.', 'strong')] : [];
  return [
    BLANK,
    ...bug,
    ...block([span(` ${theme.signs.faulty} `, 'bad')], message, columns, kind === 'bug' ? 'plain' : 'strong'),
    ...(tryThis.length === 0 ? [] : [BLANK, line(' Try', 'strong')]),
    ...tryThis.flatMap((command) => commandLines(command, { indent: 3, columns }).lines),
  ];
}
