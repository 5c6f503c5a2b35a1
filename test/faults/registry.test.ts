import { expect, test } from 'vitest';
import { RULES } from '../../src/rules/index.ts';
import { allCases, type Kind, pick } from './registry.ts';

const all = await allCases();
const names = (kind: Kind) => all.filter((one) => one.kind === kind).map(({ name }) => name);

/** Judged on evidence that was written by hand: this lab cannot be broken that way. */
const NOT_ON_THE_LAB: readonly string[] = [
  // Its limit is one for the whole machine: every other lab on it would be broken too.
  'neigh-overflow',
];

test('every cause that can be named is found end to end, but those that say they are not', () => {
  const ids = RULES.map(({ id }) => id);
  expect(names('fault').filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !names('fault').includes(id)).sort()).toEqual([...NOT_ON_THE_LAB].sort());
});

test('there are at least 18 traps and 7 scenarios, and every name is there once', () => {
  expect(names('trap').length).toBeGreaterThanOrEqual(18);
  expect(names('scenario').length).toBeGreaterThanOrEqual(7);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test('cases are picked by name, by rung and by kind', async () => {
  const picked = async (...asked: Parameters<typeof pick>) => (await pick(...asked)).map(({ name }) => name);
  expect(await picked(['app-hung'], ['E'], [])).toContain('app-hung');
  expect(await picked([], ['E'], [])).toContain('selector-mismatch');
  expect(await picked([], ['E'], [])).not.toContain('dns-coredns-down');
  expect(await picked([], [], ['trap'])).toEqual(names('trap'));
  expect(await picked([], [], [])).toEqual(all.map(({ name }) => name));
  await expect(pick([], ['Z'], [])).rejects.toThrow('no rung Z: D, E, P, N, X');
  await expect(pick([], [], ['traps'])).rejects.toThrow('no kind traps: fault, trap, scenario');
});

test('policies are tried in both modes of the enforcer', () => {
  for (const one of all.filter(({ name }) => name.startsWith('netpol-')))
    expect(one.matters.policy, one.name).toBe(true);
});

/** What a destination means to an application: the host, and the port it would connect to. */
function meant(typed: string, published: number): readonly [host: string, port: number] {
  const { hostname, port, protocol } = new URL(typed.includes('://') ? typed : `tcp://${typed}`);
  return [hostname, port === '' ? (protocol === 'http:' ? 80 : published) : Number(port)];
}

test.each(all)('$name asks curl and the tool for the same flow', ({ flow }) => {
  const [host, port] = meant(flow.url, 80);
  // Without a port the tool takes the one of the Service, which curl has to be told.
  const [asked, at] = meant(flow.destination, port);
  expect([asked, at]).toEqual([host, flow.isUdp ? at : port]);
});
