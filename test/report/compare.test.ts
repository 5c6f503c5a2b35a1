import { expect, it } from 'vitest';
import { type CompareLayout, compareLines } from '../../src/report/compare.ts';

const LAYOUT: CompareLayout = { width: 70, signs: { ok: '✔', faulty: '✘' }, widthOf: (text) => text.length };
const NEAR = {
  title: 'Service api and the Pods of Deployment api',
  rows: [
    { what: 'app', needs: 'apy', has: 'api', ok: false },
    { what: 'tier', needs: 'backend', has: 'backend', ok: true },
  ],
};

it('sets what is needed beside what is there', () =>
  expect(compareLines(NEAR, LAYOUT)).toEqual([
    { text: 'Service api and the Pods of Deployment api', ok: null },
    { text: '        needs    has', ok: null },
    { text: '  app   apy      api      ✘', ok: false },
    { text: '  tier  backend  backend  ✔', ok: true },
  ]));

it('says it in sentences where the columns do not fit', () =>
  expect(compareLines(NEAR, { ...LAYOUT, width: 25 }).map(({ text }) => text)).toEqual([
    'Service api and the Pods of Deployment api',
    '  app: needs apy, has api ✘',
    '  tier: needs backend, has backend ✔',
  ]));

it('gives a label no line of its own', () =>
  expect(
    compareLines({ title: 'a\nb', rows: [{ what: 'x', needs: '1\n✔ fine', has: '2', ok: false }] }, LAYOUT).map(
      ({ text }) => text,
    ),
  ).toEqual(['a b', '     needs     has', '  x  1 ✔ fine  2    ✘']));
