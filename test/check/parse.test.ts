import { describe, expect, it } from 'vitest';
import { parseChecks } from '../../src/check/parse.ts';

const IDS = ['selector-mismatch', 'netpol-default-deny-ingress', 'netpol-default-deny-egress', 'app-hung'];

const flowsOf = (text: string) => {
  const parsed = parseChecks(text, 'flows.yaml', IDS);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.flows;
};

const problemsOf = (text: string): readonly string[] => {
  const parsed = parseChecks(text, 'flows.yaml', IDS);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

const head = 'apiVersion: netdebug/v1\nkind: Checks\n';
const oneFlow = (lines: string): string => `${head}flows:\n  - from: web\n    to: api\n${lines}`;

describe('a file of checks', () => {
  it('in YAML, with all that a flow can say', () => {
    expect(
      flowsOf(`# who may talk to whom
apiVersion: netdebug/v1
kind: Checks
namespace: shop
flows:
  - name: the shop sells
    from: deploy/web
    to: api
    port: http
    protocol: tcp
    expect: reachable
    why: Nobody can buy anything otherwise.
  - from: sts/db.data
    to: api:80
    namespace: other
    expect: unreachable
    because: [netpol-default-deny-ingress, netpol-default-deny-egress]
`),
    ).toEqual([
      {
        name: 'the shop sells',
        namespace: 'shop',
        from: 'deploy/web',
        to: 'api',
        port: 'http',
        protocol: 'TCP',
        expect: 'reachable',
        because: [],
        why: 'Nobody can buy anything otherwise.',
        at: { file: 'flows.yaml', line: 6 },
      },
      {
        name: null,
        namespace: 'other',
        from: 'sts/db.data',
        to: 'api:80',
        port: null,
        protocol: null,
        expect: 'unreachable',
        because: ['netpol-default-deny-ingress', 'netpol-default-deny-egress'],
        why: null,
        at: { file: 'flows.yaml', line: 13 },
      },
    ]);
  });

  it('in JSON', () => {
    const file = {
      apiVersion: 'netdebug/v1',
      kind: 'Checks',
      flows: [{ from: 'web', to: 'api', port: 80, expect: 'unreachable', because: 'app-hung' }],
    };
    expect(flowsOf(JSON.stringify(file))).toMatchObject([
      { from: 'web', to: 'api', port: 80, expect: 'unreachable', because: ['app-hung'], namespace: null },
    ]);
  });

  it('in several documents, each with its own namespace; an empty one at the end is none', () => {
    const flows = (namespace: string): string =>
      `${head}namespace: ${namespace}\nflows: [{from: web, to: api, expect: reachable}]\n`;
    expect(flowsOf(`${flows('a')}---\n${flows('b')}---\n`).map(({ namespace, at }) => [namespace, at.line])).toEqual([
      ['a', 4],
      ['b', 9],
    ]);
  });

  it('with an anchor, as people save typing', () => {
    const text = `${head}flows:\n  - from: &web deploy/web\n    to: api\n    expect: reachable\n  - from: *web\n    to: db\n    expect: reachable\n`;
    expect(flowsOf(text).map(({ from }) => from)).toEqual(['deploy/web', 'deploy/web']);
  });
});

describe('a file that is refused', () => {
  it.each([
    [
      'a wrong key',
      oneFlow('    expct: reachable\n    expect: reachable\n'),
      [
        '6:5 "expct" is no key of a flow; the closest is expect. There are name, namespace, from, to, port, protocol, expect, because and why.',
      ],
    ],
    [
      'a wrong key of the file',
      `${head}flow: []\nflows: [{from: a, to: b, expect: reachable}]\n`,
      ['3:1 "flow" is no key of this file; the closest is flows. There are apiVersion, kind, namespace and flows.'],
    ],
    [
      'a key that is missing',
      oneFlow('    why: nobody knows\n'),
      ['4:5 this flow has no expect; it takes reachable or unreachable.'],
    ],
    [
      'no apiVersion',
      'kind: Checks\nflows: [{from: a, to: b, expect: reachable}]\n',
      ['1:1 this document has no apiVersion; it takes netdebug/v1.'],
    ],
    [
      'another apiVersion',
      'apiVersion: v1\nkind: Checks\nflows: [{from: a, to: b, expect: reachable}]\n',
      ['1:13 apiVersion: v1: it takes netdebug/v1.'],
    ],
    [
      'an expectation of another tool',
      oneFlow('    expect: blocked\n'),
      ['6:13 expect: blocked: it takes reachable or unreachable.'],
    ],
    [
      'a port out of range',
      oneFlow('    port: 70000\n    expect: reachable\n'),
      ['6:11 port: 70000: it takes a number from 1 to 65535, or the name of a Service port.'],
    ],
    [
      'a port twice',
      `${head}flows:\n  - from: web\n    to: api:80\n    port: 81\n    expect: reachable\n`,
      ['6:11 port: 81: api:80 names another port; leave one of the two out.'],
    ],
    [
      'a value that is nothing',
      `${head}flows:\n  - from:\n    to: api\n    expect: reachable\n`,
      ['4:10 from: nothing: it takes a Pod or a workload: web, deploy/web, sts/db, web.shop.'],
    ],
    [
      'a number for a name',
      oneFlow('    name: 5\n    expect: reachable\n'),
      ['6:11 name: 5: it takes a name for the output; without it the flow is shown as FROM → TO.'],
    ],
    [
      'an unknown kind',
      `${head}flows:\n  - from: deplyo/web\n    to: api\n    expect: reachable\n`,
      [
        '4:11 from: deplyo/web: "deplyo" is no kind that can be a source or a destination. It takes a Pod or a workload: web, deploy/web, sts/db, web.shop.',
      ],
    ],
    [
      'an unknown finding',
      oneFlow('    expect: unreachable\n    because: [app-hung, selector-mismach]\n'),
      [
        '7:25 because: selector-mismach: no finding has this id; the closest is selector-mismatch. To see all: kubectl netdebug explain',
      ],
    ],
    [
      'a reason for what works',
      oneFlow('    expect: reachable\n    because: app-hung\n'),
      ['7:14 because: it says why a flow is unreachable, and this one is to be reachable.'],
    ],
    [
      'flows that are no list',
      `${head}flows: web to api\n`,
      ['3:8 flows: "web to api": it takes a list of flows, at least one.'],
    ],
    ['no flows', `${head}flows: []\n`, ['3:8 flows: a list: it takes a list of flows, at least one.']],
    [
      'a flow that is a word',
      `${head}flows:\n  - web\n`,
      ['4:5 a flow has the keys name, namespace, from, to, port, protocol, expect, because and why; this is "web".'],
    ],
    [
      'a document that is a list',
      '- from: web\n',
      ['1:1 a file of checks has the keys apiVersion, kind, namespace and flows; this is a list.'],
    ],
    [
      'nothing at all',
      '# nothing\n',
      ['1:1 there are no flows in it. It begins with apiVersion: netdebug/v1, kind: Checks.'],
    ],
  ])('%s', (_, text, expected) => expect(problemsOf(text)).toEqual(expected));

  it('tells everything that is wrong, in the order of the file', () => {
    const text = `${head}flows:\n  - from: web\n    too: api\n    expect: no\n  - to: api\n    expect: reachable\n`;
    expect(problemsOf(text).map((problem) => problem.split(' ')[0])).toEqual(['4:5', '5:5', '6:13', '7:5']);
  });

  it('says where YAML breaks off', () => {
    const [problem] = problemsOf(`${head}flows:\n  - from: "web\n    to: api\n`);
    expect(problem).toMatch(/^\d+:\d+ this is no YAML: /);
  });

  it('does not unfold aliases without end', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g']
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[index]}`).join(',')}]\n`)
      .join('')}`;
    expect(problemsOf(bomb).join()).toContain('this cannot be read: ');
  });
});
