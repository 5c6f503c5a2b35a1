/** Reads what the `node-state` probe printed: sections that begin with `@@`. */
import type {
  ForwardChain,
  NextHop,
  NodeDevice,
  NodeRoute,
  NodeState,
  NodeWay,
  Overlay,
  TrackedFlow,
} from '../evidence/readings.ts';
import { readNftChains, readServiceTargets } from './node-rules.ts';
import { type ProbeOutput, type ProbeSpec, UnreadableOutput } from './probe.ts';

/**
 * Anything that is not there is null or empty; only an output without any section is none of ours.
 *
 * @see ip-route(8), iptables-save(8), nft(8), https://docs.kernel.org/networking/nf_conntrack-sysctl.html
 */
export function readNodeState(
  spec: Extract<ProbeSpec, { tool: 'node-state' }>,
  { text }: ProbeOutput,
  command: string,
): NodeState {
  const sections = sectionsOf(text);
  if (sections.size === 0) throw new UnreadableOutput(text);
  const sysctl = new Map(
    (sections.get('sysctl') ?? []).map((line) => {
      const [key = '', value = ''] = line.split(' ');
      return [key, Number(value)] as const;
    }),
  );
  const flag = (key: string): boolean | null => {
    const value = sysctl.get(key);
    return value === undefined || Number.isNaN(value) ? null : value !== 0;
  };
  const entries = sysctl.get('net/netfilter/nf_conntrack_count');
  const most = sysctl.get('net/netfilter/nf_conntrack_max');
  return {
    node: spec.node,
    forwards: flag('net/ipv4/ip_forward'),
    bridgeCallsIptables: flag('net/bridge/bridge-nf-call-iptables'),
    conntrack:
      entries === undefined || most === undefined
        ? null
        : {
            entries,
            most,
            dropped: sumOf(sections.get('conntrack') ?? [], ['drop', 'early_drop']),
            insertFailed: sumOf(sections.get('conntrack') ?? [], ['insert_failed']),
          },
    routes: (sections.get('route') ?? []).flatMap(readRoute),
    forward: readChains('FORWARD', sections),
    serviceRules: readServiceRules(sections),
    serviceTargets: readServiceTargets(spec.serviceAddress, sections),
    proxy: readProxy(sections.get('kube-proxy') ?? []),
    input: readChains('INPUT', sections),
    nftables: readNftChains(sections.get('nftables-filter') ?? []),
    flows: (sections.get('flows') ?? []).flatMap(readFlow),
    drops: readDrops(sections),
    reversePath: [...sysctl].flatMap(([key, mode]) => {
      const device = /^net\/ipv4\/conf\/(.+)\/rp_filter$/.exec(key)?.[1];
      return device === undefined || Number.isNaN(mode) || mode === 0 ? [] : [{ device, mode }];
    }),
    overlays: (sections.get('vxlan') ?? []).flatMap(readOverlay),
    hops: readHops(sections.get('hop') ?? []),
    ways: (sections.get('hop') ?? []).flatMap(readWay),
    devices: (sections.get('device') ?? []).flatMap(readDevice),
    neighbours: readNeighbours(sections.get('arp') ?? [], sysctl.get('net/ipv4/neigh/default/gc_thresh3')),
    marks: (sections.get('marks') ?? []).slice(0, 8),
    command,
  };
}

/** Lines of a probe that prints several things, by the section they stand in; empty lines are left out. */
export function sectionsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('@@')) {
      current = [];
      sections.set(line.slice(2).trim(), current);
    } else if (line.trim() !== '') current?.push(line.trim());
  }
  return sections;
}

/** `ADDRESS ADDRESS via GATEWAY dev DEVICE src …`, or `ADDRESS RTNETLINK answers: Network is unreachable`. */
function readRoute(line: string): readonly NodeRoute[] {
  const cut = line.indexOf(' ');
  if (cut < 0) return [];
  const [to, text] = [line.slice(0, cut), line.slice(cut + 1)];
  const device = / dev (\S+)/.exec(text)?.[1] ?? null;
  const isRefused = /^(unreachable|prohibit|blackhole) |^RTNETLINK answers: |^Error: /.test(text);
  if (device === null && !isRefused) return [];
  return [{ to, text, device: isRefused ? null : device, isRefused }];
}

