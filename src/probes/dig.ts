/** Reads dig(1) of BIND 9.16 to 9.20, default output. */
import type { DnsOutcome, DnsReading, SearchReading } from '../evidence/readings.ts';
import { type ProbeOutput, type ProbeSpec, ToolMissing, UnreadableOutput } from './probe.ts';

type DigSpec = Extract<ProbeSpec, { tool: 'dig' }>;
type SearchSpec = Extract<ProbeSpec, { tool: 'dig-search' }>;

export function readDig(spec: DigSpec, output: ProbeOutput, command: string): DnsReading {
  const answers = readAnswers(output);
  return {
    name: spec.name,
    server: spec.server,
    transport: spec.transport,
    outcome: answers.at(-1)?.outcome ?? readFailure(output),
    tookMs: queryMs(output, 1),
    command,
    ...(spec.pod === undefined ? {} : { pod: spec.pod }),
    ...(spec.type === undefined ? {} : { type: spec.type }),
    ...(/^;; Truncated, retrying in TCP mode/m.test(output.text) ? { truncated: true as const } : {}),
    ...(answers.at(-1)?.ttlS === undefined ? {} : { ttlS: answers.at(-1)?.ttlS as number }),
  };
}

export function readDigSearch(spec: SearchSpec, output: ProbeOutput, command: string): SearchReading {
  const answers = readAnswers(output);
  const steps = answers.map(({ name, outcome }) => ({ name, rcode: outcome.rcode, addresses: outcome.addresses }));
  const last = answers.at(-1)?.outcome;
  // With +showsearch dig prints the steps it got answers for, and stops when no server answers. One that fails before another
  // one answers costs time, but it is not how the lookup ended.
  const failed = /no servers could be reached|communications error/.test(
    output.text.split(';; Got answer:').at(-1) ?? '',
  );
  return {
    typed: spec.name,
    steps,
    outcome: last === undefined || failed ? readFailure(output) : last,
    tookMs: queryMs(output, answers.length),
    stepsMs: answers.map(({ ms }) => ms),
    command,
  };
}

/** A name server that did not answer costs a second at least, and `Query time` does not count it. */
const LOST_MS = 900;

/**
 * How long the answers took: dig's own measure, which leaves out the start of the program; the wall clock where that is so much
 * longer that a server must have been waited for in vain.
 */
function queryMs({ text, tookMs }: ProbeOutput, answers: number): number {
  const times = [...text.matchAll(/^;; Query time: (\d+) (usec|msec)$/gm)];
  if (times.length === 0 || times.length < answers) return tookMs;
  const sum = times.reduce((total, [, number, unit]) => total + Number(number) / (unit === 'usec' ? 1000 : 1), 0);
  return tookMs - sum > LOST_MS ? tookMs : sum;
}

type Answer = Extract<DnsOutcome, { kind: 'answered' }>;

function readAnswers({
  text,
}: ProbeOutput): readonly { name: string; outcome: Answer; ms: number; ttlS: number | undefined }[] {
  return text
    .split(/^;; Got answer:$/m)
    .slice(1)
    .flatMap((block) => {
      const rcode = block.match(/status: ([A-Z0-9]+),/)?.[1];
      if (rcode === undefined) return [];
      const name = block.match(/^;(\S+)\s+IN\s+(?:A|AAAA)$/m)?.[1] ?? '';
      const section = block.match(/^;; ANSWER SECTION:\n([\s\S]*?)(?:\n\n|$(?![\s\S]))/m)?.[1] ?? '';
      const records = section.split('\n').map((line) => line.split(/\s+/));
      const data = (type: string): readonly string[] =>
        records.filter((record) => record[2] === 'IN' && record[3] === type).map((record) => record[4] ?? '');
      const [, time = '0', unit] = block.match(/^;; Query time: (\d+) (usec|msec)$/m) ?? [];
      const authority = block.match(/^;; AUTHORITY SECTION:\n([\s\S]*?)(?:\n\n|$(?![\s\S]))/m)?.[1] ?? '';
      const kept = (section === '' ? authority : section).split('\n').flatMap((line) => {
        const seconds = Number(line.split(/\s+/)[1]);
        return Number.isInteger(seconds) ? [seconds] : [];
      });
      const flags = block.match(/^;; flags: ([a-z ]*);/m)?.[1]?.split(' ') ?? [];
      return [
        {
          name,
          outcome: {
            kind: 'answered' as const,
            rcode,
            addresses: [...data('A'), ...data('AAAA')],
            cnames: data('CNAME'),
            authoritative: flags.includes('aa'),
          },
          ms: Number(time) / (unit === 'usec' ? 1000 : 1),
          ttlS: kept.length === 0 ? undefined : Math.min(...kept),
        },
      ];
    });
}

function readFailure({ text, exitCode }: ProbeOutput): DnsOutcome {
  if (exitCode === 127) throw new ToolMissing('dig');
  const said = text.match(/(?:communications error to \S+: |failed: )([a-z ]+)/)?.[1]?.trim();
  if (
    said === 'timed out' ||
    (said === undefined && (exitCode === null || /connection timed out|no servers could be reached/.test(text)))
  )
    return { kind: 'timed-out' };
  if (said === 'connection refused') return { kind: 'refused' };
  if (said !== undefined) return { kind: 'unreachable', text: said };
  throw new UnreadableOutput(text);
}
