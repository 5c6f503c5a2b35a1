/** Reads the lines of our loop that asks for A and AAAA: `pair N` and `single N`, N answers each. */
import type { DnsPairs } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, ToolMissing, UnreadableOutput } from './probe.ts';

export function readDnsPairs(
  spec: Extract<ProbeSpec, { tool: 'dns-pairs' }>,
  { text, exitCode }: ProbeOutput,
  command: string,
): DnsPairs {
  if (exitCode === 127) throw new ToolMissing('bash');
  const counted = [...text.matchAll(/^(pair|single) ([0-2])$/gm)].map(([, what, answers]) => ({
    what,
    answers: Number(answers),
  }));
  const of = (what: string): readonly number[] =>
    counted.filter((one) => one.what === what).map(({ answers }) => answers);
  const [pairs, singles] = [of('pair'), of('single')];
  if (pairs.length === 0) throw new UnreadableOutput(text);
  const count = (all: readonly number[], answers: number): number => all.filter((one) => one === answers).length;
  return {
    server: spec.server,
    ...(spec.pod === undefined ? {} : { pod: spec.pod }),
    atOnce: { times: pairs.length, both: count(pairs, 2), one: count(pairs, 1), none: count(pairs, 0) },
    inTurn: { times: singles.length, both: count(singles, 2) },
    command,
  };
}
