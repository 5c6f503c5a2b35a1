/** A near miss as a small table, for a page that has columns and for one that has not enough of them. */
import type { Comparison } from '../rules/rule.ts';

export interface CompareLine {
  readonly text: string;
  /** Null: a heading. */
  readonly ok: boolean | null;
}

export interface CompareLayout {
  /** Columns there are. */
  readonly width: number;
  readonly signs: { readonly ok: string; readonly faulty: string };
  /** Columns that a text takes. */
  widthOf(text: string): number;
}

const GAP = 2;

/**
 * The title, then one line for each term.
 *
 * ```
 * Service api and Deployment api
 *         needs     has
 *   app   apy       api       ✘
 *   tier  backend   backend   ✔
 * ```
 *
 * Where the table is too wide, every term is a sentence instead, to be wrapped by the caller: `app: needs apy, has api ✘`.
 */
export function compareLines(comparison: Comparison, { width, signs, widthOf }: CompareLayout): readonly CompareLine[] {
  const title = oneLine(comparison.title);
  const rows = comparison.rows.map((row) => ({
    what: oneLine(row.what),
    needs: oneLine(row.needs),
    has: oneLine(row.has),
    ok: row.ok,
  }));
  const sign = (ok: boolean): string => (ok ? signs.ok : signs.faulty);
  const cells = rows.map(({ what, needs, has, ok }) => ({ texts: [`  ${what}`, needs, has], ok }));
  const heading = ['', 'needs', 'has'];
  const columns = heading.map((head, index) =>
    Math.max(...[head, ...cells.map(({ texts }) => texts[index] ?? '')].map(widthOf)),
  );
  const signWidth = Math.max(widthOf(signs.ok), widthOf(signs.faulty));
  const total = columns.reduce((sum, column) => sum + column + GAP, signWidth);
  const top: CompareLine = { text: title, ok: null };
  if (total > width)
    return [
      top,
      ...rows.map(({ what, needs, has, ok }) => ({ text: `  ${what}: needs ${needs}, has ${has} ${sign(ok)}`, ok })),
    ];
  const lay = (texts: readonly string[]): string =>
    texts.map((text, index) => text + ' '.repeat((columns[index] ?? 0) + GAP - widthOf(text))).join('');
  return [
    top,
    { text: lay(heading).trimEnd(), ok: null },
    ...cells.map(({ texts, ok }) => ({ text: lay(texts) + sign(ok), ok })),
  ];
}

/** A line feed in a label or a message begins no line of its own, which could look like one of ours. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
