/**
 * The questions to the network that decide most, put to the tools of a small image: nslookup(1) and nc(1) of busybox, or bash alone. Used where
 * an image has no dig, no curl, or an nc without `-z`; what only the better tools tell is then missing, and never guessed.
 */
import type {
  ConnectOutcome,
  ConnectReading,
  DnsOutcome,
  DnsReading,
  Exchange,
  SearchReading,
} from '../evidence/readings.ts';
import { connectError } from './connect.ts';
import {
  CONNECT_LIMIT_S,
  DNS_LIMIT_S,
  type ProbeOutput,
  type ProbeSpec,
  shellWord,
  UnreadableOutput,
} from './probe.ts';
import { ASK } from './scripts.ts';

/** What a probe prints first that was put to another tool than usual. */
const MARK = '@@plain ';

/** Seconds since the machine started, to 10 ms: what shells without a clock of their own can tell; see proc(5). */
const NOW = `now() { read -r up idle </proc/uptime; echo "$up"; }`;

/** `look-up NAME SERVER TYPE SECONDS alone|search`: one question for the name, or for each name that resolv.conf(5) makes of it until one is found. */
const LOOK_UP = `name=$1 server=$2 type=$3 limit=$4; ${NOW}
command -v nslookup >/dev/null || exit 127
echo "${MARK}nslookup"
list=$name
if [ "$5" = search ]; then case $name in *.) ;; *) search= ndots=1
while read -r key rest; do case $key in search|domain) search=$rest;; options) for one in $rest; do case $one in ndots:*) ndots=\${one#ndots:};; esac; done;; esac; done </etc/resolv.conf
dots=$(printf %s "$name" | tr -cd . | wc -c); list=
for one in $search; do list="$list $name.\${one%.}."; done
if [ "$dots" -ge "$ndots" ]; then list="$name. $list"; else list="$list $name."; fi;; esac; fi
for one in $list; do echo "@@ask $one $(now)"; said=$(timeout "$limit" nslookup "-type=$type" "$one" $server 2>&1 </dev/null); code=$?
printf '%s\\n' "$said"; echo "@@asked $code $(now)"
case $said in *Name:*) break;; *NXDOMAIN*) ;; *) [ $code = 0 ] || break;; esac; done`;

/**
 * `connect ADDRESS PORT SECONDS HOST|- PADDING LOCAL-PORT|-`: a connection; where it stands and a host is given, a request over another one.
 * nc ends its half of a connection with its input, and some servers then end theirs unasked: empty lines keep it open, which servers skip
 * (RFC 9112 section 2.2), until one cannot be written because the answer is complete.
 */
const CONNECT = `a=$1 p=$2 limit=$3 host=$4 pad=$5 own=; ${NOW}
[ "$6" = - ] || own="-p $6"
zero= last=; usage=$(nc -h 2>&1 </dev/null); case $usage in *-z*) zero=-z;; *-e\\ PROG*) last='-e true';; esac
if [ -n "$zero$last" ]; then echo "${MARK}nc$zero"
meet() { timeout $((limit + 1)) nc $zero $own -w "$limit" "$a" "$p" $last 2>&1 </dev/null; }
talk() { { cat; for s in 0.1 0.2 0.4 0.8 1.6 1.6; do sleep $s; printf '\\r\\n' || break; done; } 2>/dev/null | timeout ${CONNECT_LIMIT_S} nc -w ${CONNECT_LIMIT_S} "$a" "$p" 2>/dev/null; }
elif command -v bash >/dev/null; then echo "${MARK}bash"
meet() { timeout "$limit" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$a" "$p" 2>&1; }
talk() { timeout ${CONNECT_LIMIT_S} bash -c 'exec 3<>"/dev/tcp/$0/$1"; cat >&3; cat <&3' "$a" "$p" 2>/dev/null; }
else exit 127; fi
echo "@@meet $(now)"; meet; code=$?; echo; echo "@@met $code $(now)"
[ $code = 0 ] && [ "$host" != - ] || exit 0
${ASK}
echo "@@talk $(now)"; said=$(ask | talk | head -c 4000 | tr -d '\\0'); echo "@@talked $(now) \${#said}"; printf '%s\\n' "$said" | head -n 1`;

/** The shell's names for the scripts, and what they are chosen by, for the first words of a session. */
export const PLAIN_PREAMBLE = `ND_LOOK_UP=${shellWord(LOOK_UP)} ND_CONNECT=${shellWord(CONNECT)}
nd_has() { command -v "$1" >/dev/null 2>&1; }
nd_nc() { [ "$nd_z" = 1 ]; }
nd_z=1; nd_has dig && nd_has curl || case "$(nc -h 2>&1 </dev/null)" in *-z*) ;; *) nd_z=0;; esac`;

export interface Substitute {
  /** A condition of the shell: that the usual tool is there. */
  readonly unless: string;
  /** The shell's variable with the script. */
  readonly script: string;
  readonly args: readonly string[];
}

