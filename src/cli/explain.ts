import { rulePages } from 'virtual:rule-pages';
import { nearNames } from '../derive/names.ts';
import { UsageError } from './args.ts';

/** A rule's page, or the list of all. @throws {UsageError} for an id that has no page, with the nearest that do */
export function explain(id: string | undefined): string {
  const ids = Object.keys(rulePages).sort();
  if (id === undefined)
    return `${ids.map((known) => `${known.padEnd(34)} ${titleOf(rulePages[known] ?? '')}`).join('\n')}\n\nkubectl netdebug explain ID shows one.\n`;
  const page = rulePages[id];
  if (page !== undefined) return page;
  const near = nearNames(id, ids);
  throw new UsageError(
    `There is no finding ${id}${near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}`}.`,
    near.length === 0 ? ['kubectl netdebug explain'] : near.map((name) => `kubectl netdebug explain ${name}`),
  );
}

function titleOf(page: string): string {
  return page.match(/^# (.*)$/m)?.[1] ?? '';
}
