/** Whether a term of a policy covers a flow: yes, no (and what would have to be different), or nobody can say (and why). */
import type { PolicyPort } from '../evidence/snapshots.ts';
import type { LabelMiss } from './selector.ts';

/** One term that kept a rule from matching. */
export type Miss =
  | ({ readonly term: 'pod-label' } & LabelMiss)
  | ({ readonly term: 'namespace-label' } & LabelMiss)
  | { readonly term: 'own-namespace'; readonly needs: string; readonly has: string }
  | { readonly term: 'ip-block'; readonly needs: string; readonly has: string }
  | { readonly term: 'port'; readonly needs: string; readonly has: string; readonly ports: readonly PolicyPort[] }
  | { readonly term: 'other'; readonly needs: string; readonly has: string };

/**
 * Why a term leaves the flow undecided.
 *
 * - `ip-block`: a block of addresses that covers a Pod; the specification leaves open whether it applies to Pods
 * - `host-network`: a Pod on its node's network; whether selectors match it is up to the network plugin
 * - `unread`: something that could not be read, such as the labels of a namespace
 * - `not-readable`: a term this engine does not judge: names, HTTP, nodes, groups
 * - `conflict`: two policies of the same rank that disagree
 * - `malformed`: an object that its API would not accept
 */
export type OpenKind = 'ip-block' | 'host-network' | 'unread' | 'not-readable' | 'conflict' | 'malformed';

export interface OpenPoint {
  readonly kind: OpenKind;
  /** Names the term: `toFQDNs example.com is not read by this tool`. */
  readonly text: string;
}

export type Match =
  | { readonly is: 'yes'; readonly term: string }
  | { readonly is: 'no'; readonly misses: readonly Miss[] }
  | { readonly is: 'open'; readonly point: OpenPoint };

export const yes = (term: string): Match => ({ is: 'yes', term });
export const no = (...misses: readonly Miss[]): Match => ({ is: 'no', misses });
export const open = (kind: OpenKind, text: string): Match => ({ is: 'open', point: { kind, text } });

/** Every part must match: no as soon as one does not (all misses together), open when one is open. */
export function allOf(parts: readonly Match[]): Match {
  const misses = parts.flatMap((part) => (part.is === 'no' ? part.misses : []));
  if (parts.some((part) => part.is === 'no')) return { is: 'no', misses };
  const undecided = parts.find((part) => part.is === 'open');
  if (undecided !== undefined) return undecided;
  return yes(parts.flatMap((part) => (part.is === 'yes' && part.term !== '' ? [part.term] : [])).join(', '));
}

/** One part is enough. The misses are those of the part that came closest; none at all matches nothing. */
export function anyOf(parts: readonly Match[]): Match {
  const match = parts.find((part) => part.is === 'yes') ?? parts.find((part) => part.is === 'open');
  if (match !== undefined) return match;
  const [closest] = parts
    .flatMap((part) => (part.is === 'no' ? [part.misses] : []))
    .toSorted((a, b) => a.length - b.length);
  return { is: 'no', misses: closest ?? [] };
}

/** What does not match where `match` does, and the reverse; what is open stays so. */
export function notOf(match: Match, term: string, has: string): Match {
  if (match.is === 'open') return match;
  return match.is === 'yes' ? no({ term: 'other', needs: term, has }) : yes(term);
}
