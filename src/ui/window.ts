/**
 * The first of the items that are shown: the same as long as the lit one is among them; otherwise just far enough, with the
 * heading, which is a string, above the lit one.
 */
export function windowAt(
  first: number,
  { at, room, items }: { readonly at: number; readonly room: number; readonly items: readonly unknown[] },
): number {
  const last = Math.max(0, items.length - room);
  const kept = Math.min(first, last);
  if (at < 0) return kept;
  const above = at > 0 && typeof items[at - 1] === 'string' ? at - 1 : at;
  if (above < kept) return above;
  return at >= kept + room ? at - room + 1 : kept;
}
