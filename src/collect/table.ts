/** Lists as the API server prints them for `kubectl get`: the state in words, and a tenth of the bytes. */
import * as z from 'zod/mini';

/** Media type that asks for it. */
export const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const Metadata = z.object({
  name: z.optional(z.string()),
  namespace: z.optional(z.string()),
  labels: z.optional(z.record(z.string(), z.string())),
  ownerReferences: z.optional(
    z.nullable(z.array(z.object({ kind: z.string(), name: z.string(), controller: z.optional(z.boolean()) }))),
  ),
});
export type RowMetadata = z.infer<typeof Metadata>;

/** One object: its cells by column, such as `Name`, `Ready`, `Status`. */
export interface TableRow {
  /** Empty unless the list was asked with `includeObject=Metadata`. */
  readonly metadata: RowMetadata;
  readonly cells: Readonly<Record<string, string>>;
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
const Table = z.object({
  columnDefinitions: z.array(z.object({ name: z.string() })),
  metadata: z.optional(z.object({ continue: z.optional(z.string()) })),
  rows: z.optional(
    z.nullable(
      z.array(
        z.object({
          cells: z.array(z.unknown()),
          object: z.optional(z.nullable(z.object({ metadata: z.optional(Metadata) }))),
        }),
      ),
    ),
  ),
});

/** One page of a list. @returns its rows, and what to continue with; empty after the last page @throws when it is no table */
export function readTable(body: unknown): { readonly rows: readonly TableRow[]; readonly next: string } {
  const { columnDefinitions, rows, metadata } = Table.parse(body);
  return {
    next: metadata?.continue ?? '',
    rows: (rows ?? []).map(({ cells, object }) => ({
      metadata: object?.metadata ?? {},
      cells: Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, String(cells[index] ?? '')])),
    })),
  };
}
