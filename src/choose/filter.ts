/** Type-ahead over rows: what is typed may be spread over a name, `chksvc` finds checkout-service. */
import { go, type SnapshotKey, snapshot } from 'fuzzysort';
import type { Row } from './row.ts';

/** Nobody reads further, and ranking all of many thousands takes longer than a finger. */
const MOST_FOUND = 300;
/** From 0 to 1. `chkout` fits checkout by 0.35; letters that only happen to follow each other somewhere come below 0.25. */
const LEAST_FIT = 0.25;
/** Of what has been typed; a paste of a whole file finds nothing anyway. */
export const LONGEST_QUERY = 253;

/**
 * The rows that fit, best first; all of them in their own order when nothing is typed. Words apart must all fit.
 *
 * @returns at most 300 rows, and how many fit in all
 */
export function filterRows(
  rows: readonly Row[],
  query: string,
): { readonly rows: readonly Row[]; readonly total: number } {
  const wanted = query.trim().replace(KIND, '');
  if (wanted === '') return { rows, total: rows.length };
  const found = go(wanted, prepareRows(rows), { limit: MOST_FOUND, threshold: LEAST_FIT });
  return {
    // Out of their groups: a Pod stands alone, under no heading.
    rows: found.map(({ obj }) => ({ ...obj, indent: 0 as const, section: '' })),
    total: found.total,
  };
}

const prepared = new WeakMap<readonly Row[], SnapshotKey<Row>>();

/** Takes the labels apart, which is most of a search; once for a list, and best before the first letter is typed. */
export function prepareRows(rows: readonly Row[]): SnapshotKey<Row> {
  const known = prepared.get(rows) ?? snapshot(rows, { key: textOf });
  prepared.set(rows, known);
  return known;
}

/** Without its kind, which would make `deploy/checkout` fit worse than each of its Pods. */
const textOf = ({ label }: Row): string => label.replace(KIND, '');
const KIND = /^[a-z]+\//;