/** How the same is asked without the usual tool; null where nothing else can. */
export function substituteFor(spec: ProbeSpec): Substitute | null {
  switch (spec.tool) {
    case 'dig':
      if (spec.transport !== 'udp' || spec.port !== 53) return null;
      return {
        unless: 'nd_has dig',
        script: 'ND_LOOK_UP',
        args: ['look-up', spec.name, spec.server ?? '', typeOf(spec), String(spec.limitS ?? DNS_LIMIT_S), 'alone'],
      };
    case 'dig-search':
      return {
        unless: 'nd_has dig',
        script: 'ND_LOOK_UP',
        args: ['look-up', spec.name, '', typeOf(spec), String(DNS_LIMIT_S), 'search'],
      };
    case 'http':
    case 'tcp': {
      const asks = spec.tool === 'http' && spec.scheme === 'http';
      return {
        unless: spec.tool === 'http' ? 'nd_has curl' : 'nd_nc',
        script: 'ND_CONNECT',
        args: [
          ...['connect', spec.address, String(spec.port), String(spec.limitS ?? CONNECT_LIMIT_S)],
          ...[asks ? spec.host : '-', String((asks ? spec.padding : undefined) ?? 0), String(spec.localPort ?? '-')],
        ],
      };
    }
    default:
      return null;
  }
}

function typeOf(spec: { readonly type?: 'AAAA' }): 'aaaa' | 'a' {
  return spec.type === undefined ? 'a' : 'aaaa';
}

/** The words after `kubectl exec … --` that show the same; null for output of the usual tool. */
export function plainArgv(spec: ProbeSpec, { text }: ProbeOutput): readonly string[] | null {
  if (!text.startsWith(MARK)) return null;
  const tool = text.slice(MARK.length, text.indexOf('\n'));
  if (spec.tool === 'dig')
    return [tool, `-type=${typeOf(spec)}`, spec.name, ...(spec.server === null ? [] : [spec.server])];
  if (spec.tool === 'dig-search') return [tool, `-type=${typeOf(spec)}`, spec.name];
  if (spec.tool !== 'http' && spec.tool !== 'tcp') return null;
  const limit = String(spec.limitS ?? CONNECT_LIMIT_S);
  if (tool === 'bash') return ['timeout', limit, 'bash', '-c', `exec 3<>/dev/tcp/${spec.address}/${spec.port}`];
  const end = ['-w', limit, spec.address, String(spec.port)];
  return tool === 'nc-z' ? ['nc', '-z', ...end] : ['nc', ...end, '-e', 'true'];
}

/**
 * What another tool than usual said; null for output of the usual one.
 *
 * @throws {UnreadableOutput} when it is none of the things that tool is known to print
 */
export function readPlain(
  spec: ProbeSpec,
  output: ProbeOutput,
  command: string,
): DnsReading | SearchReading | ConnectReading | null {
  if (!output.text.startsWith(MARK)) return null;
  switch (spec.tool) {
    case 'dig':
      return readLookup(spec, output, command);
    case 'dig-search':
      return readSearch(spec, output, command);
    case 'http':
    case 'tcp':
      return readConnect(spec, output, command);
    default:
      return null;
  }
}

function readLookup(spec: Extract<ProbeSpec, { tool: 'dig' }>, output: ProbeOutput, command: string): DnsReading {
  const [step] = stepsIn(output);
  if (step === undefined) throw new UnreadableOutput(output.text);
  return {
    name: spec.name,
    server: spec.server,
    transport: 'udp',
    outcome: step.outcome,
    tookMs: step.ms,
    command,
    ...(spec.pod === undefined ? {} : { pod: spec.pod }),
    ...(spec.type === undefined ? {} : { type: spec.type }),
  };
}

function readSearch(
  spec: Extract<ProbeSpec, { tool: 'dig-search' }>,
  output: ProbeOutput,
  command: string,
): SearchReading {
  const steps = stepsIn(output);
  const last = steps.at(-1);
  if (last === undefined) throw new UnreadableOutput(output.text);
  const answered = steps.flatMap(({ name, outcome, ms }) =>
    outcome.kind === 'answered' ? [{ name, rcode: outcome.rcode, addresses: outcome.addresses, ms }] : [],
  );
  return {
    typed: spec.name,
    steps: answered.map(({ name, rcode, addresses }) => ({ name, rcode, addresses })),
    outcome: last.outcome,
    tookMs: steps.reduce((sum, { ms }) => sum + ms, 0),
    stepsMs: answered.map(({ ms }) => ms),
    command,
  };
}

interface Step {
  readonly name: string;
  readonly outcome: DnsOutcome;
  readonly ms: number;
}

