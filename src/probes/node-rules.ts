/** Reads the rules of a node: where a Service address leads, and what drops; from iptables-save, nft and /proc/net/ip_vs. */
import type { NftChain, ServiceTargets } from '../evidence/readings.ts';

type Sections = ReadonlyMap<string, readonly string[]>;

/**
 * Where each set of rules sends the Service address, one entry for each of its ports.
 *
 * @returns empty without an address, and where no rule knows it
 * @see https://kubernetes.io/docs/reference/networking/virtual-ips/ for the chains, proc_ip_vs(5) for IPVS
 */
export function readServiceTargets(address: string | null, sections: Sections): readonly ServiceTargets[] {
  if (address === null) return [];
  return [
    ...(['nft', 'legacy'] as const).flatMap((variant) =>
      readIptables(`iptables-${variant}`, sections.get(`proxy-${variant}`) ?? []),
    ),
    ...readNftables(address, sections.get('nftables-service') ?? []),
    ...readIpvs(sections.get('ipvs') ?? []),
  ];
}

/** Chains that kube-proxy makes for a Service and for a backend. */
const INNER = /^KUBE-(SVC|SVL|SEP)-/;

/** The rules that match the address, then the chains these lead to, down to `--to-destination`. */
function readIptables(by: ServiceTargets['by'], lines: readonly string[]): readonly ServiceTargets[] {
  const rules = lines.flatMap((line) => {
    const chain = /^-A (\S+) /.exec(line)?.[1];
    return chain === undefined ? [] : [{ chain, line, to: / -j (\S+)/.exec(line)?.[1] ?? '' }];
  });
  const targets = (chain: string, depth: number): readonly string[] =>
    depth > 2
      ? []
      : rules
          .filter((rule) => rule.chain === chain)
          .flatMap(({ line, to }) => (INNER.test(to) ? targets(to, depth + 1) : destinationOf(line)));
  return rules.flatMap(({ chain, line, to }): readonly ServiceTargets[] => {
    const port = Number(/ --dport (\d+)/.exec(line)?.[1]);
    const protocol = / -p (\S+)/.exec(line)?.[1];
    if (INNER.test(chain) || protocol === undefined || Number.isNaN(port)) return [];
    // A mark or a log decides nothing; the load balancer's firewall is for clients outside.
    if (!INNER.test(to) && !['DNAT', 'DROP', 'REJECT'].includes(to)) return [];
    const found = INNER.test(to) ? targets(to, 0) : destinationOf(line);
    if (INNER.test(to) && found.length === 0) return [];
    return [{ by, protocol, port, to: [...new Set(found)], rule: line }];
  });
}

function destinationOf(line: string): readonly string[] {
  const to = / --to-destination (\S+)/.exec(line)?.[1];
  return to === undefined ? [] : [to];
}

/** Protocols by their numbers: that is what nft prints where /etc/protocols is missing. */
const PROTOCOLS: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '132': 'sctp' };

/**
 * `ADDRESS . tcp . 80 : goto service-HASH-NAMESPACE/NAME/tcp/PORT`, then that chain. kube-proxy up to 1.35 jumps to a chain for each backend,
 * with the address in its name; a newer one translates at once: `map { 0 : 10.244.1.4 . 8080, … }`.
 */
function readNftables(address: string, lines: readonly string[]): readonly ServiceTargets[] {
  const chains = new Map<string, string[]>();
  let current: string[] | null = null;
  for (const line of lines) {
    const name = /^chain "?([^\s"]+)"? \{/.exec(line)?.[1];
    if (name !== undefined) {
      current = [];
      chains.set(name, current);
    } else if (line === '}') current = null;
    else current?.push(line);
  }
  return lines.flatMap((line): readonly ServiceTargets[] => {
    const element = /^(\S+) \. (\w+) \. (\d+) : (?:goto|jump) "?([^\s"]+)"?/.exec(line);
    if (element?.[1] !== address) return [];
    const [, , protocol = '', port, chain = ''] = element;
    const text = (chains.get(chain) ?? []).filter((one) => !one.startsWith('ip daddr ')).join(' ');
    const to = [...text.matchAll(/(?:__|\b)((?:\d+\.){3}\d+)(?: \. |\/|:)(\d+)\b/g)].map(([, ip, at]) => `${ip}:${at}`);
    // A chain of a Service in words that are not known: where it leads is not known either.
    if (to.length === 0 && chain.startsWith('service-')) return [];
    return [
      {
        by: 'nftables',
        protocol: PROTOCOLS[protocol] ?? protocol,
        port: Number(port),
        to: [...new Set(to)],
        rule: line,
      },
    ];
  });
}

/** `TCP  0A600A0A:0050 rr`, then `  -> 0AF40102:1F90 Masq 1 0 0`; addresses and ports in hexadecimal, a weight of 0 takes no new connections. */
function readIpvs(lines: readonly string[]): readonly ServiceTargets[] {
  const services: { by: 'ipvs'; protocol: string; port: number; to: string[]; rule: string }[] = [];
  for (const line of lines) {
    const head = /^(TCP|UDP|SCTP) +[0-9A-F]{8}:([0-9A-F]{4}) /i.exec(`${line} `);
    if (head !== null) {
      const [, protocol = '', port = ''] = head;
      services.push({
        by: 'ipvs',
        protocol: protocol.toLowerCase(),
        port: Number.parseInt(port, 16),
        to: [],
        rule: line,
      });
      continue;
    }
    const real = /^-> ([0-9A-F]{8}):([0-9A-F]{4}) +\w+ +(\d+)/i.exec(line);
    if (real === null || real[3] === '0') continue;
    const ip = [0, 2, 4, 6].map((at) => Number.parseInt((real[1] ?? '').slice(at, at + 2), 16)).join('.');
    services.at(-1)?.to.push(`${ip}:${Number.parseInt(real[2] ?? '', 16)}`);
  }
  return services;
}

/** `table FAMILY NAME`, then its chains with what drops or rejects in them. */
export function readNftChains(lines: readonly string[]): readonly NftChain[] {
  const chains: { -readonly [K in keyof NftChain]: NftChain[K] }[] = [];
  let table = '';
  for (const line of lines) {
    const [, name] = /^table (\S+ \S+)$/.exec(line) ?? [];
    const [, chain] = /^chain "?([^\s"]+)"? \{/.exec(line) ?? [];
    const base = /^type filter hook (\w+) .*policy (\w+);/.exec(line);
    const last = chains.at(-1);
    if (name !== undefined) table = name;
    else if (chain !== undefined) chains.push({ table, chain, hook: null, defaultAction: null, drops: [] });
    else if (last === undefined || last.table !== table) continue;
    else if (base !== null) {
      last.hook = base[1] === 'forward' || base[1] === 'input' ? base[1] : null;
      last.defaultAction = base[2] ?? null;
    } else if (/(^| )(drop|reject)( |$)/.test(line) && !line.startsWith('type ')) {
      const packets = / ?counter packets (\d+) /.exec(line)?.[1];
      last.drops = [...last.drops, { rule: line, packets: packets === undefined ? null : Number(packets) }];
    }
  }
  return chains;
}
