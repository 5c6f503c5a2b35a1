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

const failed = (atMs: number, blamed: string): Watched => ({ atMs, verdict: 'fault', blamed });

it.each([
  [
    'one thing, at regular times',
    [failed(0, 'Pod api-c'), check(30_000), failed(60_000, 'Pod api-c'), check(90_000), failed(120_000, 'Pod api-c')],
    '5 checks in 130 s: 3 failed (60 %), all for Pod api-c, about every 60 s, the last one 10 s ago',
  ],
  [
    'different things, at any time',
    [failed(0, 'Pod api-c'), failed(20_000, 'Node n3'), failed(120_000, 'Pod api-c')],
    '3 checks in 130 s: 3 failed (100 %), the last one 10 s ago',
  ],
  [
    'all of them: the pause between two checks is no period',
    [failed(120_000, 'Pod api-c'), failed(123_000, 'Pod api-c'), failed(126_000, 'Pod api-c')],
    '3 checks in 10 s: 3 failed (100 %), all for Pod api-c, the last one 4 s ago',
  ],
] as const)('says what failed checks have in common: %s', (_what, checks, text) =>
  expect(rateText(checks, 130_000)).toBe(text.replace('in 130 s', 'in 2 min')),
);

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