function stepsIn({ text }: ProbeOutput): readonly Step[] {
  return text
    .split(/^@@ask /m)
    .slice(1)
    .map((block) => {
      const [head = '', ...lines] = block.split('\n');
      const [name = '', start] = head.split(' ');
      const end = lines.findIndex((line) => line.startsWith('@@asked '));
      const [, code, at] = (lines[end] ?? '').split(' ');
      const said = lines.slice(0, end === -1 ? undefined : end).join('\n');
      // Without its last line the question was ended together with all of them.
      return { name, outcome: outcomeOf(said, end === -1 ? null : Number(code)), ms: between(start, at) };
    });
}

/** nslookup of busybox tells the rcode in words, and an answer without records by saying nothing behind the server's name. */
function outcomeOf(said: string, code: number | null): DnsOutcome {
  const rcode = said.match(/can't find \S+: ([A-Z0-9]+)$/m)?.[1];
  // Of an error it does not say whose word it is.
  if (rcode !== undefined) return { kind: 'answered', rcode, addresses: [], cnames: [], authoritative: false };
  if (/Connection refused/.test(said)) return { kind: 'refused' };
  const unreachable = said.match(/(?:network (?:is )?unreachable|no route to host|host is unreachable)/i)?.[0];
  if (unreachable !== undefined) return { kind: 'unreachable', text: unreachable.toLowerCase() };
  const answer = said
    .split(/^Name:/m)
    .slice(1)
    .join('\n');
  const addresses = [...answer.matchAll(/^Address(?: \d+)?:\s*([0-9A-Fa-f.:]+)$/gm)].map(([, address = '']) => address);
  if (addresses.length > 0 || (code === 0 && /^Server:/m.test(said)))
    return {
      kind: 'answered',
      rcode: 'NOERROR',
      addresses,
      cnames: [...said.matchAll(/canonical name = (\S+)$/gm)].map(([, name = '']) => `${name.replace(/\.$/, '')}.`),
      authoritative: !said.includes('Non-authoritative answer'),
    };
  // 124: ended by timeout(1); 143: the same of busybox, which passes on the signal.
  if (code === null || code === 124 || code === 143 || /timed out|no servers could be reached/.test(said))
    return { kind: 'timed-out' };
  throw new UnreadableOutput(said);
}

/** The exchange is `none` for a port that speaks TLS, and `closed` also where the connection was reset: nc does not tell these apart. */
function readConnect(
  spec: Extract<ProbeSpec, { tool: 'http' | 'tcp' }>,
  { text }: ProbeOutput,
  command: string,
): ConnectReading {
  const [, start] = text.match(/^@@meet (\S+)$/m) ?? [];
  if (start === undefined) throw new UnreadableOutput(text);
  const [, code, end] = text.match(/^@@met (\d+) (\S+)$/m) ?? [];
  const limitMs = (spec.limitS ?? CONNECT_LIMIT_S) * 1000;
  const ms = end === undefined ? limitMs : between(start, end);
  const said = text.slice(text.indexOf('@@meet'), text.includes('@@met ') ? text.indexOf('@@met ') : undefined);
  return {
    address: spec.address,
    port: spec.port,
    owner: spec.owner,
    outcome: code === '0' ? { kind: 'connected', ms } : notConnected(said, code, ms),
    exchange: code === '0' ? exchangeIn(text) : { kind: 'none' },
    localPort: spec.localPort ?? null,
    refusal: null,
    command,
  };
}

function notConnected(said: string, code: string | undefined, ms: number): ConnectOutcome {
  if (code === undefined || code === '124' || code === '143') return { kind: 'timed-out', afterMs: ms };
  const outcome = connectError(said, ms);
  if (outcome === null) throw new UnreadableOutput(said);
  return outcome;
}

function exchangeIn(text: string): Exchange {
  const begun = text.match(/^@@talk (\S+)$/m);
  if (begun === null) return { kind: 'none' };
  const [, end, bytes] = text.match(/^@@talked (\S+) (\d+)$/m) ?? [];
  if (end === undefined) return { kind: 'silent', afterMs: CONNECT_LIMIT_S * 1000 };
  const tookMs = between(begun[1], end);
  const line =
    text
      .slice(text.indexOf('\n', text.indexOf('@@talked ')) + 1)
      .split('\n')[0]
      ?.trim() ?? '';
  const status = line.match(/^HTTP\/\d(?:\.\d)? (\d{3})\b/)?.[1];
  if (status !== undefined) return { kind: 'http', status: Number(status), bytes: Number(bytes), firstByteMs: tookMs };
  if (Number(bytes) > 0) return { kind: 'other', text: `an answer that is not HTTP: ${line.slice(0, 60)}` };
  return tookMs >= SILENT_MS ? { kind: 'silent', afterMs: tookMs } : { kind: 'closed' };
}

/** Whoever keeps a connection open for so long and says nothing was waited for until the end. */
const SILENT_MS = CONNECT_LIMIT_S * 1000 - 500;

function between(start: string | undefined, end: string | undefined): number {
  const seconds = Number(end) - Number(start);
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
}
