import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { renderText, type TextOptions } from '../../src/report/text.ts';
import { WAY } from '../support/way.ts';

const FAULT: Report = {
  schemaVersion: 1,
  tool: { version: '0.1.0' },
  startedAt: '2026-03-02T10:00:00.000Z',
  durationMs: 1834,
  flow: {
    source: { kind: 'Pod', namespace: 'shop', name: 'web', node: 'n2' },
    destination: { kind: 'Service', namespace: 'shop', name: 'api', port: 80, protocol: 'TCP' },
    access: 'source',
    notes: ['web was picked from the 2 Pods of Deployment web.'],
  },
  verdict: 'fault',
  rungs: {
    D: { state: 'ok', summary: 'api.shop.svc.cluster.local. is 10.96.114.140 (2 ms)' },
    E: { state: 'faulty', summary: 'api selects app=apy, which no Pod of shop has; three Pods have app=api' },
    P: { state: 'unknown', summary: 'there is no backend to connect to' },
    N: { state: 'ok', summary: 'no NetworkPolicy on this path' },
    X: { state: 'not-applicable', summary: 'not on this path' },
  },
  findings: [
    {
      id: 'selector-mismatch',
      rung: 'E',
      role: 'cause',
      confidence: 'proven',
      subject: { kind: 'Service', namespace: 'shop', name: 'api' },
      summary: 'Service api selects Pods with app=apy, and no Pod in shop has that label: 3 Pods have app=api.',
      evidence: [
        { vantage: 'api', command: 'kubectl -n shop get service api -o yaml', saw: 'selector app=apy' },
        {
          vantage: 'source',
          command: 'curl',
          saw: '10.96.114.140:80 refused in 0.4 ms by 10.244.2.1, with ICMP port-unreachable',
        },
      ],
      ruledOut: [{ id: 'readiness-failing', because: 'all Pods that could be meant are Ready' }],
      notRuledOut: [{ id: 'kube-proxy-down', needs: 'access node' }],
      fix: [
        {
          say: 'Select the label that the Pods have',
          run: `kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'\nkubectl -n shop get endpointslices`,
        },
        { say: 'Or give the Pods the label app=apy' },
      ],
      explainedBy: null,
    },
    {
      id: 'app-loopback-only',
      rung: 'P',
      role: 'next-blocker',
      confidence: 'likely',
      subject: { kind: 'Pod', namespace: 'shop', name: 'api-a' },
      summary: 'api-a listens on 127.0.0.1:8080 only.',
      evidence: [],
      ruledOut: [],
      notRuledOut: [],
      fix: [],
      explainedBy: null,
    },
  ],
  gaps: [
    {
      what: 'events of the namespace',
      reason: 'forbidden',
      detail: 'events is forbidden',
      unlock: 'kubectl auth can-i list events -n shop',
    },
  ],
  changes: [
    { kind: 'EphemeralContainer', namespace: 'shop', name: 'netdebug', in: 'Pod web', left: true, readyAfterMs: 900 },
  ],
};

const HEALTHY: Report = {
  ...FAULT,
  durationMs: 996,
  flow: { ...FAULT.flow, notes: [] },
  verdict: 'healthy',
  rungs: {
    ...FAULT.rungs,
    E: { state: 'ok', summary: '3 of 3 ready' },
    P: { state: 'ok', summary: '3 of 3 backends answer (0.9 ms)' },
  },
  findings: [],
  gaps: [],
  changes: [],
};

const plain = (width: number, more: Partial<TextOptions> = {}): TextOptions => ({
  width,
  color: false,
  unicode: true,
  ...more,
});
const rule = '─'.repeat(80);

describe('the text of a fault', () => {
  it('fits 80 columns; commands are never broken', () =>
    expect(
      renderText(FAULT, plain(80)),
    ).toBe(`✘ Service api selects Pods with app=apy, and no Pod in shop has that label: 3
  Pods have app=api.
  shop/web on n2 to shop/svc/api:80 TCP · access source · 1.83 s
${rule}
 D  DNS        ✔  api.shop.svc.cluster.local. is 10.96.114.140 (2 ms)
 E  Endpoints  ✘  api selects app=apy, which no Pod of shop has; three Pods have
                  app=api
 P  Path       ?  there is no backend to connect to
 N  Policy     ✔  no NetworkPolicy on this path
 X  Exposure   ·  not on this path
${rule}
1. selector-mismatch · cause · proven · Service shop/api
   Seen  api     selector app=apy
         source  10.96.114.140:80 refused in 0.4 ms by 10.244.2.1, with ICMP
                 port-unreachable
   Not   readiness-failing: all Pods that could be meant are Ready
   Maybe kube-proxy-down: needs access node
   Fix   Select the label that the Pods have
         kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'
         kubectl -n shop get endpointslices
         Or give the Pods the label app=apy
${rule}
2. app-loopback-only · next blocker: stops the flow once the cause is gone ·
   likely · Pod shop/api-a
   api-a listens on 127.0.0.1:8080 only.
${rule}
Could not be looked at
  events of the namespace: events is forbidden (forbidden). To see it:
    kubectl auth can-i list events -n shop
${rule}
Note   web was picked from the 2 Pods of Deployment web.
Added  EphemeralContainer netdebug to Pod web in shop. Its process ends 15
       minutes after its last use; its name stays in the Pod's spec.
`));

  it('uses 120 columns', () =>
    expect(renderText(FAULT, plain(120)).split('\n').slice(0, 9)).toEqual([
      '✘ Service api selects Pods with app=apy, and no Pod in shop has that label: 3 Pods have app=api.',
      '  shop/web on n2 to shop/svc/api:80 TCP · access source · 1.83 s',
      rule,
      ' D  DNS        ✔  api.shop.svc.cluster.local. is 10.96.114.140 (2 ms)',
      ' E  Endpoints  ✘  api selects app=apy, which no Pod of shop has; three Pods have app=api',
      ' P  Path       ?  there is no backend to connect to',
      ' N  Policy     ✔  no NetworkPolicy on this path',
      ' X  Exposure   ·  not on this path',
      rule,
    ]));

  it('has no line that is too wide, but commands and single words', () => {
    for (const width of [40, 60, 80, 120])
      for (const line of renderText(FAULT, plain(width)).split('\n'))
        if (!/kubectl|─/.test(line) && line.trim().includes(' '))
          expect(line.length).toBeLessThanOrEqual(Math.max(width, 45));
  });
});

