/** Where packets get lost because of their size. */
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { SizeReading, Transfer } from '../evidence/readings.ts';

/** So much more came in small packets that it is no matter of when somebody looked. */
const CLEARLY_MORE = 1000;

/**
 * Whether the same request stalls as usual and is answered in small packets.
 *
 * An answer that never ends by itself (a stream) stalls in both; then only pings that agree make it a black hole.
 */
export function isBlackHole(reading: SizeReading): boolean {
  const { usual, small } = reading;
  if (usual.isComplete) return false;
  if (small.isComplete || (usual.bytes === 0 && small.bytes > 0)) return true;
  return small.bytes > usual.bytes + CLEARLY_MORE && carriedSize(reading) !== null;
}

/** The largest ping that was answered while a larger one was lost without a word; null when pings show no such limit. */
export function carriedSize({ pings }: SizeReading): number | null {
  const passed = Math.max(0, ...pings.filter(({ outcome }) => outcome === 'answered').map(({ bytes }) => bytes));
  return passed > 0 && pings.some(({ bytes, outcome }) => outcome === 'lost' && bytes > passed) ? passed : null;
}

/** Addresses of backends to which full packets get lost. */
export function sizeLimited(evidence: Evidence): readonly string[] {
  return (factOf(evidence, 'sizeTests') ?? []).filter(isBlackHole).map(({ address }) => address);
}

/** `stalls as usual after 0 bytes; complete in small packets, 20,134 bytes`. */
export function sawSizes({ usual, small }: SizeReading): string {
  return `as usual: ${sawTransfer(usual)}; in packets of 576 bytes: ${sawTransfer(small)}`;
}

function sawTransfer({ bytes, isComplete }: Transfer): string {
  const count = `${bytes.toLocaleString('en')} bytes`;
  return isComplete ? `complete, ${count}` : `stalls after ${count}`;
}
