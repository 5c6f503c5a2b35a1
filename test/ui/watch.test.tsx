import { renderToString } from 'ink';
import { expect, it } from 'vitest';
import { rateText, type Watched, WatchScreen } from '../../src/ui/WatchScreen.tsx';
import { edges, faulty, header, size, theme } from './fixture.ts';

const check = (atMs: number, verdict: Watched['verdict'] = 'healthy'): Watched => ({ atMs, verdict });

it.each([
  [[], 'The first check is under way'],
  [[check(1000)], '1 check in 9 s: none failed'],
  [
    [check(1000), check(4000, 'fault'), check(7000), check(8000)],
    '4 checks in 9 s: 1 failed (25 %), the last one 6 s ago',
  ],
] as const)('says how often it failed: %#', (checks, text) => expect(rateText(checks, 10_000)).toBe(text));

it('shows every check as a sign, and what the last one saw', () => {
  const checks = [check(0), check(1, 'fault'), check(2, 'inconclusive')];
  const screen = renderToString(
    <WatchScreen
      size={size}
      theme={theme}
      header={header}
      checks={checks}
      report={faulty}
      nowMs={3000}
      onStop={() => undefined}
    />,
    { columns: 80 },
  );
  expect(screen).toContain('   ✔✘?\n');
  expect(screen).toContain(' ✘ Service api selects app=apii, and no Pod in shop has these labels.');
  expect(edges(screen).last).toBe(' esc stop watching');
});
