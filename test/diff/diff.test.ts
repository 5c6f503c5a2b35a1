import { describe, expect, it } from 'vitest';
import { diffRuns, type Run } from '../../src/diff/diff.ts';
import { renderDiff } from '../../src/diff/text.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import type { Report } from '../../src/report/report.ts';
import { faulty, finding, healthy } from '../check/reports.ts';
import {
  ABSENT,
  apiOnly,
  dnsAnswer,
  endpointsOf,
  found,
  missing,
  NXDOMAIN,
  policy,
  service,
  world,
} from '../support/world.ts';

const run = (evidence: Evidence = world(), report: Report = healthy, redacted = false): Run => ({
  evidence,
  report,
  redacted,
});
const broken: Run = run(
  world({ service: found(service({ selector: { app: 'apy' } })), endpoints: endpointsOf([]), backendConnects: ABSENT }),
  {
    ...faulty(
      finding('selector-mismatch', 'cause', { summary: 'Service api selects app=apy, and no Pod has it.' }),
      finding('netpol-default-deny-ingress', 'risk'),
    ),
    rungs: { ...healthy.rungs, E: { state: 'faulty', summary: 'no Pod is selected' } },
  },
);

describe('two runs', () => {
  it('of a cluster in which nothing has changed', () =>
    expect(diffRuns(run(), run())).toEqual({
      differs: false,
      verdict: { before: 'healthy', after: 'healthy' },
      rungs: [],
      findings: [],
      objects: [],
      readings: [],
      notes: [],
    }));

  it('one healthy, one not', () => {
    const diff = diffRuns(run(), broken);
    expect(diff).toMatchObject({
      differs: true,
      verdict: { before: 'healthy', after: 'fault' },
      rungs: [{ rung: 'E', before: { state: 'ok' }, after: { state: 'faulty' } }],
    });
    expect(diff.findings.map(({ change, id, before, after }) => [change, id, before?.role, after?.role])).toEqual([
      ['added', 'selector-mismatch', undefined, 'cause'],
      ['added', 'netpol-default-deny-ingress', undefined, 'risk'],
    ]);
    expect(diff.objects.map(({ object }) => object.kind)).toContain('Service');
  });

  it('a finding whose sentence alone is another is the same; another role or confidence is a change', () => {
    const before = run(world(), faulty(finding('app-hung', 'cause'), finding('node-down', 'risk')));
    const after = run(
      world(),
      faulty(finding('app-hung', 'cause', { summary: '2 of 3.' }), finding('node-down', 'cause')),
    );
    expect(diffRuns(before, after).findings).toMatchObject([
      { change: 'changed', id: 'node-down', before: { role: 'risk' }, after: { role: 'cause' } },
    ]);
  });

  it('a finding about another object is another finding', () => {
    const about = (name: string) =>
      run(world(), faulty(finding('app-hung', 'cause', { subject: { kind: 'Pod', namespace: 'shop', name } })));
    expect(diffRuns(about('a'), about('b')).findings.map(({ change, subject }) => [change, subject.name])).toEqual([
      ['added', 'b'],
      ['removed', 'a'],
    ]);
  });

  it('what lies beside the path does not matter', () => {
    const policies = [policy('of-others', { podSelector: { matchLabels: { app: 'other' } } })];
    const diff = diffRuns(run(), run(world({ policies })));
    expect([diff.objects.length, diff.differs]).toEqual([1, false]);
  });

  it('a measurement matters', () =>
    expect(diffRuns(run(), run(world({ nameLookup: dnsAnswer(NXDOMAIN) }))).differs).toBe(true));

  it('say why they cannot be compared in full', () => {
    const other: Report = {
      ...healthy,
      flow: { ...healthy.flow, access: 'api', destination: { ...healthy.flow.destination, name: 'db' } },
    };
    expect(
      diffRuns(run(world(), healthy, true), run(apiOnly({ policies: missing('forbidden', 'no right') }), other)).notes,
    ).toEqual([
      'The runs ask about different flows: first shop/web on n1 to shop/svc/api:80 TCP, then shop/web on n1 to shop/svc/db:80 TCP.',
      'Names of a redacted run are tokens of that file alone: objects of two files may look different and be the same.',
      'The first run had access source, the second api.',
      'Only the first run has seen NetworkPolicies; in the other: no right.',
      'Only the first run has seen what is measured from inside Pods; in the other: needs a probe in the source Pod.',
    ]);
  });
});

describe('the text', () => {
  const text = (before: Run, after: Run): string =>
    renderDiff(
      diffRuns(before, after),
      [
        { file: 'monday.ndjson', report: before.report },
        { file: 'today.ndjson', report: after.report },
      ],
      { color: false, unicode: true },
    );

  it('begins with the answer, and goes along the path', () => {
    const policies = [policy('of-others', { podSelector: { matchLabels: { app: 'other' } } })];
    const after = run(
      {
        ...broken.evidence,
        ...world({
          policies,
          endpoints: ABSENT,
          nameLookup: dnsAnswer(NXDOMAIN),
          service: found(service({ selector: { app: 'apy' } })),
        }),
      },
      broken.report,
    );
    expect(
      text(run(world({ endpoints: ABSENT })), after),
    ).toBe(`healthy → fault: Service api selects app=apy, and no Pod has it.
  - monday.ndjson  2026-03-02T10:00:00.000Z  shop/web on n1 to shop/svc/api:80 TCP
  + today.ndjson  2026-03-02T10:00:00.000Z  shop/web on n1 to shop/svc/api:80 TCP

Rungs
  ~ E Endpoints: ok (fine) → faulty (no Pod is selected)

Findings
  + selector-mismatch (cause, proven): Service api selects app=apy, and no Pod has it.
  + netpol-default-deny-ingress (risk, proven): This is netpol-default-deny-ingress.

On the path
  ~ Service shop/api
      spec.selector.app: api → apy

Measured
  ~ api.shop.svc.cluster.local.: NOERROR 10.96.114.140 → NXDOMAIN

Beside the path
  + NetworkPolicy shop/of-others
`);
  });

  it('says that nothing that matters has changed', () =>
    expect(text(run(), run())).toBe(`Nothing that matters has changed: web reaches svc/api:80: every step works.
  - monday.ndjson  2026-03-02T10:00:00.000Z  shop/web on n1 to shop/svc/api:80 TCP
  + today.ndjson  2026-03-02T10:00:00.000Z  shop/web on n1 to shop/svc/api:80 TCP
`));

  it('says that the answer is still the same where something else is not', () =>
    expect(text(run(), run(world({ nameLookup: dnsAnswer(NXDOMAIN) }))).split('\n')[0]).toBe(
      'Still healthy: web reaches svc/api:80: every step works.',
    ));

  it('says of an object with a new uid that it was made anew', () => {
    const anew = { ...service(), metadata: { ...service().metadata, uid: 'other' } };
    expect(text(run(), run(world({ service: found(anew) })))).toContain('  ~ Service shop/api, made anew\n');
  });
});
