// Bundles src/main.ts into plugin/lib, which plugin/kubectl-netdebug starts. `npm run build`.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundle } from './build/bundle.ts';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'plugin/lib');

const { files } = await bundle('chunks');

// Chunks have a hash in their name: without this, old ones would stay and be shipped.
await rm(lib, { recursive: true, force: true });
await mkdir(lib, { recursive: true });
for (const [name, contents] of files) await writeFile(join(lib, name), contents);

const all = [...files.values()].reduce((bytes, { length }) => bytes + length, 0);
console.log(
  `${relative(root, lib)}/cli.mjs ${kilobytes(files.get('cli.mjs')?.length ?? 0)}, all chunks ${kilobytes(all)}`,
);

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
