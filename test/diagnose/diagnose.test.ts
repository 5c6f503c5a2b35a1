import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measuredReach, STAGES } from '../../src/derive/reach.ts';
import { type Diagnosis, diagnose, type Finding } from '../../src/diagnose/diagnose.ts';
import { type Role, rankFindings } from '../../src/diagnose/rank.ts';
import { UNEXPLAINED } from '../../src/diagnose/unexplained.ts';
import type { Evidence, EvidenceKind } from '../../src/evidence/evidence.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { RULES } from '../../src/rules/index.ts';
import { defineRule } from '../../src/rules/rule.ts';
import {
  ABSENT,
  API_PODS,
  API_VIP,
  apiA,
  apiB,
  apiC,
  apiOnly,
  apiPod,
  askEveryServer,
  connect,
  connectNode,
  connectService,
  dnsAnswer,
  endpointsOf,
  found,
  HOST_UNREACHABLE,
  listener,
  MUTE,
  manyConnects,
  missing,
  NO_ANSWER,
  NOW,
  node,
  policy,
  rejected,
  reset,
  SILENT,
  searchAnswer,
  secondsAgo,
  service,
  slice,
  WEB_TO_API,
  world,
} from '../support/world.ts';

function run(evidence: Evidence, flow: Flow = WEB_TO_API, settled = true): Diagnosis {
  return diagnose(evidence, RULES, { flow, access: 'source', now: NOW, settled });
}

const roles = ({ findings }: Diagnosis): readonly (readonly [string, Role])[] =>
  findings.map(({ id, role }) => [id, role] as const);

const named = (diagnosis: Diagnosis, id: string): Finding | undefined =>
  diagnosis.findings.find((finding) => finding.id === id);

const noNames = {
  nameLookup: dnsAnswer(NO_ANSWER),
  searchLookup: searchAnswer('api', NO_ANSWER),
  dnsServers: askEveryServer(NO_ANSWER),
};
const toApiOnly = policy('web-egress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ to: [{ podSelector: { matchLabels: { app: 'api' } } }] }],
});
const denyApi = policy('deny-api', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] });
const refused = [connectService(rejected('10.244.2.1'))];
const allSilent = API_PODS.map((pod) => connect(pod, SILENT));

describe('a healthy flow', () => {
  it('is healthy on every rung', () => {
    const { verdict, findings, rungs } = run(world());
    expect(verdict).toBe('healthy');
    expect(findings).toEqual([]);
    expect(rungs).toEqual({
      D: { state: 'ok', summary: 'api.shop.svc.cluster.local. is 10.96.114.140 (1.4 ms)' },
      E: { state: 'ok', summary: '3 of 3 ready, port 80 is 8080 in the Pods' },
      P: { state: 'ok', summary: 'all 3 backends answer, slowest 0.9 ms; Service address 3 of 3; large packets pass' },
      N: { state: 'ok', summary: 'no NetworkPolicy in these namespaces' },
      X: { state: 'not-applicable', summary: 'not on this path' },
    });
  });

  it('says that no large packet was tried, or that many connections were made', () => {
    const { rungs } = run(world({ largeRequests: ABSENT }));
    expect(rungs.P.summary).toMatch(/; large packets not tried$/);
    const tried = run(world({ manyConnects: [manyConnects(apiA), manyConnects(apiC, { late: 1 })] }));
    expect(tried.rungs.P.summary).toMatch(/; 1 of 40 connections lost a packet; large packets pass$/);
  });

  it('counts the policies of every API, and no tiers', () => {
    const of = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'p' } });
    const { rungs } = run(
      world({
        adminPolicies: [of('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy')],
        vendorPolicies: [of('crd.antrea.io/v1beta1', 'Tier'), of('crd.antrea.io/v1beta1', 'NetworkPolicy')],
      }),
    );
    expect(rungs.N.summary).toBe('2 policies read, none in the way');
  });

  it('is inconclusive at access api: nothing wrong was seen, and nothing was tried', () => {
    const { verdict, findings, rungs } = run(apiOnly());
    expect(verdict).toBe('inconclusive');
    expect(findings).toEqual([]);
    expect(rungs.P).toEqual({ state: 'unknown', summary: 'needs a probe in the source Pod' });
  });

  it('is not called healthy before everything has come in', () => {
    expect(run(world(), WEB_TO_API, false).verdict).toBe('inconclusive');
  });

  it('stays healthy when a policy on paper denies it: what works is not stopped', () => {
    const diagnosis = run(world({ policies: [denyApi] }));
    expect(diagnosis.verdict).toBe('healthy');
    expect(roles(diagnosis)).toEqual([['netpol-default-deny-ingress', 'risk']]);
    expect(diagnosis.rungs.N.summary).toBe('1 policy; deny-api would deny this flow, but it passes');
  });

  it('stays healthy with one backend of three out of service', () => {
    const pods = [apiPod('a', { ready: false }), apiB, apiC];
    const diagnosis = run(world({ endpoints: endpointsOf(pods), backendConnects: pods.map((pod) => connect(pod)) }));
    expect(diagnosis.verdict).toBe('healthy');
    expect(roles(diagnosis)).toEqual([['readiness-failing', 'risk']]);
  });
});

