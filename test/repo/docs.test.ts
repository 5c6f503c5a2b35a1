import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const hasProduct = existsSync(join(root, 'src/main.ts'));
if (!hasProduct) console.warn('README and ARCHITECTURE are not checked: there is no src/main.ts yet.');

const EXIT_CODES = [0, 1, 2, 3, 4, 130];

describe.skipIf(!hasProduct)('README.md', () => {
  it('says how to install and test', () => expect(read('README.md')).toContain('npm ci && npm test'));

  it('has a row for every exit code', () => {
    const rows = [...read('README.md').matchAll(/^\| *`?(\d+)`? *\|/gm)].map(([, code]) => Number(code));
    expect(rows.filter((code) => EXIT_CODES.includes(code))).toEqual(EXIT_CODES);
  });
});

describe.skipIf(!hasProduct)('ARCHITECTURE.md', () => {
  it('names every folder of src and no other', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const named = read('ARCHITECTURE.md').matchAll(/\bsrc\/([a-z-]+)\b(?!\.)/g);
    expect([...new Set([...named].map(([, folder]) => folder))].sort()).toEqual(folders.sort());
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
