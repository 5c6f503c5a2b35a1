import { describe, expect, it } from 'vitest';
import type { NodeState } from '../../src/evidence/readings.ts';
import { unseenText, wayOf, wayTitle } from '../../src/report/way.ts';
import { runOf } from '../support/run.ts';
import {
  apiA,
  apiB,
  apiC,
  type Changes,
  connect,
  connectService,
  found,
  hop,
  nodeState,
  overlay,
  pod,
  podNetwork,
  SILENT,
  world,
} from '../support/world.ts';

const { climb } = runOf();
const cause = (id: string, subject = { kind: 'Node', name: 'n3' }) =>
  ({ id, rung: 'P', role: 'cause', subject }) as const;
const way = (findings: Parameters<typeof wayOf>[1], changes: Changes) =>
  wayOf({ ...climb, evidence: world(changes) }, findings);
/** `node n2 · vxlan0 · 10.244.2.0 ✘1` */
const drawn = (of: ReturnType<typeof wayOf>) =>
  of?.places.map(({ where, device, what, finding }) =>
    [where, device ?? '-', what, ...(finding === null ? [] : [`✘${finding}`])].join(' · '),
  );

const device = (name: string, index: number, mtu: number, address: string | null, hairpin: boolean | null = null) => ({
  name,
  index,
  mtu,
  address,
  hairpin,
});
const n2 = nodeState('n2', {
  overlays: [overlay('n2')],
  hops: [hop('10.244.3.11', 'n3')],
  ways: [
    { to: '10.244.2.10', device: 'cni0', bridgePort: 'veth2f0', uplink: null },
    { to: '10.244.2.11', device: 'cni0', bridgePort: 'veth2f1', uplink: null },
    { to: '10.244.3.11', device: 'vxlan0', bridgePort: null, uplink: 'eth0' },
  ],
  devices: [
    device('cni0', 4, 1450, '10.244.2.1'),
    device('veth2f0', 7, 1450, null, true),
    device('veth2f1', 8, 1450, null, false),
    device('vxlan0', 3, 1450, '10.244.2.0'),
    device('eth0', 2, 1500, '192.168.1.12'),
  ],
});
const n3 = nodeState('n3', {
  overlays: [overlay('n3')],
  hops: [hop('10.244.2.10', 'n2')],
  ways: [
    { to: '10.244.3.11', device: 'cni0', bridgePort: 'veth3f0', uplink: null },
    { to: '10.244.2.10', device: 'vxlan0', bridgePort: null, uplink: 'eth0' },
  ],
  devices: [device('veth3f0', 6, 1450, null, true), device('cni0', 4, 1450, '10.244.3.1')],
});
const lost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] };
const network = podNetwork({
  links: [{ name: 'eth0', isUp: true, hasCarrier: true, peerIndex: 7, mtu: 1450 }],
});
const seen: Changes = { ...lost, podNetwork: network, nodeStates: [n2, n3] };
const local = nodeState('n2').node;
const wrapped = (peer: string): string | null => hop('10.244.9.9', peer).wrappedFor;

