import { describe, expect, it } from 'vitest';
import { commandLines, wrap } from '../../src/ui/lines.ts';

const text = (command: string, columns: number): string =>
  commandLines(command, { indent: 0, columns })
    .lines.map((spans) => spans.map((part) => part.text).join(''))
    .join('\n');

describe('wrap', () => {
  it('breaks at spaces, counts columns and cuts a word that is too long', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('一二 三四', 5)).toEqual(['一二', '三四']);
    expect(wrap('a abcdefgh', 4)).toEqual(['a', 'abcd', 'efgh']);
    expect(wrap('one\ntwo', 20)).toEqual(['one', 'two']);
    expect(wrap('  one two', 7)).toEqual(['  one', '  two']);
    expect(wrap('   one', 3)).toEqual(['one']);
  });
});

describe('commandLines', () => {
  it('leaves a command that fits as it is', () => {
    expect(text('kubectl get pods', 20)).toBe('kubectl get pods');
  });

  it('continues a longer one as a shell does, never inside quotes', () => {
    expect(text(`kubectl patch svc api -p '{"a": "b c"}'`, 24)).toBe(`kubectl patch svc api \\\n-p '{"a": "b c"}'`);
  });

  it('adds nothing to the lines of a script', () => {
    expect(text("cat <<'EOF'\nspec: a b c d\nEOF", 12)).toBe("cat <<'EOF'\nspec: a b c \nd\nEOF");
  });

  it('says when a word had to be cut', () => {
    expect(commandLines('kubectl abcdefghijklmnop', { indent: 0, columns: 12 }).isCut).toBe(true);
    expect(commandLines('kubectl get', { indent: 0, columns: 12 }).isCut).toBe(false);
  });
});
