import type { Metafile } from 'esbuild';

const INK = 'node_modules/ink/';
const CLIENT = 'node_modules/@kubernetes/client-node/';
const PAGES = 'rule-pages:';

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
