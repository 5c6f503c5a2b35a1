// Writes what is generated for readers: the pages below docs, and the tables of README.md. `npm run docs`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { docsFiles } from './docs/pages.ts';
import { readPages } from './docs/read.ts';
import { withTables } from './docs/readme.ts';

const root = join(import.meta.dirname, '..');
const files = docsFiles(readPages(root));

// A page of a rule that is gone must not stay.
rmSync(join(root, 'docs/causes'), { recursive: true, force: true });
for (const [path, text] of files) {
  const file = join(root, 'docs', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const readme = join(root, 'README.md');
writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
console.log(`docs: ${files.size} pages; README.md: its tables`);
