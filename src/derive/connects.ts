import type { ConnectReading } from '../evidence/readings.ts';

/** The connection stood and the application answered, or was not asked. */
export function works(reading: ConnectReading): boolean {
  return (
    reading.outcome.kind === 'connected' &&
    ((reading.exchange.kind === 'http' && reading.exchange.broken === undefined) ||
      reading.exchange.kind === 'none' ||
      reading.exchange.kind === 'other')
  );
}

/** A packet got there and back: connected, or refused by whoever owns the address. */
export function reachable(reading: ConnectReading): boolean {
  return reading.outcome.kind === 'connected' || (reading.outcome.kind === 'refused' && !isRejected(reading));
}

/** Nothing came back at all. */
export function isSilent(reading: ConnectReading): boolean {
  return reading.outcome.kind === 'timed-out';
}

/** Somebody on the way said no with an ICMP error: a policy or firewall that rejects, or kube-proxy without endpoints. */
export function isRejected(reading: ConnectReading): boolean {
  return reading.outcome.kind === 'refused' && reading.refusal?.kind === 'icmp';
}

/** The kernel at the other end said that nothing listens: a TCP reset, or a refusal with nothing captured that says otherwise. */
export function isReset(reading: ConnectReading): boolean {
  return reading.outcome.kind === 'refused' && reading.refusal?.kind !== 'icmp';
}

/** `connected in 0.9 ms, HTTP 200`, `no answer in 4 s`: what was seen, in a few words. */
export function sawConnect(reading: ConnectReading): string {
  return [sawOutcome(reading), sawExchange(reading)].filter((part) => part !== null).join(', ');
}

function sawOutcome({ outcome, refusal }: ConnectReading): string {
  switch (outcome.kind) {
    case 'connected':
      return `connected in ${duration(outcome.ms)}`;
    case 'refused':
      if (refusal?.kind === 'icmp') return `refused by ICMP ${refusal.type}/${refusal.code} from ${refusal.from}`;
      return refusal === null
        ? 'connection refused'
        : `refused by a TCP reset from ${refusal.from} (TTL ${refusal.ttl})`;
    case 'host-unreachable':
      return `host unreachable after ${duration(outcome.ms)}${sawRefusal(refusal)}`;
    case 'net-unreachable':
      return `network unreachable${refusal === null ? '' : sawRefusal(refusal)}`;
    case 'timed-out':
      return `no answer in ${duration(outcome.afterMs)}`;
    case 'failed':
      return `${outcome.text}${OWN_KERNEL.test(outcome.text) ? ': refused by the own Pod, no packet left it' : ''}`;
  }
}

/** EPERM: a rule in the Pod's own OUTPUT chain; EACCES and EINVAL: a route of type prohibit or blackhole. See ip-route(8). */
const OWN_KERNEL = /Operation not permitted|Permission denied|Invalid argument/i;

/** What an ICMP error means, by type and code of ICMPv4 (RFC 792, RFC 1812). */
const ICMP_WORDS: Readonly<Record<string, string>> = {
  '3/0': 'no route to that network',
  '3/1': 'nobody there has that address',
  '3/9': 'prohibited by an administrator',
  '3/10': 'prohibited by an administrator',
  '3/13': 'prohibited by an administrator',
  '11/0': 'time exceeded, a routing loop',
};

function sawRefusal(refusal: ConnectReading['refusal']): string {
  if (refusal?.kind !== 'icmp') return '';
  const words = ICMP_WORDS[`${refusal.type}/${refusal.code}`];
  return `, said ${refusal.from} by ICMP ${refusal.type}/${refusal.code}${words === undefined ? '' : ` (${words})`}`;
}

function sawExchange({ exchange }: ConnectReading): string | null {
  switch (exchange.kind) {
    case 'none':
      return null;
    case 'http':
      return `HTTP ${exchange.status}${sawBreak(exchange)}`;
    case 'silent':
      return `then not a byte in ${duration(exchange.afterMs)}`;
    case 'reset':
      return 'then reset';
    case 'closed':
      return 'then closed without a byte';
    case 'other':
      return exchange.text;
  }
}

function sawBreak({ isCut, broken, bytes }: Extract<ConnectReading['exchange'], { kind: 'http' }>): string {
  const after = `after ${bytes.toLocaleString('en')} bytes`;
  if (broken !== undefined) return `, then ${broken} ${after}, before the answer was complete`;
  return isCut === true ? `, not complete ${after}` : '';
}

/** `0.9 ms`, `35 ms`, `4 s`. */
export function duration(ms: number): string {
  // dig counts whole milliseconds.
  if (ms === 0) return 'under 1 ms';
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

/** `10.244.3.2:8080`, `[fd00::1]:80`. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
