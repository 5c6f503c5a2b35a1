import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

/** `virtual:rule-pages`: the text of every page under `folder` and the folder it is in, by rule id. Declared in virtual.d.ts. */
export function rulePages(folder: string): Plugin {
  return {
    name: 'rule-pages',
    setup(build) {
      build.onResolve({ filter: /^virtual:rule-pages$/ }, ({ path }) => ({ path, namespace: 'rule-pages' }));
      build.onLoad({ filter: /.*/, namespace: 'rule-pages' }, async () => ({
        contents: await packedPagesModule(folder),
        loader: 'js',
        watchDirs: [folder],
      }));
    },
  };
}

/** The module with all pages in one text compressed with Brotli: a third of their size, unpacked in a millisecond. */
async function packedPagesModule(folder: string): Promise<string> {
  const paths = await pathsOf(folder);
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
  const pages = Object.fromEntries(paths.map((path, index) => [basename(path, '.md'), texts[index]]));
  const packed = brotliCompressSync(JSON.stringify({ pages, folders: foldersOf(paths) })).toString('base64');
  return `import { brotliDecompressSync } from 'node:zlib';
const { pages, folders } = JSON.parse(brotliDecompressSync(Buffer.from(${JSON.stringify(packed)}, 'base64')).toString());
export const rulePages = pages;
export const pageFolders = folders;
`;
}

async function pathsOf(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { recursive: true }).catch(() => []);
  return all.filter((path) => path.endsWith('.md')).sort();
}

function foldersOf(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [basename(path, '.md'), dirname(path)]));
}

/** The source of the module; a bundler has to load `.md` as text. */
export async function rulePagesModule(folder: string, query = ''): Promise<string> {
  const pages = await pathsOf(folder);
  const imports = pages.map((path, index) => `import page${index} from ${JSON.stringify(join(folder, path) + query)};`);
  const entries = pages.map((path, index) => `${JSON.stringify(basename(path, '.md'))}: page${index},`);
  return `${imports.join('\n')}
export const rulePages = {${entries.join('\n')}};
export const pageFolders = ${JSON.stringify(foldersOf(pages))};
`;
}