describe('a gap', () => {
  it.each(Object.keys(world()) as EvidenceKind[])('in %s is no finding', (kind) => {
    const diagnosis = run(world({ [kind]: missing('forbidden', `${kind} is forbidden`) }));
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.results.filter(({ judgement }) => judgement.outcome === 'crashed')).toEqual([]);
  });

  it('everywhere is inconclusive', () => {
    const nothing = Object.fromEntries(Object.keys(world()).map((kind) => [kind, missing('forbidden')]));
    const { verdict, findings } = run(world(nothing));
    expect({ verdict, findings }).toEqual({ verdict: 'inconclusive', findings: [] });
  });

  it('is named by the rule that could not run', () => {
    const { results } = run(apiOnly({ endpoints: missing('forbidden', 'endpointslices is forbidden') }));
    expect(results.find(({ id }) => id === 'selector-mismatch')?.judgement).toEqual({
      outcome: 'inconclusive',
      missing: [{ kind: 'endpoints', gap: { reason: 'forbidden', detail: 'endpointslices is forbidden' } }],
    });
  });

  it('that hides a look-alike is said beside a finding that is not proven', () => {
    const diagnosis = run(
      world({
        policies: [denyApi],
        backendConnects: allSilent,
        serviceConnects: [connectService(SILENT)],
        nodeConnects: missing('tool-missing', 'there is no nc', '--image'),
        dnsServers: [],
      }),
    );
    expect(named(diagnosis, 'netpol-default-deny-ingress')).toMatchObject({
      confidence: 'likely',
      notRuledOut: [{ id: 'underlay-blocked', needs: '--image' }],
    });
  });
});

