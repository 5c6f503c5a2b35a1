import type { ResolvConf } from '../evidence/readings.ts';
import { type ProbeOutput, UnreadableOutput } from './probe.ts';

/** @see resolv.conf(5): the last `search` or `domain` line wins, `#` and `;` in the first column start a comment. */
export function readResolvConf({ text, exitCode }: ProbeOutput): ResolvConf {
  if (exitCode !== 0) throw new UnreadableOutput(text);
  const nameservers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    if (/^[#;]/.test(line)) continue;
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0]);
    if (keyword === 'search' || keyword === 'domain') search = values;
    if (keyword === 'options') {
      const option = values.find((value) => value.startsWith('ndots:'));
      if (option !== undefined) ndots = Number(option.slice('ndots:'.length)) || 0;
    }
  }
  return { nameservers, search, ndots, text };
}
