import type { Diagnosis } from '../diagnose/diagnose.ts';
import { RUNG_NAMES, RUNGS, type Rung } from '../ladder/rung.ts';
import { block, type Line, pad, span, spinner } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';

export interface LadderLayout {
  readonly theme: Theme;
  readonly columns: number;
  /** More may come: what is not known yet turns. */
  readonly isLive: boolean;
  /** Default: all. */
  readonly only?: readonly Rung[];
}

/**
 * ` E  Endpoints  ✔  3 of 3 ready, port http (80) is 8080 in the Pods`
 */
export function ladderLines(
  rungs: Diagnosis['rungs'],
  { theme, columns, isLive, only = RUNGS }: LadderLayout,
): readonly Line[] {
  const { signs } = theme;
  return only.flatMap((rung) => {
    const { state, summary } = rungs[rung];
    const sign = state === 'unknown' && isLive ? spinner(signs) : span(signs[state], STATE_TONES[state]);
    return block(
      [span(` ${rung}  `, 'strong'), span(pad(RUNG_NAMES[rung], 11)), sign, span('  ')],
      summary,
      columns,
      state === 'not-applicable' ? 'quiet' : 'plain',
    );
  });
}
