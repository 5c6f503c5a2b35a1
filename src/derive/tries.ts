/** What many connections to the same address say about loss. */
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { PingCount, TriesReading } from '../evidence/readings.ts';

/** A lost SYN is sent again after 1 s (tcp(7), TCP_RTO of a new connection): nothing that got through at once takes this long. */
export const SYN_RETRY_MS = 950;
/** Where connections that lost nothing take this long, the machine is busy, and time says nothing about loss. */
const BUSY_MS = 300;

/** Connections that lost at least one packet: never made, or only after the SYN was sent again. 0 where the machine is too busy to tell. */
export function badTries({ tries, synRetransmits }: TriesReading): number {
  const times = tries.flatMap(({ ms, outcome }) => (outcome === 'connected' ? [ms] : [])).sort((a, b) => a - b);
  const quick = times[Math.floor(times.length / 4)];
  if (quick !== undefined && quick > BUSY_MS) return 0;
  const bad = tries.filter(
    ({ ms, outcome }) => outcome === 'lost' || (outcome === 'connected' && ms >= SYN_RETRY_MS),
  ).length;
  return Math.min(bad, synRetransmits ?? bad);
}

/** Some connections lose packets and others do not. One alone is no pattern. */
export function isIntermittent(reading: TriesReading): boolean {
  const bad = badTries(reading);
  return bad >= 2 && reading.tries.some(({ ms, outcome }) => outcome === 'connected' && ms < SYN_RETRY_MS);
}

/** Addresses of backends that answer some connections at once and lose others. */
export function lossyBackends(evidence: Evidence): readonly string[] {
  return (factOf(evidence, 'manyConnects') ?? [])
    .filter((reading) => reading.owner.kind !== 'Service' && isIntermittent(reading))
    .map(({ address }) => address);
}

/** The Service address loses connections although no backend does. */
export function isServiceLossy(evidence: Evidence): boolean {
  const all = factOf(evidence, 'manyConnects') ?? [];
  return (
    lossyBackends(evidence).length === 0 &&
    all.some((reading) => reading.owner.kind === 'Service' && isIntermittent(reading))
  );
}

export function lostPings({ sent, received }: PingCount): number {
  return Math.max(0, sent - received);
}

/**
 * Between which shares the true one lies, in 95 of 100 cases, when `bad` of `all` were seen.
 *
 * @see Wilson, "Probable inference, the law of succession, and statistical inference", 1927
 */
export function shareBounds(bad: number, all: number): { readonly least: number; readonly most: number } {
  if (all === 0) return { least: 0, most: 1 };
  const z = 1.96;
  const share = bad / all;
  const middle = (share + (z * z) / (2 * all)) / (1 + (z * z) / all);
  const reach = (z / (1 + (z * z) / all)) * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return { least: Math.max(0, middle - reach), most: Math.min(1, middle + reach) };
}

/** `17 of 20 connect at once, 2 after a SYN was sent again, 1 never`. */
export function sawTries({ tries }: TriesReading): string {
  const connected = tries.filter(({ outcome }) => outcome === 'connected');
  const late = connected.filter(({ ms }) => ms >= SYN_RETRY_MS).length;
  const count = (outcome: string): number => tries.filter((one) => one.outcome === outcome).length;
  return [
    `${connected.length - late} of ${tries.length} connect at once`,
    ...(late === 0 ? [] : [`${late} after a SYN was sent again`]),
    ...(count('lost') === 0 ? [] : [`${count('lost')} not at all`]),
    ...(count('refused') === 0 ? [] : [`${count('refused')} refused`]),
    ...(count('failed') === 0 ? [] : [`${count('failed')} could not be tried`]),
  ].join(', ');
}

/** `14 of 20 pings answered`. */
export function sawPing({ sent, received }: PingCount): string {
  return `${received} of ${sent} pings answered`;
}

/** `17 of 50 connections lost a packet, all to api-2`: how many, and what they have in common. Null without any. */
export function commonOf(readings: readonly TriesReading[]): string | null {
  const bad = readings.flatMap((reading) => {
    const count = badTries(reading);
    return count === 0 ? [] : [{ owner: reading.owner, count, all: reading.tries.length }];
  });
  const direct = bad.filter(({ owner }) => owner.kind !== 'Service');
  const counted = direct.length > 0 ? direct : bad;
  if (counted.length === 0) return null;
  const sum = counted.reduce((total, { count }) => total + count, 0);
  const all = readings
    .filter(({ owner }) => (direct.length > 0 ? owner.kind !== 'Service' : owner.kind === 'Service'))
    .reduce((total, { tries }) => total + tries.length, 0);
  const names = [...new Set(counted.map(({ owner }) => owner.name))];
  const nodes = [...new Set(counted.map(({ owner }) => owner.node))];
  const where =
    names.length === 1
      ? `all to ${direct.length === 0 ? 'the Service address' : names[0]}`
      : nodes.length === 1 && nodes[0] !== null
        ? `all to Pods on ${nodes[0]}`
        : counted.map(({ owner, count }) => `${count} to ${owner.name}`).join(', ');
  return `${sum} of ${all} connections lost a packet, ${where}`;
}

/** How often of 1000 times so many tries miss a fault that hits one connection of ten. */
export function missesOf(tries: number): number {
  return Math.round(1000 * 0.9 ** tries);
}
