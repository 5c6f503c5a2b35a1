import { expect, it } from 'vitest';
import { changedLines, diffLines, doorLists } from '../../src/report/fix.ts';

const diff = [
  '--- shop/api-clients.yaml',
  '+++ shop/api-clients.yaml',
  '@@ -13,4 +13,4 @@',
  '   - from:',
  '-          app: webb',
  '+          app: web',
].join('\n');

it('tells what comes, what goes and what stays, without names and numbers', () => {
  expect(diffLines({ diff })).toEqual([
    { kind: 'stays', text: '   - from:' },
    { kind: 'goes', text: '-          app: webb' },
    { kind: 'comes', text: '+          app: web' },
  ]);
});

it('gives what changes alone', () => {
  expect(changedLines({ diff }).map(({ text }) => text)).toEqual(['-          app: webb', '+          app: web']);
});

it('has nothing to tell of a step that changes no object', () => {
  expect(diffLines({})).toEqual([]);
  expect(doorLists({ opens: [], closes: [] })).toEqual([]);
});

it('lists every door that opens, and every door that closes', () => {
  expect(doorLists({ opens: ['shop/cart → shop/api TCP 8080'], closes: ['shop/mail → shop/api TCP 8080'] })).toEqual([
    { title: 'Opens besides this flow', doors: ['shop/cart → shop/api TCP 8080'] },
    { title: 'Closes', doors: ['shop/mail → shop/api TCP 8080'] },
  ]);
});
