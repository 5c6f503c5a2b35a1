import { describe, expect, it } from 'vitest';
import { HINTS, intentsOf, keyName, keysLine, keyTable, type ScreenName } from '../../src/ui/keys.ts';
import { themeFor } from '../../src/ui/theme.ts';

const { signs } = themeFor({ unicode: true, dark: true, color: false });

describe('keys', () => {
  it('have names', () => {
    expect(keyName('', { upArrow: true })).toBe('up');
    expect(keyName('\t', { tab: true, shift: true })).toBe('shift-tab');
    expect(keyName('c', { ctrl: true })).toBe('ctrl-c');
    expect(keyName(' ', {})).toBe('space');
    expect(keyName('?', { shift: true })).toBe('?');
  });

  it('mean something', () => {
    expect(intentsOf('j')).toEqual(['down']);
    expect(intentsOf('q')).toEqual(['back', 'quit']);
    expect(intentsOf('ctrl-c')).toEqual(['interrupt']);
    expect(intentsOf('x')).toEqual(['explain']);
    expect(intentsOf('z')).toEqual([]);
  });

  it('stand on the last line, the way out also where there is little room', () => {
    expect(keysLine('verdict', signs, 80)).toBe(' ←→ choose  enter go  ↑↓ scroll  l log  ? keys  q quit');
    expect(keysLine('verdict', signs, 40)).toBe(' ←→ choose  enter go  ? keys  q quit');
    expect(keysLine('verdict', signs, 16)).toBe(' ? keys  q quit');
  });

  it.each(Object.keys(HINTS) as ScreenName[])('of %s are all explained, with a way out of everything', (screen) => {
    const table = keyTable(screen, signs).join('\n');
    expect(table).toContain('ctrl-c');
    for (const { says } of HINTS[screen].shown) expect(table).toContain(says);
  });
});
