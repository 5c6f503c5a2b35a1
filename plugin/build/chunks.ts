import type { Metafile } from 'esbuild';

const INK = 'node_modules/ink/';
const CLIENT = 'node_modules/@kubernetes/client-node/';
const PAGES = 'rule-pages:';
/** What no command needs that asks no cluster and draws no screen. */
const HEAVY = /node_modules\/(ink|react|react-reconciler|yoga-layout|@kubernetes\/client-node|ws)\//;

/** What is read until something shows: the chunks of these inputs, with all that they import at once. */
export interface StartPath {
  readonly command: string;
  /** The entry, and what it imports late on the way. */
  readonly loads: readonly string[];
  /** Neither Ink, React nor the Kubernetes client may be among it. */
  readonly isLight: boolean;
  readonly mostKilobytes: number;
}

/** Today's size and a little room: who needs more says why, here. */
export const START_PATHS: readonly StartPath[] = [
  // Every flag with its help: what is typed has to be understood before it is known what it asks for.
  { command: '--version', loads: ['src/main.ts'], isLight: true, mostKilobytes: 18 },
  { command: '--help', loads: ['src/main.ts', 'src/cli/help.ts'], isLight: true, mostKilobytes: 20 },
  // The pages are packed, the Markdown parser is 40 KB.
  { command: 'explain', loads: ['src/main.ts', 'src/cli/explain.ts'], isLight: true, mostKilobytes: 150 },
  // A table of what each rule needs, to say which of them a right is for.
  { command: 'permissions', loads: ['src/main.ts', 'src/cli/permissions.ts'], isLight: true, mostKilobytes: 200 },
  // Drawn without Ink: it takes longer to load than Node itself.
  { command: 'the first frame', loads: ['src/main.ts', 'src/cli/run.ts'], isLight: true, mostKilobytes: 48 },
  {
    command: 'the screen',
    loads: ['src/main.ts', 'src/cli/run.ts', 'src/ui/root.tsx'],
    isLight: false,
    mostKilobytes: 900,
  },
];

/** All chunks; an npm package that unpacks to more is not small any longer. */
export const MOST_KILOBYTES = 2100;

/**
 * What would make a start slow, one sentence each: a package or the rule pages loaded with the entry, or Ink and the
 * Kubernetes client loaded by one `import()`. Empty when all is well.
 */
export function slowStarts({ inputs, outputs }: Metafile, entry: string): string[] {
  const problems: string[] = [];
  const isLateOnly = (input: string) => input.includes('node_modules/') || input.startsWith(PAGES);

  const early = importedWith(inputs, entry);
  const firstLate = [...early.keys()].find(isLateOnly);
  if (firstLate !== undefined) {
    problems.push(
      `Starting loads ${firstLate} at once. Make one of these steps an \`await import(…)\`:\n  ${chain(early, firstLate)}`,
    );
  }

  for (const { entryPoint } of Object.values(outputs)) {
    if (entryPoint === undefined || entryPoint === entry) continue;
    const together = importedWith(inputs, entryPoint);
    const ink = [...together.keys()].find((input) => input.includes(INK));
    const client = [...together.keys()].find((input) => input.includes(CLIENT));
    if (ink === undefined || client === undefined) continue;
    problems.push(
      `import('${entryPoint}') loads both Ink and the Kubernetes client, which delays the first frame:\n` +
        `  ${chain(together, ink)}\n  ${chain(together, client)}`,
    );
  }
  return problems;
}

/**
 * Start paths that load what they must not, or more than their budget, and a bundle over its own: one sentence each.
 * Empty when all is well.
 */
export function overBudget(
  { inputs, outputs }: Metafile,
  paths: readonly StartPath[] = START_PATHS,
  mostKilobytes = MOST_KILOBYTES,
): string[] {
  const problems: string[] = [];
  for (const { command, loads, isLight, mostKilobytes: most } of paths) {
    for (const load of loads) {
      if (inputs[load] === undefined)
        problems.push(`The start of ${command} is said to load ${load}, which is not in the bundle.`);
      const graph = importedWith(inputs, load);
      const heavy = isLight ? [...graph.keys()].find((input) => HEAVY.test(input)) : undefined;
      if (heavy !== undefined)
        problems.push(`${command} loads ${heavy}, which it does not need:\n  ${chain(graph, heavy)}`);
    }
    const bytes = bytesOf(outputs, loads);
    if (bytes > most * 1024) problems.push(tooLarge(`${command} reads`, bytes, most));
  }
  const all = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  if (all > mostKilobytes * 1024) problems.push(tooLarge('The bundle has', all, mostKilobytes));
  return problems;
}

/** Bytes of the chunks of these inputs, each with the chunks it imports at once; a chunk counts once. */
function bytesOf(outputs: Metafile['outputs'], loads: readonly string[]): number {
  const read = new Set(Object.keys(outputs).filter((output) => loads.includes(outputs[output]?.entryPoint ?? '')));
  for (const output of read)
    for (const { path, kind, external } of outputs[output]?.imports ?? [])
      if (kind !== 'dynamic-import' && external !== true) read.add(path);
  return [...read].reduce((sum, output) => sum + (outputs[output]?.bytes ?? 0), 0);
}

function tooLarge(what: string, bytes: number, mostKilobytes: number): string {
  return `${what} ${Math.ceil(bytes / 1024)} KB; the budget is ${mostKilobytes} KB. Load less, or raise it in plugin/build/chunks.ts and say why.`;
}

/** Every input that loads with `start`, with the input that imports it. */
function importedWith(inputs: Metafile['inputs'], start: string): Map<string, string | null> {
  const importers = new Map<string, string | null>([[start, null]]);
  for (const importer of importers.keys()) {
    for (const { path, kind, external } of inputs[importer]?.imports ?? []) {
      if (kind !== 'dynamic-import' && !external && !importers.has(path)) importers.set(path, importer);
    }
  }
  return importers;
}

function chain(importers: ReadonlyMap<string, string | null>, end: string): string {
  const steps: string[] = [];
  for (let step: string | null = end; step !== null; step = importers.get(step) ?? null) steps.unshift(step);
  return steps.join(' → ');
}
