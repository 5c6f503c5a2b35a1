import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { firstFrame } from '../../src/ui/first-frame.ts';
import { line, span } from '../../src/ui/lines.ts';
import { ResolvingScreen } from '../../src/ui/ResolvingScreen.tsx';
import { resolvingView } from '../../src/ui/resolving.ts';
import { themeFor } from '../../src/ui/theme.ts';
import { size, theme } from './fixture.ts';

const frame = { size, theme, color: false, screen: 'resolving' as const };

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
        for (const unicode of [true, false]) {
          const look = themeFor({ unicode, dark: true });
          const at = { columns, rows };
          const drawn = renderToString(<ResolvingScreen size={at} theme={look} {...wanted} frame={0} />, { columns });
          const early = firstFrame({ ...frame, size: at, theme: look, ...resolvingView(wanted, look, 0) });
          const trimmed = (text: string) =>
            stripVTControlCharacters(text)
              .split('\n')
              .map((row) => row.trimEnd());
          expect(trimmed(early)).toEqual(trimmed(drawn));
        }
  });

  it('has header, rule, lines, rule and keys', () => {
    const rows = firstFrame({
      ...frame,
      size: { columns: 40, rows: 7 },
      header: { left: 'web → api', right: 'lab' },
      lines: [line('one'), [span('two '), span('three')]],
    }).split('\n');
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
    const painted = firstFrame({
      ...frame,
      color: true,
      header: { left: 'web', right: '' },
      lines: [line('wait', 'unsure')],
    });
    expect(painted).toContain(' \u001b[1mweb\u001b[0m\n\u001b[2m─');
    expect(painted).toContain('\u001b[33mwait\u001b[0m');
    expect(firstFrame({ ...frame, header: { left: 'web', right: '' }, lines: [] })).not.toContain('\u001b');
  });

  it('never has more rows than the terminal', () => {
    const header = { left: 'web', right: '' };
    const lines = Array.from({ length: 50 }, (_, row) => line(`row ${row}`));
    expect(firstFrame({ ...frame, header, lines }).split('\n')).toHaveLength(24);
    expect(firstFrame({ ...frame, size: { columns: 80, rows: 3 }, header, lines }).split('\n')).toHaveLength(3);
  });
});
