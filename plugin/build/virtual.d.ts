/** The version in package.json, put in by plugin/build.ts and test/vitest.config.ts. */
declare const __VERSION__: string;

/**
 * The Markdown of every rule page, by rule id. Large: import it only from a file that is itself imported with
 * `await import(…)`, or the build fails.
 */
declare module 'virtual:rule-pages' {
  export const rulePages: Readonly<Record<string, string>>;
  /** The folder of each page: `dns`, `policy`, …; `.` for a page of no rung. */
  export const pageFolders: Readonly<Record<string, string>>;
}

/** Run files of the demo, by name: Brotli in base64. Large: import it with `await import(…)` only. */
declare module 'virtual:demo-recordings' {
  export const recordings: Readonly<Record<string, string>>;
}
