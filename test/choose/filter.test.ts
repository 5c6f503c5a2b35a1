import { describe, expect, it } from 'vitest';
import { filterRows } from '../../src/choose/filter.ts';
import { sourceRows } from '../../src/choose/sources.ts';
import { podRow } from './rows.ts';

const rows = sourceRows(
  ['checkout-7d9f-aaaaa', 'checkout-7d9f-bbbbb', 'payments-7d9f-aaaaa', 'web'].map((name) =>
    podRow(name, name === 'web' ? {} : { app: name.split('-')[0] ?? '' }),
  ),
  'shop',
);
const found = (query: string): readonly string[] => filterRows(rows, query).rows.map(({ label }) => label);

describe('type-ahead', () => {
  it('leaves everything in its order while nothing is typed', () => expect(filterRows(rows, ' ').rows).toBe(rows));

  it.each([
    ['pay', ['payments-7d9f-aaaaa']],
    ['chkout', ['deploy/checkout', 'checkout-7d9f-aaaaa', 'checkout-7d9f-bbbbb']],
    ['bbb check', ['checkout-7d9f-bbbbb']],
    ['nothing-like-it', []],
  ])('finds %s', (query, labels) => expect([...found(query)].sort()).toEqual([...labels].sort()));

  it('puts a workload before its Pods, also when its kind is typed', () => {
    expect(found('checkout')[0]).toBe('deploy/checkout');
    expect(found('deploy/check')[0]).toBe('deploy/checkout');
  });

  it('shows what it found without headings and indents', () =>
    expect(filterRows(rows, 'bbbbb').rows).toMatchObject([{ indent: 0, section: '' }]));

  it('shows the best few of many and counts them all', () => {
    const many = sourceRows(
      Array.from({ length: 5000 }, (_, index) => podRow(`web-${index}`)),
      'shop',
    );
    const { rows: best, total } = filterRows(many, 'web');
    expect([best.length, total]).toEqual([300, 5000]);
  });
});
