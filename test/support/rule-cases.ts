import { describe, expect, it } from 'vitest';
import type { Stage } from '../../src/derive/reach.ts';
import { diagnose, type RuleResult } from '../../src/diagnose/diagnose.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import type { Access } from '../../src/ladder/access.ts';
import { type Flow, describe as nameOf } from '../../src/ladder/flow.ts';
import type { Confidence, Fault, Rule } from '../../src/rules/rule.ts';
import { NOW, WEB_TO_API } from './world.ts';

/** What one fault must be. Sentences are typed by hand, never taken from the code under test. */
export interface ExpectedFault {
  /** The whole sentence. */
  readonly says: string;
  /** `Service shop/api`, `Node n2`. */
  readonly subject: string;
  readonly confidence: Confidence;
  readonly blocks: Stage | null;
  /** Backend addresses it affects; leave out when it affects all. */
  readonly addresses?: readonly string[];
  /** Lines that must be among the proof. */
  readonly saw?: readonly string[];
  /** Commands that must be among the fix, whole. */
  readonly run?: readonly string[];
}

export interface FiringCase extends ExpectedFault {
  readonly when: string;
  readonly world: Evidence;
  readonly flow?: Flow;
  /** Further faults of the same rule, in order. */
  readonly also?: readonly ExpectedFault[];
}

export interface SilentCase {
  readonly when: string;
  readonly world: Evidence;
  readonly flow?: Flow;
  readonly outcome: 'clear' | 'not-applicable' | 'unsure';
  /** With `unsure`: the access that would settle it. */
  readonly needs?: Access;
  readonly because?: string;
}

export interface RuleCases {
  readonly fires: readonly FiringCase[];
  readonly silent: readonly SilentCase[];
}

const EXPECTED = ['says', 'subject', 'confidence', 'blocks', 'addresses', 'saw', 'run'];
const FIRING = [...EXPECTED, 'when', 'world', 'flow', 'also'];
const SILENT = ['when', 'world', 'flow', 'outcome', 'needs', 'because'];

/**
 * The test of one rule: worlds where it fires, with the sentence a user reads, and worlds where it is silent.
 *
 * Adds what holds for every rule: inconclusive without each need, no crash without each use, the same after a JSON round
 * trip of the evidence, and pure.
 */
export function ruleCases(rule: Rule, cases: RuleCases): void {
  describe(rule.id, () => {
    it('is tested with cases that say something', () => expect(problemsOf(cases)).toEqual([]));

    it.each(cases.fires)('fires: $when', ({ world, flow, also = [], ...expected }) => {
      const judgement = judge(rule, world, flow);
      const faults = judgement.outcome === 'fault' ? judgement.faults : [];
      if (faults.length === 0) expect(judgement).toMatchObject({ outcome: 'fault' });
      const wanted = [expected, ...also];
      expect(faults.map(({ summary }) => summary)).toEqual(wanted.map(({ says }) => says));
      for (const [index, one] of wanted.entries()) expectFault(faults[index], one);
    });

    it.each(cases.silent)('is silent: $when', ({ world, flow, outcome, needs, because }) => {
      expect(judge(rule, world, flow)).toMatchObject({
        outcome,
        ...(needs === undefined ? {} : { needs }),
        because: because ?? expect.stringMatching(/\S/),
      });
    });

    const [first] = cases.fires;
    if (first === undefined) return;

    if (rule.needs.length > 0) {
      it.each(rule.needs)('is inconclusive without %s', (kind) => {
        const gap = { reason: 'forbidden', detail: 'the API server said no' } as const;
        const world: Evidence = { ...first.world, [kind]: { status: 'missing', gap, command: 'see', atMs: NOW } };
        expect(judge(rule, world, first.flow)).toEqual({ outcome: 'inconclusive', missing: [{ kind, gap }] });
      });
    }

    if (rule.uses.length > 0) {
      it.each(rule.uses)('reaches a judgement without %s', (kind) => {
        const world = { ...first.world, [kind]: undefined } as Evidence;
        expect(judge(rule, world, first.flow).outcome).toMatch(/^(fault|clear|not-applicable|unsure)$/);
      });
    }

    it('judges the same after a JSON round trip of the evidence', () => {
      for (const { world, flow } of [...cases.fires, ...cases.silent]) {
        expect(judge(rule, JSON.parse(JSON.stringify(world)) as Evidence, flow)).toEqual(judge(rule, world, flow));
      }
    });

    it('is pure: judging twice gives the same and leaves the evidence alone', () => {
      for (const { world, flow } of [...cases.fires, ...cases.silent]) {
        const frozen = freeze(structuredClone(world));
        const once = judge(rule, frozen, flow);
        expect(judge(rule, frozen, flow)).toEqual(once);
        expect(once).toEqual(judge(rule, world, flow));
      }
    });
  });
}

/** What this rule alone makes of a world. */
export function judge(rule: Rule, world: Evidence, flow: Flow = WEB_TO_API): RuleResult['judgement'] {
  const { results } = diagnose(world, [rule], { flow, access: 'source', now: NOW, settled: true });
  const [result] = results;
  if (result === undefined) throw new Error('the engine left the rule out');
  return result.judgement;
}

/** What is wrong with the cases themselves: a test that cannot fail is worse than none. */
export function problemsOf({ fires, silent }: RuleCases): readonly string[] {
  const empty = [
    ...(fires.length === 0 ? ['no case in which it fires'] : []),
    ...(silent.length === 0 ? ['no case in which it is silent'] : []),
  ];
  const strange = [
    ...fires.flatMap((item) => unknownKeys(item, FIRING, item.when)),
    ...fires.flatMap((item) => (item.also ?? []).flatMap((other) => unknownKeys(other, EXPECTED, item.when))),
    ...silent.flatMap((item) => unknownKeys(item, SILENT, item.when)),
  ];
  const hollow = fires.flatMap((item) =>
    [item, ...(item.also ?? [])].flatMap(({ saw, run, addresses }) =>
      [saw, run, addresses].some((list) => list?.length === 0) ? [`"${item.when}" expects an empty list`] : [],
    ),
  );
  const names = [...fires, ...silent].map(({ when }) => when);
  const twice = names.filter((name, index) => names.indexOf(name) !== index).map((name) => `"${name}" is there twice`);
  return [...empty, ...strange, ...hollow, ...twice];
}

function unknownKeys(item: object, known: readonly string[], when: string): readonly string[] {
  return Object.keys(item)
    .filter((key) => !known.includes(key))
    .map((key) => `"${when}" has an unknown property ${key}`);
}

function expectFault(fault: Fault | undefined, expected: ExpectedFault): void {
  expect({
    subject: fault && nameOf(fault.subject),
    confidence: fault?.confidence,
    blocks: fault?.blocks,
    addresses: fault?.addresses,
  }).toEqual({
    subject: expected.subject,
    confidence: expected.confidence,
    blocks: expected.blocks,
    addresses: expected.addresses,
  });
  expect(fault?.evidence.map(({ saw }) => saw)).toEqual(expect.arrayContaining([...(expected.saw ?? [])]));
  expect(fault?.fix.map(({ run }) => run)).toEqual(expect.arrayContaining([...(expected.run ?? [])]));
  // Every proof can be repeated, and every fault has a way out.
  expect(fault?.evidence.filter(({ command, saw }) => command === '' || saw === '')).toEqual([]);
  expect(fault?.fix).not.toEqual([]);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
