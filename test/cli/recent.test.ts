import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RecentFlow } from '../../src/choose/row.ts';
import { keepRecent, readRecent, recentFile } from '../../src/cli/recent.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netdebug-recent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const flow = (word: string): RecentFlow => ({
  context: 'lab',
  source: { namespace: 'shop', word },
  destination: { namespace: 'shop', word: 'api' },
  port: null,
  at: '2026-11-21T10:00:00Z',
});

it('stands where the user has state, and ignores a path that is not absolute', () => {
  expect(recentFile({ XDG_STATE_HOME: '/state' })).toBe('/state/kubectl-netdebug/recent.json');
  expect(recentFile({ XDG_STATE_HOME: 'state' })).toMatch(/^\/.*\.local\/state\/kubectl-netdebug\/recent\.json$/);
});

it('keeps the latest first, each once, twenty in all', () => {
  const file = join(folder, 'deep/recent.json');
  for (let index = 0; index < 25; index++) keepRecent(file, flow(`web-${index}`));
  keepRecent(file, { ...flow('web-20'), at: '2026-11-22T10:00:00Z' });
  const words = readRecent(file).map(({ source }) => source.word);
  expect(words.slice(0, 3)).toEqual(['web-20', 'web-24', 'web-23']);
  expect(words.length).toBe(20);
});

it('is none when the file is missing or holds something else', () => {
  const file = join(folder, 'recent.json');
  expect(readRecent(file)).toEqual([]);
  writeFileSync(file, '{"version":1,"flows":[{"context":7}]}');
  expect(readRecent(file)).toEqual([]);
});

it('does not fail where it cannot be written', () => {
  writeFileSync(join(folder, 'taken'), 'a file');
  keepRecent(join(folder, 'taken/recent.json'), flow('web'));
  expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('a file');
});
