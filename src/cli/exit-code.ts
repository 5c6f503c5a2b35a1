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
