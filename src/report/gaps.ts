/** What could not be looked at, in as few lines as it takes to act on it. */
import type { Report, ReportGap } from './report.ts';

/** Reads that RBAC refused; each has its own question to `kubectl auth can-i`, and one Role answers them all. */
const REFUSED_READ = /^kubectl auth can-i (get|list|watch) /;

/**
 * The gaps of a report for people: reads that are not allowed as one, with the command that prints the rights for all of them,
 * and programs that the image lacks as one. In the order in which the first of each came. The JSON object lists every gap by itself.
 */
export function gapsInShort({ gaps, flow }: Pick<Report, 'gaps' | 'flow'>): readonly ReportGap[] {
  const groups = new Map<string, ReportGap[]>();
  for (const [index, gap] of gaps.entries()) {
    const key =
      gap.reason === 'forbidden' && REFUSED_READ.test(gap.unlock ?? '')
        ? 'reads'
        : gap.reason === 'tool-missing'
          ? `tools ${gap.unlock}`
          : `${index}`;
    groups.set(key, [...(groups.get(key) ?? []), gap]);
  }
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    if (first === undefined || group.length === 1) return group;
    return key === 'reads'
      ? { ...first, ...refusedReads(group), unlock: `kubectl netdebug permissions --access ${flow.access}` }
      : { ...first, detail: missingTools(group) };
  });
}

function refusedReads(group: readonly ReportGap[]): Pick<ReportGap, 'what' | 'detail'> {
  const users = new Set(group.map(({ detail }) => /User "([^"]+)"/.exec(detail)?.[1]));
  const [user] = users;
  return {
    what: group.map(({ what }) => what).join('; '),
    detail: users.size === 1 && user !== undefined ? `${user} may not read them` : 'they may not be read',
  };
}

/** `the image has no dig`, `the image has no curl` → `the image has no dig, curl`. */
function missingTools(group: readonly ReportGap[]): string {
  const [first = '', ...others] = [...new Set(group.map(({ detail }) => detail))];
  const same = 'the image has no ';
  return [first, ...others.map((detail) => (detail.startsWith(same) ? detail.slice(same.length) : detail))].join(', ');
}
