/** What is asked of the packet's way beside the first connections, and when. */
import { describe, expect, it } from 'vitest';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import type { ProbeKind } from '../../src/evidence/evidence.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { argvOf, commandOf, type ProbeSpec } from '../../src/probes/probe.ts';
import {
  ABSENT,
  API_PODS,
  acceptQueue,
  apiA,
  apiB,
  apiC,
  type Changes,
  CONNECTED,
  connect,
  connectService,
  counters,
  flow,
  found,
  MUTE,
  manyConnects,
  pings,
  REFUSED,
  SILENT,
  service,
  udpWorld,
  WEB_TO_API,
  world,
} from '../support/world.ts';

function plan(kind: ProbeKind, changes: Changes = {}, to: Flow = WEB_TO_API): readonly ProbeSpec[] {
  return PROBE_PLANS[kind].plan(world(changes), to);
}

const to = (specs: readonly ProbeSpec[]): readonly string[] =>
  specs.map((spec) => ('address' in spec ? spec.address : 'pod' in spec ? spec.pod : ''));
const at = (pod: typeof apiA, ip: string) => ({ ...pod, status: { ...pod.status, podIPs: [{ ip }], podIP: ip } });
const late = (ms: number, synRetransmits?: number) => ({
  ...CONNECTED,
  outcome: { kind: 'connected', ms } as const,
  ...(synRetransmits === undefined ? {} : { synRetransmits }),
});
const CUT = { exchange: { kind: 'http', status: 200, bytes: 0, firstByteMs: 2, isCut: true } } as const;

describe('a request that fills whole packets', () => {
  it('goes to one backend of each node', () => {
    expect(to(plan('largeRequests'))).toEqual(['10.244.1.11', '10.244.2.11', '10.244.3.11']);
    const beside = { ...apiB, metadata: { ...apiB.metadata, name: 'api-d', uid: 'uid-api-d' } };
    expect(to(plan('largeRequests', { endpoints: { slices: [], selected: [apiB, beside], stray: [] } }))).toEqual([
      '10.244.2.11',
    ]);
  });

  it('carries 6 kB in a header, and is shown in few words', () => {
    const [spec] = plan('largeRequests') as [ProbeSpec];
    expect(argvOf(spec).some((word) => word.length > 6000)).toBe(true);
    expect(commandOf(spec, 'netdebug').length).toBeLessThan(300);
  });

  it('is not sent where nothing says that HTTP is spoken', () => {
    const redis = service({ ports: [{ name: 'redis', port: 6379, targetPort: 6379, protocol: 'TCP' }] });
    expect(plan('largeRequests', { service: found(redis) })).toEqual([]);
  });
});

describe('sizes are tried', () => {
  it('with what stalled, in the way in which it stalled', () => {
    expect(plan('sizeTests', { backendConnects: [connect(apiA), connect(apiC, CUT)] })).toMatchObject([
      { tool: 'sizes', address: '10.244.3.11', padding: 0 },
    ]);
    expect(plan('sizeTests', { largeRequests: [connect(apiA), connect(apiB, MUTE)] })).toMatchObject([
      { tool: 'sizes', address: '10.244.2.11', padding: 6000 },
    ]);
  });

  it('of no connection that was refused or lost', () =>
    expect(plan('sizeTests', { backendConnects: [connect(apiA, REFUSED), connect(apiC, SILENT)] })).toEqual([]));
});

describe('pings', () => {
  it('go to every backend, one of each node first, but not to the source itself', () => {
    const beside = at(
      { ...apiB, metadata: { ...apiB.metadata, name: 'api-d', uid: 'uid-api-d' }, spec: apiA.spec },
      '10.244.1.12',
    );
    const endpoints = { slices: [], selected: [apiA, beside, apiB], stray: [] };
    expect(to(plan('backendPings', { endpoints }))).toEqual(['10.244.1.11', '10.244.2.11', '10.244.1.12']);
    const self = at(apiA, '10.244.2.10');
    expect(to(plan('backendPings', { endpoints: { slices: [], selected: [self, apiC], stray: [] } }))).toEqual([
      '10.244.3.11',
    ]);
  });

  it('take a fifth of a second where they come back', () => {
    const [spec] = plan('backendPings') as [ProbeSpec];
    expect(argvOf(spec).join(' ')).toBe('ping -n -q -c 20 -i 0.01 -W 1 10.244.1.11');
  });
});

