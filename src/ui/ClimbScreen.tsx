import { useMemo } from 'react';
import type { Diagnosis } from '../diagnose/diagnose.ts';
import { RUNGS } from '../ladder/rung.ts';
import type { LogLine } from '../report/log.ts';
import type { Path } from '../report/path.ts';
import { FRAME_ROWS, Frame, type Header } from './Frame.tsx';
import { ladderLines } from './ladder.ts';
import { BLANK, type Line, line, pad, type Size, shorten, span, widthOf } from './lines.ts';
import { pathLines } from './path-lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useScroll } from './use-scroll.ts';

export interface ClimbProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly rungs: Diagnosis['rungs'];
  /** Null while there is nothing to draw. */
  readonly path: Path | null;
  readonly log: readonly LogLine[];
  readonly waiting: readonly string[];
  readonly onLog: () => void;
}

/** The five rungs with what each has seen so far, what is awaited, and every probe that has ended. */
export function ClimbScreen({ size, theme, header, rungs, path, log, waiting, onLog }: ClimbProps) {
  const ladder = ladderLines(rungs, { theme, columns: size.columns - 1, isLive: true });
  const rule = line(theme.signs.line.repeat(size.columns), 'quiet');
  // The path and the log share what the ladder leaves; the log is one key away in full.
  const shared = size.rows - FRAME_ROWS - ladder.length - 4;
  const drawn =
    path === null
      ? []
      : pathLines(path, { theme, columns: size.columns - 1, rows: Math.max(3, Math.ceil(shared / 2)), isLive: true });
  const top: readonly Line[] = [...ladder, rule, ...drawn, ...(drawn.length > 0 ? [BLANK] : [])];
  const bottom: readonly Line[] = [BLANK, line(waitingText(waiting, theme, size.columns - 1), 'quiet')];
  const logRows = useMemo(() => log.map((entry) => logRow(entry, theme, size.columns)), [log, theme, size.columns]);
  const scroll = useScroll(logRows, {
    height: size.rows - FRAME_ROWS - top.length - bottom.length,
    signs: theme.signs,
    follow: true,
  });
  useKeys({ ...scroll.actions, log: onLog });
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="climb"
      position={scroll.position}
      lines={[...top, ...scroll.visible, ...bottom]}
      said={{ once: [...known(rungs, theme, size.columns), ...logRows], now: bottom }}
    />
  );
}

/** Only what has been seen: what is still looked at would be said again and again. */
function known(rungs: Diagnosis['rungs'], theme: Theme, columns: number): readonly Line[] {
  const settled = RUNGS.filter((rung) => rungs[rung].state !== 'unknown');
  return ladderLines(rungs, { theme, columns, isLive: false, only: settled });
}

/** How long it is waited for stays, whatever the names are. */
function waitingText(waiting: readonly string[], { signs }: Theme, columns: number): string {
  const [first, ...more] = waiting;
  if (first === undefined) return ' judging';
  const [, what = first, until = ''] = /^(.*?)( until [\d.]+ s)?$/.exec(first) ?? [];
  const lead = ' waiting for: ';
  const rest = `${until}${more.length === 0 ? '' : `, and ${more.length} more`}`;
  return lead + shorten(what, columns - widthOf(lead) - widthOf(rest), signs) + rest;
}

/** `  0.24 s  ✔ HTTP api-7fmjh 10.244.3.2:8080        connected in 0.9 ms, HTTP 200` */
export function logRow({ atMs, what, saw, result }: LogLine, theme: Theme, columns: number): Line {
  const room = Math.min(60, Math.max(20, columns - 46));
  return [
    span(`${timeText(atMs).padStart(8)}  `, 'quiet'),
    span(`${theme.signs[result]} `, STATE_TONES[result]),
    span(pad(shorten(what, room, theme.signs), room + 2)),
    span(saw, result === 'ok' ? 'plain' : STATE_TONES[result]),
  ];
}

export function timeText(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
