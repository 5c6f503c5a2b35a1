import { isOverflowing } from '../../derive/accept-queue.ts';
import { endpoint } from '../../derive/connects.ts';
import { badTries, isIntermittent, lostPings, sawPing, sawTries, shareBounds } from '../../derive/tries.ts';
import { found } from '../../evidence/collected.ts';
import type { TriesReading } from '../../evidence/readings.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import { clear, defineRule, type Fault, faults, type Proof } from '../rule.ts';

/** Nothing is lost on a healthy way; one ping of twenty may be. */
const LOST_PINGS = 2;

export default defineRule({
  id: 'packet-loss',
  rung: 'P',
  title: 'Packets are lost by chance on the way',
  needs: ['sourcePod', 'manyConnects'],
  uses: ['acceptQueues'],
  lookAlikes: ['listen-overflow', 'mtu-blackhole', 'snat-port-collision', 'conntrack-full'],
  explains: ['underlay-blocked', 'dns-conntrack-race', 'app-hung', 'netpol-propagation-lag'],
  judge({ sourcePod, manyConnects, acceptQueues }, { flow }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const direct = manyConnects.filter(({ owner }) => owner.kind !== 'Service');
    const lossy = direct.filter(
      (reading) =>
        isIntermittent(reading) &&
        // Where small pings pass, the network does: connections alone are dropped at their end.
        (reading.ping === null || reading.ping.received === 0 || lostPings(reading.ping) >= LOST_PINGS) &&
        !acceptQueues?.some((queue) => queue.pod === reading.owner.name && isOverflowing(queue)),
    );
    if (lossy.length === 0)
      return clear(
        direct.some(isIntermittent) ? 'pings to the same Pods are not lost' : 'connections are made at once, or never',
      );
    const nodes = [...new Set(lossy.map(({ owner }) => owner.node))];
    const elsewhere = direct.filter((reading) => !nodes.includes(reading.owner.node));
    return faults(
      nodes.map((node) =>
        faultOf(
          lossy.filter(({ owner }) => owner.node === node),
          { node, own, source: flow.source.name, beside: direct.filter(({ owner }) => owner.node === node), elsewhere },
        ),
      ),
      '',
    );
  },
});

interface Place {
  readonly node: string | null;
  readonly own: string | null;
  readonly source: string;
  /** All that was tried on the same node. */
  readonly beside: readonly TriesReading[];
  readonly elsewhere: readonly TriesReading[];
}

function faultOf(lossy: readonly TriesReading[], { node, own, source, beside, elsewhere }: Place): Fault {
  const [first] = lossy as [TriesReading];
  const bad = lossy.reduce((sum, reading) => sum + badTries(reading), 0);
  const all = lossy.reduce((sum, reading) => sum + reading.tries.length, 0);
  const { least, most } = shareBounds(bad, all);
  const pings = lossy.flatMap(({ ping }) => (ping === null || ping.received === 0 ? [] : [ping]));
  const lost = pings.reduce((sum, ping) => sum + lostPings(ping), 0);
  const sent = pings.reduce((sum, ping) => sum + ping.sent, 0);
  const gateway = lossy.find(({ gatewayPing }) => gatewayPing !== null)?.gatewayPing ?? null;
  const isGatewayClean = gateway !== null && lostPings(gateway) === 0;
  // Another Pod of the same node that loses nothing: then it is not the way to the node.
  const isPod =
    node === null || node === own || beside.some((other) => !lossy.includes(other) && badTries(other) === 0);
  const clean = elsewhere.filter((reading) => badTries(reading) === 0);
  const subject: ObjectRef = isPod ? { kind: first.owner.kind, name: first.owner.name } : { kind: 'Node', name: node };
  const between = isPod ? `${source} and ${first.owner.name}` : `${own ?? source} and ${node}`;
  return {
    subject,
    summary: `Packets are lost between ${between}: ${bad} of ${all} connections there lost one${sent === 0 ? '' : `, and ${lost} of ${sent} pings`}${clean.length === 0 ? '' : '; elsewhere none'}.`,
    confidence: sent > 0 && (isGatewayClean || clean.length > 0) ? 'proven' : sent > 0 ? 'likely' : 'possible',
    blocks: 'path',
    addresses: lossy.map(({ address }) => address),
    evidence: [
      ...lossy.slice(0, 3).map(proofOf),
      {
        vantage: 'source',
        command: first.command,
        saw: `${bad} of ${all}: between ${percent(least)} and ${percent(most)} of all connections, 95 times in 100`,
      },
      ...(gateway === null
        ? []
        : [{ vantage: 'source' as const, command: first.command, saw: `own gateway: ${sawPing(gateway)}` }]),
      ...clean.slice(0, 2).map(proofOf),
    ],
    ruledOut: [
      ...(sent > 0 ? [{ id: 'listen-overflow', because: 'pings are lost too, which no application answers' }] : []),
      ...(sent > 0 ? [{ id: 'mtu-blackhole', because: 'small packets are lost' }] : []),
    ],
    ...(sent === 0 ? { notRuledOut: [{ id: 'listen-overflow', needs: 'access backend' }] } : {}),
    fix: [
      ...(isPod
        ? [
            {
              say: 'See whether a bandwidth limit holds the Pod back (kubernetes.io/egress-bandwidth, kubernetes.io/ingress-bandwidth)',
              run: `kubectl get pods -A -o wide --field-selector metadata.name=${first.owner.name}`,
            },
          ]
        : []),
      {
        say: `Look for drops on the network cards and queues of ${[own, node].filter((name) => name !== null && name !== undefined).join(' and ')}: ip -s link, ethtool -S, tc -s qdisc`,
        run: `kubectl debug node/${node ?? own ?? 'NODE'} -it --profile=netadmin --image=nicolaka/netshoot:v0.16 -- ip -s link`,
      },
    ],
  };
}

function proofOf(reading: TriesReading): Proof {
  return {
    vantage: 'source',
    command: reading.command,
    saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawTries(reading)}${reading.ping === null ? '' : `; ${sawPing(reading.ping)}`}`,
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
