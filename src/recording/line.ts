/** What a run file is made of: newline-delimited JSON, a header, then what happened in order, at the end the report. */
import type { ProbePlace, ProbeSpec } from '../probes/probe.ts';
import { commandOf } from '../probes/probe.ts';
import type { Report } from '../report/report.ts';
import type { Effect, RunEvent } from '../session/event.ts';
import { climbOf, placeKey, type Session } from '../session/session.ts';
import type { Header } from './schema.ts';

/** Raised when a file of today could no longer be read by the tool of yesterday; more kinds of lines do not count. */
export const RUN_FILE_VERSION = 1;

/** Probes that were started together in one debug container, each with the command a person could paste. */
export interface ProbesLaunched {
  readonly type: 'probes-launched';
  readonly atMs: number;
  readonly at: ProbePlace;
  /** The capture beside them; its result comes under this id. */
  readonly captureId: string | null;
  readonly probes: readonly { readonly spec: ProbeSpec; readonly command: string }[];
}

export type RunLine = Header | RunEvent | ProbesLaunched | Report;

/** Events that only matter on the machine they happened on. */
const NOT_KEPT: readonly RunEvent['type'][] = [
  'rights-checked',
  'admission-checked',
  'quit',
  'shell-requested',
  'shell-ended',
  'recording-ended',
];

/** The lines for one step of a run: the event, and what was launched because of it. */
export function linesOf(session: Session, event: RunEvent, effects: readonly Effect[]): readonly RunLine[] {
  const climb = climbOf(session);
  const launched = effects.flatMap((effect): readonly ProbesLaunched[] => {
    if (effect.type !== 'probe') return [];
    const container = climb?.containers[placeKey(effect.at)];
    const name = container?.state === 'running' ? container.name : 'netdebug';
    return [
      {
        type: 'probes-launched',
        atMs: event.atMs,
        at: effect.at,
        captureId: effect.captureId,
        probes: effect.specs.map((spec) => ({ spec, command: commandOf(spec, name) })),
      },
    ];
  });
  return [...(NOT_KEPT.includes(event.type) ? [] : [event]), ...launched];
}
