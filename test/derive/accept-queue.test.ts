import { expect, it } from 'vitest';
import { isOverflowing } from '../../src/derive/accept-queue.ts';
import { acceptQueue } from '../support/world.ts';

it.each([
  ['there is room', {}, false],
  ['it is just full: one more may come', { queued: 9 }, false],
  ['more wait than may', { queued: 10 }, true],
  ['the kernel dropped some meanwhile', { queued: 4, after: { overflows: 2, drops: 2 } }, true],
  ['nothing listens', { queued: null, after: { overflows: 2, drops: 2 } }, false],
  ['only other drops rose', { queued: 4, after: { overflows: 0, drops: 3 } }, false],
])('overflows: %s', (_when, changes, expected) => expect(isOverflowing(acceptQueue('api-c', changes))).toBe(expected));
