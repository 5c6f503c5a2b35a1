import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Page, pagesOf } from '../../src/pages/page.ts';

/** The pages of the rules as they are on disk. */
export function readPages(root: string): readonly Page[] {
  const folder = join(root, 'src/rules');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
  const byId = (value: (path: string) => string) =>
    Object.fromEntries(paths.map((path) => [basename(path, '.md'), value(path)]));
  return pagesOf(
    byId((path) => readFileSync(join(folder, path), 'utf8')),
    byId((path) => dirname(path)),
  );
}
