/** What connections that were left idle tell about the way. */
import type { IdleReading } from '../evidence/readings.ts';

export interface Forgotten {
  /** Seconds after which a connection still worked, and after which it did not. */
  readonly worksS: number;
  readonly cutS: number;
  /** Idle connections that got nothing, or an RST. */
  readonly times: number;
}

/**
 * Between which times an idle connection is cut.
 *
 * @returns null where none is, where a new connection fails as well, where a longer one still works, and where the far end itself
 *   closed it: that is announced, and a client can know
 */
export function forgottenIn({ holds }: IdleReading): Forgotten | null {
  const cut = holds.findIndex(({ outcome }) => outcome === 'silent' || outcome === 'reset');
  const [before, first] = [holds[cut - 1], holds[cut]];
  if (before === undefined || first === undefined || holds[0]?.outcome !== 'answered') return null;
  const rest = holds.slice(cut);
  const isLasting = rest.every(({ outcome, again }) => outcome !== 'answered' && outcome !== 'unconnected' && again);
  if (!isLasting || before.outcome !== 'answered') return null;
  return { worksS: before.idleS, cutS: first.idleS, times: rest.filter(({ outcome }) => outcome !== 'closed').length };
}

/** `idle 0, 5 and 15 s: answered; 30 s: silent` */
export function sawIdle({ holds }: IdleReading): string {
  const groups: { outcome: string; times: number[] }[] = [];
  for (const { idleS, outcome } of holds) {
    const last = groups.at(-1);
    if (last?.outcome === outcome) last.times.push(idleS);
    else groups.push({ outcome, times: [idleS] });
  }
  return `idle ${groups.map(({ outcome, times }) => `${times.join(', ')} s: ${WORDS[outcome] ?? outcome}`).join('; ')}`;
}

const WORDS: Readonly<Record<string, string>> = {
  closed: 'closed by the far end before',
  silent: 'no answer, and a new connection is answered at once',
  reset: 'reset, and a new connection is answered at once',
  unconnected: 'could not connect',
};
