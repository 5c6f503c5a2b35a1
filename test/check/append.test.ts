import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Asked, appendFlow, type FoundFlow, foundFlow, sameFlow } from '../../src/check/append.ts';
import { parseChecks } from '../../src/check/parse.ts';
import { faulty, finding, healthy, inconclusive } from './reports.ts';

const IDS = ['selector-mismatch', 'app-hung'];
const asked: Asked = { source: 'deploy/web', destination: 'api:80', namespace: 'shop', port: null, protocol: null };
const flow: FoundFlow = { namespace: 'shop', from: 'deploy/web', to: 'api:80', expect: 'reachable' };

describe('the flow that a run has found', () => {
  it('works: reachable', () => expect(foundFlow(asked, healthy, IDS)).toEqual(flow));

  it('does not: unreachable because of its cause', () =>
    expect(
      foundFlow(
        asked,
        faulty(finding('selector-mismatch', 'cause'), finding('app-hung', 'next-blocker'), finding('x', 'risk')),
        IDS,
      ),
    ).toEqual({ ...flow, expect: 'unreachable', because: 'selector-mismatch' }));

  it('has two causes: both are named', () =>
    expect(
      foundFlow(asked, faulty(finding('selector-mismatch', 'cause'), finding('app-hung', 'cause')), IDS)?.because,
    ).toEqual(['selector-mismatch', 'app-hung']));

  it('is unexplained: that is no reason', () =>
    expect(foundFlow(asked, faulty(finding('unexplained', 'cause')), IDS)).toEqual({ ...flow, expect: 'unreachable' }));

  it('is inconclusive: nothing can be expected', () => expect(foundFlow(asked, inconclusive, IDS)).toBeNull());

  it('keeps the port and the protocol that were typed', () =>
    expect(foundFlow({ ...asked, port: 'http', protocol: 'UDP' }, healthy, IDS)).toEqual({
      ...flow,
      port: 'http',
      protocol: 'udp',
    }));
});

describe('a new file', () => {
  it('is one that check takes', () => {
    const text = appendFlow(null, flow);
    expect(parse(text)).toEqual({ apiVersion: 'netdebug/v1', kind: 'Checks', flows: [flow] });
    expect(parseChecks(text, 'new.yaml', IDS)).toMatchObject({ ok: true });
  });
});

describe('a flow behind others', () => {
  const head = 'apiVersion: netdebug/v1\nkind: Checks\n';

  it('leaves every line of a person as it was', () => {
    const before = `# who talks to whom
${head}
flows:
- to:   api      # the shop
  from: 'web'

  expect: reachable   # since March

# the end
`;
    expect(appendFlow(before, flow)).toBe(`# who talks to whom
${head}
flows:
- to:   api      # the shop
  from: 'web'

  expect: reachable   # since March
- namespace: shop
  from: deploy/web
  to: api:80
  expect: reachable

# the end
`);
  });

  it('leaves out the namespace that the file already says, and takes the indentation of the list', () => {
    const before = `${head}namespace: shop\nflows:\n    - from: a\n      to: b\n      expect: reachable`;
    expect(appendFlow(before, { ...flow, because: ['x', 'y'], expect: 'unreachable' })).toBe(
      `${before}\n    - from: deploy/web\n      to: api:80\n      expect: unreachable\n      because:\n        - x\n        - y\n`,
    );
  });

  it('stands after a text of several lines', () => {
    const before = `${head}flows:\n  - from: a\n    to: b\n    expect: reachable\n    why: |\n      One.\n      Two.\n`;
    expect(appendFlow(before, flow)).toBe(
      `${before}  - namespace: shop\n    from: deploy/web\n    to: api:80\n    expect: reachable\n`,
    );
  });

  it.each([
    ['a list in brackets', `${head}# mine\nflows: [{ from: a, to: b, expect: reachable }]\n`],
    [
      'a last document after another',
      `${head}flows: [{ from: a, to: b, expect: reachable }]\n---\n# mine\n${head}flows:\n  - { from: c, to: d, expect: reachable }\n`,
    ],
    [
      'braces that are no JSON',
      `{ apiVersion: netdebug/v1, kind: Checks, flows: [ { from: a, to: b, expect: reachable } ] } # mine\n`,
    ],
  ])('in %s', (_, before) => {
    const known = parseChecks(before, '', IDS);
    const after = parseChecks(appendFlow(before, flow), '', IDS);
    if (!known.ok || !after.ok) throw new Error('no file of checks');
    expect(after.flows.map(({ from, to }) => [from, to])).toEqual([
      ...known.flows.map(({ from, to }) => [from, to]),
      ['deploy/web', 'api:80'],
    ]);
    expect(appendFlow(before, flow)).toContain('# mine');
  });

  it('in JSON stays JSON', () => {
    const file = { apiVersion: 'netdebug/v1', kind: 'Checks', namespace: 'shop', flows: [] };
    expect(JSON.parse(appendFlow(JSON.stringify(file), flow))).toEqual({
      ...file,
      flows: [{ from: 'deploy/web', to: 'api:80', expect: 'reachable' }],
    });
  });
});

describe('a flow that is there already', () => {
  const parsed = parseChecks(
    'apiVersion: netdebug/v1\nkind: Checks\nnamespace: shop\nflows:\n  - {from: deploy/web, to: "api:80", expect: unreachable}\n',
    'flows.yaml',
    IDS,
  );
  const flows = parsed.ok ? parsed.flows : [];

  it('is found, whatever is expected of it', () => expect(sameFlow(flow, flows)?.at.line).toBe(5));

  it.each([{ namespace: 'other' }, { from: 'deploy/wep' }, { to: 'api:81' }, { port: 80 }, { protocol: 'udp' }])(
    'is another with %j',
    (change) => expect(sameFlow({ ...flow, ...change }, flows)).toBeNull(),
  );
});
