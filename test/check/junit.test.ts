import { describe, expect, it } from 'vitest';
import type { CheckedFlow } from '../../src/check/checks.ts';
import { junitSuite, junitText } from '../../src/check/junit.ts';
import { settledResult } from '../../src/check/result.ts';
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
  at: { file: 'flows.yaml', line: 4 },
};

describe('junit', () => {
  it('has a case for each flow: passed, failed, and an error where there is no answer', () => {
    const suite = junitSuite(
      [
        settledResult(flow, healthy, 0.5),
        settledResult(
          { ...flow, name: 'a "b" <c>' },
          faulty(finding('app-hung', 'cause', { summary: 'x & \u0001y' })),
          1,
        ),
        settledResult(flow, { ...inconclusive, gaps: [] }, 0.25),
      ],
      2,
    );
    expect(junitText([suite])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="1" skipped="0" time="2.000">
  <testsuite name="kubectl netdebug check" tests="3" failures="1" errors="1" skipped="0" time="2.000">
    <testcase name="web → api" classname="flows.yaml" time="0.500">
      <system-out>reachable</system-out>
    </testcase>
    <testcase name="a &quot;b&quot; &lt;c&gt;" classname="flows.yaml" time="1.000">
      <failure message="expected reachable: app-hung: x &amp; \\u0001y">flows.yaml:4  a &quot;b&quot; &lt;c&gt;
  Flow   web → api
  Found  expected reachable: app-hung: x &amp; \\u0001y
  Alone  kubectl netdebug web api --access source</failure>
    </testcase>
    <testcase name="web → api" classname="flows.yaml" time="0.250">
      <error message="inconclusive: not measured">flows.yaml:4  web → api
  Found  inconclusive: not measured
  Alone  kubectl netdebug web api --access source</error>
    </testcase>
  </testsuite>
</testsuites>
`);
  });
});
