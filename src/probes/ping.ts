import type { PingReading } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads how many pings came back: `20 packets transmitted, 18 received` of iputils, `18 packets received` of busybox.
 *
 * @throws {UnreadableOutput} when none could be sent
 * @see ping(8)
 */
export function readPing(
  spec: Extract<ProbeSpec, { tool: 'ping' }>,
  { text }: ProbeOutput,
  command: string,
): PingReading {
  const [, sent, received] = text.match(/^(\d{1,6}) packets transmitted, (\d{1,6}) /m) ?? [];
  if (sent === undefined || received === undefined) throw new UnreadableOutput(text);
  const { address, owner } = spec;
  return { address, owner, count: { sent: Number(sent), received: Number(received) }, command };
}
