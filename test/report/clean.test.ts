import { describe, expect, it } from 'vitest';
import { clean, cleanAll, cleanForMarkup } from '../../src/report/clean.ts';

const codes = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('text from the cluster', () => {
  it('loses every control character of ECMA-48, C0 and C1, but the line feed', () => {
    for (const code of [...codes(0x00, 0x1f), ...codes(0x7f, 0x9f)]) {
      const char = String.fromCharCode(code);
      const shown = char === '\n' ? '\n' : char === '\t' ? ' ' : `\\u${code.toString(16).padStart(4, '0')}`;
      expect(clean(`a${char}b`)).toBe(`a${shown}b`);
    }
  });

  it.each([
    ['a colour', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['a cursor', '\u001b[2J\u001b[1;1H', '\\u001b[2J\\u001b[1;1H'],
    ['a title', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
    [
      'a link',
      '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\',
      '\\u001b]8;;https://evil.example\\u001b\\here\\u001b]8;;\\u001b\\',
    ],
    ['the clipboard', '\u001b]52;c;cm0gLXJm\u0007', '\\u001b]52;c;cm0gLXJm\\u0007'],
    ['a device string', '\u001bP+q544e\u001b\\', '\\u001bP+q544e\\u001b\\'],
    ['one-byte CSI and OSC', '\u009b31m \u009d0;x\u009c', '\\u009b31m \\u009d0;x\\u009c'],
    ['a line that is written over', 'fault\rhealthy', 'fault\\u000dhealthy'],
    ['letters that are taken back', 'fault\b\b\b\b\bok', 'fault\\u0008\\u0008\\u0008\\u0008\\u0008ok'],
  ])('does nothing to the terminal: %s', (_what, text, shown) => expect(clean(text)).toBe(shown));

  // Unicode Standard Annex 9, table 3: embeddings, overrides, isolates and marks.
  it.each([0x061c, 0x200e, 0x200f, ...codes(0x202a, 0x202e), ...codes(0x2066, 0x2069)])(
    'does not turn the direction of writing: %i',
    (code) => expect(clean(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u${code.toString(16).padStart(4, '0')}b`),
  );

  it('keeps what is only text', () => {
    const text = 'kubectl -n shop apply -f - <<EOF\nä 中文 עברית 💡 é\nEOF';
    expect(clean(text)).toBe(text);
  });

  it('is cleaned wherever it stands', () =>
    expect(cleanAll({ a: ['\u001b[1m', { b: '\u202e', c: 7, d: null, e: true }] })).toEqual({
      a: ['\\u001b[1m', { b: '\\u202e', c: 7, d: null, e: true }],
    }));
});

describe('text for a file of markup', () => {
  it('is Unicode, and leaves to the markup what means something there', () => {
    expect(cleanForMarkup('a\ud800b\uffffc\ufdd0d\u{1fffe}')).toBe('a\ufffdb\ufffdc\ufffdd\ufffd');
    expect(cleanForMarkup('<&>\u001b 🎉')).toBe('<&>\\u001b 🎉');
  });
});
