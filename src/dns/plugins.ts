/** What the plugins of a Corefile do to a name; see https://coredns.io/plugins/. Plugins that are not known are named, and nothing is said about them. */
import { absolute, type Corefile, type Directive, isBelow, type Server } from './corefile.ts';

/** Plugins that CoreDNS is built with, see plugin.cfg of CoreDNS 1.15. */
const KNOWN: ReadonlySet<string> = new Set(
  `root metadata geoip cancel tls quic https https3 timeouts multisocket reload nsid bufsize bind debug trace ready health pprof
  prometheus errors log dnstap local dns64 any chaos loadbalance tsig cache rewrite acl header dnssec autopath minimal template
  transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign
  view nomad import`.split(/\s+/),
);

/** Directives that are no plugin CoreDNS comes with: a slip, or a plugin that somebody has built in. */
export function unknownPlugins({ servers }: Corefile): readonly Directive[] {
  const seen = new Set<Directive>();
  return servers
    .flatMap(({ directives }) => directives)
    .filter((directive) => !KNOWN.has(directive.name) && !seen.has(directive) && seen.add(directive));
}

/** The servers that a query for this name goes to: those with the longest zone; several only where a `view` decides between them. */
export function serversFor({ servers }: Corefile, name: string): readonly Server[] {
  const wanted = absolute(name);
  const fitting = servers
    .filter(({ transport, port }) => transport === 'dns' && port === 53)
    .map((server) => ({ server, length: longestZone(server.zones, wanted) }))
    .filter(({ length }) => length > 0);
  const longest = Math.max(0, ...fitting.map(({ length }) => length));
  return fitting.filter(({ length }) => length === longest).map(({ server }) => server);
}

/** Length of the longest of these zones that the name lies in; 0 when it lies in none. */
function longestZone(zones: readonly string[], name: string): number {
  return Math.max(0, ...zones.filter((zone) => isBelow(name, zone)).map((zone) => zone.length));
}

function directive(server: Server, name: string): Directive | undefined {
  return server.directives.find((one) => one.name === name);
}

function all(server: Server, name: string): readonly Directive[] {
  return server.directives.filter((one) => one.name === name);
}

function property(directive: Directive, name: string): Directive | undefined {
  return directive.block.find((one) => one.name === name);
}

/** The zones that the `kubernetes` plugin answers, without those of addresses; absolute. */
export function kubernetesZones({ servers }: Corefile): readonly string[] {
  return servers.flatMap((server) =>
    all(server, 'kubernetes').flatMap(({ args }) =>
      (args.length === 0 ? server.zones : args.map(absolute)).filter((zone) => !zone.endsWith('.arpa.')),
    ),
  );
}

export interface Forward {
  readonly line: number;
  /** The zone it forwards, absolute. */
  readonly from: string;
  /** As written: addresses with or without port and transport, or a file such as `/etc/resolv.conf`. */
  readonly to: readonly string[];
  /** Addresses among them. */
  readonly addresses: readonly { readonly address: string; readonly port: number }[];
  /** Queries that may wait for an answer at the same time; null without a limit. More get REFUSED. */
  readonly maxConcurrent: number | null;
}

/** Where this server sends a query for the name; the longest zone first, without those that except it. */
export function forwardsFor(server: Server, name: string): readonly Forward[] {
  const wanted = absolute(name);
  return all(server, 'forward')
    .flatMap((forward) => {
      const [zone = '.', ...to] = forward.args;
      const except = property(forward, 'except')?.args ?? [];
      if (!isBelow(wanted, absolute(zone)) || except.some((one) => isBelow(wanted, absolute(one)))) return [];
      const limit = Number(property(forward, 'max_concurrent')?.args[0]);
      return [
        {
          line: forward.line,
          from: absolute(zone),
          to,
          addresses: to.flatMap(addressOf),
          maxConcurrent: Number.isInteger(limit) && limit > 0 ? limit : null,
        },
      ];
    })
    .sort((a, b) => b.from.length - a.from.length);
}

/** `10.0.0.2`, `10.0.0.2:5353`, `tls://10.0.0.2`, `[fd00::2]:53`; nothing for a file or a name. */
function addressOf(target: string): readonly { readonly address: string; readonly port: number }[] {
  const bare = target.replace(/^(dns|tls):\/\//, '').replace(/%.*$/, '');
  const found =
    /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$/.exec(bare) ??
    /^\[?([0-9a-f:]*:[0-9a-f:.]*)\]?(?:(?<=\]):(\d{1,5}))?$/i.exec(bare);
  if (found?.[1] === undefined) return [];
  return [
    { address: found[1], port: found[2] === undefined ? (target.startsWith('tls:') ? 853 : 53) : Number(found[2]) },
  ];
}

/** Whether the server ends when it finds that it forwards to itself. */
export function detectsLoops(server: Server): boolean {
  return directive(server, 'loop') !== undefined;
}

