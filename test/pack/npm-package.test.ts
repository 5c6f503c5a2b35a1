import { describe, expect, it } from 'vitest';
import { npmPackage } from '../../plugin/pack/npm-package.ts';

describe('the npm package', () => {
  const program = new Map([['cli.mjs', Buffer.from('program')]]);
  const legal = [{ path: 'LICENSE', contents: Buffer.from('licence') }];

  it('is the bundle, what starts it, and what has to be told', async () => {
    const entries = await npmPackage(program, legal, null);
    expect(entries.map(({ path, executable = false }) => `${path}${executable ? ' *' : ''}`).sort()).toEqual([
      'package/LICENSE',
      'package/README.md',
      'package/complete.cjs *',
      'package/lib/cli.mjs',
      'package/package.json',
      'package/start.cjs *',
    ]);
  });

  it('needs nothing but a Node, and says which', async () => {
    const manifest = await manifestOf(null);
    expect(manifest).toMatchObject({
      name: 'kubectl-netdebug',
      license: 'Apache-2.0',
      type: 'module',
      bin: { 'kubectl-netdebug': 'start.cjs', 'kubectl_complete-netdebug': 'complete.cjs' },
      engines: { node: '>=22.19' },
    });
    for (const key of ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces', 'scripts', 'private'])
      expect(manifest).not.toHaveProperty(key);
  });

  it('names the repository it is built from, which its provenance is compared with', async () => {
    expect(await manifestOf('https://github.com/owner/name')).toMatchObject({
      homepage: 'https://github.com/owner/name',
      repository: { type: 'git', url: 'git+https://github.com/owner/name.git' },
    });
  });

  it('starts in a way that npm can link on every system', async () => {
    const entries = await npmPackage(program, legal, null);
    const scripts = entries
      .filter(({ executable }) => executable)
      .map(({ contents }) => Buffer.from(contents).toString());
    expect(scripts.map((script) => script.split('\n')[0])).toEqual(['#!/usr/bin/env node', '#!/usr/bin/env node']);
  });

  async function manifestOf(repository: string | null): Promise<unknown> {
    const entries = await npmPackage(program, legal, repository);
    const manifest = entries.find(({ path }) => path === 'package/package.json');
    return JSON.parse(Buffer.from(manifest?.contents ?? '').toString());
  }
});
