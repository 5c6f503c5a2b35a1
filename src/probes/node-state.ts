/** Reads what the `node-state` probe printed: sections that begin with `@@`. */
import type { ForwardChain, NodeRoute, NodeState } from '../evidence/readings.ts';
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
            dropped: conntrackSum(sections.get('conntrack') ?? [], ['drop', 'early_drop']),
            insertFailed: conntrackSum(sections.get('conntrack') ?? [], ['insert_failed']),
          },
    routes: (sections.get('route') ?? []).flatMap(readRoute),
    forward: (['nft', 'legacy'] as const).flatMap((variant) =>
      readForward(variant, sections.get(`forward-${variant}`) ?? []),
    ),
    serviceRules: readServiceRules(sections),
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
function readForward(variant: ForwardChain['variant'], lines: readonly string[]): readonly ForwardChain[] {
  const head = lines.map((line) => /^:FORWARD (\S+) \[(\d+):\d+\]/.exec(line)).find((match) => match !== null);
  if (head === undefined || head === null) return [];
  const drops = lines.flatMap((line) => {
    const rule = /^\[(\d+):\d+\] (-A FORWARD .*-j (?:DROP|REJECT).*)$/.exec(line);
    return rule === null ? [] : [{ rule: rule[2] ?? '', packets: Number(rule[1]) }];
  });
  return [{ variant, defaultAction: head[1] ?? '', policyPackets: Number(head[2]), drops }];
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

/** Counters of conntrack, over all processors. The first line names the columns, values are hexadecimal. */
function conntrackSum(lines: readonly string[], names: readonly string[]): number {
  const [head, ...rows] = lines.map((line) => line.split(/\s+/));
  const columns = names.map((name) => head?.indexOf(name) ?? -1).filter((column) => column >= 0);
  return rows.reduce(
    (sum, row) => sum + columns.reduce((of, column) => of + (Number.parseInt(row[column] ?? '0', 16) || 0), 0),
    0,
  );
}
