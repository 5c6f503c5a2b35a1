import type { Verdict } from '../diagnose/diagnose.ts';
import type { Access } from '../ladder/access.ts';
import type { Climb } from '../session/session.ts';

/** What would be done to the source Pod, shown before anybody agrees to it. */
export interface Plan {
  readonly container:
    | { readonly kind: 'reuse'; readonly name: string; readonly profile: string }
    | { readonly kind: 'add'; readonly name: string; readonly profile: string; readonly spec: Record<string, unknown> }
    | { readonly kind: 'impossible'; readonly because: string };
  readonly image: string;
  readonly pullPolicy: string;
  /** The namespace's Pod Security level; null when it enforces none, undefined while or because it is not known. */
  readonly enforced: string | null | undefined;
  /** What a dry run said; null while or because none was made. */
  readonly admission: NonNullable<Climb['admission']> | null;
  /** Nobody's rights are asked about then: whose they were is not kept. */
  readonly isRecorded: boolean;
}

/** What may be asked for next; null when it would tell nothing more. */
export function nextAccess(access: Access | null, verdict: Verdict): Extract<Access, 'source' | 'backend'> | null {
  if (access === 'api') return 'source';
  return access === 'source' && verdict !== 'healthy' ? 'backend' : null;
}
