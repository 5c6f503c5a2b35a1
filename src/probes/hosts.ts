import type { HostsEntry } from '../evidence/readings.ts';
import { type ProbeOutput, UnreadableOutput } from './probe.ts';

/** @see hosts(5): an address and its names, `#` starts a comment. */
export function readHosts({ text, exitCode }: ProbeOutput): readonly HostsEntry[] {
  if (exitCode !== 0) throw new UnreadableOutput(text);
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    return names.length === 0 ? [] : [{ address, names }];
  });
}
