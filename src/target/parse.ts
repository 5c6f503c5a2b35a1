import type { Protocol } from '../ladder/flow.ts';

/** Short names kubectl users type, and the kinds they mean. */
const KINDS: Readonly<Record<string, string>> = {
  pod: 'Pod',
  pods: 'Pod',
  po: 'Pod',
  svc: 'Service',
  service: 'Service',
  services: 'Service',
  deploy: 'Deployment',
  deployment: 'Deployment',
  deployments: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  replicasets: 'ReplicaSet',
  job: 'Job',
  jobs: 'Job',
  node: 'Node',
  nodes: 'Node',
  no: 'Node',
  ing: 'Ingress',
  ingress: 'Ingress',
  ingresses: 'Ingress',
  httproute: 'HTTPRoute',
  httproutes: 'HTTPRoute',
  gateway: 'Gateway',
  gateways: 'Gateway',
  gtw: 'Gateway',
};

/** The kind that a word before a slash means, or null: `deploy` is a Deployment. */
export function kindNamed(word: string): string | null {
  return KINDS[word.toLowerCase()] ?? null;
}

/** A name as typed: perhaps with a kind before it and a namespace behind it. */
export interface TypedName {
  /** Null when no kind was typed. */
  readonly kind: string | null;
  /** Everything behind the kind; may hold dots. */
  readonly name: string;
}

export type TypedDestination =
  | ({ readonly form: 'name' } & TypedName)
  | { readonly form: 'address'; readonly address: string }
  | { readonly form: 'url'; readonly scheme: 'http' | 'https'; readonly host: string };

export interface ParsedDestination {
  readonly to: TypedDestination;
  /** Without the port. */
  readonly typed: string;
  readonly port: number | string | null;
}

/** What was typed is no destination or source; the message says why. */
export class BadName extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadName';
  }
}

/** @throws {BadName} for an unknown kind or an empty name */
export function parseName(text: string): TypedName {
  const slash = text.indexOf('/');
  if (slash < 0) return { kind: null, name: nonEmpty(text, text) };
  const kind = KINDS[text.slice(0, slash).toLowerCase()];
  if (kind === undefined)
    throw new BadName(`${text}: "${text.slice(0, slash)}" is no kind that can be a source or a destination.`);
  return { kind, name: nonEmpty(text.slice(slash + 1), text) };
}

/** @throws {BadName} for what is no name, address or URL */
export function parseDestination(text: string): ParsedDestination {
  const url = text.match(/^(https?):\/\/(.+)$/i);
  if (url !== null) {
    let parsed: URL;
    try {
      parsed = new URL(text);
    } catch {
      throw new BadName(`${text} is no URL.`);
    }
    const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
    const host = parsed.hostname.replace(/^\[|\]$/g, '');
    if (!host.includes(':')) nonEmpty(host, text);
    return {
      to: { form: 'url', scheme, host },
      typed: host,
      port: parsed.port === '' ? null : portOf(parsed.port, text),
    };
  }
  const v6 = text.match(/^\[([0-9a-f:.]+)\](?::(.+))?$/i);
  if (v6?.[1] !== undefined)
    return {
      to: { form: 'address', address: ipv6(v6[1]) },
      typed: v6[1],
      port: v6[2] === undefined ? null : portOf(v6[2], text),
    };
  if ((text.match(/:/g) ?? []).length > 1)
    return { to: { form: 'address', address: ipv6(text) }, typed: text, port: null };
  const [host = '', port] = text.split(':');
  const number = port === undefined ? null : portOf(port, text);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) {
    if (host.split('.').some((part) => Number(part) > 255)) throw new BadName(`${host} is no IP address.`);
    return { to: { form: 'address', address: host }, typed: host, port: number };
  }
  return { to: { form: 'name', ...parseName(host) }, typed: host.replace(/^[^/]*\//, ''), port: number };
}

/** As Kubernetes writes it, which is how it is looked up. @throws {BadName} */
function ipv6(text: string): string {
  try {
    if (!/^[0-9a-f:.]+$/i.test(text)) throw new TypeError('no address');
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    throw new BadName(`${text} is no IP address; a port goes behind a name or behind [ADDRESS], once.`);
  }
}

/** A port number from 1 to 65535, or the name of a Service port. @throws {BadName} */
export function portOf(text: string, whole: string): number | string {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    if (port < 1 || port > 65_535) throw new BadName(`${whole}: port ${text} is not between 1 and 65535.`);
    return port;
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text))
    throw new BadName(`${whole}: "${text}" is neither a port number nor a port name.`);
  return text;
}

export function protocolNamed(text: string): Protocol | null {
  const upper = text.toUpperCase();
  return upper === 'TCP' || upper === 'UDP' || upper === 'SCTP' ? upper : null;
}

function nonEmpty(name: string, whole: string): string {
  // RFC 1123 names, dots included; nothing that could be read as a path or an option by whoever gets it next.
  if (!/^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/.test(name) || name.length > 317)
    throw new BadName(`"${whole}" is no name of a Kubernetes object, no host name, no address and no URL.`);
  return name;
}
