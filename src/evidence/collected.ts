/** Where a piece of evidence was seen from. */
export type Vantage = 'api' | 'source' | 'backend' | 'node';

/** Why something could not be looked at. Never confused with an empty answer. */
export type GapReason = 'forbidden' | 'timed-out' | 'tool-missing' | 'unreadable' | 'not-permitted';

export interface Gap {
  readonly reason: GapReason;
  /** One sentence with the words of whoever refused. */
  readonly detail: string;
  /** A command or flag that would close the gap, when there is one. */
  readonly unlock?: string;
}

/** Of what only a later version asks for than the one that recorded a run. */
export const NOT_RECORDED: Gap = { reason: 'unreadable', detail: 'this was not asked when the run was recorded' };

/** Evidence is either there, with the command a person could paste to see the same, or missing for a reason. */
export type Collected<T> =
  | {
      readonly status: 'collected';
      readonly value: T;
      readonly command: string;
      readonly atMs: number;
      readonly tookMs: number;
      /** Part of it could not be collected; what is there is no proof that all is well. */
      readonly lost?: Gap;
    }
  | { readonly status: 'missing'; readonly gap: Gap; readonly command: string; readonly atMs: number };

/** A 404 is a fact about the cluster: the object does not exist. */
export type Lookup<T> = { readonly found: true; readonly object: T } | { readonly found: false };

export function found<T>(lookup: Lookup<T> | null | undefined): T | null {
  return lookup?.found === true ? lookup.object : null;
}
