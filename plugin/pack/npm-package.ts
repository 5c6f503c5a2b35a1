import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './archive.ts';

const root = join(import.meta.dirname, '../..');

interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/**
 * What the npm package consists of: the bundle, started with the user's own Node. Without dependencies: everything is in the
 * bundle.
 *
 * @param repository  address of the project; npm compares it with where a package with provenance was built
 */
export async function npmPackage(
  program: ReadonlyMap<string, Uint8Array>,
  legal: readonly Entry[],
  repository: string | null,
): Promise<readonly Entry[]> {
  const source = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as SourceManifest;
  const manifest = Buffer.from(`${JSON.stringify(publishedManifest(source, repository), null, 2)}\n`);
  const plain = async (path: string) => ({ path, contents: await readFile(join(root, path)) });
  const script = async (path: string) => ({
    path,
    contents: await readFile(join(root, 'plugin', path)),
    executable: true,
  });
  const entries = [
    { path: 'package.json', contents: manifest },
    await plain('README.md'),
    await script('start.cjs'),
    await script('complete.cjs'),
    ...[...program].map(([name, contents]) => ({ path: `lib/${name}`, contents })),
    ...legal,
  ];
  return entries.map((entry) => ({ ...entry, path: `package/${entry.path}` }));
}

/** package.json as published: of the one here only what is true of the bundle alone. */
export function publishedManifest(source: SourceManifest, repository: string | null): object {
  const { name, version, description, license } = source;
  return {
    name,
    version,
    description,
    license,
    keywords: ['kubernetes', 'kubectl', 'kubectl-plugin', 'network', 'dns', 'networkpolicy', 'troubleshooting'],
    ...(repository === null ? {} : { homepage: repository, repository: { type: 'git', url: `git+${repository}.git` } }),
    type: 'module',
    bin: { 'kubectl-netdebug': 'start.cjs', 'kubectl_complete-netdebug': 'complete.cjs' },
    engines: { node: '>=22.19' },
  };
}
