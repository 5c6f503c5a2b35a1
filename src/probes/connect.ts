/** Reads curl(1) from 7.70 (`-v`, `%{json}`) and nc(1) of OpenBSD or busybox, with the error texts of glibc and musl. */
import type { ConnectOutcome, ConnectReading, Exchange } from '../evidence/readings.ts';
import { CONNECT_LIMIT_S, type ProbeOutput, type ProbeSpec, ToolMissing, UnreadableOutput } from './probe.ts';

type HttpSpec = Extract<ProbeSpec, { tool: 'http' }>;
type TcpSpec = Extract<ProbeSpec, { tool: 'tcp' }>;

/** strerror(3) in both C libraries; see connect(2) for what each means. */
const ERRORS: readonly (readonly [RegExp, (ms: number, text: string) => ConnectOutcome])[] = [
  [/Connection refused/i, (ms) => ({ kind: 'refused', ms })],
  [/No route to host|Host is unreachable/i, (ms) => ({ kind: 'host-unreachable', ms })],
  [/Network (is )?unreachable/i, (ms) => ({ kind: 'net-unreachable', ms })],
  [/timed out/i, (ms) => ({ kind: 'timed-out', afterMs: ms })],
  [
    /Cannot assign requested address|Address not available|Operation not permitted|Permission denied|Invalid argument/i,
    (_ms, text) => ({ kind: 'failed', text }),
  ],
];

/** What a tool says of a connection that was not made, by the error of connect(2) in its words; null when it names none. */
export function connectError(text: string, ms: number): ConnectOutcome | null {
  for (const [pattern, outcome] of ERRORS) {
    const match = text.match(pattern);
    if (match !== null) return outcome(ms, match[0]);
  }
  return null;
}

export function readTcp(spec: TcpSpec, output: ProbeOutput, command: string): ConnectReading {
  const { text, tookMs, exitCode } = output;
  // busybox can be built with an nc that only connects.
  if (exitCode === 127 || /invalid option -- '?z/.test(text))
    throw new ToolMissing(exitCode === 127 ? 'nc' : 'nc that knows -z');
  const connected = /succeeded!$|\bopen$/m.test(text) || (exitCode === 0 && text.trim() === '');
  const outcome: ConnectOutcome | null = connected
    ? { kind: 'connected', ms: tookMs }
    : (connectError(text, tookMs) ??
      (exitCode === null ||
      (exitCode === 1 && text.trim() === '' && tookMs >= (spec.limitS ?? CONNECT_LIMIT_S) * 1000 - 100)
        ? { kind: 'timed-out', afterMs: tookMs }
        : null));
  if (outcome === null) throw new UnreadableOutput(text);
  return {
    address: spec.address,
    port: spec.port,
    owner: spec.owner,
    outcome,
    exchange: { kind: 'none' },
    localPort: spec.localPort ?? null,
    refusal: null,
    command,
  };
}

interface CurlSays {
  readonly exitcode: number;
  readonly errormsg: string | null;
  readonly http_code: number;
  readonly local_port: number;
  readonly size_download: number;
  readonly size_header: number;
  readonly time_connect: number;
  readonly time_starttransfer: number;
  readonly time_total: number;
}

/** curl tells no time_connect when TLS does not get done in time; a Client hello is only sent over a connection that stands. */
const TLS_BEGUN = /^\* .*TLS handshake, Client hello/m;

export function readHttp(spec: HttpSpec, output: ProbeOutput, command: string): ConnectReading {
  const says = readCurl(output);
  const ms = says.time_connect * 1000;
  const outcome: ConnectOutcome =
    ms > 0 || TLS_BEGUN.test(output.text) ? { kind: 'connected', ms } : notConnected(says, output);
  return {
    address: spec.address,
    port: spec.port,
    owner: spec.owner,
    outcome,
    exchange: outcome.kind === 'connected' ? readExchange(says) : { kind: 'none' },
    localPort: says.local_port > 0 ? says.local_port : localPortIn(output.text),
    refusal: null,
    command,
  };
}

function readCurl({ text, exitCode }: ProbeOutput): CurlSays {
  if (exitCode === 127) throw new ToolMissing('curl');
  const line = text.split('\n').findLast((candidate) => candidate.startsWith('{"'));
  if (line === undefined) throw new UnreadableOutput(text);
  let says: Partial<Record<keyof CurlSays, unknown>>;
  try {
    says = JSON.parse(line);
  } catch {
    throw new UnreadableOutput(line);
  }
  const complete =
    NUMBERS.every((key) => typeof says[key] === 'number') &&
    (says.errormsg === null || typeof says.errormsg === 'string');
  if (!complete) throw new UnreadableOutput(line);
  return says as CurlSays;
}

const NUMBERS = [
  'exitcode',
  'http_code',
  'local_port',
  'size_download',
  'size_header',
  'time_connect',
  'time_starttransfer',
  'time_total',
] as const satisfies readonly (keyof CurlSays)[];

function notConnected(says: CurlSays, { text }: ProbeOutput): ConnectOutcome {
  const ms = says.time_total * 1000;
  const reason =
    text.match(/^\* connect to .* failed: (.*)$/m)?.[1] ??
    text.match(/^\* Immediate connect fail for \S+: (.*)$/m)?.[1];
  const outcome = reason === undefined ? null : connectError(reason, ms);
  if (outcome !== null) return outcome;
  // 28: operation timeout, see curl(1), EXIT CODES.
  if (says.exitcode === 28) return { kind: 'timed-out', afterMs: ms };
  return (
    connectError(says.errormsg ?? '', ms) ?? {
      kind: 'failed',
      text: says.errormsg ?? `curl ended with ${says.exitcode}`,
    }
  );
}

/** @see curl(1), EXIT CODES: 18 partial file, 28 timeout, 52 empty reply, 56 receive error. */
function readExchange(says: CurlSays): Exchange {
  if (says.http_code > 0)
    return {
      kind: 'http',
      status: says.http_code,
      bytes: says.size_download,
      firstByteMs: says.time_starttransfer * 1000,
      ...(says.exitcode === 28 ? { isCut: true } : {}),
      ...brokenBy(says),
    };
  if (says.exitcode === 28 && says.size_header === 0)
    return { kind: 'silent', afterMs: (says.time_total - says.time_connect) * 1000 };
  if (says.exitcode === 52) return { kind: 'closed' };
  if (/reset/i.test(says.errormsg ?? '')) return { kind: 'reset' };
  return { kind: 'other', text: says.errormsg ?? `curl ended with ${says.exitcode}` };
}

/** A server that ends TLS without a word breaks nothing that was complete: that is told as 56 as well, without a reset. */
function brokenBy({ exitcode, errormsg }: CurlSays): { readonly broken?: 'reset' | 'closed' } {
  if (exitcode === 18) return { broken: 'closed' };
  return exitcode === 56 && /reset/i.test(errormsg ?? '') ? { broken: 'reset' } : {};
}

function localPortIn(text: string): number | null {
  const port = text.match(/^\* connect to .* from \S+ port (\d+) failed/m)?.[1];
  return port === undefined ? null : Number(port);
}
