import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { together } from '../../src/ui/together.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function calls(): { readonly ask: ReturnType<typeof together>; readonly atMs: number[] } {
  const atMs: number[] = [];
  return { ask: together(() => void atMs.push(Date.now()), { everyMs: 100, nowMs: () => Date.now() }), atMs };
}

it('calls at once after a rest, and once for all that comes within the time after that', () => {
  const { ask, atMs } = calls();
  for (let step = 0; step < 5; step++) {
    ask({ isUrgent: false });
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(atMs).toEqual([0, 100]);
});

it('does not call again when nothing came', () => {
  const { ask, atMs } = calls();
  ask({ isUrgent: false });
  vi.advanceTimersByTime(1000);
  expect(atMs).toEqual([0]);
});

it('lets what is urgent through at once, with what was waiting', () => {
  const { ask, atMs } = calls();
  ask({ isUrgent: false });
  vi.advanceTimersByTime(20);
  ask({ isUrgent: false });
  vi.advanceTimersByTime(20);
  ask({ isUrgent: true });
  vi.advanceTimersByTime(1000);
  expect(atMs).toEqual([0, 40]);
});