/** How long an answer may be kept for this name, in seconds; 0 where it is not cached. Without a `cache` nothing is. */
export function cachedFor(server: Server, name: string): { readonly successS: number; readonly denialS: number } {
  const cache = directive(server, 'cache');
  if (cache === undefined) return { successS: 0, denialS: 0 };
  const wanted = absolute(name);
  const seconds = Number(cache.args[0]);
  const zones = cache.args.slice(Number.isFinite(seconds) ? 1 : 0).map(absolute);
  if (zones.length > 0 && !zones.some((zone) => isBelow(wanted, zone))) return { successS: 0, denialS: 0 };
  const most = (kind: 'success' | 'denial', standard: number): number => {
    const disabled = cache.block.some(
      ({ name: word, args: [what, ...of] }) =>
        word === 'disable' && what === kind && (of.length === 0 || of.some((zone) => isBelow(wanted, absolute(zone)))),
    );
    if (disabled) return 0;
    const own = Number(property(cache, kind)?.args[1]);
    return Number.isFinite(own) ? own : Number.isFinite(seconds) ? seconds : standard;
  };
  return { successS: most('success', 3600), denialS: most('denial', 1800) };
}

/** What answers for a name in place of the cluster's own records. */
export interface Pin {
  readonly plugin: 'hosts' | 'template' | 'rewrite' | 'file' | 'zone';
  readonly line: number;
  /** The address it gives, when the Corefile says so. */
  readonly address: string | null;
  /** As written, in one line. */
  readonly text: string;
}

/**
 * Everything in the Corefile that answers this name before, or in place of, the `kubernetes` plugin: an entry of `hosts`, a
 * matching `template`, a `rewrite` of the name, a zone `file`, a server block of its own. Empty for names that nothing touches.
 */
export function pinsOf(corefile: Corefile, name: string): readonly Pin[] {
  const wanted = absolute(name);
  return serversFor(corefile, wanted).flatMap((server) => [
    ...all(server, 'rewrite').flatMap((one) => pinOfRewrite(one, wanted)),
    ...all(server, 'template').flatMap((one) => pinOfTemplate(one, server, wanted)),
    ...all(server, 'hosts').flatMap((one) => pinOfHosts(one, wanted)),
    ...all(server, 'file').flatMap((one): readonly Pin[] => {
      const zones = one.args.length > 1 ? one.args.slice(1).map(absolute) : server.zones;
      return zones.some((zone) => zone !== '.' && isBelow(wanted, zone))
        ? [{ plugin: 'file', line: one.line, address: null, text: written(one) }]
        : [];
    }),
    ...(directive(server, 'kubernetes') === undefined && server.zones.every((zone) => zone !== '.')
      ? [{ plugin: 'zone' as const, line: server.line, address: null, text: server.zones.join(' ') }]
      : []),
  ]);
}

function written({ name, args }: Directive): string {
  return [name, ...args].join(' ');
}

function pinOfHosts(hosts: Directive, wanted: string): readonly Pin[] {
  return hosts.block
    .filter(({ name, args }) => /^[0-9a-f.:]+$/i.test(name) && args.some((host) => absolute(host) === wanted))
    .map((entry) => ({ plugin: 'hosts', line: entry.line, address: entry.name, text: written(entry) }));
}

/** `template CLASS TYPE [ZONE…]`; see https://coredns.io/plugins/template/ */
function pinOfTemplate(template: Directive, server: Server, wanted: string): readonly Pin[] {
  const [, type = '', ...zones] = template.args;
  if (!['A', 'ANY', 'CNAME'].includes(type.toUpperCase())) return [];
  const own = zones.length === 0 ? server.zones : zones.map(absolute);
  if (!own.some((zone) => isBelow(wanted, zone))) return [];
  const patterns = template.block.filter(({ name }) => name === 'match').flatMap(({ args }) => args);
  if (patterns.length > 0 && !patterns.some((pattern) => matches(pattern, wanted))) return [];
  const answer = property(template, 'answer')?.args.join(' ') ?? null;
  const address = answer === null ? null : (/\sA\s+(\d{1,3}(?:\.\d{1,3}){3})\s*$/.exec(answer)?.[1] ?? null);
  return [{ plugin: 'template', line: template.line, address, text: written(template) }];
}

/** Go's and JavaScript's expressions agree on what people write here; one that JavaScript does not take is not judged. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern.replace(/^\(\?i\)/, ''), 'i').test(name);
  } catch {
    return false;
  }
}

/** `rewrite [continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO`; see https://coredns.io/plugins/rewrite/ */
function pinOfRewrite(rewrite: Directive, wanted: string): readonly Pin[] {
  const words = rewrite.args.filter((word, index) => !(index === 0 && (word === 'continue' || word === 'stop')));
  // The rule may stand in braces, with what is to be done to the answer.
  const [inside] = words.length > 0 ? [] : rewrite.block.filter(({ name }) => name === 'name');
  if (inside !== undefined)
    return pinOfRewrite({ ...inside, name: 'rewrite', args: ['name', ...inside.args], block: [] }, wanted);
  if (words[0] !== 'name') return [];
  const manner = ['exact', 'prefix', 'suffix', 'substring', 'regex'].includes(words[1] ?? '') ? words[1] : 'exact';
  const from = words[words[1] === manner ? 2 : 1] ?? '';
  if (from === '') return [];
  const lower = from.toLowerCase();
  const hit = {
    exact: absolute(from) === wanted,
    prefix: wanted.startsWith(lower),
    suffix: wanted.endsWith(absolute(from)),
    substring: wanted.includes(lower),
    regex: manner === 'regex' && matches(from, wanted),
  }[manner ?? 'exact'];
  return hit === true ? [{ plugin: 'rewrite', line: rewrite.line, address: null, text: written(rewrite) }] : [];
}
