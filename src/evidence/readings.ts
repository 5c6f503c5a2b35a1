/** What probes report, one type per tool. A probe that failed to connect is a reading; one that could not run is a gap. */

/** `/etc/resolv.conf` of the Pod; see resolv.conf(5). */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  /** 1 when the file does not say. */
  readonly ndots: number;
  readonly text: string;
}

/** What came back for one question to one DNS server. Times are wall clock, in milliseconds. */
export type DnsOutcome =
  | {
      readonly kind: 'answered';
      readonly rcode: string;
      readonly addresses: readonly string[];
      readonly cnames: readonly string[];
      readonly authoritative: boolean;
    }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly text: string };

export interface DnsReading {
  readonly name: string;
  /** Address asked; null when the Pod's own resolv.conf decided. */
  readonly server: string | null;
  readonly transport: 'udp' | 'tcp';
  readonly outcome: DnsOutcome;
  readonly tookMs: number;
  /** What a person can paste, inside the Pod. */
  readonly command: string;
  /** Set when the server asked is one Pod of the cluster DNS. */
  readonly pod?: string;
  /** Set when IPv6 addresses were asked for. */
  readonly type?: 'AAAA';
  /** The answer over UDP was cut off, so that it was asked for again over TCP. */
  readonly truncated?: true;
  /** Seconds that the answer may still be kept: the least of its records, or of the SOA of a name that does not exist. */
  readonly ttlS?: number;
}

/** A name resolved the way an application does it, through the search list: every step with its answer. */
export interface SearchReading {
  readonly typed: string;
  readonly steps: readonly { readonly name: string; readonly rcode: string; readonly addresses: readonly string[] }[];
  /** The answer of the last step; `timed-out` and the like when no server answered. */
  readonly outcome: DnsOutcome;
  readonly tookMs: number;
  /** How long each step took, as dig tells it. */
  readonly stepsMs?: readonly number[];
  readonly command: string;
}

/** A fix as the API server takes it in a dry run: checked and admitted, and nothing kept. */
export interface FixTrial {
  /** Of the NetworkPolicy that would be changed or made. */
  readonly namespace: string;
  readonly name: string;
  /** Why it would not be taken, in the words of whoever refuses; null when it would be. */
  readonly refusal: string | null;
}

/** One line of `/etc/hosts`; see hosts(5). */
export interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** One lookup by the system's resolver: hosts file, search list, A and AAAA from one socket; see getaddrinfo(3). */
export interface SystemLookup {
  readonly addresses: readonly string[];
  /** `stalled`: no answer in 2 s, after which a resolver asks again. */
  readonly outcome: 'found' | 'not-found' | 'stalled';
  readonly ms: number;
}

/** The same name looked up several times at once, as an application does it. */
export interface SystemLookups {
  readonly name: string;
  readonly lookups: readonly SystemLookup[];
  readonly command: string;
}

/**
 * One server asked for A and AAAA many times, each time from a socket of its own: both questions at once, as a resolver does it, and
 * one after the other.
 */
export interface DnsPairs {
  readonly server: string;
  /** Set when the server asked is one Pod of the cluster DNS. */
  readonly pod?: string;
  /** Two questions at once: how often that was done, and how often both were answered, one, none. */
  readonly atOnce: { readonly times: number; readonly both: number; readonly one: number; readonly none: number };
  /** One after the other, each from a new socket: how often, and how often both were answered. */
  readonly inTurn: { readonly times: number; readonly both: number };
  readonly command: string;
}

/** What CoreDNS said in its log: only lines of known meaning are kept. */
export interface DnsLogLine {
  readonly pod: string;
  /** From the container before the last restart. */
  readonly previous: boolean;
  readonly kind:
    | 'syntax-error'
    | 'reload-failed'
    | 'loop'
    | 'upstream-failed'
    | 'too-many-queries'
    | 'api-unreachable'
    | 'api-forbidden';
  /** The line of the Corefile, where it names one. */
  readonly corefileLine?: number;
  /** An address it names: the upstream that failed, the server that loops. */
  readonly address?: string;
  /** Its words, without the time. */
  readonly text: string;
  /** How often it was said, in what was read of the log. */
  readonly times: number;
}

