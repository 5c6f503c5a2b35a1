import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { cleanForMarkup } from '../../src/report/clean.ts';
import { codeSpan, fenced, prose, renderMarkdown } from '../../src/report/markdown.ts';
import { runOf } from '../support/run.ts';
import { WAY } from '../support/way.ts';
import { faulty, healthy, patched } from '../ui/fixture.ts';
import { hostileRun, hostileText } from './hostile.ts';

const read = runOf({ access: 'api' }).climb;

it('shows what a fix changes and what else it opens', () => {
  expect(renderMarkdown(patched, read)).toContain(`**Fix**

Put app=web into rule 1

\`\`\`diff
     - podSelector:
-          app: webb
+          app: web
\`\`\`

\`\`\`sh
kubectl -n shop patch networkpolicy api-clients
\`\`\`

Opens besides this flow:

- shop/web-canary → shop/api-a TCP 8080
`);
});

describe('the report for a ticket', () => {
  it('answers first, and ends with how to ask again', () => {
    const changes = [
      { kind: 'EphemeralContainer', namespace: 'shop', name: 'netdebug', in: 'Pod web', left: true, readyAfterMs: 900 },
    ] as const;
    expect(
      renderMarkdown({ ...faulty, changes }, read),
    ).toBe(`## ✘ Service api selects app=apii, and no Pod in shop has these labels.

shop/web on n1 to shop/svc/api:80 TCP · access source · 1.20 s · 2026-11-21T10:00:00.000Z · kubectl-netdebug 0.1.0

| Rung | | State | What was seen |
|---|---|---|---|
| D | DNS | ✔ ok | api.shop.svc.cluster.local. is 10.96.0.7 (2 ms) |
| E | Endpoints | ✔ ok | 3 of 3 ready, port http (80) is 8080 in the Pods |
| P | Path | ✘ faulty | 2 of 3 backends answer; not api-7fmjh on n3 |
| N | Policy | ? unknown | reading |
| X | Exposure | · does not apply | not on this path |

### Cause: Service shop/api · selector-mismatch · proven

**What was seen**

- api: spec.selector: app=apii  
  \`kubectl get svc\`
- source: api 10.96.0.7:80: connection refused  
  \`curl\`

**Fix**

Let the Service select app=api

\`\`\`sh
kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'
\`\`\`

**Ruled out**

- backend-scaled-to-zero: no workload has app=apii

**Not ruled out**

- endpointslice-stale: to tell, kubectl get endpointslices -n shop

### Also seen

#### NetworkPolicy shop/default-deny · netpol-default-deny-ingress · likely

NetworkPolicy default-deny admits nobody. (next blocker: stops the flow once the cause is gone)

### What could not be looked at

- listening sockets of the backends: nothing was run in a backend Pod (not-permitted). To see it: \`--access backend\`

### What was left in the cluster

- EphemeralContainer netdebug was added to Pod web in shop. Its process ends 15 minutes after its last use; its name stays in the Pod's spec as long as the Pod lives.

### To see it again

\`\`\`sh
kubectl netdebug -n shop pod/web api --access api
\`\`\`
`);
  });

  it('is short when all is well', () => {
    const text = renderMarkdown({ ...healthy, flow: { ...healthy.flow, notes: ['api publishes 80, 81.'] } }, read);
    expect(text).toContain('## ✔ web reaches svc/api:80: every step works.');
    expect(text).toContain('### Notes\n\n- api publishes 80, 81.');
    expect(text).toContain('- This run added nothing to the cluster.');
    expect(text).not.toContain('Cause');
  });

  it('lists the command of every probe, each once', () => {
    const { report, climb } = runOf();
    const [, block = ''] = renderMarkdown(report, climb).match(/Each probe.*\n\n```sh\n([\s\S]*?)\n```/) ?? [];
    const commands = block.split('\n');
    expect(commands).toContain('kubectl -n shop exec web -c netdebug -- cat /etc/resolv.conf');
    expect(commands.filter((line) => line.endsWith('nc -zv -w 4 10.96.114.140 80'))).toHaveLength(1);
  });
});

describe('words from outside', () => {
  it.each([
    ['a*b_c`d', 'a\\*b\\_c\\`d'],
    ['<b>&amp;', '\\<b\\>&amp;amp;'],
    ['a|b', 'a&#124;b'],
    ['[x](y)', '\\[x\\](y)'],
    ['ask @team', 'ask @&#8203;team'],
    ['- no list', '\\- no list'],
    ['1. no list', '1\\. no list'],
    ['10.244.3.5:8080: refused', '10.244.3.5:8080: refused'],
    ['--access source', '\\--access source'],
    ['---', '\\---'],
    ['two\n\nlines', 'two lines'],
    ['api-7c566d69d4 on 10.96.0.7:80', 'api-7c566d69d4 on 10.96.0.7:80'],
  ])('%j is %j', (text, shown) => expect(prose(text)).toBe(shown));

  it('keep their backticks in a command', () => {
    expect(codeSpan('echo `id`')).toBe('`` echo `id` ``');
    expect(codeSpan('a\n  b')).toBe('`a b`');
    expect(fenced('```\nx', 'sh')).toBe('````sh\n```\nx\n````');
  });
});

/** What a parser makes of it, without the words. HTML is on, so that any that got through would be seen. */
function skeleton(markdown: string): readonly string[] {
  const words = ['text', 'text_special', 'softbreak'];
  return new MarkdownIt({ html: true })
    .parse(markdown, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => !words.includes(type))
    .map(({ type, tag, info }) => `${type} ${tag} ${info}`.trim());
}

describe('a hostile cluster', () => {
  it('cannot write any markup', () => {
    const tame = hostileRun('x');
    const expected = skeleton(renderMarkdown(tame.report, tame.climb));
    expect(expected).toContain('fence code sh');
    fc.assert(
      fc.property(hostileText, (text) => {
        const { report, climb } = hostileRun(text);
        expect(skeleton(renderMarkdown(report, climb))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('has its words shown as they are', () => {
    const rendered = (markdown: string): string =>
      new MarkdownIt({ html: true })
        .renderInline(markdown)
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
        .replaceAll('\u200b', '');
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(rendered(prose(text))).toBe(cleanForMarkup(text.replace(/\s+/g, ' ').trim()));
      }),
    );
  });
});

it('has the way device by device as a table, and says what nobody looked at', () =>
  expect(
    renderMarkdown({ ...faulty, way: WAY }, read),
  ).toContain(`### The way to api-c 10.244.3.11:8080, device by device

| Where | Device | What is known | |
|---|---|---|---|
| Pod web | eth0 | 10.244.2.10, MTU 1450 |  |
| node n2 | veth2f0 | port of cni0 |  |
| between nodes |  | 10.90.0.12 to 10.90.0.13 | ✘ breaks here: finding 2 |
| Pod api-c |  | 10.244.3.11 |  |

The devices of node n3 are not known: they were not looked at. To see them: --access node.
`));
