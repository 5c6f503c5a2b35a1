import type { AcceptQueue } from '../evidence/readings.ts';
import { sectionsOf } from './node-state.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `accept-queue` probe printed.
 *
 * @throws {UnreadableOutput} where /proc/net/netstat could not be read
 * @see proc_pid_net(5), ss(8): for a listening socket the two queues are what waits, and how much may wait
 */
export function readAcceptQueue(
  spec: Extract<ProbeSpec, { tool: 'accept-queue' }>,
  { text }: ProbeOutput,
  command: string,
): AcceptQueue {
  const sections = sectionsOf(text);
  const before = countersIn(sections.get('before') ?? []);
  const after = countersIn(sections.get('after') ?? []);
  if (before === null || after === null) throw new UnreadableOutput(text);
  const [, queued, backlog] =
    (sections.get('socket') ?? [])
      .map((line) => line.match(/^LISTEN\s+(\d+)\s+(\d+)/))
      .find((match) => match !== null) ?? [];
  const tries = (sections.get('inside') ?? []).filter((line) => /^try \d+$/.test(line));
  return {
    pod: spec.pod,
    port: spec.port,
    queued: queued === undefined ? null : Number(queued),
    backlog: backlog === undefined ? null : Number(backlog),
    before,
    after,
    inside: { tried: tries.length, connected: tries.filter((line) => line === 'try 0').length },
    command,
  };
}

/** Two lines: the names of the counters, and their values. */
function countersIn(lines: readonly string[]): AcceptQueue['before'] | null {
  const names = lines[0]?.split(/\s+/) ?? [];
  const values = lines[1]?.split(/\s+/) ?? [];
  const at = (name: string): number => Number(values[names.indexOf(name)]);
  const [overflows, drops] = [at('ListenOverflows'), at('ListenDrops')];
  return Number.isInteger(overflows) && Number.isInteger(drops) ? { overflows, drops } : null;
}
