import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MESSAGES, pagesOf } from '../../src/pages/page.ts';
import { FAULT_IDS, RUNG_FOLDERS } from './fault-ids.ts';
import { pageProblems } from './rule-page.ts';

const root = join(import.meta.dirname, '../..');
const registry = join(root, 'src/rules/index.ts');
const hasRules = existsSync(registry);
if (!hasRules) console.warn('Rules are not checked: there is no src/rules/index.ts yet.');

describe.skipIf(!hasRules)('every rule', () => {
  const rules = Object.keys(RUNG_FOLDERS).flatMap((folder) =>
    namesIn(`src/rules/${folder}`, '.ts').map((id) => [id, folder as keyof typeof RUNG_FOLDERS] as const),
  );

  it('has a name', () => expect(rules).not.toEqual([]));

  it.each(rules)('%s has a known id, on its own rung', (id, folder) => {
    expect(FAULT_IDS[RUNG_FOLDERS[folder]]).toContain(id);
  });

  it.each(rules)('%s says its id', (id, folder) => {
    expect(read(`src/rules/${folder}/${id}.ts`)).toContain(`id: '${id}'`);
  });

  it.each(rules)('%s has a page with all its sections', (id, folder) => {
    expect(existsSync(join(root, `src/rules/${folder}/${id}.md`)), `src/rules/${folder}/${id}.md`).toBe(true);
    expect(pageProblems(read(`src/rules/${folder}/${id}.md`))).toEqual([]);
  });

  it.each(rules)('%s says what programs print', (id, folder) => {
    const page = read(`src/rules/${folder}/${id}.md`);
    expect(pagesOf({ [id]: page }, { [id]: folder })[0]?.messages, `"${MESSAGES} \`…\`" in its page`).not.toEqual([]);
  });

  it.each(rules)('%s has a test', (id, folder) => {
    expect(existsSync(join(root, `test/rules/${folder}/${id}.test.ts`)), `test/rules/${folder}/${id}.test.ts`).toBe(
      true,
    );
  });

  it('is in the registry once, by its import and its place in the list', () => {
    const imported = [
      ...read('src/rules/index.ts').matchAll(/^import (\w+|\{ \w+ \}) from '\.\/(\w+)\/([\w-]+)\.ts';/gm),
    ];
    expect(imported.map(([, , folder, id]) => `${folder}/${id}`).sort()).toEqual(
      rules.map(([id, folder]) => `${folder}/${id}`).sort(),
    );
    const unlisted = imported.filter(([, name = '']) => {
      const uses = read('src/rules/index.ts').matchAll(new RegExp(`\\b${name.replaceAll(/\W/g, '')}\\b`, 'g'));
      return [...uses].length !== 2;
    });
    expect(unlisted.map(([line]) => line)).toEqual([]);
  });

  it('has left no page or test behind when it went', () => {
    const ids = new Set<string>(rules.map(([id]) => id));
    const left = Object.keys(RUNG_FOLDERS).flatMap((folder) => [
      ...namesIn(`src/rules/${folder}`, '.md'),
      ...namesIn(`test/rules/${folder}`, '.test.ts'),
    ]);
    expect(left.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('the list of faults', () => {
  it('has 120 different ids', () => {
    const ids = Object.values(FAULT_IDS).flat();
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
  });
});

describe('unexplained', () => {
  it('has a page with all the sections of a rule', () =>
    expect(pageProblems(read('src/rules/unexplained.md'))).toEqual([]));
});

describe('a page', () => {
  const good = `# Title

## What it is
a

## How netdebug recognises it
b

## Look-alikes
c

## Fix
\`\`\`sh
# not a heading
\`\`\`

## When this is wrong
e

## Sources
f
`;

  it('with every section is fine', () => expect(pageProblems(good)).toEqual([]));
  it('needs a title', () => expect(pageProblems(good.replace('# Title', 'Title'))).toHaveLength(1));
  it('needs each section', () => expect(pageProblems(good.replace('## Fix', ''))).toHaveLength(1));
  it('needs them in order', () => {
    const swapped = good
      .replace('## Look-alikes', '## Then')
      .replace('## Fix', '## Look-alikes')
      .replace('## Then', '## Fix');
    expect(pageProblems(swapped)).toHaveLength(1);
  });
  it('has something to say', () => {
    expect(pageProblems(good.replace('\ne\n', '\n'))).toEqual(['says nothing under "## When this is wrong"']);
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function namesIn(folder: string, suffix: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));
}
