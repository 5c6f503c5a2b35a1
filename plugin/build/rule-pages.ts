import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** `virtual:rule-pages`: the text of every page under `folder` and the folder it is in, by rule id. Declared in virtual.d.ts. */
export function rulePages(folder: string): Plugin {
  return {
    name: 'rule-pages',
    setup(build) {
      build.onResolve({ filter: /^virtual:rule-pages$/ }, ({ path }) => ({ path, namespace: 'rule-pages' }));
      build.onLoad({ filter: /.*/, namespace: 'rule-pages' }, async () => ({
        contents: await rulePagesModule(folder),
        loader: 'js',
        resolveDir: folder,
        watchDirs: [folder],
      }));
    },
  };
}

/** The source of the module; a bundler has to load `.md` as text. */
export async function rulePagesModule(folder: string, query = ''): Promise<string> {
  const pages = (await readdir(folder, { recursive: true }).catch(() => []))
    .filter((path) => path.endsWith('.md'))
    .sort();
  const imports = pages.map((path, index) => `import page${index} from ${JSON.stringify(join(folder, path) + query)};`);
  const entries = pages.map((path, index) => `${JSON.stringify(basename(path, '.md'))}: page${index},`);
  const folders = Object.fromEntries(pages.map((path) => [basename(path, '.md'), dirname(path)]));
  return `${imports.join('\n')}
export const rulePages = {${entries.join('\n')}};
export const pageFolders = ${JSON.stringify(folders)};
`;
}
