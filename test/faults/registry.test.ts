import { expect, test } from 'vitest';
import { RULES } from '../../src/rules/index.ts';
import { allCases, type Kind } from './registry.ts';

const all = await allCases();
const names = (kind: Kind) => all.filter((one) => one.kind === kind).map(({ name }) => name);

/** Judged on evidence that was written by hand: this lab cannot be broken that way. */
const NOT_ON_THE_LAB: readonly string[] = ['ip-family-mismatch'];

test('every cause that can be named is found end to end, but those that say they are not', () => {
  const ids = RULES.map(({ id }) => id);
  expect(names('fault').filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !names('fault').includes(id)).sort()).toEqual([...NOT_ON_THE_LAB].sort());
});

test('there are at least eight traps and the three scenarios, and every name is there once', () => {
  expect(names('trap').length).toBeGreaterThanOrEqual(8);
  expect(names('scenario')).toHaveLength(3);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test('policies are tried in both modes of the enforcer', () => {
  for (const one of all.filter(({ name }) => name.startsWith('netpol-')))
    expect(one.matters.policy, one.name).toBe(true);
});

test.each(all)('$name asks curl and the tool for the same flow', ({ flow }) => {
  const { hostname, port } = new URL(flow.url);
  expect(port ? [`${hostname}:${port}`] : [hostname, `${hostname}:80`, `http://${hostname}/`]).toContain(
    flow.destination,
  );
});
