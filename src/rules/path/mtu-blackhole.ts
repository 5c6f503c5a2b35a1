import { endpoint, sawConnect } from '../../derive/connects.ts';
import { carriedSize, isBlackHole, sawSizes } from '../../derive/sizes.ts';
import { found } from '../../evidence/collected.ts';
import type { ConnectReading, SizeReading } from '../../evidence/readings.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import { clear, defineRule, type Fault, faults } from '../rule.ts';
import { someNames } from '../support/backends.ts';

export default defineRule({
  id: 'mtu-blackhole',
  rung: 'P',
  title: 'Large packets disappear on the way',
  needs: ['sourcePod', 'backendConnects', 'sizeTests'],
  uses: ['largeRequests'],
  lookAlikes: ['app-hung', 'packet-loss'],
  explains: ['app-hung', 'tls-mismatch'],
  judge({ sourcePod, backendConnects, sizeTests, largeRequests }, { flow }) {
    const holes = sizeTests.filter(isBlackHole);
    if (holes.length === 0) return clear('what stalls, stalls in small packets too');
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const nodes = [...new Set(holes.map(({ owner }) => owner.node))];
    return faults(
      nodes.map((node) =>
        faultOf(
          holes.filter(({ owner }) => owner.node === node),
          { node, own, source: flow.source.name, before: [...(largeRequests ?? []), ...backendConnects] },
        ),
      ),
      '',
    );
  },
});

function faultOf(
  holes: readonly SizeReading[],
  {
    node,
    own,
    source,
    before,
  }: {
    readonly node: string | null;
    readonly own: string | null;
    readonly source: string;
    readonly before: readonly ConnectReading[];
  },
): Fault {
  const [first] = holes as [SizeReading];
  const names = someNames(holes.map(({ owner }) => owner.name));
  const size = Math.max(0, ...holes.map((hole) => carriedSize(hole) ?? 0));
  const limit = size === 0 ? 'Full-size packets' : `Packets over ${size} bytes`;
  const stalled = before.find(
    ({ address, exchange }) =>
      address === first.address &&
      (exchange.kind === 'silent' || (exchange.kind === 'http' && exchange.isCut === true)),
  );
  const isWay = node !== null && own !== null && node !== own;
  const subject: ObjectRef = isWay ? { kind: 'Node', name: node } : { kind: first.owner.kind, name: first.owner.name };
  const between = isWay ? `between ${own} and ${node}` : `between ${source} and ${first.owner.name}`;
  const { sender, mtu } = first;
  return {
    subject,
    summary: `${limit} disappear ${between}: a request to ${names} stalls, and the same in small packets is answered${mtu === null ? '' : `; ${source} may send ${mtu}`}.`,
    confidence: size > 0 ? 'proven' : 'likely',
    blocks: 'application',
    addresses: holes.map(({ address }) => address),
    evidence: [
      ...(stalled === undefined
        ? []
        : [
            {
              vantage: 'source' as const,
              command: stalled.command,
              saw: `${endpoint(stalled.address, stalled.port)}: ${sawConnect(stalled)}`,
            },
          ]),
      ...holes.slice(0, 2).map((hole) => ({
        vantage: 'source' as const,
        command: hole.command,
        saw: `${endpoint(hole.address, hole.port)} ${sawSizes(hole)}`,
      })),
      ...(size > 0
        ? [
            {
              vantage: 'source' as const,
              command: first.command,
              saw: `pings that must not be broken up: ${size} bytes pass, larger ones are lost without a word`,
            },
          ]
        : []),
      ...(sender !== null && sender.retransmits > 0
        ? [
            {
              vantage: 'source' as const,
              command: first.command,
              saw: `while it stalls, ${sender.unacknowledged} bytes wait to be acknowledged, sent again ${sender.retransmits} ${sender.retransmits === 1 ? 'time' : 'times'}`,
            },
          ]
        : []),
    ],
    ruledOut: [
      { id: 'app-hung', because: 'the application answers the same request in small packets' },
      { id: 'packet-loss', because: 'small packets of the same connection arrive' },
    ],
    fix: [
      {
        say: `Set the MTU of Pods to what the way carries${size === 0 ? '' : `, ${size} bytes`}: that of the nodes' network less the tunnel (VXLAN 50, IPv6 VXLAN 70, WireGuard 60 or 80)`,
        run: 'kubectl get daemonsets -A',
      },
      { say: 'Let ICMP "fragmentation needed" (type 3, code 4) and "packet too big" through between the nodes' },
      {
        say: 'Until then, Linux can find the size by itself on both ends',
        run: 'sysctl -w net.ipv4.tcp_mtu_probing=1',
      },
    ],
  };
}
