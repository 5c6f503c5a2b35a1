import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { type Beginning, begin, type ChooseEvent, type Choosing, choose } from '../../src/choose/choose.ts';
import type { Size } from '../../src/ui/lines.ts';
import { PickScreen } from '../../src/ui/PickScreen.tsx';
import { windowAt } from '../../src/ui/window.ts';
import { podRow } from '../choose/rows.ts';
import { edges, size, theme } from './fixture.ts';

const NOTHING: Beginning = { source: null, destination: null, context: 'lab', namespace: 'shop', recent: [] };

function played(...events: readonly ChooseEvent[]): Choosing {
  return events.reduce((now, event) => choose(now, event).choosing, begin(NOTHING, 0).choosing);
}
const pods = (items: readonly ReturnType<typeof podRow>[], isLast = true): ChooseEvent => ({
  type: 'page',
  list: 'pods',
  namespace: 'shop',
  items,
  isLast,
});
const draw = (choosing: Choosing, at: Size = size, nowMs = 0): string =>
  renderToString(
    <PickScreen
      size={at}
      theme={theme}
      choosing={choosing}
      command="kubectl netdebug -n shop pod/web DESTINATION"
      nowMs={nowMs}
      limitMs={10_000}
    />,
    { columns: at.columns },
  );

describe('a picker', () => {
  it('shows what can be chosen, in columns, and the command line that says the same', () => {
    const choosing = played(
      pods([
        podRow('api-7d9f-aaaaa', { app: 'api' }),
        podRow('api-7d9f-bbbbb', { app: 'api', status: 'CrashLoopBackOff', ready: '0/1', restarts: '3 (2m ago)' }),
        podRow('web'),
      ]),
    );
    const screen = draw(choosing);
    for (const row of [
      ' Which Pod cannot reach something? Connections are tried from it.',
      ' Pods in shop',
      ' ❯ ✘ deploy/api        1 of 2 Pods ready',
      '     ✘ api-7d9f-bbbbb  CrashLoopBackOff 0/1  n2  restarts 3 (2m ago)',
      '     ✔ api-7d9f-aaaaa  Running 1/1           n2',
      '   ✔ web               Running 1/1           n2',
      ' same as: kubectl netdebug -n shop pod/web DESTINATION',
    ])
      expect(screen.split('\n').map((line) => line.trimEnd())).toContain(row);
    expect(edges(screen)).toEqual({
      first: ` source? → destination?${' '.repeat(46)}shop · lab`,
      last: ' ↑↓ choose  enter go  tab all namespaces  ? keys  esc leave',
      rows: 24,
    });
  });

  it('counts what comes in, and says what it waits for', () => {
    expect(draw(played(pods([podRow('web')], false)))).toContain('⠋ Reading Pods in shop: 1 so far');
    expect(draw(played(), size, 3200)).toContain('Reading Pods in shop: no answer for 3 s, given up after 10 s');
  });

  it('does not call empty what may not be listed', () => {
    const refused: ChooseEvent = { type: 'failed', list: 'pods', namespace: 'shop', how: 'refused', why: 'forbidden' };
    const screen = draw(played(refused));
    expect(screen).toContain(' ? You may not list Pods in shop. Type a name: POD, deploy/NAME,');
    expect(screen).not.toContain('There is no Pod');
    expect(draw(played(pods([])))).toContain('There is no Pod in shop. Tab shows all namespaces.');
  });

  it('draws names from the cluster as text', () => {
    const screen = draw(played(pods([podRow('a\u001b[2J\u202eb'), podRow('x'.repeat(30))])));
    expect(screen).toContain('a\\u001b[2J\\u202eb');
  });

  it.each([
    { columns: 60, rows: 20 },
    { columns: 120, rows: 40 },
    { columns: 200, rows: 60 },
  ])('keeps its frame at $columns × $rows with a name of 253 characters', (at) => {
    const long = podRow('x'.repeat(253));
    const many = Array.from({ length: 200 }, (_, index) => podRow(`日本-${index}`));
    const screen = draw(played(pods([long, ...many])), at);
    expect(edges(screen).rows).toBe(at.rows);
    expect(edges(screen).last).toMatch(/esc leave$/);
    expect(screen).toMatch(/↓ \d+ below$/m);
  });
});

describe('the window of a list', () => {
  const items = ['Heading', ...Array.from({ length: 20 }, (_, index) => ({ index }))];
  it.each([
    ['stays while the lit row is in it', 3, { at: 6, room: 8 }, 3],
    ['follows down just far enough', 0, { at: 8, room: 8 }, 1],
    ['follows up just far enough', 5, { at: 4, room: 8 }, 4],
    ['shows the heading above the first row', 5, { at: 1, room: 8 }, 0],
    ['has no empty rows at its end', 18, { at: 19, room: 8 }, 13],
  ])('%s', (_what, first, at, expected) => expect(windowAt(first, { ...at, items })).toBe(expected));
});
