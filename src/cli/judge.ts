import { type Diagnosis, diagnose } from '../diagnose/diagnose.ts';
import { RULES } from '../rules/index.ts';
import type { Climb } from '../session/session.ts';

/** What the rules say of a climb. */
export function judgeClimb(climb: Climb, settled: boolean): Diagnosis {
  return diagnose(climb.evidence, RULES, {
    flow: climb.flow,
    access: climb.access ?? 'api',
    now: climb.cluster.serverTimeMs,
    settled,
  });
}
