import { describe, expect, it } from 'vitest';
import type { CheckedFlow } from '../../src/check/checks.ts';
import { junitSuite } from '../../src/check/junit.ts';
import { failedResult, settledResult } from '../../src/check/result.ts';
import { faulty, finding, healthy, inconclusive } from './reports.ts';

const flow: CheckedFlow = {
  name: null,
  namespace: null,
  from: 'web',
  to: 'api',
  port: null,
  protocol: null,
  expect: 'reachable',
  because: [],
  why: null,
  at: { file: 'net/flows.yaml', line: 4 },
};
const facts = {
  version: '0.1.0',
  startedAt: new Date('2026-03-02T10:00:00Z'),
  durationMs: 2000,
  access: 'source',
  requests: 9,
} as const;

describe('junit', () => {
  it('has a case for each flow: passed, failed, and an error where there is no answer', () =>
    expect(
      junitSuite(
        [
          settledResult(flow, healthy, 0.5),
          settledResult({ ...flow, name: 'sells' }, faulty(finding('app-hung', 'cause')), 1),
          settledResult({ ...flow, expect: 'unreachable' }, healthy, 1),
          settledResult(flow, { ...inconclusive, gaps: [] }, 0.25),
          failedResult(flow, { kind: 'usage', message: 'There is no Pod web.', tryThis: ['kubectl get pods'] }, 0.1),
        ],
        facts,
      ),
    ).toEqual({
      name: 'netdebug check',
      startedAt: '2026-03-02T10:00:00.000Z',
      seconds: 2,
      properties: { 'netdebug.version': '0.1.0', 'netdebug.access': 'source' },
      cases: [
        { name: 'web → api', classname: 'netdebug.net/flows_yaml', seconds: 0.5, outcome: { kind: 'passed' } },
        {
          name: 'sells',
          classname: 'netdebug.net/flows_yaml',
          seconds: 1,
          outcome: {
            kind: 'failed',
            type: 'app-hung',
            message: 'expected reachable: app-hung: This is app-hung.',
            details: `net/flows.yaml:4  sells
  Flow   web → api
  Result expected reachable: app-hung: This is app-hung.
  Alone  kubectl netdebug web api --access source`,
          },
        },
        {
          name: 'web → api',
          classname: 'netdebug.net/flows_yaml',
          seconds: 1,
          outcome: {
            kind: 'failed',
            type: 'reachable',
            message: 'expected unreachable: web reaches svc/api:80',
            details: `net/flows.yaml:4  web → api
  Result expected unreachable: web reaches svc/api:80
  Alone  kubectl netdebug web api --access source`,
          },
        },
        {
          name: 'web → api',
          classname: 'netdebug.net/flows_yaml',
          seconds: 0.25,
          outcome: {
            kind: 'error',
            type: 'inconclusive',
            message: 'inconclusive: not measured',
            details: `net/flows.yaml:4  web → api
  Result inconclusive: not measured
  Alone  kubectl netdebug web api --access source`,
          },
        },
        {
          name: 'web → api',
          classname: 'netdebug.net/flows_yaml',
          seconds: 0.1,
          outcome: {
            kind: 'error',
            type: 'not-run',
            message: 'There is no Pod web.',
            details: `net/flows.yaml:4  web → api
  Result There is no Pod web.
  Try    kubectl get pods`,
          },
        },
      ],
    }));
});
