import type { PingCount, TriesReading } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `tries` probe printed: `try EXIT START END TEXT` for each connection, and `ping SENT RECEIVED`.
 *
 * @throws {UnreadableOutput} without a single connection
 * @see nc(1), strerror(3), ping(8)
 */
export function readTries(
  spec: Extract<ProbeSpec, { tool: 'tries' }>,
  { text }: ProbeOutput,
  command: string,
): TriesReading {
  const tries = [...text.matchAll(/^try (\d{1,3}) (\d+[.,]\d+) (\d+[.,]\d+) ?(.*)$/gm)].map(
    ([, code, start = '', end = '', said = '']) => ({
      // bash writes times with the decimal sign of the image's locale.
      ms: Math.max(0, (Number(end.replace(',', '.')) - Number(start.replace(',', '.'))) * 1000),
      outcome: outcomeOf(code === '0', said),
    }),
  );
  if (tries.length === 0) throw new UnreadableOutput(text);
  const { address, port, owner } = spec;
  const [before, after] = [...text.matchAll(/^syn (\d{1,15})$/gm)].map(([, count]) => Number(count));
  return {
    address,
    port,
    owner,
    tries,
    ping: pingIn(text, 'ping'),
    gatewayPing: pingIn(text, 'gateway'),
    synRetransmits: before === undefined || after === undefined ? null : after - before,
    command,
  };
}

function outcomeOf(isOpen: boolean, said: string): TriesReading['tries'][number]['outcome'] {
  if (isOpen) return 'connected';
  if (/Connection refused/i.test(said)) return 'refused';
  // nc of busybox says nothing when its time is over.
  return said.trim() === '' || /timed out|No route to host|Host is unreachable/i.test(said) ? 'lost' : 'failed';
}

function pingIn(text: string, name: string): PingCount | null {
  const [, sent, received] = text.match(new RegExp(`^${name} (\\d{1,6}) (\\d{1,6})$`, 'm')) ?? [];
  return sent === undefined || received === undefined ? null : { sent: Number(sent), received: Number(received) };
}
