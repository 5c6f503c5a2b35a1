import type { Diagnosis } from '../diagnose/diagnose.ts';
import { RUNG_NAMES, RUNGS } from '../ladder/rung.ts';
import { block, type Line, pad, span } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';

/**
 * ` E  Endpoints  ✔  3 of 3 ready, port http (80) is 8080 in the Pods`
 *
 * @param frame  turns what is not known yet into a spinner; null when nothing more will come
 */
export function ladderLines(
  rungs: Diagnosis['rungs'],
  { theme, columns, frame }: { readonly theme: Theme; readonly columns: number; readonly frame: number | null },
): readonly Line[] {
  const { signs } = theme;
  return RUNGS.flatMap((rung) => {
    const { state, summary } = rungs[rung];
    const isAwaited = state === 'unknown' && frame !== null;
    const sign = isAwaited ? (signs.spinner[frame % signs.spinner.length] ?? '') : signs[state];
    return block(
      [span(` ${rung}  `, 'strong'), span(pad(RUNG_NAMES[rung], 11)), span(sign, STATE_TONES[state]), span('  ')],
      summary,
      columns,
      state === 'not-applicable' ? 'quiet' : 'plain',
    );
  });
}
