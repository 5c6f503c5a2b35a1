/**
 * Many probes in one exec: a session starts one shell, batches are written to its standard input, and every result comes back
 * as lines of its own as soon as it settles. Works with bash and with a POSIX shell such as busybox's.
 *
 *   +ID BASE64       a piece of the output; one line is one write below PIPE_BUF, so parallel probes never mix
 *   ~ID TEXT         the same from a bash, which needs no other program for it: backslash, line feed and carriage return escaped
 *   =ID EXIT START END   the probe has ended; times as seconds since the epoch, or since the machine started
 */
import { PLAIN_PREAMBLE, substituteFor } from './plain.ts';
import { argvOf, longestS, type ProbeOutput, type ProbeSpec, shellWord } from './probe.ts';
import { CAPTURE_STOP } from './scripts.ts';

/** The file whose age tells the debug container when it was last used; not there where its root may not be written. */
export const LAST_USE = '/tmp/.netdebug-last-use';

/** Most bytes kept of one probe's output. */
const OUTPUT_LIMIT = 65_536;

/**
 * SYN, SYN-ACK and RST of TCP, and ICMP errors: who answered, and with which TTL. The capture runs in immediate mode: otherwise
 * the kernel hands packets over a second late, after the capture has ended (packet(7), TPACKET_V3).
 */
const CAPTURE_FILTER =
  'icmp or icmp6 or (ip and tcp[tcpflags] & (tcp-syn|tcp-rst) != 0) or (ip6 and ip6[6] = 6 and ip6[53] & 6 != 0)';

/** Characters of one `~` line: at most four bytes each, so that the line stays below PIPE_BUF (4096, pipe(7)). */
const PIECE = 900;

/** Replaces `nd_tell` in a bash; other shells do not even read its expansions. */
const TELL_IN_BASH = `nd_back='\\' nd_feed=$'\\n' nd_return=$'\\r'
nd_tell() {
  nd_out=\${nd_out:0:${OUTPUT_LIMIT}}; nd_out=\${nd_out//"$nd_back"/"$nd_back$nd_back"}
  nd_out=\${nd_out//"$nd_feed"/"\${nd_back}n"}; nd_out=\${nd_out//"$nd_return"/"\${nd_back}r"}
  while [ -n "$nd_out" ]; do echo "~$nd_id \${nd_out:0:${PIECE}}"; nd_out=\${nd_out:${PIECE}}; done
}`;

/** Runs the rest of its standard input with bash when there is one: it tells times in microseconds and encodes by itself. */
export const SESSION_ARGV = [
  'sh',
  '-c',
  'if command -v bash >/dev/null 2>&1; then exec bash -s; else exec sh -s; fi',
] as const;

/** First words of a session: the functions all batches use. */
export const SESSION_PREAMBLE = `
(: > ${LAST_USE}) 2>/dev/null; export ND_SESSION=$$ ND_TMP=/tmp
[ -w /tmp ] || ND_TMP=/dev/shm
nd_now() { read -r nd_up nd_idle </proc/uptime 2>/dev/null && echo "$nd_up" || date +%s; }
${PLAIN_PREAMBLE}
nd_run() { nd_id=$1; nd_limit=$2; shift 2; nd_start=\${EPOCHREALTIME:-$(nd_now)}; nd_out=$(timeout "$nd_limit" "$@" 2>&1 </dev/null); nd_exit=$?; nd_end=\${EPOCHREALTIME:-$(nd_now)}
nd_tell; echo "=$nd_id $nd_exit $nd_start $nd_end"; }
nd_tell() { printf '%s' "$nd_out" | head -c ${OUTPUT_LIMIT} | base64 | while read -r nd_line; do echo "+$nd_id $nd_line"; done; }
[ -z "\${BASH_VERSION-}" ] || eval ${shellWord(TELL_IN_BASH)}
nd_capture() { nd_file=$ND_TMP/.netdebug-$1-$$; tcpdump -i any --immediate-mode -n -s 160 -U -w "$nd_file" '${CAPTURE_FILTER}' 2>"$nd_file.err" </dev/null & nd_pid=$!
nd_try=0; while kill -0 $nd_pid 2>/dev/null && [ $nd_try -lt 60 ]; do case "$(cat "$nd_file.err" 2>/dev/null)" in *listening*) break;; esac; nd_try=$((nd_try+1)); sleep 0.01; done; }
nd_captured() { nd_start=\${EPOCHREALTIME:-$(nd_now)}; kill -INT $nd_pid 2>/dev/null; wait $nd_pid; nd_exit=$?; [ -s "$nd_file" ] || nd_exit=1
if [ -s "$nd_file" ]; then base64 < "$nd_file"; else base64 < "$nd_file.err"; fi | while read -r nd_line; do echo "+$1 $nd_line"; done
rm -f "$nd_file" "$nd_file.err"; echo "=$1 $nd_exit $nd_start \${EPOCHREALTIME:-$(nd_now)}"; }
`;

