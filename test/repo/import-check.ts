import { posix } from 'node:path';
import { DIRECTIONS, ONLY_IN } from './directions.ts';

/** Every specifier that `source` imports, re-exports or names in `import(…)`, types included. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const found = code.matchAll(
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/gm,
  );
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

/**
 * Says what is wrong with one import, or null.
 *
 * @param file       path below src, with slashes
 * @param specifier  as written in the import
 */
export function forbidden(file: string, specifier: string): string | null {
  const folder = folderOf(file);
  const direction = DIRECTIONS[folder];
  if (direction === undefined) return `src/${file}: src/${folder} is not in test/repo/directions.ts`;
  const complain = (what: string, why: string) => `src/${file} imports ${what}, but src/${folder} may not: ${why}`;

  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    if (!direction.packages.includes(name)) return complain(specifier, direction.why);
    const only = ONLY_IN[name];
    return only && !only.files.test(file) ? complain(specifier, `only ${only.files} may, ${only.why}`) : null;
  }

  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith('..')) return complain(specifier, 'it lies outside src');
  const to = folderOf(target);
  if (to === folder || direction.folders === 'all' || direction.folders.includes(to)) return null;
  return complain(`src/${target}`, direction.why);
}

/** `rules/dns/x.ts` → `rules`, `main.ts` → `main.ts`. */
function folderOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:*';
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
