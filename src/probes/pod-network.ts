import type { PodNetwork } from '../evidence/readings.ts';
import { sectionsOf } from './node-state.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `pod-network` probe printed. Anything that is not there is null or empty; only an output without any section is none of ours.
 *
 * @see ip-link(8), ip-route(8), ip-neighbour(8), arping(8), nping(1), ss(8)
 */
export function readPodNetwork(
  spec: Extract<ProbeSpec, { tool: 'pod-network' }>,
  { text }: ProbeOutput,
  command: string,
): PodNetwork {
  const sections = sectionsOf(text);
  if (sections.size === 0) throw new UnreadableOutput(text);
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const [, gateway, device] =
    lines('gateway')
      .join(' ')
      .match(/\bvia (\S+).* dev (\S+)/) ?? [];
  const [, sent, received] = (lines('ping')[0] ?? '').match(/^(\d{1,6}) (\d{1,6})$/) ?? [];
  const [, first, last] = (lines('range')[0] ?? '').match(/^(\d{1,5})\s+(\d{1,5})$/) ?? [];
  const get = lines('get')[0] ?? '';
  return {
    links: lines('link').flatMap(readLink),
    routes: lines('route'),
    gateway: gateway === undefined || device === undefined ? null : { address: gateway, device },
    routeTo: { to: spec.address, device: get.match(/ dev (\S+)/)?.[1] ?? null, text: get },
    gatewayNeighbour: lines('neigh')[0]?.match(/\b([A-Z]{4,})\s*$/)?.[1] ?? null,
    gatewayPing: sent === undefined ? null : { sent: Number(sent), received: Number(received) },
    owners: twice(lines('owners').flatMap(macsIn)),
    ports:
      first === undefined || last === undefined
        ? null
        : { first: Number(first), last: Number(last), used: lines('used').flatMap(readUse) },
    command,
  };
}

/** `2: eth0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 …`: LOWER_UP is the carrier, `@if9` the other end of the cable. */
function readLink(line: string): PodNetwork['links'] {
  const [, name, peer, flags, mtu] =
    line.match(/^\d+: ([^:@\s]+)(?:@(?:if(\d{1,9})|[^:\s]+))?: <([^>]*)>(?:.*? mtu (\d{1,7})\b)?/) ?? [];
  if (name === undefined || flags === undefined || name === 'lo') return [];
  const all = flags.split(',');
  return [
    {
      name,
      isUp: all.includes('UP'),
      hasCarrier: all.includes('LOWER_UP') && !all.includes('NO-CARRIER'),
      ...(peer === undefined ? {} : { peerIndex: Number(peer) }),
      ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    },
  ];
}

/** `Unicast reply from 10.244.2.6 [8A:…]  0.6ms` of arping, `ARP reply 10.244.2.6 is at 8A:…` of nping. */
function macsIn(line: string): readonly string[] {
  if (!/reply/i.test(line)) return [];
  const mac = line.match(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/i)?.[0];
  return mac === undefined ? [] : [mac.toLowerCase()];
}

/** What is there at least twice: a Pod that has just ended may answer once more for an address that is no longer its own. */
function twice(macs: readonly string[]): readonly string[] {
  return [...new Set(macs)].filter((mac) => macs.filter((other) => other === mac).length > 1);
}

function readUse(line: string): readonly { to: string; sockets: number }[] {
  const [, count, to] = line.match(/^(\d{1,7}) (\S+)$/) ?? [];
  return to === undefined ? [] : [{ to, sockets: Number(count) }];
}
