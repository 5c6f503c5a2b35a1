import type { Diagnosis } from '../../src/diagnose/diagnose.ts';
import type { Report } from '../../src/report/report.ts';
import type { Plan } from '../../src/ui/plan.ts';
import { themeFor } from '../../src/ui/theme.ts';

export const theme = themeFor({ unicode: true, dark: true, color: false });
export const header = { left: 'web → svc/api:80', right: 'shop · lab   1.2 s' };
export const size = { columns: 80, rows: 24 };

/** What one finds wherever the frame is right: first and last row. */
export function edges(screen: string): { readonly first: string; readonly last: string; readonly rows: number } {
  const rows = screen.split('\n');
  return { first: rows[0] ?? '', last: rows.at(-1) ?? '', rows: rows.length };
}

export const rungs: Diagnosis['rungs'] = {
  D: { state: 'ok', summary: 'api.shop.svc.cluster.local. is 10.96.0.7 (2 ms)' },
  E: { state: 'ok', summary: '3 of 3 ready, port http (80) is 8080 in the Pods' },
  P: { state: 'faulty', summary: '2 of 3 backends answer; not api-7fmjh on n3' },
  N: { state: 'unknown', summary: 'reading' },
  X: { state: 'not-applicable', summary: 'not on this path' },
};

export const plan: Plan = {
  container: {
    kind: 'add',
    name: 'netdebug',
    profile: 'netadmin',
    spec: { name: 'netdebug', image: 'nicolaka/netshoot:v0.16' },
  },
  image: 'nicolaka/netshoot:v0.16',
  pullPolicy: 'IfNotPresent',
  enforced: null,
  admission: null,
  isRecorded: false,
};

export const healthy: Report = {
  schemaVersion: 1,
  tool: { version: '0.1.0' },
  startedAt: '2026-11-21T10:00:00.000Z',
  durationMs: 1200,
  flow: {
    source: { kind: 'Pod', namespace: 'shop', name: 'web', node: 'n1' },
    destination: { kind: 'Service', namespace: 'shop', name: 'api', port: 80, protocol: 'TCP' },
    access: 'source',
    notes: [],
  },
  verdict: 'healthy',
  rungs: { ...rungs, P: { state: 'ok', summary: 'all 3 backends answer' }, N: { state: 'ok', summary: 'no policy' } },
  findings: [],
  gaps: [],
  changes: [],
};

export const faulty: Report = {
  ...healthy,
  verdict: 'fault',
  rungs,
  findings: [
    {
      id: 'selector-mismatch',
      rung: 'E',
      role: 'cause',
      confidence: 'proven',
      subject: { kind: 'Service', namespace: 'shop', name: 'api' },
      summary: 'Service api selects app=apii, and no Pod in shop has these labels.',
      evidence: [
        { vantage: 'api', command: 'kubectl get svc', saw: 'spec.selector: app=apii' },
        { vantage: 'source', command: 'curl', saw: 'api 10.96.0.7:80: connection refused' },
      ],
      ruledOut: [{ id: 'backend-scaled-to-zero', because: 'no workload has app=apii' }],
      notRuledOut: [{ id: 'endpointslice-stale', needs: 'kubectl get endpointslices -n shop' }],
      fix: [
        {
          say: 'Let the Service select app=api',
          run: `kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'`,
        },
      ],
      explainedBy: null,
    },
    {
      id: 'netpol-default-deny-ingress',
      rung: 'N',
      role: 'next-blocker',
      confidence: 'likely',
      subject: { kind: 'NetworkPolicy', namespace: 'shop', name: 'default-deny' },
      summary: 'NetworkPolicy default-deny admits nobody.',
      evidence: [],
      ruledOut: [],
      notRuledOut: [],
      fix: [],
      explainedBy: null,
    },
  ],
  gaps: [
    {
      what: 'listening sockets of the backends',
      reason: 'not-permitted',
      detail: 'nothing was run in a backend Pod',
      unlock: '--access backend',
    },
  ],
};

/** A policy that is mended by one line, which opens a door for somebody else as well. */
export const patched: Report = {
  ...faulty,
  findings: faulty.findings.slice(0, 1).map((finding) => ({
    ...finding,
    fix: [
      {
        say: 'Put app=web into rule 1',
        run: 'kubectl -n shop patch networkpolicy api-clients',
        diff: [
          '--- shop/api-clients.yaml',
          '+++ shop/api-clients.yaml',
          '@@ -13,3 +13,3 @@',
          '     - podSelector:',
          '-          app: webb',
          '+          app: web',
        ].join('\n'),
        opens: ['shop/web-canary → shop/api-a TCP 8080'],
        closes: [],
      },
    ],
  })),
};
