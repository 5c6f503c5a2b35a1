/** What a resolver library asks for when an application hands it a name; pure. */
import type { ResolvConf } from '../evidence/readings.ts';

export type Library = 'glibc' | 'musl';

/** Both take a larger number for this; see resolv.conf(5), and `conf.ndots` in musl's resolvconf.c. */
const MOST_NDOTS = 15;

/**
 * The names a resolver asks for, in the order in which it does, until one is answered. Each is asked for twice, A and AAAA.
 *
 * glibc tries a name with at least `ndots` dots as it is first and goes on to the search list when there is no such name;
 * musl then leaves the search list out. A dot at the end ends the matter: that name alone.
 *
 * @returns absolute names with their dot; never empty
 * @see resolv.conf(5); musl: name_from_dns_search in src/network/lookup_name.c
 */
export function queriesFor(
  typed: string,
  { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>,
  library: Library = 'glibc',
): readonly string[] {
  if (typed.endsWith('.')) return [typed];
  const dots = typed.split('.').length - 1;
  const asIs = `${typed}.`;
  const searched = search.map((domain) => (domain === '.' ? asIs : `${typed}.${domain.replace(/\.$/, '')}.`));
  const first = dots >= Math.min(ndots, MOST_NDOTS);
  if (first && library === 'musl') return [asIs];
  return unique(first ? [asIs, ...searched] : [...searched, asIs]);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** What one lookup costs, given which name is the first to be answered. */
export interface LookupCost {
  /** Names asked for, the answered one included. */
  readonly names: number;
  /** Queries sent: A and AAAA for each name. */
  readonly queries: number;
  /** Names that were asked for in vain before. */
  readonly wasted: number;
}

/** @param answered the name that has an answer; null when none has, so that all are asked for */
export function costOf(queries: readonly string[], answered: string | null): LookupCost {
  const at = answered === null ? -1 : queries.indexOf(answered);
  const names = at < 0 ? queries.length : at + 1;
  return { names, queries: 2 * names, wasted: at < 0 ? names : at };
}

/** Whether an application built on musl (Alpine) would ask for other names than one built on glibc: what the difference is, else null. */
export function muslDiffers(typed: string, resolvConf: Pick<ResolvConf, 'search' | 'ndots'>): string | null {
  const [glibc, musl] = [queriesFor(typed, resolvConf, 'glibc'), queriesFor(typed, resolvConf, 'musl')];
  return glibc.length === musl.length
    ? null
    : `an Alpine image asks only for ${musl[0]}: musl leaves out the search list for a name with ${resolvConf.ndots} dots or more`;
}
