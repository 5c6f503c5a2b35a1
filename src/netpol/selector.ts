import type { LabelSelector } from '../evidence/snapshots.ts';

export type Labels = Readonly<Record<string, string>>;

/** One term of a selector that labels do not satisfy: what it needs, what is there (null: the key is absent). */
export interface LabelMiss {
  readonly key: string;
  readonly needs: string;
  readonly has: string | null;
}

/**
 * The terms of a label selector that `labels` do not satisfy; empty when it matches. An empty selector matches everything.
 *
 * An operator that Kubernetes does not know matches nothing and is returned as a miss.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function labelMisses(selector: LabelSelector, labels: Labels): readonly LabelMiss[] {
  const misses: LabelMiss[] = [];
  // Not every word is a label: `constructor` is there in every object.
  const factOf = (key: string): string | null => (Object.hasOwn(labels, key) ? (labels[key] ?? null) : null);
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (factOf(key) !== value) misses.push({ key, needs: `${key}=${value}`, has: factOf(key) });
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const has = factOf(key);
    const wanted = values ?? [];
    const choice = `${key} ${operator.toLowerCase()} (${wanted.join(', ')})`;
    switch (operator) {
      case 'In':
        if (has === null || !wanted.includes(has)) misses.push({ key, needs: choice, has });
        break;
      case 'NotIn':
        if (has !== null && wanted.includes(has)) misses.push({ key, needs: choice, has });
        break;
      case 'Exists':
        if (has === null) misses.push({ key, needs: `${key} present`, has });
        break;
      case 'DoesNotExist':
        if (has !== null) misses.push({ key, needs: `${key} absent`, has });
        break;
      default:
        misses.push({ key, needs: `${key} ${operator} (unknown operator)`, has });
    }
  }
  return misses;
}

export function selects(selector: LabelSelector, labels: Labels): boolean {
  return labelMisses(selector, labels).length === 0;
}

/** `app=web,tier=front`: a selector as `kubectl -l` takes it. */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** `app=web, tier in (a, b), legacy absent`: all terms of a selector, as a sentence names them; empty for one that takes everything. */
export function selectorWords({ matchLabels, matchExpressions }: LabelSelector): string {
  const terms = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values } of matchExpressions ?? []) {
    if (operator === 'Exists') terms.push(`${key} present`);
    else if (operator === 'DoesNotExist') terms.push(`${key} absent`);
    else terms.push(`${key} ${operator === 'In' ? 'in' : 'not in'} (${(values ?? []).join(', ')})`);
  }
  return terms.join(', ');
}
