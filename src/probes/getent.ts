/** Reads the lines that our loop around getent(1) prints: exit status, start, end, addresses. */
import type { SystemLookup, SystemLookups } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, ToolMissing, UnreadableOutput } from './probe.ts';

type GetentSpec = Extract<ProbeSpec, { tool: 'getent' }>;

export function readGetent(spec: GetentSpec, { text, exitCode }: ProbeOutput, command: string): SystemLookups {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (exitCode === 127 || lines.some((line) => line.startsWith('127 '))) throw new ToolMissing('bash or getent');
  const lookups = lines.map((line): SystemLookup => {
    const [exit, start, end, ...addresses] = line.trim().split(/\s+/);
    // bash writes times with the decimal sign of the image's locale.
    const [startS, endS] = [start, end].map((word) => Number(word?.replace(',', '.')));
    if (!/^\d+$/.test(exit ?? '') || !Number.isFinite(startS) || !Number.isFinite(endS))
      throw new UnreadableOutput(text);
    // 124: ended by timeout(1); 143: the same of busybox, which passes on the signal.
    const outcome = exit === '0' ? 'found' : exit === '124' || exit === '143' ? 'stalled' : 'not-found';
    return { addresses: [...new Set(addresses)], outcome, ms: Math.max(0, ((endS ?? 0) - (startS ?? 0)) * 1000) };
  });
  if (lookups.length === 0) throw new UnreadableOutput(text);
  return { name: spec.name, lookups, command };
}
