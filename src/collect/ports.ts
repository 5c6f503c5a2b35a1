import type { Gap } from '../evidence/collected.ts';

/** The outside world, as far as collecting evidence needs it. Adapters implement it; tests use plain objects. */

/** What the API server answered to one GET. A 404 is an answer; everything else that is no object is a gap. */
export type ApiAnswer =
  | { readonly kind: 'object'; readonly body: unknown }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'no-answer'; readonly message: string };

/** One policy as it would be made (a whole object) or changed (a JSON patch, RFC 6902). */
export interface Rehearsal {
  readonly verb: 'create' | 'patch';
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  /** Without the query. */
  readonly path: string;
  readonly body: unknown;
}

export interface KubeApi {
  /** Reads one path of the API server: GET. */
  get(path: string, signal: AbortSignal): Promise<ApiAnswer>;
  /**
   * Has the API server check and admit a change of which it keeps nothing.
   *
   * @returns null when the user may not make such a change, so that nothing was tried
   * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
   */
  rehearse?(change: Rehearsal, signal: AbortSignal): Promise<ApiAnswer | null>;
}

/** A debug container on its way from the plan to running. */
export type ContainerState =
  | { readonly state: 'looking' }
  | { readonly state: 'waiting'; readonly name: string; readonly created: boolean; readonly detail: string }
  | {
      readonly state: 'running';
      readonly name: string;
      readonly created: boolean;
      readonly image: string;
      readonly profile: string;
      /** From asking for it until it ran. */
      readonly tookMs: number;
    }
  | { readonly state: 'failed'; readonly name: string | null; readonly created: boolean; readonly gap: Gap }
  /** Only a Pod on a node is taken away again: it is being asked for, or it has happened (or could not be done). */
  | { readonly state: 'removing'; readonly name: string; readonly created: true }
  | { readonly state: 'removed'; readonly name: string; readonly created: true; readonly isGone: boolean };
