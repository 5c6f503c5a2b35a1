import { describe, expect, it } from 'vitest';
import {
  badTries,
  commonOf,
  isIntermittent,
  isServiceLossy,
  lossyBackends,
  missesOf,
  sawTries,
  shareBounds,
} from '../../src/derive/tries.ts';
import { apiA, apiC, manyConnects, world } from '../support/world.ts';

describe('connections that lost a packet', () => {
  it('are those that were never made, and those that waited for a second SYN', () =>
    expect(badTries(manyConnects(apiC, { late: 4, lost: 2 }))).toBe(6));

  it('are no more than the SYNs that were sent again', () =>
    expect(badTries({ ...manyConnects(apiC, { late: 4, lost: 2 }), synRetransmits: 1 })).toBe(1));

  it('are counted by time where the kernel does not tell', () =>
    expect(badTries({ ...manyConnects(apiC, { late: 4 }), synRetransmits: null })).toBe(4));

  it('cannot be told where everything is slow', () =>
    expect(badTries(manyConnects(apiC, { late: 4, ms: 400 }))).toBe(0));

  it.each([
    [{ late: 2 }, true],
    [{ late: 1 }, false],
    [{ lost: 20 }, false],
    [{}, false],
  ])('are a pattern: %j is %s', (some, expected) => expect(isIntermittent(manyConnects(apiC, some))).toBe(expected));

  it('are told by backend; those of the Service address only where no backend has them', () => {
    const service = {
      ...manyConnects(apiA, { late: 5 }),
      owner: { kind: 'Service', name: 'api', node: null },
    } as const;
    const both = world({ manyConnects: [service, manyConnects(apiC, { late: 5 })] });
    expect(lossyBackends(both)).toEqual(['10.244.3.11']);
    expect(isServiceLossy(both)).toBe(false);
    const alone = world({ manyConnects: [service, manyConnects(apiC)] });
    expect(lossyBackends(alone)).toEqual([]);
    expect(isServiceLossy(alone)).toBe(true);
  });
});

describe('the share of all connections', () => {
  // Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", 2001: Wilson's interval.
  it.each([
    [0, 20, 0, 0.161],
    [6, 20, 0.145, 0.519],
    [17, 50, 0.224, 0.479],
    [20, 20, 0.839, 1],
  ])('%i of %i lies between %f and %f', (bad, all, least, most) => {
    const bounds = shareBounds(bad, all);
    expect(bounds.least).toBeCloseTo(least, 2);
    expect(bounds.most).toBeCloseTo(most, 2);
  });

  it('may be anything when nothing was tried', () => expect(shareBounds(0, 0)).toEqual({ least: 0, most: 1 }));
});

it('is said in a few words', () =>
  expect(sawTries(manyConnects(apiC, { late: 2, lost: 1 }))).toBe(
    '17 of 20 connect at once, 2 after a SYN was sent again, 1 not at all',
  ));

describe('what lost connections have in common', () => {
  const service = { ...manyConnects(apiA, { late: 3 }), owner: { kind: 'Service', name: 'api', node: null } } as const;
  const besideC = { ...manyConnects(apiC, { late: 2 }), owner: { kind: 'Pod', name: 'api-d', node: 'n3' } } as const;

  it.each([
    [
      'one backend',
      [service, manyConnects(apiA), manyConnects(apiC, { late: 5 })],
      '5 of 40 connections lost a packet, all to api-c',
    ],
    [
      'one node',
      [manyConnects(apiA), manyConnects(apiC, { late: 5 }), besideC],
      '7 of 60 connections lost a packet, all to Pods on n3',
    ],
    [
      'nothing',
      [manyConnects(apiA, { late: 1 }), manyConnects(apiC, { late: 5 })],
      '6 of 40 connections lost a packet, 1 to api-a, 5 to api-c',
    ],
    [
      'the Service address',
      [service, manyConnects(apiA)],
      '3 of 20 connections lost a packet, all to the Service address',
    ],
    ['none was lost', [manyConnects(apiA)], null],
  ] as const)('%s', (_what, readings, text) => expect(commonOf(readings)).toBe(text));
});

// faults.md section 8: 20 tries miss one of ten with probability 0.12, 44 with 0.01.
it.each([
  [20, 122],
  [44, 10],
  [50, 5],
])('%i tries miss one of ten %i times in 1000', (tries, times) => expect(missesOf(tries)).toBe(times));
