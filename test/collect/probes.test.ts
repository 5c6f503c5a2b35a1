import { describe, expect, it } from 'vitest';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import { PROBE_VANTAGES, type ProbeKind } from '../../src/evidence/evidence.ts';
import type { ServicePort } from '../../src/evidence/snapshots.ts';
import { permits } from '../../src/ladder/access.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { argvOf, commandOf, type ProbeSpec } from '../../src/probes/probe.ts';
import {
  ABSENT,
  API_PODS,
  answered,
  apiA,
  apiB,
  apiC,
  askEveryServer,
  type Changes,
  connect,
  connectService,
  dnsAnswer,
  endpointsOf,
  flow,
  found,
  MUTE,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  NXDOMAIN,
  pod,
  REFUSED,
  rejected,
  reset,
  SILENT,
  service,
  slice,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const KINDS = Object.keys(PROBE_PLANS) as ProbeKind[];

function plan(kind: ProbeKind, changes: Changes = {}, to: Flow = WEB_TO_API): readonly ProbeSpec[] {
  return PROBE_PLANS[kind].plan(world(changes), to);
}

function planAll(changes: Changes = {}, to: Flow = WEB_TO_API): readonly ProbeSpec[] {
  return KINDS.flatMap((kind) => plan(kind, changes, to));
}

/** `http 10.244.1.11:8080`: what is asked of whom. */
function told(specs: readonly ProbeSpec[]): readonly string[] {
  return specs.map((spec) => {
    switch (spec.tool) {
      case 'http':
        return `${spec.scheme} ${spec.address}:${spec.port}`;
      case 'tcp':
        return `tcp ${spec.address}:${spec.port}`;
      case 'dig':
        return `${spec.transport} ${spec.name} @${spec.server ?? ''}`;
      case 'dig-search':
        return `search ${spec.name}`;
      default:
        return spec.tool;
    }
  });
}

const API = 'api.shop.svc.cluster.local.';

describe('a healthy flow to a Service', () => {
  it('asks for the name in every way that matters', () => {
    expect(told(plan('resolvConf'))).toEqual(['resolv-conf']);
    expect(told(plan('nameLookup'))).toEqual([`udp ${API} @`]);
    expect(told(plan('searchLookup'))).toEqual(['search api']);
    expect(told(plan('dnsServers'))).toEqual(
      ['10.96.0.10', '10.244.1.2', '10.244.3.2'].map((at) => `udp ${API} @${at}`),
    );
  });

  it('connects to the Service, to each backend and to their nodes; to one of each kind it speaks', () => {
    expect(told(plan('serviceConnects'))).toEqual(['http 10.96.114.140:80', ...Array(4).fill('tcp 10.96.114.140:80')]);
    expect(told(plan('backendConnects'))).toEqual([
      'http 10.244.1.11:8080',
      'http 10.244.2.11:8080',
      'http 10.244.3.11:8080',
    ]);
    expect(told(plan('nodeConnects'))).toEqual(['tcp 172.18.0.11:10250', 'tcp 172.18.0.13:10250']);
  });
  it('connects to the address that its name has, where the Service may not be read', () => {
    const unread: Changes = { service: missing('forbidden'), endpoints: ABSENT };
    expect(PROBE_PLANS.serviceConnects.after(WEB_TO_API, world(unread))).toContain('nameLookup');
    expect(PROBE_PLANS.serviceConnects.after(WEB_TO_API, world())).not.toContain('nameLookup');
    expect(told(plan('serviceConnects', unread, flow({ port: 8080 })))).toEqual([
      'http 10.96.114.140:8080',
      ...Array(4).fill('tcp 10.96.114.140:8080'),
    ]);
    expect(told(plan('serviceConnects', unread, flow({ scheme: 'https' })))[0]).toBe('https 10.96.114.140:443');
    // Which port it publishes is not known, and a name of a port says nothing.
    for (const port of [null, 'http']) expect(plan('serviceConnects', unread, flow({ port }))).toEqual([]);
    expect(plan('serviceConnects', { ...unread, nameLookup: dnsAnswer(NXDOMAIN) }, flow({ port: 80 }))).toEqual([]);
  });

  it('asks the application at every try where the Service holds a client to one backend', () => {
    const held = { service: found(service({ spec: { sessionAffinity: 'ClientIP' } })) };
    expect(told(plan('serviceConnects', held))).toEqual(Array(5).fill('http 10.96.114.140:80'));
  });

  it('has no follow-ups', () => {
    for (const kind of [
      'dnsOverTcp',
      'controlConnects',
      'tlsRetries',
      'proxyHealth',
      'otherPorts',
      'listeners',
      'nodeStates',
      'sizeTests',
      'manyConnects',
      'podNetwork',
      'acceptQueues',
      'udpBefore',
      'udpProbes',
      'udpAfter',
    ] as const)
      expect(plan(kind)).toEqual([]);
  });

  it('is all asked from the source Pod', () => {
    expect(planAll().every(({ at }) => at.vantage === 'source' && at.pod === 'web')).toBe(true);
    for (const kind of KINDS)
      expect(permits('source', PROBE_VANTAGES[kind])).toBe(
        ![
          ...['listeners', 'nodeStates', 'fromNode', 'nodeStatesAfter', 'acceptQueues', 'udpBefore', 'udpAfter'],
          ...['captureStarts', 'captureShot', 'flowCaptures'],
        ].includes(kind),
      );
  });
});

describe('what is said to a port', () => {
  const said = (port: ServicePort, to: Partial<Flow> = {}): string => {
    const target = service({ ports: [port] });
    const slices = [slice(API_PODS, { ports: [{ name: port.name ?? '', port: 8080, protocol: 'TCP' }] })];
    const changes = { service: found(target), endpoints: { slices, selected: API_PODS, stray: [] } };
    return told(plan('serviceConnects', changes, flow(to)))[0]?.split(' ')[0] ?? 'nothing';
  };

  it.each([
    [{ port: 80 }, {}, 'http'],
    [{ port: 443 }, {}, 'https'],
    [{ port: 8443, targetPort: 8080 }, {}, 'https'],
    [{ port: 6379 }, {}, 'tcp'],
    [{ port: 5432 }, {}, 'tcp'],
    [{ port: 6379, name: 'http-metrics' }, {}, 'http'],
    [{ port: 1234, targetPort: 'web' }, {}, 'http'],
    [{ port: 1234, appProtocol: 'https' }, {}, 'https'],
    [{ port: 80, name: 'redis' }, {}, 'tcp'],
    [{ port: 8080, name: 'grpc' }, {}, 'tcp'],
    [{ port: 80, name: 'tcp-db' }, {}, 'tcp'],
    [{ port: 80, appProtocol: 'kubernetes.io/h2c' }, {}, 'tcp'],
    [{ port: 80, appProtocol: 'kubernetes.io/ws' }, {}, 'http'],
    [{ port: 443, appProtocol: 'kubernetes.io/wss' }, {}, 'https'],
    [{ port: 6379 }, { scheme: 'http', port: 6379 }, 'http'],
    [{ port: 80 }, { scheme: 'https', port: 80 }, 'https'],
    [{ port: 53, protocol: 'UDP' }, {}, 'nothing'],
    [{ port: 80 }, { protocol: 'UDP' }, 'nothing'],
  ] as const)('%j, asked with %j: %s', (port, to, tool) => expect(said({ protocol: 'TCP', ...port }, to)).toBe(tool));

  it('is no HTTP request to redis, neither at its address nor in its Pods', () => {
    const redis = service({ ports: [{ name: 'redis', port: 6379, targetPort: 6379, protocol: 'TCP' }] });
    const slices = [slice(API_PODS, { ports: [{ name: 'redis', port: 6379, protocol: 'TCP' }] })];
    const all = planAll({ service: found(redis), endpoints: { slices, selected: API_PODS, stray: [] } });
    expect(all.some(({ tool }) => tool === 'http')).toBe(false);
    expect(told(all)).toContain('tcp 10.244.1.11:6379');
  });

  it('names the Host that a client would name', () => {
    const host = (to: Partial<Flow>, changes: Changes = {}) =>
      plan('backendConnects', changes, flow(to)).flatMap((spec) => (spec.tool === 'http' ? [spec.host] : []))[0];
    expect(host({})).toBe('api.shop');
    expect(host({ destination: { kind: 'Host', host: 'example.com' } }, { service: ABSENT })).toBe('example.com');
  });
});

describe('other destinations', () => {
  it('a port by name goes to the number it has in each Pod', () => {
    const named = service({ ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] });
    const byPod = [
      slice([apiA], { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
      slice([apiB], { name: 'api-2', ports: [{ name: 'http', port: 9090, protocol: 'TCP' }] }),
    ];
    const changes = { service: found(named), endpoints: { slices: byPod, selected: [apiA, apiB], stray: [] } };
    expect(told(plan('backendConnects', changes, flow({ port: 'http' })))).toEqual([
      'http 10.244.1.11:8080',
      'http 10.244.2.11:9090',
    ]);
    expect(told(plan('serviceConnects', changes, flow({ port: 'http' })))[0]).toBe('http 10.96.114.140:80');
  });

  it('a port that the Service does not publish is tried once', () => {
    expect(told(plan('serviceConnects', {}, flow({ port: 81 })))).toHaveLength(1);
    expect(told(plan('serviceConnects', {}, flow({ port: 'metrics' })))).toEqual([]);
  });

  it('a headless Service has no address of its own', () => {
    const headless = { service: found(service({ clusterIP: 'None' })) };
    expect(plan('serviceConnects', headless)).toEqual([]);
    expect(plan('backendConnects', headless)).toHaveLength(3);
    expect(told(plan('nameLookup', headless))).toEqual([`udp ${API} @`]);
  });

  it('an ExternalName has neither', () => {
    const external: Changes = {
      service: found(service({ clusterIP: '', selector: null, ports: [], spec: { type: 'ExternalName' } })),
      endpoints: ABSENT,
    };
    expect(plan('serviceConnects', external)).toEqual([]);
    expect(plan('backendConnects', external)).toEqual([]);
  });

  it('a Service that does not exist is only looked up', () => {
    const gone: Changes = { service: NOT_FOUND, endpoints: ABSENT, nodes: ABSENT };
    expect(told(planAll({ ...gone, serviceConnects: ABSENT, backendConnects: ABSENT }))).toEqual([
      'resolv-conf',
      'hosts',
      `udp ${API} @`,
      'search api',
      'getent',
      `udp ${API} @10.96.0.10`,
      `udp ${API} @10.244.1.2`,
      `udp ${API} @10.244.3.2`,
    ]);
  });

  const NO_SERVICE: Changes = { service: ABSENT, endpoints: ABSENT, serviceConnects: ABSENT, dnsServers: ABSENT };
  const toPod = (port: number | string | null = null): Flow =>
    flow({ destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' }, dnsName: null, port });

  it('a Pod is connected to at the port asked for, else at the first it declares', () => {
    const changes = { ...NO_SERVICE, destinationPod: found(apiA) };
    expect(told(plan('backendConnects', changes, toPod()))).toEqual(['http 10.244.1.11:8080']);
    expect(told(plan('backendConnects', changes, toPod(9000)))).toEqual(['tcp 10.244.1.11:9000']);
    expect(told(plan('backendConnects', changes, toPod('http')))).toEqual(['http 10.244.1.11:8080']);
    expect(told(plan('backendConnects', changes, toPod('nope')))).toEqual([]);
    for (const kind of ['nameLookup', 'searchLookup', 'dnsServers', 'serviceConnects'] as const)
      expect(plan(kind, changes, toPod())).toEqual([]);
  });

  it("through a node's port the node is asked, and each backend by itself", () => {
    const entered = flow({
      byAddress: true,
      dnsName: null,
      port: 80,
      via: { node: 'n1', address: '172.18.0.11', port: 30080 },
    });
    expect(told(plan('serviceConnects', {}, entered))).toEqual([
      'http 172.18.0.11:30080',
      ...Array.from({ length: 4 }, () => 'tcp 172.18.0.11:30080'),
    ]);
    expect(told(plan('backendConnects', {}, entered))).toEqual([
      'http 10.244.1.11:8080',
      'http 10.244.2.11:8080',
      'http 10.244.3.11:8080',
    ]);
    expect(plan('nameLookup', {}, entered)).toEqual([]);
  });

  it.each([
    [
      { destination: { kind: 'Address', address: '192.0.2.7' }, byAddress: true, dnsName: null },
      ['https 192.0.2.7:443'],
    ],
    [
      { destination: { kind: 'Address', address: '192.0.2.7' }, byAddress: true, dnsName: null, port: 5432 },
      ['tcp 192.0.2.7:5432'],
    ],
    [
      { destination: { kind: 'Address', address: 'fd00::7' }, byAddress: true, dnsName: null, port: 80 },
      ['http fd00::7:80'],
    ],
    [
      { destination: { kind: 'Host', host: 'example.com' }, scheme: 'http' },
      ['http 192.0.2.1:80', 'http 192.0.2.2:80'],
    ],
    [{ destination: { kind: 'Host', host: 'example.com' } }, ['https 192.0.2.1:443', 'https 192.0.2.2:443']],
  ] as const)('an address or a host: %j', (to, connects) => {
    const changes = { ...NO_SERVICE, nameLookup: dnsAnswer(answered('192.0.2.1', '192.0.2.2')) };
    expect(told(plan('backendConnects', changes, flow(to as never)))).toEqual(connects);
  });

  it('a host is waited for until its name is known; a Service is not', () => {
    const host = flow({ destination: { kind: 'Host', host: 'example.com' } });
    expect(PROBE_PLANS.backendConnects.after(host, {})).toContain('nameLookup');
    expect(PROBE_PLANS.backendConnects.after(WEB_TO_API, {})).not.toContain('nameLookup');
    expect(plan('backendConnects', { ...NO_SERVICE, nameLookup: dnsAnswer(NO_ANSWER) }, host)).toEqual([]);
  });
});

describe('follow-ups', () => {
  const others = ['x', 'y', 'z'].map((letter, index) =>
    pod({
      name: `other-${letter}`,
      node: `n${index + 1}`,
      ip: `10.244.${index + 1}.50`,
      ports: [{ containerPort: 9000 + index }],
    }),
  );

  it('DNS servers that did not answer are asked over TCP, and only those', () => {
    const [vip, , first, second] = askEveryServer(answered('10.96.114.140'));
    const silent = { ...first, outcome: NO_ANSWER } as NonNullable<typeof first>;
    expect(told(plan('dnsOverTcp', { dnsServers: [vip, silent, second].flatMap((each) => each ?? []) }))).toEqual([
      `tcp ${API} @10.244.1.2`,
    ]);
  });

  it('a backend that is silent: other Pods on its node, and on the own one', () => {
    const changes = {
      backendConnects: [connect(apiA, SILENT), connect(apiB), connect(apiC)],
      neighbours: [...others, apiA],
    };
    expect(told(plan('controlConnects', changes))).toEqual(['tcp 10.244.1.50:9000', 'tcp 10.244.2.50:9001']);
    expect(
      told(plan('controlConnects', { ...changes, backendConnects: [connect(apiA, rejected('10.244.1.1'))] })),
    ).not.toEqual([]);
    expect(plan('controlConnects', { ...changes, backendConnects: [connect(apiA, reset('10.244.1.11'))] })).toEqual([]);
  });

  it('a backend that refuses: its other ports, and its sockets', () => {
    const two = pod({
      name: 'api-a',
      node: 'n1',
      ip: '10.244.1.11',
      ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }, { containerPort: 53, protocol: 'UDP' }],
    });
    const changes = { endpoints: endpointsOf([two]), backendConnects: [connect(two, reset('10.244.1.11'))] };
    expect(told(plan('otherPorts', changes))).toEqual(['tcp 10.244.1.11:9090']);
    expect(plan('listeners', changes)).toEqual([
      {
        id: 'listeners-api-a',
        kind: 'listeners',
        at: { vantage: 'backend', namespace: 'shop', pod: 'api-a' },
        tool: 'listeners',
        pod: 'api-a',
      },
    ]);
  });

  it('backends that connect and say nothing: TLS, unless another one spoke; and their sockets', () => {
    const mute = API_PODS.map((target) => connect(target, MUTE));
    expect(told(plan('tlsRetries', { backendConnects: mute }))).toEqual(
      API_PODS.map((_, index) => `https 10.244.${index + 1}.11:8080`),
    );
    expect(plan('tlsRetries', { backendConnects: [connect(apiA, MUTE), connect(apiB)] })).toEqual([]);
    expect(plan('listeners', { backendConnects: mute })).toHaveLength(3);
  });

  it('a Service address that fails: kube-proxy on the own node', () =>
    expect(told(plan('proxyHealth', { serviceConnects: [connectService(), connectService(SILENT)] }))).toEqual([
      'tcp 172.18.0.12:10256',
    ]));
});

describe('every probe', () => {
  const broken: Changes = {
    serviceConnects: [connectService(REFUSED)],
    backendConnects: [connect(apiA, SILENT), connect(apiB, reset('10.244.2.11')), connect(apiC, MUTE)],
    dnsServers: askEveryServer(NO_ANSWER),
    neighbours: ['x', 'y'].flatMap((letter) =>
      ['n1', 'n2', 'n3'].map((node) => pod({ name: `${letter}-${node}`, node, ip: '10.244.9.9' })),
    ),
  };

  it('has an id of its own, of harmless letters', () => {
    for (const changes of [{}, broken]) {
      const ids = planAll(changes).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9.-]+$/);
    }
  });

  it('is of the kind whose plan it is in', () => {
    for (const kind of KINDS) for (const spec of plan(kind, broken)) expect(spec.kind).toBe(kind);
  });

  it('ends before the limit of the script', () => {
    for (const spec of planAll(broken)) {
      const argv = argvOf(spec);
      const limit = argv[argv.indexOf(spec.tool === 'http' ? '--max-time' : '-w') + 1];
      if (spec.tool === 'http' || spec.tool === 'tcp') expect(Number(limit)).toBeLessThanOrEqual(4);
    }
  });
});