/** `:FORWARD POLICY [PACKETS:BYTES]`, then `[PACKETS:BYTES] -A FORWARD … -j TARGET`. */
function readChains(
  chain: 'FORWARD' | 'INPUT',
  sections: ReadonlyMap<string, readonly string[]>,
): readonly ForwardChain[] {
  return (['nft', 'legacy'] as const).flatMap((variant): readonly ForwardChain[] => {
    const lines = sections.get(`forward-${variant}`) ?? [];
    const head = lines.map((line) => /^:(\S+) (\S+) \[(\d+):\d+\]/.exec(line)).find((match) => match?.[1] === chain);
    if (head === undefined || head === null) return [];
    const drops = lines.flatMap((line) => {
      const rule = /^\[(\d+):\d+\] (-A (\S+) .*-j (?:DROP|REJECT).*)$/.exec(line);
      return rule === null || rule[3] !== chain ? [] : [{ rule: rule[2] ?? '', packets: Number(rule[1]) }];
    });
    return [{ variant, defaultAction: head[2] ?? '', policyPackets: Number(head[3]), drops }];
  });
}

function readServiceRules(sections: ReadonlyMap<string, readonly string[]>): NodeState['serviceRules'] {
  const iptables = (['proxy-nft', 'proxy-legacy'] as const).flatMap((name) => {
    const [line] = sections.get(name) ?? [];
    if (line === undefined) return [];
    const [all = 0, here = 0] = line.split(' ').map(Number);
    return [{ all, here }];
  });
  const [tables, here] = sections.get('proxy-nftables') ?? [];
  const nftables = tables === undefined ? [] : [{ all: Number(tables), here: Number(here ?? 0) }];
  const found = [...iptables, ...nftables].filter(({ all, here: ours }) => !Number.isNaN(all) && !Number.isNaN(ours));
  if (found.length === 0) return null;
  return {
    all: found.reduce((sum, { all }) => sum + all, 0),
    here: found.reduce((sum, { here: ours }) => sum + ours, 0),
  };
}

/** The sum of some columns over all processors. The first line names the columns, values are hexadecimal. */
function sumOf(lines: readonly string[], names: readonly string[]): number {
  const [head, ...rows] = lines.map((line) => line.split(/\s+/));
  const columns = names.map((name) => head?.indexOf(name) ?? -1).filter((column) => column >= 0);
  return rows.reduce(
    (sum, row) => sum + columns.reduce((of, column) => of + (Number.parseInt(row[column] ?? '0', 16) || 0), 0),
    0,
  );
}

/** Only when both tables were there: a half would look like a zero. */
function readDrops(sections: ReadonlyMap<string, readonly string[]>): NodeState['drops'] {
  const tracked = sections.get('conntrack') ?? [];
  const [names, values] = (sections.get('netstat') ?? []).map((line) => line.split(/\s+/));
  const column = names?.indexOf('IPReversePathFilter') ?? -1;
  const reversePath = Number(values?.[column]);
  if (tracked.length < 2 || column < 0 || Number.isNaN(reversePath)) return null;
  return {
    tableFull: sumOf(tracked, ['drop']),
    insertFailed: sumOf(tracked, ['insert_failed']),
    invalid: sumOf(tracked, ['invalid']),
    reversePath,
  };
}

/** The number of entries stands in every line, since all processors share one table; the rest is counted for each. */
function readNeighbours(lines: readonly string[], most: number | undefined): NodeState['neighbours'] {
  const entries = Number.parseInt(lines[1]?.split(/\s+/)[lines[0]?.split(/\s+/).indexOf('entries') ?? -1] ?? '', 16);
  return Number.isNaN(entries) || most === undefined || Number.isNaN(most)
    ? null
    : { entries, most, overflows: sumOf(lines, ['table_fulls']) };
}

/** The answers of /proxyMode and /healthz, one line each, then the node's clock in seconds since the epoch. */
function readProxy(lines: readonly string[]): NodeState['proxy'] {
  const mode = lines.find((line) => /^(iptables|nftables|ipvs|kernelspace)$/.test(line)) ?? null;
  const synced = /"lastUpdated": ?"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[^"]*"/.exec(lines.join(' '));
  const clock = Number(lines.at(-1)) * 1000;
  const ago = synced === null ? Number.NaN : clock - Date.parse(`${synced[1]}T${synced[2]}Z`);
  if (mode === null && synced === null) return null;
  return { mode, syncedAgoMs: Number.isFinite(ago) ? Math.max(0, ago) : null };
}

