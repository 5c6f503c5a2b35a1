import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIRECTIONS } from './directions.ts';
import { forbidden, importsOf } from './import-check.ts';

const src = join(import.meta.dirname, '../../src');
const files = filesBelow(src).filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));

describe('imports of src', () => {
  it.skipIf(files.length === 0)('only go the allowed way', () => {
    const wrong = files.flatMap((file) =>
      importsOf(readFileSync(join(src, file), 'utf8'))
        .map((specifier) => forbidden(file, specifier))
        .filter((complaint) => complaint !== null),
    );
    expect(wrong).toEqual([]);
  });

  it('have folders that exist in the table', () => {
    const all = new Set(Object.keys(DIRECTIONS));
    const unknown = Object.values(DIRECTIONS).flatMap(({ folders }) => (folders === 'all' ? [] : folders));
    expect(unknown.filter((folder) => !all.has(folder))).toEqual([]);
  });

  it('have no circle between folders', () => {
    const reaches = (from: string, seen = new Set<string>()): Set<string> => {
      const folders = DIRECTIONS[from]?.folders ?? [];
      for (const to of folders === 'all' ? [] : folders) if (!seen.has(to)) reaches(to, seen.add(to));
      return seen;
    };
    expect(Object.keys(DIRECTIONS).filter((folder) => reaches(folder).has(folder))).toEqual([]);
  });
});

describe('the check itself', () => {
  it('reads every way to import', () => {
    const source = `
      import { a } from './a.ts';
      import type { B } from "../b.ts";
      import {
        c,
        d,
      } from '@scope/c/deep.js';
      export { e } from './e.ts';
      export * from './f.ts';
      import 'g';
      const h = await import('./h.ts');
      let i: import('./i.ts').I;
      // import { no } from 'line-comment';
      /** import { no } from 'doc-comment'; */
      const text = 'taken from "nothing"';
    `;
    expect(importsOf(source)).toEqual([
      './a.ts',
      '../b.ts',
      '@scope/c/deep.js',
      './e.ts',
      './f.ts',
      'g',
      './h.ts',
      './i.ts',
    ]);
  });

  it.each([
    ['rules/dns/dns-name-not-found.ts', '../rule.ts'],
    ['rules/dns/dns-name-not-found.ts', '../../evidence/evidence.ts'],
    ['ui/screens/Verdict.tsx', 'ink'],
    ['adapters/kube-api.ts', '@kubernetes/client-node/dist/config.js'],
    ['adapters/terminal.ts', 'node:tty'],
    ['cli/explain.ts', 'virtual:rule-pages'],
    ['main.ts', './cli/run.ts'],
  ])('lets %s import %s', (file, specifier) => {
    expect(forbidden(file, specifier)).toBeNull();
  });

  it.each([
    ['rules/dns/dns-name-not-found.ts', '../../adapters/kube-api.ts'],
    ['rules/dns/dns-name-not-found.ts', 'node:fs'],
    ['rules/dns/dns-name-not-found.ts', 'zod'],
    ['diagnose/diagnose.ts', '@kubernetes/client-node'],
    ['ui/App.tsx', '../runner/runner.ts'],
    ['ui/App.tsx', 'node:process'],
    ['runner/runner.ts', '../ui/App.tsx'],
    ['adapters/terminal.ts', '@kubernetes/client-node/dist/exec.js'],
    ['collect/plan.ts', 'ink/build/index.js'],
    ['cli/run.ts', 'ink'],
    ['evidence/evidence.ts', '../../test/support/evidence.ts'],
    ['helpers/strings.ts', './more.ts'],
  ])('does not let %s import %s', (file, specifier) => {
    expect(forbidden(file, specifier)).toContain(`src/${file}`);
  });
});

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  } catch {
    return [];
  }
}
