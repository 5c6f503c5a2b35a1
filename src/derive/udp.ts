/** What became of datagrams: silence says nothing by itself. */
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { UdpReading } from '../evidence/readings.ts';
import { duration } from './connects.ts';

/** Each probe sends as many. */
export const DATAGRAMS = 3;

/** Datagrams that sockets of this Pod got while ours were sent; null when nobody counted. */
export function arrivals(
  evidence: Evidence,
  pod: string,
): { readonly delivered: number; readonly noPort: number } | null {
  const before = factOf(evidence, 'udpBefore')?.find((one) => one.pod === pod);
  const after = factOf(evidence, 'udpAfter')?.find((one) => one.pod === pod);
  if (before === undefined || after === undefined) return null;
  return { delivered: after.delivered - before.delivered, noPort: after.noPort - before.noPort };
}

/** Whether a datagram got where it was meant to go; null when that cannot be known. */
export function udpArrived(reading: UdpReading, evidence: Evidence): boolean | null {
  switch (reading.outcome.kind) {
    case 'answered':
      return true;
    case 'refused':
    case 'failed':
      return false;
    case 'silent': {
      if (reading.owner.kind === 'Service') return allArrived(evidence) ? true : null;
      const counted = reading.owner.kind === 'Pod' ? arrivals(evidence, reading.owner.name) : null;
      if (counted === null) return null;
      return counted.delivered >= DATAGRAMS ? true : counted.delivered === 0 ? false : null;
    }
  }
}

/** Every datagram to the Service address and to its backends was delivered to one of them. */
function allArrived(evidence: Evidence): boolean {
  const sent = factOf(evidence, 'udpProbes') ?? [];
  const pods = sent.flatMap(({ owner }) => (owner.kind === 'Service' ? [] : [arrivals(evidence, owner.name)]));
  if (pods.length === 0) return false;
  const delivered = pods.reduce((sum, counted) => sum + (counted?.delivered ?? Number.NaN), 0);
  return delivered >= DATAGRAMS * sent.length;
}

/** `sent, no ICMP error in 1.5 s`, `refused by ICMP 3/3 from 10.244.3.2`. */
export function sawUdp({ outcome, refusal }: UdpReading): string {
  switch (outcome.kind) {
    case 'answered':
      return 'answered';
    case 'refused':
      return refusal?.kind === 'icmp'
        ? `refused by ICMP ${refusal.type}/${refusal.code} from ${refusal.from}`
        : 'refused: port unreachable';
    case 'silent':
      return `sent, no ICMP error in ${duration(outcome.afterMs)}; that proves no receipt`;
    case 'failed':
      return outcome.text;
  }
}