describe('several faults at once', () => {
  it('one of three backends on loopback: one cause, about that backend alone', () => {
    const tcpOnly = apiPod('c', { probe: { exec: { command: ['true'] } } });
    const diagnosis = run(
      world({
        endpoints: endpointsOf([apiA, apiB, tcpOnly]),
        serviceConnects: [connectService(), connectService(), connectService(reset(API_VIP))],
        backendConnects: [connect(apiA), connect(apiB), connect(tcpOnly, reset('10.244.3.11'))],
        listeners: { 'api-c': [listener('127.0.0.1', 8080)] },
      }),
    );
    expect(diagnosis.verdict).toBe('fault');
    expect(roles(diagnosis)).toEqual([['app-loopback-only', 'cause']]);
    const [finding] = diagnosis.findings;
    expect(finding).toMatchObject({ confidence: 'proven', addresses: ['10.244.3.11'] });
    expect(finding?.ruledOut.map(({ id }) => id)).toEqual(['targetport-wrong']);
    expect(finding?.fix.map(({ say }) => say)).toContain(
      'Add a readiness probe on that port: without one Kubernetes cannot take such a Pod out of the Service',
    );
  });

  it('one of three backends on loopback, not looked into: the same cause, as one reading among several', () => {
    const diagnosis = run(
      world({
        serviceConnects: [connectService(), connectService(), connectService(reset(API_VIP))],
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, reset('10.244.3.11'))],
      }),
    );
    expect(roles(diagnosis)).toEqual([['app-loopback-only', 'cause']]);
    expect(diagnosis.findings[0]).toMatchObject({
      confidence: 'possible',
      notRuledOut: [{ id: 'targetport-wrong', needs: 'access backend' }],
    });
  });

  it('no way to DNS and a closed backend: the lookup stops first, the policy of the backend next', () => {
    const diagnosis = run(
      world({
        policies: [toApiOnly, denyApi],
        ...noNames,
        serviceConnects: [connectService(SILENT)],
        backendConnects: allSilent,
      }),
    );
    expect(diagnosis.verdict).toBe('fault');
    expect(roles(diagnosis)).toEqual([
      ['netpol-egress-dns-missing', 'cause'],
      ['netpol-default-deny-ingress', 'next-blocker'],
    ]);
  });

  it('no way to DNS and a selector with a typo: both, in the order in which they stop a request', () => {
    const changes = {
      policies: [toApiOnly],
      service: found(service({ selector: { app: 'apii' } })),
      endpoints: endpointsOf([]),
      serviceConnects: refused,
      backendConnects: [],
    };
    const both = [
      ['netpol-egress-dns-missing', 'cause'],
      ['selector-mismatch', 'next-blocker'],
    ];
    expect(roles(run(world({ ...changes, ...noNames })))).toEqual(both);
    expect(roles(run(apiOnly(changes)))).toEqual(both);
  });

  it('two faults on two backends are two causes', () => {
    const diagnosis = run(
      world({
        serviceConnects: [connectService(), connectService(MUTE), connectService(reset(API_VIP))],
        backendConnects: [connect(apiA), connect(apiB, MUTE), connect(apiC, reset('10.244.3.11'))],
        listeners: { 'api-c': [listener('127.0.0.1', 8080)] },
      }),
    );
    expect(roles(diagnosis)).toEqual([
      ['app-loopback-only', 'cause'],
      ['app-hung', 'cause'],
    ]);
  });
});

