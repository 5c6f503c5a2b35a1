import type { ProbeKind } from '../evidence/evidence.ts';
import type { ConnectReading } from '../evidence/readings.ts';
import {
  ACCEPT_QUEUE,
  CAPTURE_END,
  CAPTURE_START,
  IDLE,
  POD_NETWORK,
  SIZES,
  TRIES,
  TRIES_AT_ONCE,
  TRY_LIMIT_S,
  UDP,
  UDP_COUNTERS,
} from './scripts.ts';

/** Where a probe runs: a debug container in the source Pod or in a backend, or a Pod of our own in the network of a node. */
export interface ProbePlace {
  readonly vantage: 'source' | 'backend' | 'node';
  readonly namespace: string;
  /** At a node: the name of the Pod that is made for it. */
  readonly pod: string;
  /** Only at a node: its name. */
  readonly node?: string;
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
  | (ProbeBase & { readonly tool: 'hosts' })
  | (ProbeBase & { readonly tool: 'getent'; readonly name: string; readonly times: number })
  | (ProbeBase & {
      readonly tool: 'dns-pairs';
      /** Absolute, and none of its labels has ten characters. */
      readonly name: string;
      readonly server: string;
      readonly port: number;
      readonly pod?: string;
      /** How often two questions are asked at once, and how often one after the other. */
      readonly atOnce: number;
      readonly inTurn: number;
    })
  | (ProbeBase & {
      readonly tool: 'dig';
      readonly name: string;
      readonly server: string | null;
      readonly port: number;
      readonly transport: 'udp' | 'tcp';
      readonly pod?: string;
      /** A where it is absent. */
      readonly type?: 'AAAA';
      /** Seconds to wait for an answer, where they are not the usual ones. */
      readonly limitS?: number;
    })
  | (ProbeBase & {
      readonly tool: 'dig-search';
      readonly name: string;
      /** A where it is absent. */
      readonly type?: 'AAAA';
    })
  | (ProbeBase & {
      readonly tool: 'http';
      readonly scheme: 'http' | 'https';
      readonly address: string;
      readonly port: number;
      readonly host: string;
      readonly owner: Owner;
      /** Bytes in a header that nobody reads, to fill whole packets. */
      readonly padding?: number;
      readonly limitS?: number;
      readonly localPort?: number;
    })
  | (ProbeBase & {
      readonly tool: 'tcp';
      readonly address: string;
      readonly port: number;
      readonly owner: Owner;
      readonly limitS?: number;
      /** The source port; the kernel picks one where it is absent. */
      readonly localPort?: number;
    })
  | (ProbeBase & { readonly tool: 'listeners'; readonly pod: string })
  | (ProbeBase & {
      readonly tool: 'node-state';
      readonly node: string;
      /** Where packets of this flow go, to ask the node's routes about. */
      readonly routesTo: readonly string[];
      /** The Service address, to look for in the node's rules; null when the flow has none. */
      readonly serviceAddress: string | null;
      /** The source's address, to look for in the table of connections; null when it is not known. */
      readonly from: string | null;
    })
  | (ProbeBase & {
      readonly tool: 'sizes';
      readonly scheme: 'http' | 'https';
      readonly address: string;
      readonly port: number;
      readonly host: string;
      readonly owner: Owner;
      readonly padding: number;
    })
  | (ProbeBase & { readonly tool: 'ping'; readonly address: string; readonly owner: Owner; readonly times: number })
  | (ProbeBase & {
      readonly tool: 'tries';
      readonly address: string;
      readonly port: number;
      readonly owner: Owner;
      readonly times: number;
    })
  | (ProbeBase & {
      readonly tool: 'idle';
      readonly address: string;
      readonly port: number;
      readonly host: string;
      readonly owner: Owner;
      /** Seconds to say nothing, for one connection each; rising. */
      readonly holdsS: readonly number[];
    })
  | (ProbeBase & { readonly tool: 'udp'; readonly address: string; readonly port: number; readonly owner: Owner })
  | (ProbeBase & { readonly tool: 'pod-network'; readonly address: string })
  | (ProbeBase & {
      readonly tool: 'accept-queue';
      readonly pod: string;
      readonly address: string;
      readonly port: number;
    })
  | (ProbeBase & { readonly tool: 'udp-counters'; readonly pod: string })
  /** Leaves a capture running that `capture-end` in the same session ends and prints. */
  | (ProbeBase & CapturedFlow & { readonly tool: 'capture-start' })
  | (ProbeBase & CapturedFlow & { readonly tool: 'capture-end' });

/** What packets belong to a flow, as far as it is known before one was sent. */
export interface CapturedFlow {
  /** Addresses that its source may have: its own first, then those that a node may put in its place. All of one family. */
  readonly from: readonly string[];
  /** Empty where a Service stands for addresses that are not known. */
  readonly to: readonly string[];
  readonly ports: readonly number[];
  /** The port that the connection will be made from; a node that puts its address in place of the source's may change it. */
  readonly localPort?: number;
}

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

/** The kernel refuses: the container lacks a capability. */
export class NotAllowed extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'NotAllowed';
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
/** Seconds for the second try of an outside name: CoreDNS gives up on an upstream after 2 s and says so, which must be heard. */
export const DNS_RETRY_LIMIT_S = 3;

/**
 * Looks a name up several times at once with getent(1), one line for each: exit status, start, end, addresses. A resolver asks
 * again after 5 s (glibc) or 2.5 s (musl): what takes 2 s has lost a packet.
 */
const GETENT = `nd_ask() { local start=$EPOCHREALTIME said line all=; said=$(timeout 2 getent ahosts "$1" 2>/dev/null </dev/null); local exit=$?
while read -r address type rest; do [ "$type" = STREAM ] && all="$all $address"; done <<< "$said"; echo "$exit $start $EPOCHREALTIME\${all:0:3000}"; }
for ((i = 0; i < $2; i++)); do nd_ask "$1" & done; wait`;

/**
 * Asks for A and AAAA from one socket at once, and in turn from new ones; prints for each how many answers came in 2 s. bash writes a
 * message with one write(2), so that it is one packet, as long as it holds no line feed: hence no label of ten characters. A read of
 * one byte takes one packet.
 */
const DNS_PAIRS = `LC_ALL=C q= name=\${1%.} server=$2 port=$3
while [ -n "$name" ]; do label=\${name%%.*}; name=\${name#"$label"}; name=\${name#.}; printf -v size '\\\\x%02x' \${#label}; q=$q$size$label; done
nd_ask() { printf "A\\x$1\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00$q\\x00\\x00\\x$2\\x00\\x01" >&3; }
nd_hear() { IFS= read -r -t 2 -n 1 -d '' -u 3 said && got=$((got + 1)); }
nd_open() { exec 3<>"/dev/udp/$server/$port"; }
nd_pair() { got=0; nd_open && { nd_ask 01 01; nd_ask 02 1c; nd_hear && nd_hear; }; echo "pair $got"; }
nd_single() { got=0; nd_open && { nd_ask 01 01; nd_hear && nd_open && { nd_ask 02 1c; nd_hear; }; }; echo "single $got"; }
for ((i = 0; i < $4; i++)); do nd_pair 2>/dev/null & done
for ((i = 0; i < $5; i++)); do nd_single 2>/dev/null & done; wait`;

/**
 * What the kernel of a node is set to, in sections that begin with `@@`: read only, bounded, and each of them may be empty where a tool
 * is missing. Rules are picked on the node, since all rules of a large cluster are tens of megabytes: those of the Service address,
 * with the chains they lead to, and those that drop. Tables of policy engines are left out, policies are judged elsewhere. Of the
 * connections those without an answer come first: a source with many clients has hundreds that ended well.
 */
const NODE_STATE = `vip=$1 from=$2; shift 2
echo @@sysctl; for key in net/ipv4/ip_forward net/bridge/bridge-nf-call-iptables net/netfilter/nf_conntrack_count net/netfilter/nf_conntrack_max net/ipv4/neigh/default/gc_thresh3; do
[ -r /proc/sys/$key ] && echo "$key $(cat /proc/sys/$key)"; done
grep -Hv '^0' /proc/sys/net/ipv4/conf/*/rp_filter 2>/dev/null | grep -vE '/(veth|cali|lxc)[^/]*/rp_filter' | sed 's#^/proc/sys/##; s/:/ /' | head -n 40
vxlans=" $(ip -o link show type vxlan 2>/dev/null | awk -F': ' '{ print $2 }' | tr '\\n' ' ')"
echo @@route; hops=; for to in "$@"; do said=$(ip -o route get "$to" 2>&1 | head -n 1); echo "$to $said"
dev=; case $said in *" dev "*) dev=\${said#* dev }; dev=\${dev%% *};; esac
via=$to; case $said in *" via "*) via=\${said#* via }; via=\${via%% *};; esac
[ -n "$dev" ] && [ "$dev" != lo ] && hops="$hops $to,$via,$dev"; done
echo @@hop; used=; for hop in $hops; do to=\${hop%%,*}; rest=\${hop#*,}; via=\${rest%%,*}; dev=\${rest#*,}
near=$(ip neigh show "$via" dev "$dev" 2>/dev/null | head -n 1); echo "neigh $to $via $dev $near"
mac=; case $near in *lladdr*) mac=\${near#*lladdr }; mac=\${mac%% *};; esac; port= up=
if [ -n "$mac" ]; then case $vxlans in *" $dev "*) fdb=$(bridge fdb show dev "$dev" 2>/dev/null | grep -i "^$mac .*dst " | head -n 1); echo "fdb $to $fdb"
case $fdb in *" dst "*) peer=\${fdb#* dst }; up=$(ip -o route get "\${peer%% *}" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1);; esac;; esac
[ -d "/sys/class/net/$dev/bridge" ] && port=$(bridge fdb show br "$dev" 2>/dev/null | grep -i "^$mac " | grep -v permanent | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1); fi
echo "way $to $dev \${port:--} \${up:--}"; used="$used $dev $port $up"; done
echo @@device; for dev in $(echo $used | tr ' ' '\\n' | sort -u | head -n 40); do (cd "/sys/class/net/$dev" 2>/dev/null || exit
hairpin=$(cat brport/hairpin_mode 2>/dev/null); address=$(ip -o -4 addr show dev "$dev" 2>/dev/null | awk 'NR == 1 { sub(/\\/.*/, "", $4); print $4 }')
echo "device $dev $(cat ifindex) $(cat mtu) \${address:--} \${hairpin:--}"); done
echo @@vxlan; ip -o -d link show type vxlan 2>/dev/null | head -n 8
echo @@marks; ip -o link 2>/dev/null | awk -F': ' '{ sub(/@.*/, "", $2); print $2 }' | grep -E '^(cilium_|bpfin|bpfout|kube-ipvs|antrea-gw|ovn-k8s|genev_sys)' | head -n 8
echo @@conntrack; cat /proc/net/stat/nf_conntrack 2>/dev/null | head -n 65
echo @@arp; cat /proc/net/stat/arp_cache 2>/dev/null | head -n 65
echo @@netstat; grep -E '^TcpExt:' /proc/net/netstat 2>/dev/null
echo @@flows; [ "$from" = - ] || { conntrack -L -s "$from" 2>/dev/null || cat /proc/net/nf_conntrack 2>/dev/null; } | awk -v from="src=$from" -v to="$(printf ' dst=%s' "$vip" "$@") " '
{ s = d = ""; for (i = 1; i <= NF; i++) { if (s == "" && $i ~ /^src=/) s = $i; if (d == "" && $i ~ /^dst=/) d = $i }
if (s != from || !index(to, " " d " ")) next; k = /\\[UNREPLIED\\]/ ? (/udp/ ? 0 : 1) : (/TIME_WAIT|CLOSE/ ? 3 : 2); if (n[k]++ < 30) text[k] = text[k] $0 "\\n" }
END { for (k = 0; k < 4; k++) printf "%s", text[k] }' | head -n 60
for variant in nft legacy; do command -v iptables-$variant-save >/dev/null || continue
[ $variant = nft ] || grep -q . /proc/net/ip_tables_names 2>/dev/null || continue
echo @@forward-$variant; iptables-$variant-save -c -t filter 2>/dev/null | grep -E '^:(FORWARD|INPUT) |^[[0-9:]+] -A (FORWARD|INPUT) ' | head -n 120
echo @@proxy-$variant; iptables-$variant-save -t nat 2>/dev/null | awk -v vip="$vip/32" '/^:KUBE-SVC-/ { all++ }
/^-A / { to = ""; hit = 0; for (i = 3; i < NF; i++) { if ($i == "-d" && $(i + 1) == vip) hit = 1; if ($i == "-j") to = $(i + 1) }
if (hit) { line[++n] = $0; lead[n] = to; if ($2 == "KUBE-SERVICES") here++ } if ($2 ~ /^KUBE-(SVC|SVL|SEP)-/) text[$2] = text[$2] $0 "\\n" }
END { print all + 0, here + 0; for (k = 1; k <= n && k <= 40; k++) { print line[k]; t = text[lead[k]]; if (lead[k] in told) continue; told[lead[k]]; printf "%s", t
while (match(t, /-j KUBE-SEP-[A-Z0-9]+/)) { c = substr(t, RSTART + 3, RLENGTH - 3); t = substr(t, RSTART + RLENGTH); if (!(c in told)) { told[c]; printf "%s", text[c] } } } }' | head -c 16000; echo
done
command -v nft >/dev/null && { echo @@proxy-nftables; nft list tables 2>/dev/null | grep -c 'kube-proxy$'; nft list map ip kube-proxy service-ips 2>/dev/null | grep -cF "$vip ."
echo @@nftables-service; nft list table ip kube-proxy 2>/dev/null | awk -v vip="$vip ." '/^\\tchain / { name = $2 } name ~ /^service-/ { text[name] = text[name] $0 "\\n" } /^\\t}/ { name = "" }
name == "" && index($0, vip) { gsub(/elements = \\{/, ""); gsub(/\\}/, ""); m = split($0, part, ","); for (i = 1; i <= m; i++) if (index(part[i], vip)) { print part[i]; if (match(part[i], /goto .+/)) want[substr(part[i], RSTART + 5)] } }
END { for (c in want) { d = c; gsub(/[ "]/, "", d); for (e in text) { f = e; gsub(/"/, "", f); if (f == d) printf "%s", text[e] } } }' | head -c 16000; echo
echo @@nftables-filter; nft list chains 2>/dev/null | awk '$1 == "table" { table = $2 " " $3 } /type filter hook (forward|input)/ && !(table in seen) { seen[table]; print table }' |
grep -vE '^(ip|ip6|bridge) (filter|mangle|raw|security|nat)$|^netdev |kube-proxy|netpol|network-polic|kindnet|cali|cilium|antrea|kube-router|npm|ovn|istio|hostport' | head -n 6 |
while read -r family table; do echo "table $family $table"; nft list table $family "$table" 2>/dev/null | grep -E '^.chain |hook |drop|reject' | head -n 60; done; }
[ -r /proc/net/ip_vs ] && { echo @@ipvs; awk -v vip="$(IFS=.; set -- $vip; printf '%02X%02X%02X%02X' "$1" "$2" "$3" "$4" 2>/dev/null):" '/^(TCP|UDP|SCTP) / { on = index($2, vip) == 1 } on' /proc/net/ip_vs | head -n 200; }
echo @@kube-proxy; curl -s -m 1 http://127.0.0.1:10249/proxyMode 2>/dev/null; echo; curl -s -m 1 http://127.0.0.1:10256/healthz 2>/dev/null; echo; date -u +%s`;

/** Milliseconds after which a probe ends by itself at the latest; null for what is over at once. */
export function limitMsOf(spec: ProbeSpec): number | null {
  switch (spec.tool) {
    case 'dig':
    case 'getent':
    case 'dns-pairs':
      return DNS_LIMIT_S * 1000;
    case 'http':
    case 'tcp':
      return (spec.limitS ?? CONNECT_LIMIT_S) * 1000;
    case 'dig-search':
    case 'resolv-conf':
    case 'hosts':
    case 'listeners':
    case 'node-state':
    case 'udp-counters':
    case 'capture-start':
    case 'capture-end':
      return null;
    case 'udp':
    case 'ping':
    case 'pod-network':
    case 'accept-queue':
    case 'sizes':
    case 'tries':
    case 'idle':
      return longestS(spec) * 1000;
  }
}

/** Seconds after which a tool is ended: what connects many times, or tries many sizes, takes longer. */
export function longestS(spec: ProbeSpec): number {
  switch (spec.tool) {
    case 'sizes':
      return 10;
    // Many programs are started, and a full connection table or very many rules are slow to list.
    case 'node-state':
      return 20;
    case 'tries':
      return TRY_LIMIT_S * Math.ceil(spec.times / TRIES_AT_ONCE) + 2;
    // To connect, to be silent, to wait for an answer, and once more.
    case 'idle':
      return Math.max(...spec.holdsS) + 15;
    default:
      return CONNECT_LIMIT_S + 2;
  }
}

/** The command line of a probe, without a shell. */
export function argvOf(spec: ProbeSpec): readonly string[] {
  switch (spec.tool) {
    case 'resolv-conf':
      return ['cat', '/etc/resolv.conf'];
    case 'hosts':
      return ['cat', '/etc/hosts'];
    case 'getent':
      return ['bash', '-c', GETENT, 'getent', spec.name, String(spec.times)];
    case 'dns-pairs':
      return [
        ...['bash', '-c', DNS_PAIRS, 'dns-pairs', spec.name, spec.server, String(spec.port)],
        ...[String(spec.atOnce), String(spec.inTurn)],
      ];
    case 'dig':
      return [
        'dig',
        ...(spec.server === null ? [] : [`@${spec.server}`]),
        ...(spec.port === 53 ? [] : ['-p', String(spec.port)]),
        '+tries=1',
        `+time=${spec.limitS ?? DNS_LIMIT_S}`,
        ...(spec.transport === 'tcp' ? ['+tcp'] : []),
        spec.name,
        spec.type ?? 'A',
      ];
    case 'dig-search':
      return ['dig', '+tries=1', `+time=${DNS_LIMIT_S}`, '+search', '+showsearch', spec.name, spec.type ?? 'A'];
    case 'http':
      return [
        'curl',
        // With -v the padding would be told as well.
        spec.padding === undefined ? '-sv' : '-s',
        ...(spec.scheme === 'https' ? ['-k'] : []),
        ...(spec.localPort === undefined ? [] : ['--local-port', String(spec.localPort)]),
        '--noproxy',
        '*',
        '--max-time',
        String(spec.limitS ?? CONNECT_LIMIT_S),
        '-H',
        `Host: ${spec.host}`,
        ...(spec.padding === undefined ? [] : ['-H', `X-Netdebug-Padding: ${'x'.repeat(spec.padding)}`]),
        '-o',
        '/dev/null',
        '-w',
        '\n%{json}',
        `${spec.scheme}://${spec.address.includes(':') ? `[${spec.address}]` : spec.address}:${spec.port}/`,
      ];
    case 'tcp':
      return [
        ...['nc', '-zv', '-w', String(spec.limitS ?? CONNECT_LIMIT_S)],
        ...(spec.localPort === undefined ? [] : ['-p', String(spec.localPort)]),
        ...[spec.address, String(spec.port)],
      ];
    case 'listeners':
      return ['sh', '-c', 'ss -Htln 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6'];
    case 'node-state':
      return ['sh', '-c', NODE_STATE, 'node-state', spec.serviceAddress ?? '-', spec.from ?? '-', ...spec.routesTo];
    case 'sizes':
      return [
        'bash',
        '-c',
        SIZES,
        'sizes',
        spec.address,
        String(spec.port),
        spec.scheme,
        spec.host,
        String(spec.padding),
      ];
    // The last reply is waited for a second: what is lost, is lost by then.
    case 'ping':
      return ['ping', '-n', '-q', '-c', String(spec.times), '-i', '0.01', '-W', '1', spec.address];
    case 'tries':
      return [
        'bash',
        '-c',
        TRIES,
        'tries',
        spec.address,
        String(spec.port),
        String(spec.times),
        spec.owner.kind === 'Service' ? 'no-ping' : 'ping',
      ];
    case 'idle':
      return ['bash', '-c', IDLE, 'idle', spec.address, String(spec.port), spec.host, ...spec.holdsS.map(String)];
    case 'udp':
      return ['bash', '-c', UDP, 'udp', spec.address, String(spec.port)];
    case 'pod-network':
      return ['sh', '-c', POD_NETWORK, 'pod-network', spec.address];
    case 'accept-queue':
      return ['sh', '-c', ACCEPT_QUEUE, 'accept-queue', spec.address, String(spec.port)];
    case 'udp-counters':
      return ['sh', '-c', UDP_COUNTERS];
    case 'capture-start':
      return ['sh', '-c', CAPTURE_START, 'capture-start', captureFilter(spec)];
    case 'capture-end':
      return ['sh', '-c', CAPTURE_END];
  }
}

/**
 * What a person can paste to see the same: the probe in the Pod's debug container, without what only our reader needs.
 *
 * @param plain  the words of another tool that was used instead
 */
export function commandOf(spec: ProbeSpec, container: string, plain: readonly string[] | null = null): string {
  // Our Pod there is gone by the time somebody pastes this.
  const onNode = `kubectl debug node/${spec.at.node} -it --profile=netadmin --image=nicolaka/netshoot:v0.16`;
  if (spec.tool === 'node-state') return onNode;
  if (spec.at.vantage === 'node') return `${onNode} -- ${shownArgv(spec).map(shellWord).join(' ')}`;
  return `kubectl -n ${spec.at.namespace} exec ${spec.at.pod} -c ${container} -- ${(plain ?? shownArgv(spec)).map(shellWord).join(' ')}`;
}

/** What shows the same with one plain tool. */
function shownArgv(spec: ProbeSpec): readonly string[] {
  const argv = argvOf(spec);
  switch (spec.tool) {
    case 'getent':
      return ['getent', 'ahosts', spec.name];
    case 'dns-pairs':
      return ['dig', `@${spec.server}`, '-p', String(spec.port), '+tries=1', spec.name, 'A', spec.name, 'AAAA'];
    case 'http': {
      const ours = argv.map(
        (word, index) => ['-w', '-o'].includes(word) || ['-w', '-o'].includes(argv[index - 1] ?? ''),
      );
      const shown = argv.filter((_, index) => ours[index] !== true);
      return spec.padding === undefined
        ? shown
        : ['bash', '-c', shown.map((word) => (word.startsWith(PADDING) ? PADDED : shellWord(word))).join(' ')];
    }
    case 'sizes':
      return ['ping', '-c2', '-M', 'do', '-s', '1422', spec.address];
    case 'tries':
      return [
        'bash',
        '-c',
        `for i in {1..${spec.times}}; do time nc -zv -w ${TRY_LIMIT_S} ${spec.address} ${spec.port}; done`,
      ];
    case 'idle':
      return [
        'bash',
        '-c',
        `(sleep ${Math.max(...spec.holdsS)}; printf 'GET / HTTP/1.1\\r\\nHost: ${spec.host}\\r\\n\\r\\n') | nc -w 4 ${spec.address} ${spec.port}`,
      ];
    case 'udp':
      return ['nc', '-zuv', '-w', '1', spec.address, String(spec.port)];
    case 'pod-network':
      return ['sh', '-c', `ip -br link; ip route; ip route get ${spec.address}; ip neigh; ss -s`];
    case 'accept-queue':
      return ['sh', '-c', `ss -ltn sport = :${spec.port}; nstat -az TcpExtListenOverflows TcpExtListenDrops`];
    case 'capture-start':
    case 'capture-end':
      return ['tcpdump', '-i', 'any', '-n', `tcp and ${anyOf('port', spec.ports)} and ${anyOf('host', spec.from)}`];
    case 'udp-counters':
      return ['sh', '-c', 'nstat -az UdpInDatagrams UdpNoPorts; ss -lun'];
    default:
      return argv;
  }
}

/**
 * The packets of a flow, ICMP errors about it, and the flow inside VXLAN: there an address of IPv4 stands 42 bytes behind the beginning of
 * UDP, the other one 4 bytes later. See pcap-filter(7), RFC 7348 section 5.
 */
function captureFilter({ from, to, ports, localPort }: CapturedFlow): string {
  const [own = '', ...others] = from;
  const ofOwn = localPort === undefined ? `host ${own}` : `(host ${own} and port ${localPort})`;
  const hosts = anyOf('host', [...from, ...to]);
  const wrapped = from
    .flatMap((a) => to.flatMap((b) => [[a, b] as const, [b, a] as const]))
    .filter(([a]) => !a.includes(':'))
    .flatMap(([a, b]) => [
      `(udp[42:4] = ${hexOf(a)} and udp[46:4] = ${hexOf(b)})`,
      `(ip6[6] = 17 and ip6[82:4] = ${hexOf(a)} and ip6[86:4] = ${hexOf(b)})`,
    ]);
  return [
    `(tcp and ${anyOf('port', ports)} and ${others.length === 0 ? ofOwn : `(${ofOwn} or ${anyOf('host', others)})`})`,
    `(icmp and (icmp[0] = 3 or icmp[0] = 11) and ${hosts})`,
    `(icmp6 and ip6[40] < 5 and ${hosts})`,
    ...wrapped,
  ].join(' or ');
}

function anyOf(what: 'host' | 'port', values: readonly (string | number)[]): string {
  const all = values.map((value) => `${what} ${value}`).join(' or ');
  return values.length === 1 ? all : `(${all})`;
}

function hexOf(address: string): string {
  return `0x${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`;
}

const PADDING = 'X-Netdebug-Padding: ';
const PADDED = `"${PADDING}$(printf %6000s | tr ' ' x)"`;

/** A word of a POSIX shell command line, quoted when it has to be. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
