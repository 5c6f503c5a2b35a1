import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkWith, readProposed } from '../../src/cli/proposed.ts';

it.each([
  [['check'], false, '--with is for a run and for policy, not for check.'],
  [['web', 'api'], true, '--redact leaves no names that the policies of --with could be about.'],
])('--with has no meaning for %j, redacted: %s', (positionals, redact, sentence) =>
  expect(() => checkWith({ positionals, redact })).toThrow(sentence),
);

it.each([[['web', 'api']], [['policy', 'web']]])('--with is taken for %j', (positionals) =>
  expect(() => checkWith({ positionals, redact: false })).not.toThrow(),
);

it('takes files and folders, in the order of their names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netdebug-with-'));
  const policy = (name: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: {podSelector: {}}\n`;
  writeFileSync(join(folder, 'b.yaml'), policy('b'));
  writeFileSync(join(folder, 'a.yml'), policy('a'));
  writeFileSync(join(folder, 'notes.txt'), 'no policy');
  const { policies, problems } = await readProposed([folder, join(folder, 'b.yaml')], 'shop');
  expect(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'shop/a',
    'shop/b',
    'shop/b',
  ]);
  expect(problems).toEqual([]);
});

it('names the nearest file where there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netdebug-with-'));
  writeFileSync(join(folder, 'new.yaml'), '');
  await expect(readProposed([join(folder, 'nwe.yaml')], 'shop')).rejects.toThrow('the closest name is new.yaml');
});
