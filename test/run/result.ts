/** What one step of the run came to. */
export interface Result {
  readonly name: string;
  /** Counts of tests; of a step without tests, such as the build, only `failed` can be other than 0. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Why it was skipped or failed, or null. */
  readonly note: string | null;
}

export type Outcome = Partial<Omit<Result, 'name' | 'seconds'>>;

/** Runs a step under a heading and takes its time. */
export async function step(name: string, work: () => Promise<Outcome>): Promise<Result> {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const outcome = { passed: 0, failed: 0, skipped: 0, note: null, ...(await work()) };
  if (outcome.note !== null) console.log(`${name}: ${outcome.note}`);
  return { name, ...outcome, seconds: (performance.now() - start) / 1000 };
}

/** Adds the counts of two parts of a step, and keeps what both have to say. */
export function sum(one: Outcome, other: Outcome): Outcome {
  const notes = [one.note, other.note].filter((note) => note != null);
  return {
    passed: (one.passed ?? 0) + (other.passed ?? 0),
    failed: (one.failed ?? 0) + (other.failed ?? 0),
    skipped: (one.skipped ?? 0) + (other.skipped ?? 0),
    note: notes.length > 0 ? notes.join('; ') : null,
  };
}

/**
 *           passed  failed  skipped  seconds
 * build                                  0.9
 * unit         812       0        0     14.2
 * cluster        0       0       61      0.3  no Go on this machine
 *
 * 812 passed, 0 failed, 61 skipped
 */
export function summary(results: readonly Result[]): string {
  const total = (key: 'passed' | 'failed' | 'skipped') => results.reduce((all, result) => all + result[key], 0);
  const row = (name: string, columns: readonly string[], note = '') =>
    `${name.padEnd(10)}${columns.map((column) => column.padStart(9)).join('')}  ${note}`.trimEnd();
  const lines = results.map(({ name, passed, failed, skipped, seconds, note }) => {
    const counts = [passed, failed, skipped];
    const hasTests = counts.some((count) => count > 0) || note !== null;
    return row(name, [...counts.map((count) => (hasTests ? `${count}` : '')), seconds.toFixed(1)], note ?? '');
  });
  return [
    row('', ['passed', 'failed', 'skipped', 'seconds']),
    ...lines,
    '',
    `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`,
  ].join('\n');
}
