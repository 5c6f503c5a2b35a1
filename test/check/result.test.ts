import { describe, expect, it } from 'vitest';
import type { CheckedFlow } from '../../src/check/checks.ts';
import { buildCheckReport, commonProblem, endingOf, failedResult, settledResult } from '../../src/check/result.ts';
import { faulty, finding, healthy, inconclusive } from './reports.ts';

const flow: CheckedFlow = {
  name: 'sells',
  namespace: 'shop',
  from: 'web',
  to: 'api',
  port: null,
  protocol: null,
  expect: 'reachable',
  because: [],
  why: null,
  at: { file: 'flows.yaml', line: 4 },
};
const ok = settledResult(flow, healthy, 0.4);
const mismatch = settledResult(flow, faulty(finding('app-hung', 'cause')), 0.5);
const unsure = settledResult(flow, inconclusive, 0.6);
const noSource = failedResult(flow, { kind: 'usage', message: 'There is no Pod web.', tryThis: [] }, 0.1);
const down = failedResult(flow, { kind: 'environment', message: 'No answer.', tryThis: ['kubectl cluster-info'] }, 0.1);

describe('what a check comes to', () => {
  it.each([
    [[ok, ok], 'as-expected'],
    [[ok, unsure], 'inconclusive'],
    [[unsure, noSource], 'usage'],
    [[unsure, down], 'could-not-run'],
    [[down, noSource], 'usage'],
    [[ok, unsure, noSource, down, mismatch], 'mismatch'],
  ] as const)('%#: %s', (results, ending) => expect(endingOf(results)).toBe(ending));
});

describe('a problem of all flows', () => {
  it('is told once', () => expect(commonProblem([down, down])).toEqual(down.problem));
  it('is none when one flow got further', () => expect(commonProblem([down, mismatch])).toBeNull());
  it('is none when it lies with the flow', () => expect(commonProblem([noSource, noSource])).toBeNull());
  it('is none of nothing', () => expect(commonProblem([])).toBeNull());
});

describe('the JSON object', () => {
  const report = buildCheckReport([ok, mismatch, unsure, noSource], {
    version: '0.1.0',
    startedAt: new Date('2026-03-02T10:00:00Z'),
    durationMs: 1234.5,
    access: 'source',
    requests: 42,
  });

  it('says what was run and counts what came out', () =>
    expect(report).toMatchObject({
      schemaVersion: 1,
      tool: { version: '0.1.0' },
      startedAt: '2026-03-02T10:00:00.000Z',
      durationMs: 1235,
      access: 'source',
      requests: 42,
      summary: { flows: 4, ok: 1, mismatch: 1, inconclusive: 1, notRun: 1 },
    }));

  it('has each flow as it is written, what came of it and its whole report', () => {
    expect(report.flows[1]).toEqual({
      ...flow,
      outcome: 'mismatch',
      says: 'expected reachable: app-hung: This is app-hung.',
      found: ['app-hung'],
      durationMs: 500,
      problem: null,
      report: faulty(finding('app-hung', 'cause')),
    });
    expect(report.flows[3]).toMatchObject({ outcome: 'not-run', report: null, problem: { kind: 'usage' } });
  });
});
