import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLines, wrap } from '../../src/ui/lines.ts';

const text = (command: string, columns: number): string =>
  commandLines(command, { indent: 0, columns })
    .lines.map((spans) => spans.map((part) => part.text).join(''))
    .join('\n');

const quoted = (word: string): string => `'${word}'`;

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

  it('goes on within quoted JSON at the end of a token, where a line end and spaces are nothing', () => {
    const patch = `kubectl patch netpol a -p '{"spec":{"ports":[{"port":53,"protocol":"a, b"}]}}'`;
    expect(text(patch, 24)).toBe(
      `kubectl patch netpol a \\\n-p \\\n'{"spec":{"ports":[{\n"port":53,\n"protocol":"a, b"}]}}'`,
    );
    expect(commandLines(patch, { indent: 0, columns: 24 }).isCut).toBe(false);
  });

  it('can be pasted into a shell with the margin of the screen', () => {
    const [value, note] = [
      { to: [{ podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }] },
      'it is "here", \\ there',
    ];
    const command = `printf %s ${quoted(JSON.stringify([{ op: 'add', path: '/spec/egress/-', value, note }]))}`;
    for (const columns of [46, 60, 80]) {
      const { lines, isCut } = commandLines(command, { indent: 8, columns });
      const onScreen = lines.map((spans) => spans.map((part) => part.text).join('')).join('\n');
      expect(isCut).toBe(false);
      expect(JSON.parse(execFileSync('sh', ['-c', onScreen], { encoding: 'utf8' }))).toEqual([
        { op: 'add', path: '/spec/egress/-', value, note },
      ]);
    }
  });

  it('adds nothing to the lines of a script', () => {
    expect(text("cat <<'EOF'\nspec: a b c d\nEOF", 12)).toBe("cat <<'EOF'\nspec: a b c \nd\nEOF");
  });

  it('says when a word had to be cut', () => {
    expect(commandLines('kubectl abcdefghijklmnop', { indent: 0, columns: 12 }).isCut).toBe(true);
    expect(commandLines('kubectl get', { indent: 0, columns: 12 }).isCut).toBe(false);
  });
});
