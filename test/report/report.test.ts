/** The JSON object against the contract: its fields by name, in a run with a fault, a gap and a change. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import type { Access } from '../../src/ladder/access.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { RULES } from '../../src/rules/index.ts';
import type { Climb } from '../../src/session/session.ts';
import {
  ABSENT,
  apiOnly,
  connectService,
  endpointsOf,
  flow,
  missing,
  NOW,
  rejected,
  service,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const AT = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;

function climbOf(evidence: Evidence, to: Flow, access: Access, containers: Climb['containers']): Climb {
  return {
    flow: to,
    cluster: { serverTimeMs: NOW } as Climb['cluster'],
    access,
    api: evidence,
    reading: [],
    containers,
    added: Object.values(containers).flatMap((container) =>
      'created' in container && container.created && container.name !== null
        ? [
            {
              at: container.at,
              name: container.name,
              readyAfterMs: container.state === 'running' ? Math.round(container.tookMs) : null,
              isGone: false,
            },
          ]
        : [],
    ),
    sinceMs: 0,
    pauses: [],
    askedMs: 0,
    planned: {},
    probes: {},
    results: {},
    packets: [],
    capturing: [],
    evidence,
    looks: { again: 0, isWaiting: false, isOver: false },
    endedMs: 1830,
  };
}

function report(
  evidence: Evidence,
  to: Flow = WEB_TO_API,
  access: Access = 'source',
  containers: Climb['containers'] = {},
): Report {
  const diagnosis = diagnose(evidence, RULES, { flow: to, access, now: NOW, settled: true });
  const run = { version: '0.1.0', startedAt: new Date(NOW), durationMs: 1830.4 };
  return JSON.parse(JSON.stringify(buildReport(climbOf(evidence, to, access, containers), diagnosis, run))) as Report;
}

const faulty = world({
  service: { found: true, object: service({ selector: { app: 'apy' } }) },
  endpoints: endpointsOf([]),
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  backendConnects: ABSENT,
  events: missing('forbidden', 'events is forbidden', 'kubectl auth can-i list events -n shop'),
});
const running = {
  state: 'running',
  name: 'netdebug',
  created: true,
  image: 'nicolaka/netshoot:v0.16',
  profile: 'general',
  tookMs: 1200.6,
  at: AT,
} as const;

describe('the JSON report', () => {
  const fault = report(faulty, WEB_TO_API, 'source', { 'shop/web': running });
  const keys = (value: object | undefined): readonly string[] => Object.keys(value ?? {});

  it('has the fields of the contract; notes, readyAfterMs and, on some findings, compare were added since', () => {
    expect(keys(fault)).toEqual([
      'schemaVersion',
      'tool',
      'startedAt',
      'durationMs',
      'flow',
      'verdict',
      'rungs',
      'findings',
      'gaps',
      'changes',
    ]);
    expect(keys(fault.tool)).toEqual(['version']);
    expect(keys(fault.flow)).toEqual(['source', 'destination', 'access', 'notes']);
    expect(keys(fault.flow.source)).toEqual(['kind', 'namespace', 'name', 'node']);
    expect(keys(fault.flow.destination)).toEqual(['kind', 'namespace', 'name', 'port', 'protocol']);
    expect(keys(fault.rungs)).toEqual(['D', 'E', 'P', 'N', 'X']);
    for (const rung of Object.values(fault.rungs)) expect(keys(rung)).toEqual(['state', 'summary']);
    expect(fault.findings.length).toBeGreaterThan(0);
    for (const finding of fault.findings) {
      expect(keys(finding).filter((key) => key !== 'compare' && key !== 'history')).toEqual([
        'id',
        'rung',
        'role',
        'confidence',
        'subject',
        'summary',
        'evidence',
        'ruledOut',
        'notRuledOut',
        'fix',
        'explainedBy',
      ]);
      for (const row of finding.compare?.rows ?? []) expect(keys(row)).toEqual(['what', 'needs', 'has', 'ok']);
      for (const proof of finding.evidence) expect(keys(proof)).toEqual(['vantage', 'command', 'saw']);
      for (const item of finding.ruledOut) expect(keys(item)).toEqual(['id', 'because']);
      for (const item of finding.notRuledOut) expect(keys(item)).toEqual(['id', 'needs']);
      for (const step of finding.fix) expect(['say', 'run']).toEqual(expect.arrayContaining([...keys(step)]));
    }
    for (const gap of fault.gaps) expect(keys(gap)).toEqual(['what', 'reason', 'detail', 'unlock']);
    for (const change of fault.changes)
      expect(keys(change)).toEqual(['kind', 'namespace', 'name', 'in', 'left', 'readyAfterMs']);
  });

  it('says what was asked, and by which means', () =>
    expect(fault).toMatchObject({
      schemaVersion: 1,
      tool: { version: '0.1.0' },
      startedAt: '2026-03-02T10:00:00.000Z',
      durationMs: 1830,
      flow: {
        source: { kind: 'Pod', namespace: 'shop', name: 'web', node: 'n2' },
        destination: { kind: 'Service', namespace: 'shop', name: 'api', port: 80, protocol: 'TCP' },
        access: 'source',
        notes: [],
      },
    }));

  it('names the fault first, the gap and the change', () => {
    expect(fault.verdict).toBe('fault');
    expect(fault.findings[0]).toMatchObject({ id: 'selector-mismatch', rung: 'E', role: 'cause', explainedBy: null });
    expect(fault.gaps).toEqual([
      {
        what: 'events of the namespace',
        reason: 'forbidden',
        detail: 'events is forbidden',
        unlock: 'kubectl auth can-i list events -n shop',
      },
    ]);
    expect(fault.changes).toEqual([
      {
        kind: 'EphemeralContainer',
        namespace: 'shop',
        name: 'netdebug',
        in: 'Pod web',
        left: true,
        readyAfterMs: 1201,
      },
    ]);
  });

  it('is healthy with nothing to say', () =>
    expect(report(world())).toMatchObject({ verdict: 'healthy', findings: [], gaps: [], changes: [] }));

  it('has one gap for all probes that were not allowed', () => {
    const { gaps, verdict } = report(apiOnly(), WEB_TO_API, 'api');
    expect(verdict).not.toBe('fault');
    expect(gaps.filter(({ unlock }) => unlock === '--access source')).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ what: 'everything that is measured from the source Pod', reason: 'not-permitted' });
  });

  it.each([
    ['that was there before', { ...running, created: false }, []],
    ['that was only looked for', { state: 'looking', at: AT }, []],
    [
      'that could not be added',
      { state: 'failed', name: null, created: false, gap: { reason: 'forbidden', detail: 'no' }, at: AT },
      [],
    ],
    [
      'that never ran',
      { state: 'failed', name: 'netdebug', created: true, gap: { reason: 'timed-out', detail: 'stuck' }, at: AT },
      [{ name: 'netdebug', left: true, readyAfterMs: null }],
    ],
    [
      'that is still waited for',
      { state: 'waiting', name: 'netdebug', created: true, detail: 'ContainerCreating', at: AT },
      [{ name: 'netdebug', readyAfterMs: null }],
    ],
  ] as const)('lists as changes what is left behind; a container %s', (_what, container, changes) =>
    expect(report(world(), WEB_TO_API, 'source', { 'shop/web': container as never }).changes).toMatchObject(changes),
  );

  it.each([
    [
      { destination: { kind: 'Address', address: '192.0.2.7' }, byAddress: true, port: 443 },
      { kind: 'Address', name: '192.0.2.7', port: 443, protocol: 'TCP' },
    ],
    [
      { destination: { kind: 'Host', host: 'example.com' }, scheme: 'http' },
      { kind: 'Host', name: 'example.com', port: 80, protocol: 'TCP' },
    ],
    [
      { destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' }, port: 9000 },
      { kind: 'Pod', namespace: 'shop', name: 'api-a', port: 9000 },
    ],
  ] as const)('names other destinations: %j', (to, destination) => {
    const evidence = world({ service: ABSENT, endpoints: ABSENT, serviceConnects: ABSENT });
    expect(report(evidence, flow(to as never)).flow.destination).toMatchObject(destination);
  });

  it('notes that a port was chosen', () => {
    const two = service({
      ports: [
        { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    });
    expect(report(world({ service: { found: true, object: two } })).flow.notes).toEqual([
      'api publishes 80, 53/UDP; this run is about 80. Others: api:PORT.',
    ]);
  });
});
