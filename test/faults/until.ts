/** Thrown when a condition did not come true in time; says what was seen last. */
export class NotInTime extends Error {}

/** Asks again until `probe` returns something other than undefined or false. An error of the probe counts as "not yet" and is told at the end. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false>, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let last = '';
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = '';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > end) throw new NotInTime(`not within ${seconds} s: ${what}${last ? ` (${last})` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
