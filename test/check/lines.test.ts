import { describe, expect, it } from 'vitest';
import type { CheckedFlow } from '../../src/check/checks.ts';
import { changeLines, flowLine, labelOf, problemLines, summaryText } from '../../src/check/lines.ts';
import { failedResult, settledResult } from '../../src/check/result.ts';
import { faulty, finding, healthy, inconclusive } from './reports.ts';

const plain = { color: false, unicode: true };
const flow: CheckedFlow = {
  name: null,
  namespace: 'shop',
  from: 'deploy/web',
  to: 'api:80',
  port: null,
  protocol: null,
  expect: 'reachable',
  because: [],
  why: null,
  at: { file: 'flows.yaml', line: 4 },
};
const broken = faulty(
  finding('selector-mismatch', 'cause', {
    summary: 'Service api selects app=apii, and no Pod has it.',
    fix: [{ say: 'Let it select app=api', run: 'kubectl -n shop patch service api' }, { say: 'Or label the Pods' }],
  }),
);
const unknown = failedResult(
  { ...flow, from: 'wep', at: { file: 'flows.yaml', line: 9 } },
  { kind: 'usage', message: 'There is no Pod wep in shop; the closest name is web.', tryThis: ['kubectl get pods'] },
  0.04,
);

describe('the label of a flow', () => {
  it.each([
    [{}, 'shop: deploy/web → api:80'],
    [{ namespace: null }, 'deploy/web → api:80'],
    [{ to: 'api', port: 'http', protocol: 'UDP' as const }, 'shop: deploy/web → api, port http UDP'],
    [{ name: 'the shop sells' }, 'the shop sells'],
  ])('%j', (change, label) => expect(labelOf({ ...flow, ...change }, plain)).toBe(label));

  it('in ASCII', () => expect(labelOf(flow, { unicode: false })).toBe('shop: deploy/web -> api:80'));
});

describe('the line of a flow', () => {
  it.each([
    ['as expected', settledResult(flow, healthy, 0.41), 'ok    shop: deploy/web → api:80   reachable  0.4 s\n'],
    [
      'not as expected',
      settledResult(flow, broken, 1.26),
      'FAIL  shop: deploy/web → api:80   expected reachable: selector-mismatch: Service api selects app=apii, and no Pod has it.  1.3 s\n',
    ],
    [
      'inconclusive',
      settledResult(flow, inconclusive, 0.2),
      '??    shop: deploy/web → api:80   inconclusive: everything that is measured from the source Pod: nothing was run in the source Pod. To see it: --access source  0.2 s\n',
    ],
    [
      'not asked',
      unknown,
      'ERR   shop: wep → api:80          There is no Pod wep in shop; the closest name is web.  0.0 s\n',
    ],
  ])('%s', (_, result, line) => expect(flowLine(result, 26, plain)).toBe(line));

  it('is one line, and nothing in it reaches the terminal as a command', () => {
    const nasty = faulty(finding('x', 'cause', { summary: 'one\ntwo \u001b[2Jthree' }));
    expect(flowLine(settledResult(flow, nasty, 0), 0, plain)).toBe(
      'FAIL  shop: deploy/web → api:80  expected reachable: x: one two \\u001b[2Jthree  0.0 s\n',
    );
  });

  it('has its sign in colour where there are colours', () =>
    expect(flowLine(settledResult(flow, healthy, 0), 0, { color: true, unicode: true })).toMatch(
      /^\u001b\[32mok {2}\u001b\[0m {2}shop/,
    ));
});

describe('the summary', () => {
  const facts = { access: 'source', seconds: 2.14, connection: '--context lab ' };

  it('of what is all as expected is one line', () =>
    expect(summaryText([settledResult(flow, healthy, 0.4)], facts, plain)).toBe(
      '1 of 1 as expected · access source · 2.1 s\n',
    ));

  it('says of each other flow where it stands, why it matters, what was found and what to type', () => {
    const results = [
      settledResult(flow, healthy, 0.4),
      settledResult(
        { ...flow, name: 'sells', why: 'Nobody can\nbuy otherwise.', port: 80, protocol: 'TCP' },
        broken,
        1,
      ),
      settledResult({ ...flow, namespace: null }, inconclusive, 1),
      unknown,
    ];
    expect(
      summaryText(results, facts, plain),
    ).toBe(`1 of 4 as expected · 1 not · 1 inconclusive · 1 could not be asked about · access source · 2.1 s

flows.yaml:4  sells
  Flow   shop: deploy/web → api:80, port 80 TCP
  Why    Nobody can buy otherwise.
  Found  expected reachable: selector-mismatch: Service api selects app=apii, and no Pod has it.
  Fix    Let it select app=api
         kubectl -n shop patch service api
  Alone  kubectl netdebug --context lab -n shop deploy/web api:80 --port 80 --protocol tcp --access source

flows.yaml:4  deploy/web → api:80
  Found  inconclusive: everything that is measured from the source Pod: nothing was run in the source Pod. To see it: --access source
  Alone  kubectl netdebug --context lab deploy/web api:80 --access source

flows.yaml:9  shop: wep → api:80
  Found  There is no Pod wep in shop; the closest name is web.
  Try    kubectl get pods
`);
  });

  it('ends with what was added to the cluster', () => {
    const change = {
      kind: 'EphemeralContainer',
      namespace: 'shop',
      name: 'netdebug',
      in: 'Pod web',
      left: true,
      readyAfterMs: 900,
    } as const;
    expect(changeLines([settledResult(flow, { ...healthy, changes: [change] }, 1), unknown])).toEqual([
      '',
      "Added EphemeralContainer netdebug to Pod web in shop. Its process ends 15 minutes after its last use; its name stays in the Pod's spec.",
    ]);
    expect(changeLines([unknown])).toEqual([]);
  });
});

describe('the problems of a file', () => {
  it('are written as compilers write them', () =>
    expect(problemLines([{ file: 'a.yaml', line: 7, column: 5, message: 'no.' }])).toBe('a.yaml:7:5: no.\n'));

  it('are at most twenty', () => {
    const many = Array.from({ length: 23 }, (_, line) => ({ file: 'a.yaml', line, column: 1, message: 'no.' }));
    const lines = problemLines(many).trimEnd().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([21, 'and 3 more']);
  });
});
