import { cleanAll } from '../report/clean.ts';
import { type LogLine, logLineOf } from '../report/log.ts';
import type { Climb } from '../session/session.ts';
import { timeText } from './ClimbScreen.tsx';
import { block, commandLines, type Line, line, span } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';

/** What was made of probes that have ended, kept from one frame to the next: they never change, and a long run has many. */
export class ProbeLog {
  readonly #entries = new WeakMap<object, LogLine>();
  readonly #lines = new WeakMap<LogLine, { readonly columns: number; readonly lines: readonly Line[] }>();

  /** Probes that have ended, in the order in which they did. */
  entries(climb: Climb): readonly LogLine[] {
    return Object.entries(climb.results).flatMap(([id, result]) => {
      const entry = this.#entries.get(result) ?? cleanAll(logLineOf(climb, id));
      if (entry === null) return [];
      this.#entries.set(result, entry);
      return [entry];
    });
  }

  /** Every probe with its result in full and the command that shows the same. */
  lines(climb: Climb, theme: Theme, columns: number): readonly Line[] {
    const all = this.entries(climb).flatMap((entry) => {
      const known = this.#lines.get(entry);
      const lines = known?.columns === columns ? known.lines : entryLines(entry, theme, columns);
      this.#lines.set(entry, { columns, lines });
      return lines;
    });
    return all.length === 0 ? [line(' No probe has ended yet.')] : all;
  }
}

function entryLines({ atMs, vantage, what, saw, result, command }: LogLine, theme: Theme, columns: number) {
  return [
    ...block(
      [span(`${timeText(atMs).padStart(8)}  `, 'quiet'), span(`${theme.signs[result]} `, STATE_TONES[result])],
      `${what}: ${saw} (${vantage})`,
      columns,
    ),
    ...(command === null ? [] : commandLines(command, { indent: 12, columns }).lines.map(quiet)),
  ];
}

export function quiet(spans: Line): Line {
  return spans.map(({ text }) => span(text, 'quiet'));
}
