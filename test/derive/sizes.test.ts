import { describe, expect, it } from 'vitest';
import { carriedSize, isBlackHole, sizeLimited } from '../../src/derive/sizes.ts';
import { apiB, apiC, sizeTest, world } from '../support/world.ts';

const full = [{ bytes: 1450, outcome: 'answered' }] as const;

describe('a black hole for large packets', () => {
  it('answers in small packets what stalls as usual', () => expect(isBlackHole(sizeTest(apiC))).toBe(true));

  it.each([
    ['both stall: the application', { small: { bytes: 0, isComplete: false } }],
    ['both come to their end', { usual: { bytes: 20_134, isComplete: true } }],
    [
      'a stream: both go on, one a little further',
      { usual: { bytes: 900, isComplete: false }, small: { bytes: 1500, isComplete: false }, pings: full },
    ],
    [
      'a stream that got much further by chance, while large pings pass',
      { usual: { bytes: 900, isComplete: false }, small: { bytes: 9000, isComplete: false }, pings: full },
    ],
  ] as const)('is none: %s', (_why, changes) => expect(isBlackHole(sizeTest(apiC, changes))).toBe(false));

  it('is one where the answer never ends, and pings agree', () =>
    expect(
      isBlackHole(
        sizeTest(apiC, { usual: { bytes: 200, isComplete: false }, small: { bytes: 9000, isComplete: false } }),
      ),
    ).toBe(true));
});

describe('the size that a way carries', () => {
  it('is that of the largest ping that was answered', () => expect(carriedSize(sizeTest(apiC))).toBe(1350));

  it.each([
    ['nothing is answered', [{ bytes: 100, outcome: 'lost' }]],
    ['everything is', full],
    [
      'somebody says that a packet is too long',
      [
        { bytes: 1300, outcome: 'answered' },
        { bytes: 1450, outcome: 'too-long' },
      ],
    ],
  ] as const)('is not known when %s', (_when, pings) => expect(carriedSize(sizeTest(apiC, { pings }))).toBeNull());
});

it('is looked for at every backend that was tried', () =>
  expect(
    sizeLimited(world({ sizeTests: [sizeTest(apiB, { usual: { bytes: 12, isComplete: true } }), sizeTest(apiC)] })),
  ).toEqual(['10.244.3.11']));
