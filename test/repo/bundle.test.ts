import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { overBudget, type StartPath, slowStarts } from '../../plugin/build/chunks.ts';
import { lazyBuiltins } from '../../plugin/build/lazy-builtins.ts';
import { ONE_COLUMN } from '../../plugin/build/light-string-width.ts';
import { rewrite } from '../../plugin/build/rewrite.ts';

describe('a rewrite of a package', () => {
  it('replaces what is there once', () => {
    expect(rewrite('a b c', 'file.js', [{ find: 'b', use: '$&' }])).toBe('a $& c');
  });

  it.each(['a c', 'b b'])('stops the build on other text: %s', (source) => {
    expect(() => rewrite(source, 'file.js', [{ find: 'b', use: 'x' }])).toThrow('file.js has');
  });
});

describe("Node's own modules in the bundle", () => {
  it('are there as default, by name and by require, and are loaded at their first use', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netdebug-bundle-'));
    try {
      const entry = join(folder, 'entry.js');
      const legacy = join(folder, 'legacy.cjs');
      writeFileSync(
        entry,
        `import https, { request } from 'node:https';
import * as all from 'https';
import process, { argv } from 'node:process';
import legacy from './legacy.cjs';
const isLoaded = () => process.moduleLoadList.includes('NativeModule https');
export const before = isLoaded();
export const same = () => [request === https.request, all.request === request, legacy.join === request, new https.Agent() instanceof https.Agent];
export const after = () => isLoaded();
export const own = () => process === globalThis.process && argv === process.argv;
`,
      );
      writeFileSync(
        legacy,
        "const https = require('https'); Object.defineProperty(exports, 'join', { get: () => https.request });",
      );
      const outfile = join(folder, 'out.mjs');
      await build({
        entryPoints: [entry],
        outfile,
        bundle: true,
        format: 'esm',
        platform: 'node',
        plugins: [lazyBuiltins],
      });
      const script = `const it = await import(${JSON.stringify(outfile)}); console.log(JSON.stringify([it.before, it.same(), it.after(), it.own()]))`;
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([false, [true, true, true, true], true, true]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the characters taken for one column wide', () => {
  const pattern = new RegExp(`^[${ONE_COLUMN}]$`);
  const characters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).filter((character) =>
    pattern.test(character),
  );

  it('are so for string-width', () => {
    expect(characters.length).toBeGreaterThan(1000);
    expect(characters.filter((character) => stringWidth(character) !== 1)).toEqual([]);
  });

  it('are so beside each other', () => {
    expect(stringWidth(characters.join(''))).toBe(characters.length);
  });

  it.each(['\u00ad', '\u200b', '\ufe0f', '\u0301', '\u25fd', '日', '🎉'])('are not: %j', (character) => {
    expect(pattern.test(character)).toBe(false);
  });
});

describe('the check of what a start loads', () => {
  const ink = 'node_modules/ink/build/index.js';
  const client = 'node_modules/@kubernetes/client-node/dist/config.js';

  it('lets packages be imported late, each on its own', () => {
    const metafile = bundle({
      'src/main.ts': ['late src/ui/App.tsx', 'late src/adapters/kube-api.ts'],
      'src/ui/App.tsx': [ink],
      'src/adapters/kube-api.ts': [client],
    });
    expect(slowStarts(metafile, 'src/main.ts')).toEqual([]);
  });

  it('names the way to a package that loads at once', () => {
    const metafile = bundle({
      'src/main.ts': ['src/cli/run.ts'],
      'src/cli/run.ts': ['src/ui/App.tsx'],
      'src/ui/App.tsx': [ink],
    });
    expect(slowStarts(metafile, 'src/main.ts').join()).toContain(
      `src/main.ts → src/cli/run.ts → src/ui/App.tsx → ${ink}`,
    );
  });

  it('keeps Ink and the Kubernetes client apart', () => {
    const metafile = bundle({ 'src/main.ts': ['late src/session.ts'], 'src/session.ts': [ink, client] });
    expect(slowStarts(metafile, 'src/main.ts').join()).toContain('loads both Ink and the Kubernetes client');
  });
});

describe('the budget of a start', () => {
  const react = 'node_modules/react/index.js';
  const files = {
    'src/main.ts': ['late src/cli/explain.ts', 'late src/ui/App.tsx'],
    'src/cli/explain.ts': ['src/words.ts'],
    'src/ui/App.tsx': [react],
  };
  const path = (changes: Partial<StartPath> = {}): StartPath => ({
    command: 'explain',
    loads: ['src/main.ts', 'src/cli/explain.ts'],
    isLight: true,
    mostKilobytes: 3,
    ...changes,
  });

  it('is kept', () => expect(overBudget(bundle(files), [path()], 4)).toEqual([]));

  it('counts each chunk once, with the chunks that it imports, without late ones', () => {
    const metafile = bundle(files);
    const main = metafile.outputs['out/src/main.ts'];
    const explain = metafile.outputs['out/src/cli/explain.ts'];
    if (main === undefined || explain === undefined) throw new Error('the bundle has other chunks');
    metafile.outputs['out/shared'] = { bytes: 1024, inputs: {}, imports: [], exports: [] };
    for (const output of [main, explain]) output.imports = [{ path: 'out/shared', kind: 'import-statement' }];
    expect(overBudget(metafile, [path({ mostKilobytes: 3 })])).toEqual([]);
    expect(overBudget(metafile, [path({ mostKilobytes: 2 })]).join()).toContain(
      'explain reads 3 KB; the budget is 2 KB',
    );
  });

  it('is about the whole bundle as well', () =>
    expect(overBudget(bundle(files), [], 2).join()).toContain('The bundle has 3 KB; the budget is 2 KB'));

  it('names the way to a heavy package, unless the path may have it', () => {
    const heavy = { ...files, 'src/cli/explain.ts': ['src/words.ts'], 'src/words.ts': [react] };
    expect(overBudget(bundle(heavy), [path()]).join()).toContain(`src/cli/explain.ts → src/words.ts → ${react}`);
    expect(overBudget(bundle(heavy), [path({ isLight: false })])).toEqual([]);
  });

  it('does not pass because a file was renamed', () =>
    expect(overBudget(bundle(files), [path({ loads: ['src/old.ts'] })]).join()).toContain('src/old.ts'));
});

/** What esbuild reports of such imports; `late` is an `import(…)`, and what is imported so becomes a chunk. */
function bundle(files: Readonly<Record<string, readonly string[]>>): Metafile {
  const importsOf = (lines: readonly string[]) =>
    lines.map((line) => ({
      path: line.replace('late ', ''),
      kind: line.startsWith('late ') ? ('dynamic-import' as const) : ('import-statement' as const),
    }));
  const inputs = Object.fromEntries(
    Object.entries(files).map(([path, lines]) => [path, { bytes: 1, imports: importsOf(lines) }]),
  );
  const chunks = Object.values(files)
    .flat()
    .filter((line) => line.startsWith('late '))
    .map((line) => line.replace('late ', ''));
  const outputs = Object.fromEntries(
    ['src/main.ts', ...chunks].map((entryPoint) => [
      `out/${entryPoint}`,
      { bytes: 1024, inputs: {}, imports: [], exports: [], entryPoint },
    ]),
  );
  return { inputs, outputs };
}
