import type { AcceptQueue } from '../evidence/readings.ts';

/**
 * No room for another connection: more wait than may, or the kernel dropped some meanwhile.
 *
 * @see listen(2), nstat(8): ListenOverflows counts handshakes that found the queue full
 */
export function isOverflowing({ queued, backlog, before, after }: AcceptQueue): boolean {
  return queued !== null && ((backlog !== null && queued > backlog) || after.overflows > before.overflows);
}

/** `3 of at most 2 wait, 6 dropped meanwhile, 0 of 3 connect from inside`. */
export function sawQueue({ queued, backlog, before, after, inside }: AcceptQueue): string {
  if (queued === null) return 'nothing listens on the port';
  return `${queued} wait for accept, at most ${backlog ?? '?'} may; ${after.overflows - before.overflows} dropped meanwhile; ${inside.connected} of ${inside.tried} connect from inside`;
}