/** The last line that a container logged before it ended. */
export interface LastWords {
  readonly pod: string;
  readonly container: string;
  readonly text: string;
}

/** How connect(2) ended. */
export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly ms: number }
  | { readonly kind: 'refused'; readonly ms: number }
  | { readonly kind: 'host-unreachable'; readonly ms: number }
  | { readonly kind: 'net-unreachable'; readonly ms: number }
  | { readonly kind: 'timed-out'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly text: string };

/** What the application did after the connection stood. `none`: nothing was asked, because the port is not known to speak HTTP or TLS. */
export type Exchange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly bytes: number;
      readonly firstByteMs: number;
      /** The answer had begun and was not complete when the time was over: a stream, or a transfer that stalls. */
      readonly isCut?: true;
      /** The answer had begun, and the connection ended before it was complete. */
      readonly broken?: 'reset' | 'closed';
    }
  | { readonly kind: 'silent'; readonly afterMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'other'; readonly text: string };

export interface ConnectReading {
  readonly address: string;
  readonly port: number;
  readonly outcome: ConnectOutcome;
  readonly exchange: Exchange;
  /** Source port, when the tool told it; matches the reading with captured packets. */
  readonly localPort: number | null;
  /** Who the address belongs to: a Pod, a Node or the Service itself. */
  readonly owner: {
    readonly kind: 'Service' | 'Pod' | 'Node' | 'Address';
    readonly name: string;
    readonly node: string | null;
  };
  /** Who said no, read from the packet that did; null when nothing was captured. */
  readonly refusal: Refusal | null;
  /** Who answered in place of the address that was asked, which the kernel then throws away; absent when nobody was seen to. */
  readonly strayAnswer?: string | undefined;
  /** SYNs to this address and port that were sent again, in all connections of the run; null without a capture, absent in older runs. */
  readonly synRetransmits?: number | null;
  readonly command: string;
}

/** One request over a connection of its own: how much of the answer came, and whether it came to its end. */
export interface Transfer {
  readonly bytes: number;
  readonly isComplete: boolean;
}

/** A request that stalled, made again with packets of the usual size and with small ones, and pings that must not be broken up. */
export interface SizeReading {
  readonly address: string;
  readonly port: number;
  readonly owner: ConnectReading['owner'];
  readonly usual: Transfer;
  /** With at most 536 bytes of data in a packet, in both directions. */
  readonly small: Transfer;
  /** Of the usual one while it stalled: bytes that nobody acknowledged, and how often they were sent again; null when nothing was open. */
  readonly sender: { readonly unacknowledged: number; readonly retransmits: number } | null;
  /** The largest packet that this way may carry as the Pod sees it; null when it is not known. */
  readonly mtu: number | null;
  /** Sizes of whole IP packets; `too-long`: somebody said so, which is no black hole. */
  readonly pings: readonly { readonly bytes: number; readonly outcome: 'answered' | 'lost' | 'too-long' }[];
  readonly command: string;
}

/** Replies to small pings. */
export interface PingCount {
  readonly sent: number;
  readonly received: number;
}

/** Small pings to one address in quick succession, beside the connections to it: a hint where packets are lost, never a proof. */
export interface PingReading {
  readonly address: string;
  readonly owner: ConnectReading['owner'];
  readonly count: PingCount;
  readonly command: string;
}

/** Many connections to one address, one after the other, and small pings beside them. */
export interface TriesReading {
  readonly address: string;
  readonly port: number;
  readonly owner: ConnectReading['owner'];
  readonly tries: readonly { readonly ms: number; readonly outcome: 'connected' | 'refused' | 'lost' | 'failed' }[];
  /** Null where no ping could be sent; not asked for the address of a Service. */
  readonly ping: PingCount | null;
  /** The same to the Pod's own gateway, the first hop. */
  readonly gatewayPing: PingCount | null;
  /** SYNs that the Pod's kernel sent again meanwhile, to anybody; null when it does not tell. */
  readonly synRetransmits: number | null;
  readonly command: string;
}