/** Last words of a session: it ends once every batch has; a capture may have been about to begin. */
export const SESSION_END = `${CAPTURE_STOP}\nwait\n${CAPTURE_STOP}\nexit 0\n`;

/**
 * A batch of probes that run side by side in the background of the session.
 *
 * @param captureId when given, packets are captured from just before the first probe to just after the last, and come back under this id
 */
export function batchScript(specs: readonly ProbeSpec[], captureId: string | null): string {
  const runs = specs.map((spec) => `${runOf(spec)} & nd_pids="$nd_pids $!"`);
  const body = [
    ...(captureId === null ? [] : [`nd_capture ${captureId}`]),
    'nd_pids=',
    ...runs,
    'wait $nd_pids',
    ...(captureId === null ? [] : [`nd_captured ${captureId}`]),
  ];
  return `(: > ${LAST_USE}) 2>/dev/null\n{\n${body.join('\n')}\n} &\n`;
}

/** One probe, or the same question put to another tool where the image lacks the usual one. */
function runOf(spec: ProbeSpec): string {
  const run = `nd_run ${spec.id} ${longestS(spec)}`;
  const usual = `${run} ${argvOf(spec).map(shellWord).join(' ')}`;
  const plain = substituteFor(spec);
  return plain === null
    ? usual
    : `if ${plain.unless}; then ${usual}; else ${run} sh -c "$${plain.script}" ${plain.args.map(shellWord).join(' ')}; fi`;
}

export interface SettledProbe {
  readonly id: string;
  readonly output: ProbeOutput;
}

/** Puts lines of a session together again; a probe is returned once, when its last line has come. */
export class SessionReader {
  #rest = '';
  /** Of outputs that are on their way: base64, or text with escapes. */
  readonly #pieces = new Map<string, { readonly encoding: '+' | '~'; text: string }>();

  /** @param chunk any piece of the session's standard output */
  read(chunk: string): readonly SettledProbe[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): readonly SettledProbe[] {
    const kind = line[0];
    const [id = '', ...words] = line.slice(1).split(' ');
    if (kind === '+' || kind === '~') {
      const before = this.#pieces.get(id)?.text ?? '';
      this.#pieces.set(id, { encoding: kind, text: before + words.join(' ') });
      return [];
    }
    if (kind !== '=') return [];
    // bash writes times with the decimal sign of the image's locale.
    const [exit, start, end] = words.map((word) => Number(word.replace(',', '.')));
    const { encoding, text } = this.#pieces.get(id) ?? { encoding: '~', text: '' };
    this.#pieces.delete(id);
    const timedOut = exit === 124 || exit === 143;
    return [
      {
        id,
        output: {
          exitCode: timedOut || exit === undefined ? null : exit,
          text: id.startsWith('capture') ? text : encoding === '+' ? decodeBase64(text) : unescaped(text),
          tookMs: Math.max(0, ((end ?? 0) - (start ?? 0)) * 1000),
        },
      },
    ];
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\nr])/g, (_, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : '\\'));
}

/** Text that was damaged on the way is left as it is; no tool prints such a thing. */
function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}
