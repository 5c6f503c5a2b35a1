import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thirdPartyLicences } from '../../plugin/pack/licences.ts';

describe('the licences of others', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'netdebug-licences-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are those of every package that is in the bundle, each version once', async () => {
    put('node_modules/b/package.json', '{"name":"b","version":"2.0.0","license":"MIT"}');
    put('node_modules/b/LICENSE', 'Copyright B two\r\nMIT\r\n');
    put('node_modules/@a/x/package.json', '{"name":"@a/x","version":"1.0.0","license":"ISC"}');
    put('node_modules/@a/x/license.md', 'Copyright A');
    put('node_modules/@a/x/node_modules/b/package.json', '{"name":"b","version":"1.0.0","license":"Apache-2.0"}');
    put('node_modules/@a/x/node_modules/b/LICENCE.txt', 'Copyright B one');
    put('node_modules/@a/x/node_modules/b/NOTICE', 'b was made by B');
    const text = await thirdPartyLicences(
      bundled({
        'src/main.ts': 10,
        'node_modules/b/index.js': 10,
        'node_modules/b/more.js': 10,
        [`namespace:${root}/node_modules/b/other.js`]: 10,
        'node_modules/@a/x/index.js': 10,
        'node_modules/@a/x/node_modules/b/index.js': 10,
        'node_modules/not-used/index.js': 0,
      }),
      root,
    );
    expect(text.split(`\n${'-'.repeat(80)}\n\n`)).toEqual([
      'kubectl-netdebug contains parts of these packages.\n',
      '@a/x 1.0.0 (ISC)\n\nCopyright A\n',
      'b 1.0.0 (Apache-2.0)\n\nCopyright B one\n\nb was made by B\n',
      'b 2.0.0 (MIT)\n\nCopyright B two\nMIT\n',
    ]);
  });

  it('are missed when a package has none', async () => {
    put('node_modules/b/package.json', '{"name":"b","version":"2.0.0","license":"MIT"}');
    await expect(thirdPartyLicences(bundled({ 'node_modules/b/index.js': 1 }), root)).rejects.toThrow(
      'b@2.0.0 (MIT) is bundled but has no licence file.',
    );
  });

  function put(path: string, contents: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }

  /** What esbuild reports of a bundle that has so many bytes of these files. */
  function bundled(bytes: Readonly<Record<string, number>>): Metafile {
    const inputs = Object.fromEntries(Object.entries(bytes).map(([path, bytesInOutput]) => [path, { bytesInOutput }]));
    return { inputs: {}, outputs: { 'cli.mjs': { bytes: 1, inputs, imports: [], exports: [] } } };
  }
});
