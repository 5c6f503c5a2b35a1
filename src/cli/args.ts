import { parseArgs } from 'node:util';
import type { ConnectionFlags } from '../adapters/kube-config.ts';
import { ACCESS_LEVELS, type Access } from '../ladder/access.ts';
import type { Protocol } from '../ladder/flow.ts';
import { RENDERED } from '../report/outputs.ts';
import { BadName, portOf } from '../target/parse.ts';
import { FLAGS, type Flag } from './flags.ts';

/** The user has to type something else; the message names what was typed. */
export class UsageError extends Error {
  readonly tryThis: readonly string[];

  constructor(message: string, tryThis: readonly string[] = ['kubectl netdebug --help']) {
    super(message);
    this.name = 'UsageError';
    this.tryThis = tryThis;
  }
}

export const OUTPUTS = [...RENDERED, 'ndjson'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface Arguments {
  readonly positionals: readonly string[];
  readonly namespace: string | undefined;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
  /** Null: ask, or api where nobody can be asked. */
  readonly access: Access | null;
  /** `--yes` was given; what it accepts of a run is in `access`. */
  readonly yes: boolean;
  readonly image: string | undefined;
  readonly imagePullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  readonly profile: 'auto' | 'restricted' | 'baseline' | 'general' | 'netadmin';
  readonly timeoutMs: number;
  /** Null: the screen on a terminal, text otherwise. */
  readonly output: Output | null;
  /** The files of `check`; `-` is standard input. */
  readonly filenames: readonly string[];
  /** Proposed policies, to be judged beside what is: files, folders, `-` for standard input. */
  readonly with: readonly string[];
  /** The file of `check` that this run's flow is added to. */
  readonly saveCheck: string | null;
  /** Write the run to this file. */
  readonly record: string | undefined;
  /** Play this run file instead of asking a cluster; `-` is standard input. */
  readonly replay: string | undefined;
  /** How many times the recorded pace; null: as recorded on the screen, at once otherwise. */
  readonly speed: number | null;
  readonly redact: boolean;
  /** Keep captured packets in this folder. */
  readonly pcap: string | undefined;
  /** How often to connect to the Service and to each backend; null: as often as what is seen asks for. */
  readonly tries: number | null;
  /** For how many seconds to leave connections idle; null: not asked. */
  readonly idle: number | null;
  /** Ask again and again, on the screen. */
  readonly watch: boolean;
  readonly plain: boolean;
  /** The screen as lines to listen to. */
  readonly screenReader: boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly verbosity: number;
  readonly help: boolean;
  readonly version: boolean;
  readonly connection: ConnectionFlags;
  readonly requestTimeoutMs: number;
}

const TIMEOUT_MS = 120_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** @throws {UsageError} for an unknown flag or a value that it does not take */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const one = <const T extends readonly string[]>(name: string, allowed: T): T[number] | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (!allowed.includes(value)) throw new UsageError(`--${name} ${value}: it takes one of ${allowed.join(', ')}.`);
    return value;
  };
  if (values.redact === true && text('pcap') !== undefined)
    throw new UsageError(
      '--pcap keeps packets with their real addresses, which --redact is to take out. Use one of them.',
    );
  const protocol = one('protocol', ['tcp', 'udp', 'sctp', 'TCP', 'UDP', 'SCTP']);
  const port = text('port');
  const idle = idleOf(text('idle'));
  const access = one('access', ACCESS_LEVELS);
  const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
    value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
  return {
    positionals,
    namespace: text('namespace'),
    port: port === undefined ? null : portFlag(port),
    protocol: protocol === undefined ? null : (protocol.toUpperCase() as Protocol),
    access: access ?? (values.yes === true ? 'source' : null),
    yes: values.yes === true,
    image: text('image'),
    imagePullPolicy: one('image-pull-policy', ['IfNotPresent', 'Always', 'Never']) ?? 'IfNotPresent',
    profile: one('profile', ['auto', 'restricted', 'baseline', 'general', 'netadmin']) ?? 'auto',
    // Being idle is none of the time that a run may take.
    timeoutMs: timeoutOf(text('timeout')) + (text('timeout') === undefined ? (idle ?? 0) * 1000 : 0),
    output: one('output', OUTPUTS) ?? null,
    filenames: (values.filename as readonly string[] | undefined) ?? [],
    with: (values.with as readonly string[] | undefined) ?? [],
    saveCheck: text('save-check') ?? null,
    record: text('record'),
    replay: text('replay'),
    speed: speedOf(text('speed')),
    redact: values.redact === true,
    pcap: text('pcap'),
    tries: triesOf(text('tries')),
    idle,
    watch: values.watch === true,
    plain: values.plain === true,
    // The variable that all programs made with Ink know.
    screenReader: values['screen-reader'] === true || process.env.INK_SCREEN_READER === 'true',
    color: one('color', ['auto', 'always', 'never']) ?? 'auto',
    verbosity: levelOf(text('v')),
    help: values.help === true,
    version: values.version === true,
    requestTimeoutMs: durationOf('request-timeout', text('request-timeout')) || REQUEST_TIMEOUT_MS,
    connection: {
      ...optional('kubeconfig', text('kubeconfig')),
      ...optional('context', text('context')),
      ...optional('cluster', text('cluster')),
      ...optional('user', text('user')),
      ...optional('namespace', text('namespace')),
      ...optional('as', text('as')),
      ...optional('asGroup', values['as-group'] as readonly string[] | undefined),
      ...optional('asUid', text('as-uid')),
      ...optional('server', text('server')),
      ...optional('token', text('token')),
      ...optional('certificateAuthority', text('certificate-authority')),
      ...optional('clientCertificate', text('client-certificate')),
      ...optional('clientKey', text('client-key')),
      ...optional('insecureSkipTlsVerify', values['insecure-skip-tls-verify'] === true ? true : undefined),
      ...optional('tlsServerName', text('tls-server-name')),
    },
  };
}

