import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/rules/index.ts';
import { type FiringCase, judge, problemsOf, type SilentCase } from './rule-cases.ts';
import { apiOnly, missing, world } from './world.ts';

const fires: FiringCase = {
  when: 'a Pod is gone',
  world: world(),
  says: 'A Pod is gone.',
  subject: 'Pod shop/api',
  confidence: 'proven',
  blocks: null,
};
const silent: SilentCase = { when: 'all is well', world: world(), outcome: 'clear' };

describe('the cases of a rule', () => {
  it('are fine with one of each', () => expect(problemsOf({ fires: [fires], silent: [silent] })).toEqual([]));

  it('need one in which it fires', () =>
    expect(problemsOf({ fires: [], silent: [silent] })).toEqual(['no case in which it fires']));

  it('need one in which it is silent', () =>
    expect(problemsOf({ fires: [fires], silent: [] })).toEqual(['no case in which it is silent']));

  it('know no other properties', () => {
    const typo = { ...fires, sees: ['nothing'] } as FiringCase;
    expect(problemsOf({ fires: [typo], silent: [silent] })).toEqual(['"a Pod is gone" has an unknown property sees']);
    const also = { ...fires, also: [{ ...fires }] } as FiringCase;
    expect(problemsOf({ fires: [also], silent: [silent] })).toHaveLength(2);
  });

  it('expect something of each list', () =>
    expect(problemsOf({ fires: [{ ...fires, saw: [] }], silent: [silent] })).toEqual([
      '"a Pod is gone" expects an empty list',
    ]));

  it('have different names', () =>
    expect(problemsOf({ fires: [fires], silent: [{ ...silent, when: fires.when }] })).toEqual([
      '"a Pod is gone" is there twice',
    ]));
});

describe('the healthy cluster', () => {
  it.each(RULES)('gives $id no reason to fire', (rule) => {
    expect(judge(rule, world()).outcome).toMatch(/^(clear|not-applicable|pending|unsure)$/);
  });

  it.each(RULES)('gives $id no reason to fire at access api', (rule) => {
    expect(judge(rule, apiOnly()).outcome).toMatch(/^(clear|not-applicable|pending|unsure|inconclusive)$/);
  });
});

it('tells missing evidence from absent evidence', () => {
  const evidence = world({ service: missing('forbidden', 'services is forbidden') });
  expect(evidence.service).toMatchObject({ status: 'missing', gap: { reason: 'forbidden' } });
  expect(evidence.listeners).toBeUndefined();
});
