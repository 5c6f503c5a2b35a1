/** What happened to an object before the run: beside a finding, as a coincidence in time and no more. */
import { factOf } from '../evidence/evidence.ts';
import type { ObjectRef } from '../ladder/flow.ts';
import type { Climb } from '../session/session.ts';

export interface PastChange {
  /** RFC 3339, by the API server's clock. */
  readonly at: string;
  /** Seconds from then to the start of the run. */
  readonly secondsBefore: number;
  /** `kubectl-patch wrote selector`, `rolled out a new template`. */
  readonly what: string;
}

const MOST_CHANGES = 5;

/** Newest first; empty when nothing is known. */
export function historyOf(subject: ObjectRef, { evidence, cluster }: Climb): readonly PastChange[] {
  const is = (other: {
    kind?: string | undefined;
    namespace?: string | undefined;
    name?: string | undefined;
  }): boolean =>
    other.kind === subject.kind && other.name === subject.name && (other.namespace ?? '') === (subject.namespace ?? '');
  const writes = (factOf(evidence, 'changes') ?? [])
    .filter(({ object }) => is(object))
    .map(({ at, operation, manager, fields }) => ({
      at,
      what:
        operation === 'Rollout'
          ? 'rolled out a new template'
          : `${manager ?? 'somebody'} ${operation === 'Apply' ? 'applied' : 'wrote'} ${fields.join(', ')}`,
    }));
  const events = [...(factOf(evidence, 'events') ?? []), ...(factOf(evidence, 'scalings') ?? [])].flatMap((event) => {
    const at = event.lastTimestamp ?? event.eventTime;
    return at == null || !is(event.involvedObject)
      ? []
      : [{ at, what: `${event.reason ?? 'event'}: ${(event.message ?? '').split('\n')[0]}` }];
  });
  const conditions = (factOf(evidence, 'nodes') ?? [])
    .filter(({ metadata }) => is({ kind: 'Node', name: metadata.name }))
    .flatMap(({ status }) => status.conditions ?? [])
    .flatMap(({ type, status, reason, lastTransitionTime }) =>
      lastTransitionTime == null || type !== 'Ready'
        ? []
        : [{ at: lastTransitionTime, what: `Ready became ${status}${reason === undefined ? '' : ` (${reason})`}` }],
    );
  return [...writes, ...events, ...conditions]
    .filter(({ at }) => !Number.isNaN(Date.parse(at)))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, MOST_CHANGES)
    .map(({ at, what }) => ({
      at,
      secondsBefore: Math.max(0, Math.round((cluster.serverTimeMs - Date.parse(at)) / 1000)),
      what,
    }));
}

/** `4 s ago`, `12 min ago`, `3 h ago`, `9 d ago`. */
export function agoText(seconds: number): string {
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}

/** For a heading above such a list. */
export const NO_PROOF = 'what changed before, which proves nothing by itself';
