import { expect, test } from 'vitest';
import { CLUTTER } from './clutter.ts';

test('the clutter is thirty Services, policies and Jobs with names of their own', () => {
  expect(CLUTTER).toHaveLength(30);
  expect(new Set(CLUTTER.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(30);
  expect([...new Set(CLUTTER.map(({ kind }) => kind))]).toEqual(['Service', 'NetworkPolicy', 'Job']);
});

test('nothing of it is about a Pod of a case', () => {
  for (const match of JSON.stringify(CLUTTER).matchAll(/"app":"([^"]+)"/g)) expect(match[1]).toMatch(/^other-\d+$/);
});