describe('a consequence', () => {
  const n3Down = [node('n1'), node('n2'), node('n3', { ready: 'Unknown', renewed: 300 })];

  it('follows from the node that is down', () => {
    const lost = apiPod('c', { ready: false });
    const diagnosis = run(
      world({
        endpoints: endpointsOf([lost]),
        nodes: n3Down,
        nodeConnects: [connectNode('n1'), connectNode('n3', SILENT)],
        serviceConnects: refused,
        backendConnects: [connect(lost, SILENT)],
      }),
    );
    expect(roles(diagnosis)).toEqual([
      ['node-down', 'cause'],
      ['readiness-failing', 'consequence'],
    ]);
    expect(named(diagnosis, 'readiness-failing')?.explainedBy).toBe('node-down');
  });

  it('is never both ways: of a stale slice and a silent node that fit each other one stays the cause', () => {
    const diagnosis = run(
      world({
        endpoints: { slices: [slice([apiA, apiB, apiC])], selected: [apiA, apiB], stray: [] },
        controllerLease: found({
          metadata: { name: 'kube-controller-manager' },
          spec: { leaseDurationSeconds: 15, renewTime: secondsAgo(300) },
        }),
        nodes: n3Down,
        nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3', SILENT)],
        serviceConnects: [connectService(), connectService(HOST_UNREACHABLE)],
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, HOST_UNREACHABLE)],
      }),
    );
    expect(diagnosis.verdict).toBe('fault');
    expect(roles(diagnosis)).toEqual([
      ['endpointslice-stale', 'cause'],
      ['node-down', 'consequence'],
    ]);
  });

  it('never leaves a failing flow without a cause, whatever fires', () => {
    const reach = measuredReach(
      world({ ...noNames, backendConnects: allSilent, serviceConnects: [connectService(SILENT)] }),
      WEB_TO_API,
    );
    const finding = fc
      .record({
        rule: fc.constantFrom(...RULES),
        blocks: fc.constantFrom(...STAGES),
        confidence: fc.constantFrom('proven', 'likely', 'possible'),
        addresses: fc.option(fc.subarray([...reach.failing], { minLength: 1 }), { nil: null }),
      })
      .map(
        ({ rule, addresses, ...fault }): Finding => ({
          id: rule.id,
          rung: rule.rung,
          title: rule.title,
          explains: rule.explains,
          role: 'note',
          explainedBy: null,
          subject: { kind: 'Pod', name: 'x' },
          summary: 'x',
          evidence: [],
          fix: [],
          ruledOut: [],
          notRuledOut: [],
          ...(addresses === null ? {} : { addresses }),
          ...fault,
        }),
      );
    const findings = fc.uniqueArray(finding, { minLength: 1, maxLength: 6, selector: ({ id }) => id });
    fc.assert(
      fc.property(findings, (all) => {
        const ranked = rankFindings(all, reach);
        expect(ranked).toHaveLength(all.length);
        expect(ranked[0]?.role).toBe('cause');
        expect(ranked.filter(({ role }) => role === 'consequence').map(({ explainedBy }) => explainedBy)).not.toContain(
          null,
        );
      }),
    );
  });
});

describe('a failure that no rule knows', () => {
  /** Counts as checked only what was ruled out: a rule that needs more is none of them. */
  const unexplainedBy = (sentence: string, { results }: Diagnosis): string => {
    const clear = results.filter(({ judgement }) => judgement.outcome === 'clear').length;
    return `web cannot reach api: ${sentence}, and ${clear} of ${RULES.length} known causes are ruled out, which leaves ${RULES.length - clear} that could not be.`;
  };

  it('is said to be unexplained, with what was seen and what is out', () => {
    const diagnosis = run(world({ serviceConnects: [connectService(SILENT)], backendConnects: allSilent }));
    expect(diagnosis.verdict).toBe('fault');
    expect(roles(diagnosis)).toEqual([[UNEXPLAINED, 'cause']]);
    const [finding] = diagnosis.findings;
    expect(finding).toMatchObject({
      rung: 'P',
      confidence: 'possible',
      blocks: 'path',
      summary: unexplainedBy('connections to backends fail', diagnosis),
    });
    expect(finding?.evidence.map(({ saw }) => saw)).toContain('10.244.3.11:8080 (api-c): no answer in 4 s');
    expect(finding?.ruledOut.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['node-down', 'underlay-blocked', 'netpol-default-deny-ingress', 'selector-mismatch']),
    );
  });

  it.each([
    ['the name', noNames, 'its name does not resolve from the Pod'],
    [
      'the Service address',
      { serviceConnects: [connectService(SILENT)] },
      'the Service address fails although every backend answers',
    ],
    [
      'the Service address, and there is no backend',
      {
        endpoints: { slices: [], selected: API_PODS, stray: [] },
        serviceConnects: refused,
        backendConnects: [],
      },
      'the Service address fails and no backend could be tried',
    ],
  ])('at %s', (_where, changes, sentence) => {
    const diagnosis = run(world(changes));
    expect(diagnosis.verdict).toBe('fault');
    expect(diagnosis.findings.map(({ id }) => id)).toEqual([UNEXPLAINED]);
    expect(diagnosis.findings[0]?.summary).toBe(unexplainedBy(sentence, diagnosis));
  });

  it('is not claimed while evidence is still coming in', () => {
    const diagnosis = run(world({ backendConnects: allSilent, serviceConnects: ABSENT }), WEB_TO_API, false);
    expect(diagnosis.verdict).toBe('inconclusive');
    expect(diagnosis.findings).toEqual([]);
  });

  it('is claimed only for the backends that no finding covers', () => {
    const diagnosis = run(
      world({
        serviceConnects: [connectService(), connectService(MUTE), connectService(HOST_UNREACHABLE)],
        backendConnects: [connect(apiA), connect(apiB, MUTE), connect(apiC, HOST_UNREACHABLE)],
      }),
    );
    expect(roles(diagnosis)).toEqual([
      ['app-hung', 'cause'],
      [UNEXPLAINED, 'cause'],
    ]);
    expect(named(diagnosis, UNEXPLAINED)?.addresses).toEqual(['10.244.3.11']);
  });
});