/** Connections to one address that were left idle for some time before something was asked, each for another time. */
export interface IdleReading {
  readonly address: string;
  readonly port: number;
  readonly owner: ConnectReading['owner'];
  /** The shortest first; the first is asked at once. */
  readonly holds: readonly {
    readonly idleS: number;
    /**
     * `closed`: the far end had said that it closes the connection (FIN) before anything was asked. `silent`, `reset`: what was asked
     * then got nothing, or an RST. `unconnected`: it never stood.
     */
    readonly outcome: 'answered' | 'closed' | 'silent' | 'reset' | 'unconnected';
    /** Whether a new connection was answered right after that; true also where none was needed. */
    readonly again: boolean;
  }[];
  readonly command: string;
}

/** How the source Pod is connected, as its own kernel tells it. */
export interface PodNetwork {
  /** Network devices but loopback; `hasCarrier` false: the other end of the cable is down or gone. */
  readonly links: readonly {
    readonly name: string;
    readonly isUp: boolean;
    readonly hasCarrier: boolean;
    /** The number that the other end of the cable has on the node; absent where there is none. */
    readonly peerIndex?: number | undefined;
    readonly mtu?: number | undefined;
  }[];
  /** The routes of both families, as printed. */
  readonly routes: readonly string[];
  /** Null without a default route. */
  readonly gateway: { readonly address: string; readonly device: string } | null;
  /** Where packets to the destination go; null when the kernel refuses. */
  readonly routeTo: { readonly to: string; readonly device: string | null; readonly text: string };
  /** What ARP or neighbour discovery found out about the gateway: `REACHABLE`, `FAILED`; null without an entry. */
  readonly gatewayNeighbour: string | null;
  readonly gatewayPing: PingCount | null;
  /** Who said at least twice that the destination's address is theirs, on the own network segment; empty when it is elsewhere or nobody could be asked. */
  readonly owners: readonly string[];
  /** Source ports that may be used, and sockets towards the destinations that use most of them. */
  readonly ports: {
    readonly first: number;
    readonly last: number;
    readonly used: readonly { readonly to: string; readonly sockets: number }[];
  } | null;
  readonly command: string;
}

/** The queue of connections that wait for accept(2) in a backend, and what its counters did while it was connected to from inside. */
export interface AcceptQueue {
  readonly pod: string;
  readonly port: number;
  /** Null when nothing listens on the port. */
  readonly queued: number | null;
  readonly backlog: number | null;
  /** `ListenOverflows` and `ListenDrops` of TcpExt; see nstat(8). */
  readonly before: { readonly overflows: number; readonly drops: number };
  readonly after: { readonly overflows: number; readonly drops: number };
  /** Connections made inside the Pod, to its own address: no network is in between. */
  readonly inside: { readonly tried: number; readonly connected: number };
  readonly command: string;
}

/** What became of a datagram. Silence is normal: many protocols never answer. */
export interface UdpReading {
  readonly address: string;
  readonly port: number;
  readonly owner: ConnectReading['owner'];
  readonly outcome:
    | { readonly kind: 'answered'; readonly bytes: number }
    | { readonly kind: 'refused' }
    | { readonly kind: 'silent'; readonly afterMs: number }
    | { readonly kind: 'failed'; readonly text: string };
  readonly refusal: Refusal | null;
  readonly command: string;
}

/** Counters of a Pod's own network: datagrams that a socket got, and those for which there was none. */
export interface UdpCounters {
  readonly pod: string;
  readonly delivered: number;
  readonly noPort: number;
  /** Ports that UDP sockets are bound to. */
  readonly bound: readonly { readonly address: string; readonly port: number }[];
  readonly command: string;
}

/** The packet that ended a connection attempt. `ttl` is what was left of it on arrival at the Pod. */
export type Refusal =
  | { readonly kind: 'rst'; readonly from: string; readonly ttl: number }
  | {
      readonly kind: 'icmp';
      readonly from: string;
      readonly ttl: number;
      readonly type: number;
      readonly code: number;
    };

/** One packet of a capture, as far as it says who answered. */
export interface Packet {
  readonly atMs: number;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly tcp?: {
    readonly sourcePort: number;
    readonly destinationPort: number;
    readonly syn: boolean;
    readonly ack: boolean;
    readonly rst: boolean;
  };
  readonly icmp?: {
    readonly type: number;
    readonly code: number;
    /** ICMPv6, whose types have other meanings. */
    readonly isV6?: true;
    /** The packet that the error is about. */
    readonly about?: {
      readonly destination: string;
      readonly protocol: number;
      readonly sourcePort: number;
      readonly destinationPort: number;
    };
  };
}

