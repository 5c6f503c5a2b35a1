import type { Verdict } from '../diagnose/diagnose.ts';
import type { Report } from '../report/report.ts';
import { headline } from '../report/words.ts';
import { Frame, type Header } from './Frame.tsx';
import { ladderLines } from './ladder.ts';
import { BLANK, block, type Line, line, type Size, span } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';

/** One check that has ended. */
export interface Watched {
  readonly verdict: Verdict;
  /** On the clock of the run, in milliseconds. */
  readonly atMs: number;
  /** What was to blame, as the report names it; null where nothing was. */
  readonly blamed?: string | null;
}

export interface WatchProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  /** In the order in which they ended. */
  readonly checks: readonly Watched[];
  /** Of the check that ended last; null before the first. */
  readonly report: Report | null;
  readonly nowMs: number;
  readonly onStop: () => void;
}

const RESULT = { healthy: 'ok', fault: 'faulty', inconclusive: 'unknown' } as const;

/** The same question again and again: how often it fails, since when, and what the last check saw. */
export function WatchScreen({ size, theme, header, checks, report, nowMs, onStop }: WatchProps) {
  useKeys({ watch: onStop, back: onStop });
  const columns = size.columns - 1;
  const { signs } = theme;
  const shown = checks.slice(-Math.max(1, columns - 4));
  const row: Line = [
    span('   '),
    ...shown.map(({ verdict }) => span(signs[RESULT[verdict]], STATE_TONES[RESULT[verdict]])),
  ];
  const lines: readonly Line[] = [
    BLANK,
    line(` ${rateText(checks, nowMs)}`, 'strong'),
    BLANK,
    row,
    BLANK,
    ...(report === null
      ? []
      : [
          ...block(
            [span(` ${signs[RESULT[report.verdict]]} `, STATE_TONES[RESULT[report.verdict]])],
            headline(report),
            columns,
          ),
          BLANK,
          ...ladderLines(report.rungs, { theme, columns, isLive: false }),
        ]),
  ];
  const [, , , , ...last] = lines;
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="watch"
      lines={lines}
      said={{ once: [], now: [line(rateText(checks, nowMs)), ...last] }}
    />
  );
}

/** `12 checks in 48 s: 3 failed (25 %), the last one 4 s ago`. */
export function rateText(checks: readonly Watched[], nowMs: number): string {
  const [first] = checks;
  if (first === undefined) return 'The first check is under way';
  const failed = checks.filter(({ verdict }) => verdict === 'fault');
  const since = seconds(nowMs - first.atMs);
  const head = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'} in ${since}`;
  const last = failed.at(-1);
  if (last === undefined) return `${head}: none failed`;
  const rate = Math.round((100 * failed.length) / checks.length);
  return `${head}: ${failed.length} failed (${rate} %)${commonText(failed)}, the last one ${seconds(nowMs - last.atMs)} ago`;
}

/** `, all for Node n3, about every 60 s`: what the failed checks have in common, from the third on. */
function commonText(failed: readonly Watched[]): string {
  if (failed.length < 3) return '';
  const blamed = new Set(failed.map((one) => one.blamed ?? null));
  const [first] = blamed;
  const gaps = failed.slice(1).map(({ atMs }, index) => atMs - (failed[index]?.atMs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  // Regular only when no gap is more than a fifth away from the others, and longer than the pause between two checks.
  const isRegular = mean > 10_000 && gaps.every((gap) => Math.abs(gap - mean) <= mean / 5);
  return `${blamed.size === 1 && first !== null && first !== undefined ? `, all for ${first}` : ''}${isRegular ? `, about every ${seconds(mean)}` : ''}`;
}

function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min`;
}