describe('many connections are made', () => {
  it('when one waited for a second SYN: to one backend of each node', () =>
    expect(
      to(plan('manyConnects', { backendConnects: [connect(apiA), connect(apiB), connect(apiC, late(1010))] })),
    ).toEqual(['10.244.3.11', '10.244.1.11', '10.244.2.11']));

  it('when one was lost and others stand', () =>
    expect(to(plan('manyConnects', { backendConnects: [connect(apiA), connect(apiC, SILENT)] }))).toEqual([
      '10.244.3.11',
      '10.244.1.11',
    ]));

  it('to the Service address only when no backend is to blame', () => {
    const odd = { serviceConnects: [connectService(), connectService(late(1010))] };
    expect(to(plan('manyConnects', odd))[0]).toBe('10.96.114.140');
    const lost = {
      serviceConnects: [connectService(), connectService(SILENT)],
      backendConnects: [connect(apiA), connect(apiC, SILENT)],
    };
    expect(to(plan('manyConnects', lost))).not.toContain('10.96.114.140');
  });

  it('when pings to a backend are lost, even if every connection was lucky', () => {
    const lossy = { backendPings: [pings(apiA), pings(apiB), pings(apiC, 13)] };
    expect(to(plan('manyConnects', lossy))).toEqual(['10.244.3.11', '10.244.1.11', '10.244.2.11']);
  });

  it('not where no ping comes back at all, which a filter does', () =>
    expect(plan('manyConnects', { backendPings: API_PODS.map((api) => pings(api, 0)) })).toEqual([]));

  it('not on a busy machine, where no SYN was sent again', () =>
    expect(plan('manyConnects', { backendConnects: [{ ...connect(apiC, late(1400)), synRetransmits: 0 }] })).toEqual(
      [],
    ));

  it('not where nothing gets through at all', () =>
    expect(
      plan('manyConnects', {
        serviceConnects: [connectService(SILENT)],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
      }),
    ).toEqual([]));

  it('as often as the user says, to all', () => {
    const specs = plan('manyConnects', {}, flow({ tries: 50 }));
    expect(to(specs)).toEqual(['10.96.114.140', '10.244.1.11', '10.244.2.11', '10.244.3.11']);
    expect(specs.every((spec) => spec.tool === 'tries' && spec.times === 50)).toBe(true);
  });

  it('never with a ping to a Service address: it answers none, or proves nothing', () => {
    const [viaService, direct] = plan('manyConnects', {}, flow({ tries: 5 })) as [ProbeSpec, ProbeSpec];
    expect(argvOf(viaService).at(-1)).toBe('no-ping');
    expect(argvOf(direct).at(-1)).toBe('ping');
  });
});

describe('connections are left idle', () => {
  const held = (idle: number | undefined, changes: Changes = {}) =>
    plan('idleTests', changes, idle === undefined ? flow({}) : flow({ idle })).map((spec) =>
      spec.tool === 'idle' ? [spec.address, spec.holdsS] : spec.tool,
    );

  it('for as long as the user says and shorter, to the Service and to one backend', () =>
    expect(held(40)).toEqual([
      ['10.96.114.140', [0, 5, 15, 30, 40]],
      ['10.244.1.11', [0, 5, 15, 30, 40]],
    ]));

  it('on both sides of the times that are known', () =>
    expect(held(400)[0]?.[1]).toEqual([0, 5, 15, 30, 55, 65, 115, 125, 235, 245, 295, 305, 345, 355, 400]));

  it('only on request', () => expect(held(undefined)).toEqual([]));

  it('to what answers by itself', () =>
    expect(
      held(40, { serviceConnects: [connectService(SILENT)], backendConnects: [connect(apiA, SILENT), connect(apiB)] }),
    ).toEqual([['10.244.2.11', [0, 5, 15, 30, 40]]]));
});

it('a source that is its own backend is met by more tries of the Service address', () => {
  const own = { sourcePod: found(apiB) };
  expect(plan('serviceConnects', own, flow({ source: { namespace: 'shop', name: 'api-b' } }))).toHaveLength(12);
});

describe('the network of the source is read', () => {
  it('when something failed, about what is on its own node first', () => {
    expect(plan('podNetwork')).toEqual([]);
    const failing = { backendConnects: [connect(apiA, SILENT), connect(apiB, REFUSED)] };
    expect(to(plan('podNetwork', failing))).toEqual(['10.244.2.11']);
  });
});

describe('accept queues are read', () => {
  it('of backends that lose connections, or take them and stay silent', () => {
    const some = {
      backendConnects: [connect(apiA, SILENT), connect(apiB, MUTE), connect(apiC)],
      manyConnects: [manyConnects(apiC, { late: 5 })],
    };
    expect(plan('acceptQueues', some).map(({ at }) => at.pod)).toEqual(['api-a', 'api-b', 'api-c']);
    expect(
      plan('acceptQueues', { backendConnects: [connect(apiA, REFUSED)], acceptQueues: [acceptQueue('api-a')] }),
    ).toEqual([]);
  });
});

describe('a UDP Service', () => {
  const planUdp = (kind: ProbeKind, changes: Changes = {}) => PROBE_PLANS[kind].plan(udpWorld(changes), WEB_TO_API);

  it('gets datagrams at its address and at each backend, and no connection', () => {
    expect(to(planUdp('udpProbes'))).toEqual(['10.96.114.140', '10.244.1.11', '10.244.2.11', '10.244.3.11']);
    for (const kind of ['serviceConnects', 'backendConnects', 'largeRequests'] as const)
      expect(planUdp(kind)).toEqual([]);
  });

  it('is counted before and after, where backends may be entered', () => {
    expect(planUdp('udpBefore').map(({ at }) => `${at.vantage} ${at.pod}`)).toEqual([
      'backend api-a',
      'backend api-b',
      'backend api-c',
    ]);
    expect(planUdp('udpAfter')).toEqual([]);
    expect(planUdp('udpAfter', { udpBefore: [counters('api-a', 3)] })).toHaveLength(3);
  });

  it('is nothing that a TCP flow asks for', () =>
    expect([...plan('udpProbes', { backendConnects: ABSENT }), ...plan('udpBefore')]).toEqual([]));
});
