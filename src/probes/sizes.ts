import type { SizeReading, Transfer } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, ToolMissing, UnreadableOutput } from './probe.ts';

/**
 * Reads what the `sizes` probe printed.
 *
 * @throws {ToolMissing} without socat, which alone can keep packets small
 * @throws {UnreadableOutput} when one of the two requests left no result
 * @see socat(1), ss(8), ping(8): exit status 0 for an answer, 1 for none
 */
export function readSizes(
  spec: Extract<ProbeSpec, { tool: 'sizes' }>,
  { text, exitCode }: ProbeOutput,
  command: string,
): SizeReading {
  if (exitCode === 127) throw new ToolMissing('socat');
  const usual = transferIn(text, 'usual');
  const small = transferIn(text, 'small');
  if (usual === null || small === null) throw new UnreadableOutput(text);
  const mtu = Number(text.match(/^mtu (\d{1,6})$/m)?.[1] ?? 0);
  const socket = text.match(/^socket (?:ESTAB )?(?:\d+) (\d+) .*$/m);
  const retransmits = socket?.[0].match(/ retrans:\d+\/(\d+)/)?.[1];
  const outcomes = new Map<number, SizeReading['pings'][number]['outcome']>();
  for (const [, size, code] of text.matchAll(/^ping (\d{1,6}) (\d{1,3})$/gm)) {
    const outcome = code === '0' ? 'answered' : code === '3' ? 'too-long' : 'lost';
    // A size that is tried twice and answered once passes.
    if (outcomes.get(Number(size)) !== 'answered') outcomes.set(Number(size), outcome);
  }
  return {
    address: spec.address,
    port: spec.port,
    owner: spec.owner,
    usual,
    small,
    sender: socket === null ? null : { unacknowledged: Number(socket[1]), retransmits: Number(retransmits ?? 0) },
    mtu: mtu > 0 ? mtu : null,
    pings: [...outcomes].map(([bytes, outcome]) => ({ bytes, outcome })).sort((a, b) => a.bytes - b.bytes),
    command,
  };
}

/** `usual BYTES EXIT`: 124 is timeout(1), which ended a transfer that had not come to its end. */
function transferIn(text: string, name: string): Transfer | null {
  const [, bytes, exit] = text.match(new RegExp(`^${name} +(\\d{1,12}) (\\d{1,3})$`, 'm')) ?? [];
  return bytes === undefined || exit === undefined
    ? null
    : { bytes: Number(bytes), isComplete: exit === '0' && bytes !== '0' };
}