describe('the text of a healthy run', () => {
  it('is short', () =>
    expect(renderText(HEALTHY, plain(80))).toBe(`✔ web reaches svc/api:80: every step works.
  shop/web on n2 to shop/svc/api:80 TCP · access source · 1.00 s
${rule}
 D  DNS        ✔  api.shop.svc.cluster.local. is 10.96.114.140 (2 ms)
 E  Endpoints  ✔  3 of 3 ready
 P  Path       ✔  3 of 3 backends answer (0.9 ms)
 N  Policy     ✔  no NetworkPolicy on this path
 X  Exposure   ·  not on this path
`));

  it('does not say that every step works where one could not be looked at', () => {
    const unread = {
      ...HEALTHY,
      rungs: { ...HEALTHY.rungs, N: { state: 'unknown' as const, summary: 'may not be read' } },
    };
    expect(renderText(unread, plain(80)).split('\n')[0]).toBe(
      '✔ web reaches svc/api:80: every step that could be looked at works.',
    );
  });

  it('is ASCII but for the dots between words where the terminal has no more', () => {
    const text = renderText(HEALTHY, plain(80, { unicode: false }));
    expect(text).toContain(' D  DNS        ok  api.shop');
    expect(text).toContain('-'.repeat(80));
    expect(text).not.toMatch(/[✔✘─]/);
  });

  it('is the same with colours, but for the colours', () => {
    const text = renderText(FAULT, plain(80, { color: true }));
    expect(text).toContain('\u001b[31m✘');
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe(renderText(FAULT, plain(80)));
  });
});

describe('a near miss', () => {
  const near = (width: number, more: Partial<TextOptions> = {}): readonly string[] => {
    const [first] = FAULT.findings;
    if (first === undefined) throw new Error('a fault without a finding');
    const compare = {
      title: 'The selector of Service api, and the Pods of Deployment api',
      rows: [
        { what: 'app', needs: 'apy', has: 'api', ok: false },
        { what: 'tier', needs: 'back', has: 'back', ok: true },
      ],
    };
    const lines = renderText({ ...FAULT, findings: [{ ...first, compare }] }, plain(width, more)).split('\n');
    const start = lines.findIndex((line) => line.startsWith('   Near'));
    return lines.slice(
      start,
      lines.findIndex((line) => line.startsWith('   Not')),
    );
  };

  it('stands in columns between what was seen and what it is not', () =>
    expect(near(80)).toEqual([
      '   Near  The selector of Service api, and the Pods of Deployment api',
      '                 needs  has',
      '           app   apy    api   ✘',
      '           tier  back   back  ✔',
    ]));

  it('is ASCII where the terminal has no more', () => expect(near(80, { unicode: false })[2]).toMatch(/api {3}x$/));
});

describe('a text from the cluster', () => {
  const withDetail = (detail: string): string =>
    renderText({ ...FAULT, gaps: FAULT.gaps.map((gap) => ({ ...gap, detail })) }, plain(120));

  it('cannot look like a line of the report', () => {
    const text = withDetail('no\n✔ web reaches svc/api:80: every step works.');
    expect(text).toContain('events of the namespace: no ✔ web reaches svc/api:80: every step works.');
    expect(text.split('\n').filter((line) => line.startsWith('✔'))).toEqual([]);
  });

  it('cannot steer the terminal', () => {
    expect(withDetail('\u001b[2Jgone\u202e')).toContain('\\u001b[2Jgone\\u202e');
    expect(withDetail('\u001b[2Jgone\u202e')).not.toContain('\u001b');
  });
});

it('draws the way device by device, and says what nobody looked at', () =>
  expect(renderText({ ...FAULT, way: WAY }, { width: 80, color: false, unicode: true })).toContain(`
The way to api-c 10.244.3.11:8080, device by device
  Pod web        eth0     10.244.2.10, MTU 1450
  node n2        veth2f0  port of cni0
  between nodes           10.90.0.12 to 10.90.0.13  ✘ breaks here: finding 2
  Pod api-c               10.244.3.11
  The devices of node n3 are not known: they were not looked at. To see them:
  --access node.
`));

it('says of a Pod on a node that it was removed again', () => {
  const node = {
    kind: 'Pod',
    namespace: 'shop',
    name: 'netdebug-n2',
    in: 'Node n2',
    left: false,
    readyAfterMs: 900,
  } as const;
  expect(renderText({ ...FAULT, changes: [node] }, plain(80))).toContain(
    'Added  Pod netdebug-n2 to Node n2 in shop, and removed it again.',
  );
});
