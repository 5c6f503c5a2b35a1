import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { type JunitSuite, junitOf, renderJunit, suiteOf } from '../../src/report/junit.ts';
import type { Report } from '../../src/report/report.ts';
import { faulty, healthy } from '../ui/fixture.ts';
import { hostileRun, hostileText } from './hostile.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Parses as strictly as the W3C asks; anything that is no XML 1.0 throws. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const stack = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: attributes as Record<string, string>, children: [], text: '' };
    stack.at(-1)?.children.push(element);
    stack.push(element);
  });
  parser.on('text', (text) => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += text;
  });
  parser.on('closetag', () => void stack.pop());
  parser.write(xml).close();
  return root.children[0] ?? root;
}

const casesOf = (report: Report) =>
  (parse(renderJunit(report)).children[0]?.children ?? []).filter(({ name }) => name === 'testcase');
const results = (report: Report) =>
  casesOf(report).map(({ attributes, children }) => [
    attributes.name,
    children.map(({ name }) => name).find((name) => name !== 'system-out') ?? 'passed',
  ]);

const inconclusive: Report = { ...healthy, verdict: 'inconclusive', gaps: faulty.gaps, rungs: faulty.rungs };

describe('the report for CI', () => {
  it('is a suite with a case for each rung and one for the verdict', () => {
    expect(renderJunit(healthy)).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="kubectl-netdebug" tests="6" failures="0" errors="0" skipped="1" time="1.200">
  <testsuite name="shop/web to shop/svc/api:80 TCP" tests="6" failures="0" errors="0" skipped="1" time="1.200" timestamp="2026-11-21T10:00:00.000Z">
    <properties>
      <property name="netdebug.version" value="0.1.0"/>
      <property name="netdebug.access" value="source"/>
      <property name="netdebug.verdict" value="healthy"/>
    </properties>
    <testcase name="D DNS" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="0.000"/>
    <testcase name="E Endpoints" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="0.000"/>
    <testcase name="P Path" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="0.000"/>
    <testcase name="N Policy" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="0.000"/>
    <testcase name="X Exposure" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="0.000">
      <skipped message="not on this path"/>
    </testcase>
    <testcase name="verdict" classname="netdebug.shop/web to shop/svc/api:80 TCP" time="1.200"/>
  </testsuite>
</testsuites>
`,
    );
  });

  it('fails the rung of a cause and the verdict, with the proof and the fix', () => {
    const report: Report = { ...faulty, rungs: { ...faulty.rungs, E: { state: 'faulty', summary: 'no endpoints' } } };
    expect(results(report)).toEqual([
      ['D DNS', 'passed'],
      ['E Endpoints', 'failure'],
      ['P Path', 'failure'],
      ['N Policy', 'skipped'],
      ['X Exposure', 'skipped'],
      ['verdict', 'failure'],
    ]);
    const [, endpoints, path, , , verdict] = casesOf(report).map(({ children }) => children[0]);
    expect(endpoints?.attributes).toEqual({
      message: 'Service api selects app=apii, and no Pod in shop has these labels.',
      type: 'selector-mismatch',
    });
    expect(path?.text).toBe(
      '2 of 3 backends answer; not api-7fmjh on n3. It follows from selector-mismatch: Service api selects app=apii, and no Pod in shop has these labels.',
    );
    expect(verdict?.text).toBe(`Service api selects app=apii, and no Pod in shop has these labels.
selector-mismatch, cause, proven: Service shop/api
Seen (api): spec.selector: app=apii
  kubectl get svc
Seen (source): api 10.96.0.7:80: connection refused
  curl
Fix: Let the Service select app=api
  kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'`);
    const output = casesOf(report).at(-1)?.children[1]?.text;
    expect(output).toContain('NetworkPolicy default-deny admits nobody.');
    expect(output).toContain('Not looked at:\nlistening sockets of the backends: nothing was run in a backend Pod');
  });

  it('is an error where nobody can tell', () => {
    const report: Report = {
      ...inconclusive,
      rungs: { ...healthy.rungs, N: { state: 'unknown', summary: 'forbidden' } },
    };
    expect(results(report).filter(([, result]) => result === 'error')).toEqual([
      ['N Policy', 'error'],
      ['verdict', 'error'],
    ]);
    expect(casesOf(report).at(-1)?.children[0]?.text).toContain('To see it: --access backend');
  });

  it('is green exactly when the exit code is 0', () => {
    const isRed = (report: Report) => results(report).some(([, result]) => result === 'failure' || result === 'error');
    expect([healthy, faulty, inconclusive].map(isRed)).toEqual([false, true, true]);
  });

  it('makes no packages of an address', () => {
    const to = { kind: 'Address', name: '10.1.2.3', port: 443, protocol: 'TCP' };
    expect(suiteOf({ ...healthy, flow: { ...healthy.flow, destination: to } }).cases[0]?.classname).toBe(
      'netdebug.shop/web to 10_1_2_3:443 TCP',
    );
  });

  it('holds several flows, counted together', () => {
    const own: JunitSuite = {
      name: 'nightly',
      startedAt: '2026-11-21T10:00:00Z',
      seconds: 0.5,
      properties: {},
      cases: [
        {
          name: 'web reaches db',
          classname: 'checks',
          seconds: 0.5,
          outcome: { kind: 'failed', type: 'unexpected', message: 'expected blocked', details: '' },
        },
      ],
    };
    const parsed = parse(junitOf([suiteOf(healthy, 'shop'), own]));
    expect(parsed.attributes).toEqual({
      name: 'kubectl-netdebug',
      tests: '7',
      failures: '1',
      errors: '0',
      skipped: '1',
      time: '1.700',
    });
    expect(parsed.children.map(({ attributes }) => attributes.name)).toEqual(['shop', 'nightly']);
    expect(parsed.children[1]?.children[0]?.children[0]).toMatchObject({ name: 'failure', text: 'expected blocked' });
  });
});

describe('a hostile cluster', () => {
  const skeleton = ({ name, attributes, children }: Element): unknown => [
    name,
    Object.keys(attributes),
    children.map(skeleton),
  ];

  it('cannot write any markup, nor what XML cannot hold', () => {
    const expected = skeleton(parse(renderJunit(hostileRun('x').report)));
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(skeleton(parse(renderJunit(hostileRun(text).report)))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('has its words shown as they are', () => {
    const summary = `a<b>&"'\n]]>\u0000\ud800\uffff`;
    const findings = faulty.findings.map((finding) => ({ ...finding, summary }));
    const failure = casesOf({ ...faulty, findings }).at(-1)?.children[0];
    expect(failure?.attributes.message).toBe(`a<b>&"'\n]]>\\u0000\ufffd\ufffd`);
  });
});