/**
 * A line of conntrack(8) or of /proc/net/nf_conntrack: the connection as it began, then as its answers come back.
 *
 * `tcp 6 118 SYN_SENT src=10.244.2.10 dst=… sport=… dport=… [UNREPLIED] src=… dst=… sport=… dport=… mark=0 use=1`
 */
function readFlow(line: string): readonly TrackedFlow[] {
  const field = (name: string): readonly string[] =>
    [...line.matchAll(new RegExp(`(?:^|\\s)${name}=(\\S+)`, 'g'))].map((match) => match[1] ?? '');
  const [protocol = ''] = /\b(?:tcp|udp|sctp)\b/.exec(line) ?? [];
  const [sources, destinations, from, to] = [field('src'), field('dst'), field('sport'), field('dport')];
  if (protocol === '' || [sources, destinations, from, to].some((values) => values.length !== 2)) return [];
  const ports = [...from, ...to].map(Number);
  if (ports.some((port) => !Number.isInteger(port))) return [];
  return [
    {
      protocol,
      state: / ([A-Z][A-Z_0-9]+) src=/.exec(line)?.[1] ?? null,
      source: sources[0] ?? '',
      sourcePort: ports[0] ?? 0,
      destination: destinations[0] ?? '',
      destinationPort: ports[2] ?? 0,
      answersFrom: sources[1] ?? '',
      answersFromPort: ports[1] ?? 0,
      answersTo: destinations[1] ?? '',
      isReplied: !line.includes('[UNREPLIED]'),
    },
  ];
}

/** `4: vxlan0: <…> … link/ether MAC … vxlan id 1 local ADDRESS … dstport 4789 …`; flannel's device has a `.` in its name. */
function readOverlay(line: string): readonly Overlay[] {
  const device = /^\d+: ([^:@\s]+)[:@]/.exec(line)?.[1];
  if (device === undefined) return [];
  const number = (pattern: RegExp): number | null => {
    const value = pattern.exec(line)?.[1];
    return value === undefined ? null : Number(value);
  };
  return [
    {
      device,
      vni: number(/ vxlan (?:external )?id (\d+)/),
      udpPort: number(/ dstport (\d+)/),
      hardwareAddress: / link\/ether (\S+)/.exec(line)?.[1] ?? null,
      local: / vxlan .*? local (\S+)/.exec(line)?.[1] ?? null,
      learns: !/ nolearning\b/.test(line),
    },
  ];
}

/** `neigh TO VIA DEVICE VIA lladdr MAC STATE`, and on an overlay `fdb TO MAC dst NODE self permanent`. */
function readHops(lines: readonly string[]): readonly NextHop[] {
  const wrapped = new Map(
    lines.flatMap((line) => {
      const fdb = /^fdb (\S+) ?.*? dst (\S+)/.exec(line);
      return fdb === null ? [] : [[fdb[1] ?? '', fdb[2] ?? ''] as const];
    }),
  );
  return lines.flatMap((line): readonly NextHop[] => {
    const hop = /^neigh (\S+) (\S+) (\S+)(.*)$/.exec(line);
    if (hop === null) return [];
    const [, to = '', via = '', device = '', rest = ''] = hop;
    return [
      {
        to,
        via,
        device,
        hardwareAddress: / lladdr (\S+)/.exec(rest)?.[1] ?? null,
        state: / ([A-Z]+)\s*$/.exec(rest)?.[1] ?? null,
        wrappedFor: wrapped.get(to) ?? null,
      },
    ];
  });
}

/** `way TO DEVICE PORT UPLINK`, with `-` for what is not there or not known. */
function readWay(line: string): readonly NodeWay[] {
  const [word, to, device, port, uplink] = line.split(' ');
  if (word !== 'way' || to === undefined || device === undefined) return [];
  return [{ to, device, bridgePort: named(port), uplink: named(uplink) }];
}

/** `device NAME INDEX MTU ADDRESS HAIRPIN` */
function readDevice(line: string): readonly NodeDevice[] {
  const match = /^device (\S+) (\d{1,9}) (\d{1,7}) (\S+) ([01-])$/.exec(line);
  if (match === null) return [];
  const [, name = '', index, mtu, address, hairpin] = match;
  return [
    {
      name,
      index: Number(index),
      mtu: Number(mtu),
      address: named(address),
      hairpin: hairpin === '-' ? null : hairpin === '1',
    },
  ];
}

function named(word: string | undefined): string | null {
  return word === undefined || word === '-' ? null : word;
}
