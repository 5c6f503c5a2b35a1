import { describe, expect, it } from 'vitest';
import { helpText } from '../../src/cli/help.ts';

describe('the help', () => {
  const text = helpText();

  it('says what each access level does', () => {
    expect(text).toContain('\n  api      reads only; nothing is created\n');
    expect(text).toContain('\n  source   one debug container in the source Pod');
  });

  it('has the exit codes on one line', () =>
    expect(text).toContain(
      'Exit codes:  0 healthy · 1 a fault was found · 2 wrong usage · 3 inconclusive · 4 could not run · 130 interrupted\n',
    ));

  it('fits into 120 columns', () => expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]));
});
