import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, parseSelector, printSelector, satisfies } from '../../../src/netpol/read/calico-selector.ts';

const labels = { app: 'web', 'k8s.io/tier': 'front-end', empty: '' };

describe('an expression of Calico', () => {
  it.each([
    ['', true],
    ['all()', true],
    ['global()', false],
    ["app == 'web'", true],
    ['app == "web"', true],
    ["app=='api'", false],
    ["app != 'api'", true],
    ["gone != 'x'", true],
    ['has(app)', true],
    ['!has(app)', false],
    ['has( gone )', false],
    ["app in {'api', 'web'}", true],
    ["app not in {'api', 'web'}", false],
    ["gone not in {'x'}", true],
    ['app in {}', false],
    ["k8s.io/tier contains 'end'", true],
    ["k8s.io/tier starts with 'front'", true],
    ["k8s.io/tier ends with 'front'", false],
    ["empty == ''", true],
    ["app == 'api' || app == 'web' && has(gone)", false],
    ["(app == 'api' || app == 'web') && has(empty)", true],
    ["!(app == 'web' && has(gone))", true],
    ["! ! app == 'web'", true],
    ["constructor == 'x'", false],
    ['has(constructor)', false],
  ])('%s: %s', (text, expected) => expect(satisfies(parseSelector(text), labels)).toBe(expected));

  it.each([
    "app = 'web'",
    'app == web',
    "app == 'web",
    "app == 'web' &&",
    "app in ('web')",
    'has(app',
    "&& app == 'web'",
    "app not 'web'",
    '#',
    `${'('.repeat(200)}all()${')'.repeat(200)}`,
  ])('%s is refused, with its text', (text) =>
    expect(() => parseSelector(text)).toThrow(/^the selector ".* (cannot be read|is nested too deep)$/),
  );

  const value = fc.string({ maxLength: 6 }).map((text) => text.replaceAll('"', ''));
  const key = fc.constantFrom('app', 'k8s.io/tier', 'empty', 'gone', 'in', 'not');
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Expression>({ op: 'all' }, { op: 'global' }),
      fc.record({ op: fc.constant('has' as const), key }),
      fc.record({ op: fc.constantFrom('==' as const, '!=', 'contains', 'starts with', 'ends with'), key, value }),
      fc.record({ op: fc.constantFrom('in' as const, 'not in'), key, values: fc.array(value, { maxLength: 3 }) }),
      fc.record({ op: fc.constant('!' as const), term: tie('expression') }),
      fc.record({
        op: fc.constantFrom('&&' as const, '||'),
        terms: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }));

  it('says the same after it was printed and read again', () => {
    fc.assert(
      fc.property(expression, (given) => {
        const again = parseSelector(printSelector(given));
        expect(again).toEqual(given);
        expect(satisfies(again, labels)).toBe(satisfies(given, labels));
      }),
      { numRuns: 500 },
    );
  }, 20_000);
});
