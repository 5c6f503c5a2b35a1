import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { cleanAll } from '../../src/report/clean.ts';
import { frameRows, turned, turningSpots } from '../../src/ui/frame-rows.ts';
import { HINTS, keysLine } from '../../src/ui/keys.ts';
import { line, span, spinner, widthOf } from '../../src/ui/lines.ts';
import { ResolvingScreen } from '../../src/ui/ResolvingScreen.tsx';
import { resolvingView } from '../../src/ui/resolving.ts';
import { themeFor } from '../../src/ui/theme.ts';
import { size, theme } from './fixture.ts';

const frame = { size, theme, screen: 'resolving' as const };

describe('the frame before Ink is loaded', () => {
  it('is the frame that Ink will draw, at every size and for names that do not fit', () => {
    const names = [
      { source: 'web', destination: 'api' },
      { source: `web-${'x'.repeat(240)}`, destination: 'deploy/api.other:8080' },
      { source: '支払い', destination: 'größe' },
    ];
    for (const [columns, rows] of [
      [80, 24],
      [60, 20],
      [200, 60],
      [40, 10],
    ] as const)
      for (const wanted of names)
        for (const unicode of columns === 80 ? [true, false] : [true]) {
          const look = themeFor({ unicode, dark: true, color: false });
          const at = { columns, rows };
          const drawn = renderToString(<ResolvingScreen size={at} theme={look} {...wanted} />, { columns });
          const early = frameRows({ ...frame, size: at, theme: look, ...resolvingView(wanted, look) }).join('\n');
          const trimmed = (text: string) =>
            stripVTControlCharacters(text)
              .split('\n')
              .map((row) => row.trimEnd());
          expect(trimmed(early)).toEqual(trimmed(drawn));
        }
  }, 30_000);

  it('has header, rule, lines, rule and keys', () => {
    const rows = frameRows({
      ...frame,
      size: { columns: 40, rows: 7 },
      header: { left: 'web → api', right: 'lab' },
      lines: [line('one'), [span('two '), span('three')]],
    });
    expect(rows).toEqual([
      ' web → api                          lab',
      '─'.repeat(40),
      'one',
      'two three',
      '',
      '─'.repeat(40),
      ' ? keys  q quit',
    ]);
  });

  it('colours by SGR, and only where colour is wanted', () => {
    const painted = frameRows({
      ...frame,
      theme: themeFor({ unicode: true, dark: true, color: true }),
      header: { left: 'web', right: '' },
      lines: [line('wait', 'unsure')],
    }).join('\n');
    expect(painted).toContain(' \u001b[1mweb\u001b[0m\n\u001b[2m─');
    expect(painted).toContain('\u001b[33mwait\u001b[0m');
    expect(frameRows({ ...frame, header: { left: 'web', right: '' }, lines: [] }).join('')).not.toContain('\u001b');
  });

  it('never has more rows than the terminal', () => {
    const header = { left: 'web', right: '' };
    const lines = Array.from({ length: 50 }, (_, row) => line(`row ${row}`));
    expect(frameRows({ ...frame, header, lines })).toHaveLength(24);
    expect(frameRows({ ...frame, size: { columns: 80, rows: 3 }, header, lines })).toHaveLength(3);
  });
});

/** What stands in names, messages and output: any text, and what is known to upset terminals. */
const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
  fc.constantFrom(
    'x'.repeat(253),
    '支払い'.repeat(30),
    'e\u0301'.repeat(100),
    '\u05d0\u05d1\u202e\u2066abc',
    '👨‍👩‍👧‍👦'.repeat(30),
    '\u001b[2J\u001b[H\u001b]0;root@prod\u0007\u009b31m',
    ' q quit\r\n\u001b[1A',
    '\u200b\u2060\ufeff\u00ad'.repeat(50),
  ),
);
const tones = ['plain', 'good', 'bad', 'unsure', 'quiet', 'strong', 'chosen'] as const;

it('no name and no message makes a row wider than the terminal, adds a row, or takes the keys away', () => {
  const screens = Object.keys(HINTS) as (keyof typeof HINTS)[];
  fc.assert(
    fc.property(
      fc.record({
        columns: fc.integer({ min: 60, max: 200 }),
        rows: fc.integer({ min: 20, max: 60 }),
        left: hostile,
        right: hostile,
        position: fc.constantFrom('', '↑ 3 above  ↓ 12 below'),
        lines: fc.array(fc.array(fc.record({ text: hostile, tone: fc.constantFrom(...tones) }), { maxLength: 4 }), {
          maxLength: 25,
        }),
        screen: fc.constantFrom(...screens),
        color: fc.boolean(),
        unicode: fc.boolean(),
      }),
      ({ columns, rows, left, right, position, lines, screen, color, unicode }) => {
        const look = themeFor({ unicode, dark: true, color });
        const drawn = frameRows({
          size: { columns, rows },
          theme: look,
          header: cleanAll({ left, right, time: '12.3 s' }),
          lines: cleanAll(lines),
          screen,
          position,
        });
        expect(drawn).toHaveLength(rows);
        for (const row of drawn) {
          const text = row.replaceAll(/\u001b\[[\d;]*m/g, '');
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
          expect(widthOf(text)).toBeLessThanOrEqual(columns);
        }
        expect(drawn[0]).toContain('12.3 s');
        expect(drawn.at(-1)).toBe(keysLine(screen, look.signs, columns));
      },
    ),
    { numRuns: 30 },
  );
}, 30_000);

describe('what turns', () => {
  const lines = [line('one'), [span('支 '), spinner(theme.signs), span(' reading')], [spinner(theme.signs)]];

  it('is found where it is drawn', () => {
    expect(turningSpots({ size, lines })).toEqual([
      { row: 4, column: 4, tone: 'unsure' },
      { row: 5, column: 1, tone: 'unsure' },
    ]);
    const rows = frameRows({ ...frame, header: { left: 'web', right: '' }, lines });
    expect(rows[3]).toBe('支 ⠋ reading');
  });

  it('is nowhere where there is no room for it', () => {
    const many = Array.from({ length: 40 }, () => [spinner(theme.signs)]);
    expect(turningSpots({ size, lines: many }).map(({ row }) => row)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 3),
    );
    expect(turningSpots({ size, lines: [[span('x'.repeat(80)), spinner(theme.signs)]] })).toEqual([]);
  });

  it('is written over in place, and the cursor goes where Ink expects it', () => {
    const colored = themeFor({ unicode: true, dark: true, color: true });
    expect(turned([{ row: 4, column: 7, tone: 'unsure' }], '⠙', colored)).toBe(
      '\u001b7\u001b[4;7H\u001b[33m⠙\u001b[0m\u001b8',
    );
  });
});
