import { describe, expect, it } from 'vitest';
import { sourceRows } from '../../src/choose/sources.ts';
import { podRow } from './rows.ts';

const shown = (rows: ReturnType<typeof sourceRows>): readonly string[] =>
  rows.map(
    ({ label, indent, facts }) => `${'  '.repeat(indent)}${label}: ${facts.filter((fact) => fact !== '').join(', ')}`,
  );

describe('Pods as sources', () => {
  it('stand below their workload, with those in trouble first', () => {
    const rows = sourceRows(
      [
        podRow('api-7d9f-aaaaa', { app: 'api' }),
        podRow('api-7d9f-bbbbb', { app: 'api' }),
        podRow('pay-7d9f-aaaaa', { app: 'pay' }),
        podRow('pay-7d9f-bbbbb', { app: 'pay', status: 'CrashLoopBackOff', ready: '0/1', restarts: '12 (3m ago)' }),
        podRow('web'),
      ],
      'shop',
    );
    expect(shown(rows)).toEqual([
      'deploy/pay: 1 of 2 Pods ready',
      '  pay-7d9f-bbbbb: CrashLoopBackOff 0/1, n2, restarts 12 (3m ago)',
      '  pay-7d9f-aaaaa: Running 1/1, n2',
      'deploy/api: 2 of 2 Pods ready',
      '  api-7d9f-aaaaa: Running 1/1, n2',
      '  api-7d9f-bbbbb: Running 1/1, n2',
      'web: Running 1/1, n2',
    ]);
    expect(rows[0]?.chosen).toEqual({ kind: 'source', pick: { namespace: 'shop', word: 'deploy/pay' } });
    expect(rows[1]?.chosen).toEqual({ kind: 'source', pick: { namespace: 'shop', word: 'pod/pay-7d9f-bbbbb' } });
  });

  it('of one Pod alone need no row for the workload', () =>
    expect(shown(sourceRows([podRow('api-7d9f-aaaaa', { app: 'api' })], 'shop'))).toEqual([
      'api-7d9f-aaaaa: Running 1/1, n2, deploy/api',
    ]));

  it('of other namespaces carry theirs, and are asked about in it', () => {
    const [row] = sourceRows([podRow('db-0', { namespace: 'data' })], 'shop');
    expect(row?.label).toBe('db-0.data');
    expect(row?.chosen).toEqual({ kind: 'source', pick: { namespace: 'data', word: 'pod/db-0' } });
  });

  it('that have ended come last and cannot be chosen', () => {
    const rows = sourceRows([podRow('job-x', { status: 'Completed', ready: '0/1' }), podRow('web')], 'shop');
    expect(rows.map(({ label, chosen }) => [label, chosen !== null])).toEqual([
      ['web', true],
      ['job-x', false],
    ]);
    expect(rows[1]?.facts.at(-1)).toBe('has ended: nothing can be measured from it');
  });
});
