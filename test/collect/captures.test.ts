import { describe, expect, it } from 'vitest';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import type { ConnectReading, SizeReading } from '../../src/evidence/readings.ts';
import { argvOf, commandOf } from '../../src/probes/probe.ts';
import { runOf } from '../support/run.ts';
import {
  apiA,
  apiB,
  apiC,
  type Changes,
  connect,
  connectService,
  flow,
  found,
  nodeState,
  REFUSED,
  SILENT,
  world,
} from '../support/world.ts';

const planned = (kind: 'captureStarts' | 'captureShot' | 'flowCaptures', changes: Changes, to = flow()) =>
  PROBE_PLANS[kind].plan(world(changes), to);
const farIsLost: Changes = { backendConnects: [connect(apiA), connect(apiB, REFUSED), connect(apiC, SILENT)] };
const onNodes: Changes = { nodeStates: [nodeState('n2'), nodeState('n3')] };
const places = (changes: Changes) => planned('captureStarts', changes).map(({ at }) => at.node ?? at.pod);

describe('who captures', () => {
  it('both Pods of the first connection that was lost', () => expect(places(farIsLost)).toEqual(['web', 'api-c']));

  it('their nodes as well, where those were looked at', () =>
    expect(places({ ...farIsLost, ...onNodes })).toEqual(['web', 'api-c', 'n2', 'n3']));

  it('one on another node rather than one on the same', () =>
    expect(places({ backendConnects: [connect(apiB, SILENT), connect(apiC, SILENT)] })).toEqual(['web', 'api-c']));

  it('the source and its node, where only the address of the Service is lost', () => {
    const serviceIsLost = { serviceConnects: [connectService(SILENT)] };
    expect(places({ ...serviceIsLost, nodeStates: [nodeState('n2')] })).toEqual(['web', 'n2']);
    expect(places(serviceIsLost)).toEqual([]);
  });

  it.each<[string, Changes]>([
    ['all is well', {}],
    ['a backend refuses', { backendConnects: [connect(apiC, REFUSED)] }],
    ['the Pod asks itself', { sourcePod: found(apiC), backendConnects: [connect(apiC, SILENT)] }],
  ])('nobody where %s', (_when, changes) => expect(places({ ...changes, ...onNodes })).toEqual([]));
});

it('filters by the flow, the addresses that a node may put in place of its source, and the same inside VXLAN', () => {
  const [first] = planned('captureStarts', farIsLost);
  expect(first).toMatchObject({
    from: ['10.244.2.10', '172.18.0.12', '10.244.2.0'],
    to: ['10.244.3.11'],
    ports: [8080],
  });
  expect(first === undefined ? [] : argvOf({ ...first, from: ['10.244.2.10'] } as typeof first).at(-1)).toBe(
    '(tcp and port 8080 and host 10.244.2.10)' +
      ' or (icmp and (icmp[0] = 3 or icmp[0] = 11) and (host 10.244.2.10 or host 10.244.3.11))' +
      ' or (icmp6 and ip6[40] < 5 and (host 10.244.2.10 or host 10.244.3.11))' +
      ' or (udp[42:4] = 0x0af4020a and udp[46:4] = 0x0af4030b)' +
      ' or (ip6[6] = 17 and ip6[82:4] = 0x0af4020a and ip6[86:4] = 0x0af4030b)' +
      ' or (udp[42:4] = 0x0af4030b and udp[46:4] = 0x0af4020a)' +
      ' or (ip6[6] = 17 and ip6[82:4] = 0x0af4030b and ip6[86:4] = 0x0af4020a)',
  );
  expect(first === undefined ? '' : commandOf(first, 'netdebug')).toBe(
    "kubectl -n shop exec web -c netdebug -- tcpdump -i any -n 'tcp and port 8080 and (host 10.244.2.10 or host 172.18.0.12 or host 10.244.2.0)'",
  );
});

describe('once somebody listens', () => {
  const listening = { ...farIsLost, captureStarts: [{ place: { kind: 'source', name: 'web' } as const }] };

  it('the same connection is tried once more, for a second', () => {
    expect(planned('captureShot', listening)).toMatchObject([
      { tool: 'tcp', at: { vantage: 'source', pod: 'web' }, address: '10.244.3.11', port: 8080, limitS: 1 },
    ]);
    expect(planned('captureShot', farIsLost)).toEqual([]);
  });

  it('only those are asked for packets who listened', () =>
    expect(planned('flowCaptures', listening).map(({ at, tool }) => [tool, at.pod])).toEqual([['capture-end', 'web']]));
});