/** A capture that has begun to listen. */
export interface CaptureStart {
  readonly place: CapturePlace;
}

/** Where packets of one connection were watched: in one of the two Pods, or on a node. */
export interface CapturePlace {
  readonly kind: 'source' | 'backend' | 'node';
  readonly name: string;
}

/** One packet of TCP as a device saw it. */
export interface FlowPacket {
  readonly atMs: number;
  /** Null where the capture does not tell. */
  readonly device: string | null;
  /** Whether it was being sent there, not received; null where the capture does not tell. */
  readonly isOut: boolean | null;
  /** Inside a packet of VXLAN, between nodes. */
  readonly isWrapped: boolean;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly flags: { readonly syn: boolean; readonly ack: boolean; readonly rst: boolean; readonly fin: boolean };
  readonly sequence: number;
  readonly acknowledged: number;
  /** Of data. */
  readonly bytes: number;
}

/** An ICMP error about a packet of the connection. */
export interface FlowError {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly type: number;
  readonly code: number;
  /** The connection it is about, as its sender had it. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** What one place saw of a connection while it was tried once more. */
export interface FlowCapture {
  readonly place: CapturePlace;
  /** False: the kernel or the limit cut it short, so that what it lacks says nothing. */
  readonly isWhole: boolean;
  readonly packets: readonly FlowPacket[];
  readonly errors: readonly FlowError[];
  /** Devices that wrap packets for other nodes. */
  readonly tunnels: readonly string[];
  readonly command: string;
}

/** What the kernel of a node is set to, as far as it concerns a flow. Null: not there, or the tool is missing. */
export interface NodeState {
  readonly node: string;
  /** `net.ipv4.ip_forward`. */
  readonly forwards: boolean | null;
  /** `net.bridge.bridge-nf-call-iptables`; null also without br_netfilter. */
  readonly bridgeCallsIptables: boolean | null;
  readonly conntrack: {
    readonly entries: number;
    readonly most: number;
    readonly dropped: number;
    /** Packets lost because another one of the same connection was entered at the same moment; since the node started. */
    readonly insertFailed?: number;
  } | null;
  /** Where the node sends packets to these addresses. */
  readonly routes: readonly NodeRoute[];
  /** The FORWARD chain of each variant of iptables that is there. */
  readonly forward: readonly ForwardChain[];
  /** Rules of kube-proxy: in all, and for the Service address. Null when neither iptables nor nft could be asked. */
  readonly serviceRules: { readonly all: number; readonly here: number } | null;
  /** Where its rules send the Service address, each set of rules for itself; empty when none of them knows it. */
  readonly serviceTargets: readonly ServiceTargets[];
  /** What its kube-proxy says about itself; null when it was not asked or did not answer. */
  readonly proxy: NodeProxy | null;
  /** The INPUT chain of each variant of iptables, and chains of nftables at the hooks forward and input. */
  readonly input: readonly ForwardChain[];
  readonly nftables: readonly NftChain[];
  /** Tracked connections of the source to the destination. */
  readonly flows: readonly TrackedFlow[];
  /** Packets that the kernel gave up since it started; null when they could not be read. */
  readonly drops: NodeDrops | null;
  /** Reverse path filters that are on: `net.ipv4.conf.DEVICE.rp_filter`, `all` included. */
  readonly reversePath: readonly { readonly device: string; readonly mode: number }[];
  readonly overlays: readonly Overlay[];
  /** The next hops of `routes`: who the node takes them for. */
  readonly hops: readonly NextHop[];
  /** The devices through which packets to the addresses of `routes` pass; only where the route names one. */
  readonly ways: readonly NodeWay[];
  /** What is known of these devices. */
  readonly devices: readonly NodeDevice[];
  /** The table of neighbours; null when its size is not known. */
  readonly neighbours: { readonly entries: number; readonly most: number; readonly overflows: number } | null;
  /** Devices that only certain data planes make: `cilium_host`, `bpfin.cali`, `kube-ipvs0`. */
  readonly marks: readonly string[];
  /** Opens a shell in the node's network; with ` -- COMMAND` behind it runs that. */
  readonly command: string;
}

/** The devices of a node on the way to one address. */
export interface NodeWay {
  readonly to: string;
  /** Of the route: a bridge, an overlay, the device of one Pod or an uplink. */
  readonly device: string;
  /** The port of the bridge behind which the address is, as the bridge has learned it; null: no bridge, or not known. */
  readonly bridgePort: string | null;
  /** What carries the packets of an overlay; null: no overlay, or not known. */
  readonly uplink: string | null;
}

export interface NodeDevice {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** Its first IPv4 address. */
  readonly address: string | null;
  /** Whether a bridge sends packets back to the port they came from; null: no port of a bridge. */
  readonly hairpin: boolean | null;
}

export interface NodeRoute {
  readonly to: string;
  /** `ip route get` as printed, or what the kernel said instead. */
  readonly text: string;
  readonly device: string | null;
  /** The kernel refuses to send: no route, or one of type unreachable, prohibit or blackhole. */
  readonly isRefused: boolean;
}

/** One set of rules that translates a Service address. */
export interface ServiceTargets {
  readonly by: 'iptables-nft' | 'iptables-legacy' | 'nftables' | 'ipvs';
  readonly protocol: string;
  readonly port: number;
  /** Addresses with ports; empty: packets are dropped or refused. */
  readonly to: readonly string[];
  /** The rule that matches the address, as printed. */
  readonly rule: string;
}

export interface NodeProxy {
  /** `iptables`, `nftables`, `ipvs`. */
  readonly mode: string | null;
  /** Since it wrote its rules for the last time. */
  readonly syncedAgoMs: number | null;
}

/** One chain of nftables that packets pass by itself, or that such a chain may jump to. */
export interface NftChain {
  readonly table: string;
  readonly chain: string;
  readonly hook: 'forward' | 'input' | null;
  /** `accept` or `drop`; null for a chain that is jumped to. */
  readonly defaultAction: string | null;
  /** Rules that drop or reject; packets is null where a rule does not count. */
  readonly drops: readonly { readonly rule: string; readonly packets: number | null }[];
}

/** One entry of the connection table, both ways. */
export interface TrackedFlow {
  readonly protocol: string;
  /** `SYN_SENT`; null for UDP. */
  readonly state: string | null;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Who answers are expected from: after a Service address was translated, the Pod. */
  readonly answersFrom: string;
  readonly answersFromPort: number;
  /** Who answers are expected to go to: after masquerading, the node. */
  readonly answersTo: string;
  readonly isReplied: boolean;
}

export interface NodeDrops {
  /** For want of room in the connection table. */
  readonly tableFull: number;
  /** Connections that could not be entered because another one has the same addresses and ports. */
  readonly insertFailed: number;
  /** Packets that fit no connection, or have a wrong checksum. */
  readonly invalid: number;
  readonly reversePath: number;
}

/** A VXLAN device. */
export interface Overlay {
  readonly device: string;
  readonly vni: number | null;
  readonly udpPort: number | null;
  readonly hardwareAddress: string | null;
  /** The node's address in the packets outside. */
  readonly local: string | null;
  /** Whether it learns who is where from what comes in; if not, only its tables count. */
  readonly learns: boolean;
}

export interface NextHop {
  readonly to: string;
  readonly via: string;
  readonly device: string;
  /** The neighbour's hardware address; null: unknown. */
  readonly hardwareAddress: string | null;
  /** `PERMANENT`, `FAILED`; null: no entry. */
  readonly state: string | null;
  /** Only on an overlay: the node that packets for that hardware address are wrapped for; null: nobody. */
  readonly wrappedFor: string | null;
}

export interface ForwardChain {
  readonly variant: 'nft' | 'legacy';
  /** Its policy: `ACCEPT` or `DROP`. */
  readonly defaultAction: string;
  /** Packets that met the policy, because no rule before it decided. */
  readonly policyPackets: number;
  /** Rules that drop or reject, with their packets. */
  readonly drops: readonly { readonly rule: string; readonly packets: number }[];
}

/** One listening TCP socket inside a Pod's network namespace; see ss(8). */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Connections waiting for accept(2), and how many may wait. */
  readonly queued: number;
  readonly backlog: number;
}
