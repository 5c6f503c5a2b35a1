import type { Listener } from '../evidence/readings.ts';
import { type ProbeOutput, UnreadableOutput } from './probe.ts';

/** Reads `ss -Htln`, or `/proc/net/tcp` and `tcp6` where there is no ss; see ss(8), proc_pid_net(5). Empty when nothing listens. */
export function readListeners({ text, exitCode }: ProbeOutput): readonly Listener[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // Where IPv6 is off there is no tcp6, and cat ends with 1 although it has printed tcp.
  if (lines.some((line) => line.trim().startsWith('sl '))) return lines.flatMap(readProcLine);
  if (exitCode !== 0) throw new UnreadableOutput(text);
  return lines.map((line) => {
    const [state, queued, backlog, local = ''] = line.trim().split(/\s+/);
    const cut = local.lastIndexOf(':');
    const port = Number(local.slice(cut + 1));
    if (state !== 'LISTEN' || cut < 0 || !Number.isInteger(port)) throw new UnreadableOutput(text);
    const address = local
      .slice(0, cut)
      .replace(/%.*$/, '')
      .replace(/^\[|\]$/g, '');
    return { address, port, queued: Number(queued), backlog: Number(backlog) };
  });
}

/** State 0A is TCP_LISTEN; addresses are hexadecimal in host byte order, little endian here. */
function readProcLine(line: string): readonly Listener[] {
  const [, local = '', , state, queues = ''] = line.trim().split(/\s+/);
  if (state !== '0A') return [];
  const [hex = '', port = '0'] = local.split(':');
  return [
    {
      address: hexAddress(hex),
      port: Number.parseInt(port, 16),
      queued: Number.parseInt(queues.split(':')[1] ?? '0', 16),
      backlog: 0,
    },
  ];
}

function hexAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255) return `::ffff:${bytes.slice(12).join('.')}`;
  return (hex.match(/.{4}/g) ?? []).join(':').toLowerCase();
}