it('asks for what needs large packets, where only those are lost', () => {
  const stalls: ConnectReading = { ...connect(apiC), exchange: { kind: 'silent', afterMs: 4000 } };
  const hole: SizeReading = {
    ...{ address: stalls.address, port: 8080, owner: stalls.owner, sender: null, mtu: 1450, command: '' },
    usual: { bytes: 0, isComplete: false },
    small: { bytes: 20_000, isComplete: true },
    pings: [],
  };
  const captureStarts = [{ place: { kind: 'source', name: 'web' } as const }];
  const upload: Changes = { largeRequests: [stalls], sizeTests: [hole], captureStarts };
  expect(planned('captureShot', upload)).toMatchObject([
    { tool: 'http', address: '10.244.3.11', padding: 6000, limitS: 2 },
  ]);
  const [download] = planned('captureShot', {
    backendConnects: [connect(apiA), stalls],
    sizeTests: [hole],
    captureStarts,
  });
  expect(download).toMatchObject({ tool: 'http', limitS: 2 });
  expect(download).not.toHaveProperty('padding');
  expect(planned('captureStarts', { ...upload, sizeTests: [{ ...hole, small: hole.usual }] })).toEqual([]);
});

describe('in a whole run', () => {
  const farIsSilent = (address: string) => (address === '10.244.3.11' ? ('lost' as const) : ('answered' as const));
  const specs = ({ climb }: ReturnType<typeof runOf>) => Object.values(climb.probes).map(({ spec }) => spec);

  it('captures begin, then the connection is tried from a port of this run, then they end', () => {
    const { climb } = runOf({ access: 'backend', network: farIsSilent });
    const tools = Object.values(climb.probes)
      .filter(({ spec }) => ['captureStarts', 'captureShot', 'flowCaptures'].includes(spec.kind))
      .map(({ spec, launchedMs }) => ({ tool: spec.tool, launchedMs: launchedMs ?? 0 }));
    expect(tools.map(({ tool }) => tool)).toEqual([
      'capture-start',
      'capture-start',
      'tcp',
      'capture-end',
      'capture-end',
    ]);
    expect(tools.map(({ launchedMs }) => launchedMs)).toEqual(
      tools.map(({ launchedMs }) => launchedMs).sort((a, b) => a - b),
    );
    const shot = climb.probes.watched?.spec;
    const port = shot?.tool === 'tcp' ? (shot.localPort ?? 0) : 0;
    // Below the first port that Linux gives to connections by itself, see ip_local_port_range in ip(7).
    expect(port >= 20_000 && port < 28_000).toBe(true);
    const [start] = specs({ climb } as ReturnType<typeof runOf>).filter(({ tool }) => tool === 'capture-start');
    expect(start === undefined ? '' : argvOf(start).at(-1)).toContain(
      `(tcp and port 8080 and ((host 10.244.2.10 and port ${port}) or (host 172.18.0.12 or host 10.244.2.0)))`,
    );
    expect(shot === undefined ? [] : argvOf(shot).slice(0, 6)).toEqual(['nc', '-zv', '-w', '1', '-p', String(port)]);
  });

  it('at their nodes as well with access node', () => {
    const asked = specs(runOf({ access: 'node', network: farIsSilent })).filter(({ tool }) => tool === 'capture-end');
    expect(asked.map(({ at }) => at.node ?? at.pod)).toEqual(['web', 'api-c', 'n2', 'n3']);
  });

  it('nothing is captured at both ends of what works, or with less access', () => {
    const captures = [
      ...specs(runOf({ access: 'node' })),
      ...specs(runOf({ access: 'source', network: farIsSilent })),
    ].filter(({ tool }) => tool === 'capture-start');
    expect(captures).toEqual([]);
  });

  it('a container that may not capture is a gap that says what helps, and changes nothing else', () => {
    const refuse = (text: string, { tool }: { tool: string }) =>
      tool === 'capture-start'
        ? "tcpdump: any: You don't have permission to perform this capture on that device"
        : text;
    const [may, mayNot] = [{}, { print: refuse }].map((options) =>
      runOf({ access: 'backend', network: farIsSilent, ...options }),
    );
    expect(mayNot?.report.gaps).toContainEqual({
      what: 'packets at both ends of what was lost',
      reason: 'forbidden',
      detail: 'packets cannot be captured in web: the container has no NET_RAW',
      unlock: '--profile netadmin, where the Pod Security of the namespace admits it',
    });
    expect(mayNot?.report.findings).toEqual(may?.report.findings);
  });

  it('less access is a gap only where nothing explains the loss', () => {
    const { report } = runOf({ access: 'source', network: farIsSilent });
    expect(report.findings[0]?.id).toBe('unexplained');
    const unlocks = report.gaps.filter(({ unlock }) => unlock === '--access backend');
    expect(unlocks).toHaveLength(1);
  });
});
