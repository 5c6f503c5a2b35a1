import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { docsFiles } from '../../plugin/docs/pages.ts';
import { readPages } from '../../plugin/docs/read.ts';
import { TABLES, withTables } from '../../plugin/docs/readme.ts';
import { pagesOf } from '../../src/pages/page.ts';

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

describe('what npm run docs writes', () => {
  const files = docsFiles(readPages(root));

  it.each([...files.keys()])('docs/%s is what it would write today', (path) => {
    expect(existsSync(join(root, 'docs', path)), `run npm run docs: docs/${path} is missing`).toBe(true);
    expect(read(`docs/${path}`), 'run npm run docs').toBe(files.get(path));
  });

  it('has left no page of a rule that is gone', () =>
    expect(readdirSync(join(root, 'docs/causes')).map((name) => `causes/${name}`)).toEqual(
      [...files.keys()].filter((path) => path.startsWith('causes/')).sort(),
    ));

  it('are the tables of README.md as well', () =>
    expect(withTables(read('README.md')), 'run npm run docs').toBe(read('README.md')));
});

describe('tables of the README', () => {
  const places = Object.keys(TABLES).map((name) => `<!-- ${name}: npm run docs -->\nold\n<!-- end -->\n`);

  it('replace what stands between their marks, and nothing else', () => {
    const text = withTables(`before\n${places.join('between\n')}after\n`);
    expect(text).toMatch(/^before\n<!-- /);
    expect(text).toMatch(/<!-- end -->\nafter\n$/);
    expect(text.match(/between/g)).toHaveLength(places.length - 1);
    expect(text).not.toContain('old');
    expect(text).toContain('| 130 | interrupted |');
    expect(text).toContain('| `-n, --namespace NAME` |');
    expect(text).toContain('`--protocol tcp\\|udp\\|sctp`');
    expect(text).toContain('[selector-mismatch](docs/causes/selector-mismatch.md)');
  });

  it('have to have a place', () => expect(() => withTables(places.slice(1).join(''))).toThrow('README.md has no'));

  it('have to be known', () =>
    expect(() => withTables('<!-- prices: npm run docs -->\n<!-- end -->')).toThrow('a table "prices"'));
});

describe('a page for the web', () => {
  const text = '# Title\n\nLike `other`, unlike `this` and `unknown`.\n\n```sh\necho `other`\n```\n';
  const pages = pagesOf({ this: text, other: '# Other\n\nTypical messages: `oh no`.' }, { this: 'dns', other: 'dns' });
  const page = docsFiles(pages).get('causes/this.md');

  it('links to other pages, but not in code', () => {
    expect(page).toContain('Like [`other`](other.md), unlike `this` and `unknown`.');
    expect(page).toContain('echo `other`');
  });

  it('is found by rung and by message', () => {
    const index = docsFiles(pages).get('README.md');
    expect(index).toContain('## D DNS');
    expect(index).toContain('- [Title](causes/this.md) `this`');
    expect(index).toContain('| `oh no` | [other](causes/other.md) |');
  });
});

describe('links between our Markdown files', () => {
  const below = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    : [];
  const files = [
    ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'test/lab/README.md', 'test/faults/README.md'],
    ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`),
  ];

  it.each(files)('of %s lead somewhere', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
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

/** As GitHub makes them of headings. */
function anchorsOf(path: string): readonly string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
