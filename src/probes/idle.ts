import type { IdleReading } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `idle` probe printed: `hold SECONDS OUTCOME yes|no` for each connection, in any order.
 *
 * @throws {UnreadableOutput} without a single connection
 */
export function readIdle(
  spec: Extract<ProbeSpec, { tool: 'idle' }>,
  { text }: ProbeOutput,
  command: string,
): IdleReading {
  const holds = [...text.matchAll(/^hold (\d{1,4}) (answered|closed|silent|reset|unconnected) (yes|no)$/gm)].map(
    ([, seconds, outcome, again]) => ({
      idleS: Number(seconds),
      outcome: outcome as IdleReading['holds'][number]['outcome'],
      again: again === 'yes',
    }),
  );
  if (holds.length === 0) throw new UnreadableOutput(text);
  const { address, port, owner } = spec;
  return { address, port, owner, holds: holds.sort((a, b) => a.idleS - b.idleS), command };
}
