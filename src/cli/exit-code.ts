import type { Verdict } from '../diagnose/diagnose.ts';

/** What scripts may rely on; see the contract. */
export const EXIT = {
  healthy: 0,
  fault: 1,
  usage: 2,
  inconclusive: 3,
  'could-not-run': 4,
  interrupted: 130,
} as const satisfies Record<Verdict | 'usage' | 'could-not-run' | 'interrupted', number>;

/** What each code means; the first words, up to a colon or comma, are the short form. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  healthy: 'healthy',
  fault: 'a fault was found',
  usage: 'wrong usage, or a source that does not exist (with the nearest names that do)',
  inconclusive: 'inconclusive: nothing wrong seen, but something that matters could not be looked at',
  'could-not-run': 'could not run: no cluster reachable, no credentials, nothing at all may be read',
  interrupted: 'interrupted',
};
