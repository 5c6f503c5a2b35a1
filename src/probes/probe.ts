import type { ProbeKind } from '../evidence/evidence.ts';
import type { ConnectReading } from '../evidence/readings.ts';

/** Where a probe runs: a debug container in the source Pod or in a backend. */
export interface ProbePlace {
  readonly vantage: 'source' | 'backend';
  readonly namespace: string;
  readonly pod: string;
}

interface ProbeBase {
  /** Unique in a run; letters, digits, `.` and `-` only. */
  readonly id: string;
  readonly kind: ProbeKind;
  readonly at: ProbePlace;
}

export type Owner = ConnectReading['owner'];

/** One question to the network, as data. How it is put to a tool is `argvOf`, how the answer is read is `readProbe`. */
export type ProbeSpec =
  | (ProbeBase & { readonly tool: 'resolv-conf' })
  | (ProbeBase & {
      readonly tool: 'dig';
      readonly name: string;
      readonly server: string | null;
      readonly port: number;
      readonly transport: 'udp' | 'tcp';
      readonly pod?: string;
    })
  | (ProbeBase & { readonly tool: 'dig-search'; readonly name: string })
  | (ProbeBase & {
      readonly tool: 'http';
      readonly scheme: 'http' | 'https';
      readonly address: string;
      readonly port: number;
      readonly host: string;
      readonly owner: Owner;
    })
  | (ProbeBase & {
      readonly tool: 'tcp';
      readonly address: string;
      readonly port: number;
      readonly owner: Owner;
      readonly limitS?: number;
    })
  | (ProbeBase & { readonly tool: 'listeners'; readonly pod: string });

export interface ProbeOutput {
  /** Null when the tool was ended by our own time limit. */
  readonly exitCode: number | null;
  /** Standard output and standard error, in the order in which they came. */
  readonly text: string;
  readonly tookMs: number;
}

/** The text is none of the things this tool is known to print; kept with the gap that follows. */
export class UnreadableOutput extends Error {
  readonly output: string;

  constructor(output: string) {
    super(output.trim() === '' ? 'printed nothing' : `printed ${JSON.stringify(output.trim().slice(0, 200))}`);
    this.output = output;
    this.name = 'UnreadableOutput';
  }
}

/** The tool is not in the image. */
export class ToolMissing extends Error {
  readonly tool: string;

  constructor(tool: string) {
    super(`the image has no ${tool}`);
    this.tool = tool;
    this.name = 'ToolMissing';
  }
}

/** Seconds a connection may take. A dead address on a node answers after 3 s (three ARP requests), which must not look like silence. */
export const CONNECT_LIMIT_S = 4;
/** Seconds for a control probe, of which only an answer says anything: two lost SYNs are waited for. */
export const CONTROL_LIMIT_S = 2;
/** dig's defaults are three tries of 5 s each, see dig(1). One try: a lost packet is evidence, and a retry would hide it. */
export const DNS_LIMIT_S = 2;

/** Milliseconds after which a probe ends by itself at the latest; null for what is over at once. */
export function limitMsOf(spec: ProbeSpec): number | null {
  switch (spec.tool) {
    case 'dig':
      return DNS_LIMIT_S * 1000;
    case 'http':
      return CONNECT_LIMIT_S * 1000;
    case 'tcp':
      return (spec.limitS ?? CONNECT_LIMIT_S) * 1000;
    case 'dig-search':
    case 'resolv-conf':
    case 'listeners':
      return null;
  }
}

/** The command line of a probe, without a shell. */
export function argvOf(spec: ProbeSpec): readonly string[] {
  switch (spec.tool) {
    case 'resolv-conf':
      return ['cat', '/etc/resolv.conf'];
    case 'dig':
      return [
        'dig',
        ...(spec.server === null ? [] : [`@${spec.server}`]),
        ...(spec.port === 53 ? [] : ['-p', String(spec.port)]),
        '+tries=1',
        `+time=${DNS_LIMIT_S}`,
        ...(spec.transport === 'tcp' ? ['+tcp'] : []),
        spec.name,
        'A',
      ];
    case 'dig-search':
      return ['dig', '+tries=1', `+time=${DNS_LIMIT_S}`, '+search', '+showsearch', spec.name, 'A'];
    case 'http':
      return [
        'curl',
        '-sv',
        ...(spec.scheme === 'https' ? ['-k'] : []),
        '--noproxy',
        '*',
        '--max-time',
        String(CONNECT_LIMIT_S),
        '-H',
        `Host: ${spec.host}`,
        '-o',
        '/dev/null',
        '-w',
        '\n%{json}',
        `${spec.scheme}://${spec.address.includes(':') ? `[${spec.address}]` : spec.address}:${spec.port}/`,
      ];
    case 'tcp':
      return ['nc', '-zv', '-w', String(spec.limitS ?? CONNECT_LIMIT_S), spec.address, String(spec.port)];
    case 'listeners':
      return ['sh', '-c', 'ss -Htln 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6'];
  }
}

/** What a person can paste to see the same: the probe in the Pod's debug container, without what only our reader needs. */
export function commandOf(spec: ProbeSpec, container: string): string {
  const argv = argvOf(spec);
  const shown =
    spec.tool === 'http'
      ? argv.filter((word, index) => !['-w', '-o'].includes(word) && !['-w', '-o'].includes(argv[index - 1] ?? ''))
      : argv;
  return `kubectl -n ${spec.at.namespace} exec ${spec.at.pod} -c ${container} -- ${shown.map(shellWord).join(' ')}`;
}

/** A word of a POSIX shell command line, quoted when it has to be. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