describe('the way of a packet to a Pod on another node', () => {
  it('goes from device to device, and is marked where the cause acts', () => {
    const found = way([cause('underlay-blocked')], seen);
    expect(drawn(found)).toEqual([
      'Pod web · eth0 · 10.244.2.10, MTU 1450, gateway 10.244.2.1, cable to device 7 of the node',
      'node n2 · veth2f0 · MTU 1450, device 7, port of cni0, hairpin on',
      'node n2 · cni0 · 10.244.2.1, MTU 1450',
      'node n2 · - · translates the Service address, forwards',
      `node n2 · vxlan0 · 10.244.2.0, MTU 1450, VXLAN over UDP 4789, to ${wrapped('n3')}`,
      'node n2 · eth0 · 192.168.1.12, MTU 1500',
      `between nodes · - · ${wrapped('n2')} to ${wrapped('n3')} · ✘1`,
      `node n3 · eth0 · `,
      `node n3 · vxlan0 · VXLAN over UDP 4789, to ${wrapped('n2')}`,
      'node n3 · - · forwards',
      'node n3 · cni0 · 10.244.3.1, MTU 1450',
      'node n3 · veth3f0 · MTU 1450, device 6, port of cni0, hairpin on',
      'Pod api-c · - · 10.244.3.11',
    ]);
    expect(found === null ? null : [wayTitle(found), unseenText(found)]).toEqual([
      'The way to api-c 10.244.3.11:8080, device by device',
      null,
    ]);
  });

  it.each([
    ['forward-drop', 'n3', 'node n3 · - · forwards · ✘1'],
    ['node-down', 'n3', 'node n3 · - · forwards · ✘1'],
    ['ip-forward-off', 'n2', 'node n2 · - · translates the Service address, forwards · ✘1'],
    [
      'vxlan-vtep-stale',
      'n2',
      `node n2 · vxlan0 · 10.244.2.0, MTU 1450, VXLAN over UDP 4789, to ${wrapped('n3')} · ✘1`,
    ],
  ])('has %s on %s where it acts', (id, name, place) =>
    expect(drawn(way([cause(id, { kind: 'Node', name })], seen))?.filter((text) => text.endsWith('✘1'))).toEqual([
      place,
    ]),
  );

  it('has a loss that hits one Pod alone at that Pod', () =>
    expect(drawn(way([cause('packet-loss', { kind: 'Pod', name: 'api-c' })], seen))?.at(-1)).toBe(
      'Pod api-c · - · 10.244.3.11 · ✘1',
    ));

  it('counts the finding as the report does', () => {
    const risk = { ...cause('conntrack-full'), role: 'risk' as const };
    expect(way([risk, cause('underlay-blocked')], seen)?.places.flatMap(({ finding }) => finding ?? [])).toEqual([2]);
  });

  it('says which nodes were not looked at, and invents no device of theirs', () => {
    const dark = way([cause('underlay-blocked')], { ...lost, podNetwork: network });
    expect(drawn(dark)).toEqual([
      'Pod web · eth0 · 10.244.2.10, MTU 1450, gateway 10.244.2.1, cable to device 7 of the node',
      'node n2 · - · translates the Service address, forwards',
      `between nodes · - · ${wrapped('n2')} to ${wrapped('n3')} · ✘1`,
      'node n3 · - · forwards',
      'Pod api-c · - · 10.244.3.11',
    ]);
    expect(dark === null ? null : unseenText(dark)).toBe(
      'The devices of node n2 and node n3 are not known: they were not looked at. To see them: --access node.',
    );
  });

  it('says that an overlay knows no node to send to', () => {
    const blind: NodeState = { ...n2, hops: [hop('10.244.3.11', 'n3', { wrappedFor: null })] };
    expect(
      drawn(way([cause('vxlan-vtep-stale', { kind: 'Node', name: 'n2' })], { ...seen, nodeStates: [blind, n3] })),
    ).toContain('node n2 · vxlan0 · 10.244.2.0, MTU 1450, VXLAN over UDP 4789, to no node that is known · ✘1');
  });

  it('goes by the uplink alone where the network routes without an overlay', () => {
    const routed: NodeState = {
      ...n2,
      overlays: [],
      ways: n2.ways.map((one) => (one.device === 'vxlan0' ? { ...one, device: 'eth0', uplink: null } : one)),
    };
    expect(
      drawn(way([cause('route-missing', { kind: 'Node', name: 'n2' })], { ...seen, nodeStates: [routed] }))?.slice(
        4,
        6,
      ),
    ).toEqual(['node n2 · eth0 · 192.168.1.12, MTU 1500', `between nodes · - · ${wrapped('n2')} to ${wrapped('n3')}`]);
  });
});

describe('the way of a packet', () => {
  it('to a Pod on the same node stays on it', () => {
    const own = { backendConnects: [connect(apiA), connect(apiB, SILENT), connect(apiC)] };
    const found = way([cause('bridge-nf-off', { kind: 'Node', name: local })], { ...own, nodeStates: [n2] });
    // Another node's Pod would be shown first if one was lost.
    expect(drawn(found)).toEqual([
      'Pod web · - · 10.244.2.10',
      'node n2 · veth2f0 · MTU 1450, device 7, port of cni0, hairpin on',
      'node n2 · cni0 · 10.244.2.1, MTU 1450 · ✘1',
      'node n2 · - · translates the Service address, forwards',
      'node n2 · cni0 · 10.244.2.1, MTU 1450',
      'node n2 · veth2f1 · MTU 1450, device 8, port of cni0, hairpin off',
      'Pod api-b · - · 10.244.2.11',
    ]);
  });

  it('of a Pod in the network of its node has no device of its own', () => {
    const host = pod({ name: 'web', spec: { hostNetwork: true } });
    expect(drawn(way([cause('underlay-blocked')], { ...seen, sourcePod: found(host) }))?.[0]).toBe(
      'Pod web · - · has the network of its node',
    );
  });

  it('is drawn without a mark where no cause is known', () =>
    expect(
      way([cause('unexplained')], { ...seen, serviceConnects: [connectService(SILENT)] })?.places.some(
        ({ finding }) => finding !== null,
      ),
    ).toBe(false));

  it.each([
    ['the flow works', []],
    ['the application does not answer', [cause('app-hung')]],
    ['another rung stops it', [{ ...cause('selector-mismatch'), rung: 'E' as const }]],
    ['it is only a risk', [{ ...cause('conntrack-full'), role: 'risk' as const }]],
  ])('is not drawn when %s', (_, findings) => expect(way(findings, seen)).toBeNull());
});
