import type { UdpCounters, UdpReading } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `udp` probe printed: `answer`, `closed` or `error` (an ICMP error, which the kernel gives to the next use of the
 * socket), `silent START END`.
 *
 * @see udp(7), ECONNREFUSED
 */
export function readUdp(spec: Extract<ProbeSpec, { tool: 'udp' }>, { text }: ProbeOutput, command: string): UdpReading {
  const { address, port, owner } = spec;
  return { address, port, owner, outcome: outcomeOf(text), refusal: null, command };
}

function outcomeOf(text: string): UdpReading['outcome'] {
  const last = text.trim().split('\n').at(-1)?.trim() ?? '';
  if (last === 'answer') return { kind: 'answered', bytes: 1 };
  const error = text.match(
    /Connection refused|Network is unreachable|Network unreachable|No route to host|Host is unreachable|Operation not permitted|Permission denied|Invalid argument/i,
  )?.[0];
  if (error !== undefined && !/refused/i.test(error)) return { kind: 'failed', text: error };
  if (error !== undefined || last === 'closed' || last === 'error') return { kind: 'refused' };
  const [, start, end] = last.match(/^silent (\d+[.,]\d+) (\d+[.,]\d+)$/) ?? [];
  if (start === undefined || end === undefined) throw new UnreadableOutput(text);
  return {
    kind: 'silent',
    afterMs: Math.max(0, (Number(end.replace(',', '.')) - Number(start.replace(',', '.'))) * 1000),
  };
}

/**
 * Reads `/proc/net/snmp`, `/proc/net/snmp6` and `ss -Hlun`. Both families are added up.
 *
 * @see proc_pid_net(5), ss(8)
 */
export function readUdpCounters(
  spec: Extract<ProbeSpec, { tool: 'udp-counters' }>,
  { text }: ProbeOutput,
  command: string,
): UdpCounters {
  const [names = [], values = []] = [...text.matchAll(/^Udp: (.*)$/gm)].map(([, words = '']) => words.split(/\s+/));
  const four = (name: string): number => Number(values[names.indexOf(name)]);
  const six = (name: string): number => Number(text.match(new RegExp(`^Udp6${name}\\s+(\\d{1,15})$`, 'm'))?.[1] ?? 0);
  const delivered = four('InDatagrams') + six('InDatagrams');
  const noPort = four('NoPorts') + six('NoPorts');
  if (!Number.isInteger(delivered) || !Number.isInteger(noPort)) throw new UnreadableOutput(text);
  const bound = [...text.matchAll(/^UNCONN\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s/gm)].map(([, address = '', port]) => ({
    address: address.replace(/%.*$/, '').replace(/^\[|\]$/g, ''),
    port: Number(port),
  }));
  return { pod: spec.pod, delivered, noPort, bound, command };
}