function parse(argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(
    FLAGS.map((flag: Flag) => [
      flag.name,
      {
        type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(flag.short === undefined ? {} : { short: flag.short }),
        ...(flag.multiple === true ? { multiple: true } : {}),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replace(/ To specify a positional argument.*$/s, '').replace(/\.?$/, '.'));
  }
}

function timeoutOf(text: string | undefined): number {
  const timeoutMs = durationOf('timeout', text) ?? TIMEOUT_MS;
  if (timeoutMs <= 0) throw new UsageError(`--timeout ${text}: a run needs some time.`);
  return timeoutMs;
}

function speedOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text.replace(/x$/, ''));
  if (!(speed > 0))
    throw new UsageError(`--speed ${text}: it takes max, or a number such as 2 for twice the recorded pace.`);
  return speed;
}

function triesOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d?\d?$/.test(text)) throw new UsageError(`--tries ${text}: it takes a number from 1 to 999.`);
  return Number(text);
}

function idleOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  // The debug container ends 15 minutes after its last use.
  if (!/^\d{1,3}$/.test(text) || Number(text) < 5 || Number(text) > 800)
    throw new UsageError(`--idle ${text}: it takes a number of seconds from 5 to 800, for example --idle 400.`);
  return Number(text);
}

function levelOf(text: string | undefined): number {
  const level = Number(text ?? 0);
  if (!Number.isInteger(level)) throw new UsageError(`-v ${text}: it takes a number.`);
  return level;
}

function portFlag(text: string): number | string {
  try {
    return portOf(text, '--port');
  } catch (error) {
    throw error instanceof BadName ? new UsageError(error.message) : error;
  }
}

/** Go's durations, as kubectl takes them: `30s`, `2m`, `1m30s`, `500ms`; a bare number means seconds. */
function durationOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new UsageError(`--${name} ${text}: it takes a duration such as 30s, 2m or 500ms.`);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return parts.reduce((sum, [, number, suffix]) => sum + Number(number) * unit[suffix as keyof typeof unit], 0);
}