describe('the command that is shown', () => {
  const shown = (specs: readonly ProbeSpec[]): string => commandOf(specs[0] as ProbeSpec, 'netdebug');

  it.each([
    ['of the name', plan('nameLookup'), 'dig +tries=1 +time=2 api.shop.svc.cluster.local. A'],
    ['of a DNS server', plan('dnsServers'), 'dig @10.96.0.10 +tries=1 +time=2 api.shop.svc.cluster.local. A'],
    ['of the search list', plan('searchLookup'), 'dig +tries=1 +time=2 +search +showsearch api A'],
    [
      'of a request, without what only the reader needs',
      plan('backendConnects'),
      "curl -sv --noproxy '*' --max-time 4 -H 'Host: api.shop' http://10.244.1.11:8080/",
    ],
    ['of a connection', plan('nodeConnects'), 'nc -zv -w 2 172.18.0.11 10250'],
    ['of resolv.conf', plan('resolvConf'), 'cat /etc/resolv.conf'],
  ])('can be pasted: %s', (_what, specs, words) =>
    expect(shown(specs)).toBe(`kubectl -n shop exec web -c netdebug -- ${words}`),
  );

  it('of sockets is in the backend', () =>
    expect(shown(plan('listeners', { backendConnects: [connect(apiA, REFUSED)] }))).toBe(
      "kubectl -n shop exec api-a -c netdebug -- sh -c 'ss -Htln 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6'",
    ));
});
