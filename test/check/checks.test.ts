import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editorSchema } from '../../src/check/checks.ts';
import { parseChecks } from '../../src/check/parse.ts';
import { RULES } from '../../src/rules/index.ts';

const root = join(import.meta.dirname, '../..');
const committed = JSON.parse(readFileSync(join(root, 'plugin/checks.schema.json'), 'utf8')) as Record<string, unknown>;
const IDS = RULES.map(({ id }) => id);

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(committed);

/** The block of the README that begins with the kind. */
function examples(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, text]) =>
    text?.includes('kind: Checks') ? [text] : [],
  );
}

const head = 'apiVersion: netdebug/v1\nkind: Checks\n';
const WRONG = [
  `${head}flows: []\n`,
  `${head}flow: [{from: a, to: b, expect: reachable}]\n`,
  `${head}flows: [{from: a, to: b}]\n`,
  `${head}flows: [{from: a, to: b, expect: blocked}]\n`,
  `${head}flows: [{from: a, to: b, expect: reachable, prot: tcp}]\n`,
  `${head}flows: [{from: a, to: b, expect: unreachable, because: selector-mismach}]\n`,
  `${head}flows: [{from: a, to: b, expect: reachable, port: 0}]\n`,
  'apiVersion: netdebug/v2\nkind: Checks\nflows: [{from: a, to: b, expect: reachable}]\n',
];

describe('the schema for editors', () => {
  it('is the one that the tool reads by (npm run schema writes it anew)', () =>
    expect(committed).toEqual(JSON.parse(JSON.stringify(editorSchema(IDS)))));

  it('says something about every key', () => {
    const flow = editorSchema(IDS) as { properties: { flows: { items: { properties: object } } } };
    const keys = Object.values(flow.properties.flows.items.properties) as readonly { description?: string }[];
    expect(keys.length).toBe(9);
    expect(keys.filter(({ description }) => description === undefined)).toEqual([]);
  });

  it('takes the examples of the README, and so does the tool', () => {
    expect(examples().length).toBeGreaterThan(0);
    for (const text of examples()) {
      expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
      expect(parseChecks(text, 'README.md', IDS)).toMatchObject({ ok: true });
    }
  });

  it.each(WRONG)('refuses what the tool refuses: %j', (text) => {
    expect(validate(parse(text))).toBe(false);
    expect(parseChecks(text, 'flows.yaml', IDS)).toMatchObject({ ok: false });
  });
});