describe('the engine', () => {
  const rule = (judge: () => never) =>
    defineRule({
      id: 'app-hung',
      rung: 'P',
      title: 'x',
      needs: ['backendConnects'],
      uses: [],
      lookAlikes: [],
      explains: [],
      judge,
    });
  const options = { flow: WEB_TO_API, access: 'source', now: NOW, settled: true } as const;

  it('records a rule that throws and finds nothing by it', () => {
    const broken = rule(() => {
      throw new Error('index out of range');
    });
    const { results, findings } = diagnose(world(), [broken], options);
    expect(findings).toEqual([]);
    expect(results[0]?.judgement).toMatchObject({ outcome: 'crashed', error: expect.stringContaining('out of range') });
  });

  it('waits for what a rule needs', () => {
    const { results } = diagnose(world({ backendConnects: ABSENT }), RULES, { ...options, settled: false });
    expect(results.find(({ id }) => id === 'app-hung')?.judgement).toEqual({ outcome: 'pending' });
  });

  it('says of every proof where it was seen', () => {
    const { findings } = run(
      world({
        backendConnects: [connect(apiC, reset('10.244.3.11'))],
        listeners: { 'api-c': [listener('127.0.0.1', 8080)] },
      }),
    );
    expect(findings[0]?.evidence.map(({ vantage }) => vantage)).toEqual(['source', 'backend']);
  });

  it('judges the same evidence the same way twice', () => {
    const evidence = world({ policies: [denyApi], backendConnects: allSilent });
    expect(run(evidence)).toEqual(run(JSON.parse(JSON.stringify(evidence)) as Evidence));
  });
});

describe('a Service that may not be read', () => {
  const unread = { service: missing('forbidden'), endpoints: missing('forbidden'), workloads: missing('forbidden') };
  const to = { ...WEB_TO_API, port: 80 };
  const tries = (...all: Parameters<typeof connectService>[0][]): Parameters<typeof world>[0] => ({
    ...unread,
    backendConnects: ABSENT,
    largeRequests: ABSENT,
    serviceConnects: all.map((one) => connectService(one)),
  });

  it('is healthy when its address answers every time', () => {
    const { verdict, rungs, findings } = run(world(tries({}, {}, {}, {}, {})), to);
    expect(verdict).toBe('healthy');
    expect(rungs.P).toEqual({ state: 'ok', summary: 'Service address 5 of 5; its backends may not be read' });
    expect(findings.filter(({ role }) => role === 'cause')).toEqual([]);
  });

  it('is a fault without a name when its address does not answer', () => {
    const { verdict, rungs, findings } = run(world(tries(SILENT, SILENT, SILENT, SILENT, SILENT)), to);
    expect(verdict).toBe('fault');
    expect(rungs.P).toEqual({ state: 'faulty', summary: 'Service address 0 of 5; its backends may not be read' });
    expect(findings[0]).toMatchObject({ id: UNEXPLAINED, confidence: 'possible' });
  });

  it('asks for the port where none was typed', () => {
    const { verdict, rungs } = run(world({ ...tries(), serviceConnects: ABSENT }));
    expect(verdict).toBe('inconclusive');
    expect(rungs.P).toEqual({ state: 'unknown', summary: 'which port is not known: name it, api:PORT' });
  });
});
