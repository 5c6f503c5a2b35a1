import { describe, expect, it } from 'vitest';
import { forgottenIn, sawIdle } from '../../src/derive/idle.ts';
import { idle } from '../support/world.ts';

describe('an idle connection', () => {
  it('is cut between the longest pause that works and the shortest that does not', () =>
    expect(forgottenIn(idle({ 0: 'answered', 5: 'answered', 15: 'silent', 30: 'reset' }))).toEqual({
      worksS: 5,
      cutS: 15,
      times: 2,
    }));

  it.each([
    ['none is', idle({ 0: 'answered', 30: 'answered' })],
    ['the far end said that it closes it', idle({ 0: 'answered', 15: 'closed', 30: 'closed' })],
    ['a longer pause works', idle({ 0: 'answered', 15: 'silent', 30: 'answered' })],
    ['it fails without a pause', idle({ 0: 'silent', 15: 'silent' })],
    ['the pause before could not be tried', idle({ 0: 'answered', 5: 'unconnected', 15: 'silent' })],
    [
      'new connections fail as well',
      {
        ...idle({}),
        holds: [
          { idleS: 0, outcome: 'answered', again: true },
          { idleS: 15, outcome: 'silent', again: false },
        ],
      } as const,
    ],
  ])('is not cut where %s', (_, reading) => expect(forgottenIn(reading)).toBeNull());

  it('is told in one line', () =>
    expect(sawIdle(idle({ 0: 'answered', 5: 'answered', 15: 'closed', 30: 'silent' }))).toBe(
      'idle 0, 5 s: answered; 15 s: closed by the far end before; 30 s: no answer, and a new connection is answered at once',
    ));
});
