/** The shape of every line of a run file, so that a damaged or foreign one is told at the door and by its line. */
import * as z from 'zod/mini';
import type { ApiKind } from '../evidence/evidence.ts';
import {
  ApiGroup,
  AutoscalerSnapshot,
  ChangeSnapshot,
  DaemonSetSnapshot,
  EventSnapshot,
  LeaseSnapshot,
  NameOnly,
  NamespaceSnapshot,
  NodeSnapshot,
  OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
  ServiceSnapshot,
  SliceSnapshot,
  WorkloadSnapshot,
} from '../evidence/snapshots.ts';
import { ACCESS_LEVELS } from '../ladder/access.ts';

const text = z.string();
const number = z.number();
const maybeText = z.optional(text);
const nullable = {
  text: z.nullable(text),
  number: z.nullable(number),
};

const Gap = z.object({
  reason: z.enum(['forbidden', 'timed-out', 'tool-missing', 'unreadable', 'not-permitted']),
  detail: text,
  unlock: maybeText,
});

const collected = <T extends z.core.$ZodType>(value: T) =>
  z.discriminatedUnion('status', [
    z.object({
      status: z.literal('collected'),
      value,
      command: text,
      atMs: number,
      tookMs: number,
      lost: z.optional(Gap),
    }),
    z.object({ status: z.literal('missing'), gap: Gap, command: text, atMs: number }),
  ]);

const lookup = <T extends z.core.$ZodType>(object: T) =>
  z.discriminatedUnion('found', [z.object({ found: z.literal(true), object }), z.object({ found: z.literal(false) })]);

/** A kind that is read from the API server without a line here does not compile. */
const API_VALUES = {
  sourcePod: lookup(PodSnapshot),
  service: lookup(ServiceSnapshot),
  destinationPod: lookup(PodSnapshot),
  otherServices: z.array(NameOnly),
  endpoints: z.object({
    slices: z.array(SliceSnapshot),
    selected: z.array(PodSnapshot),
    stray: z.array(PodSnapshot),
    loose: z.optional(z.array(SliceSnapshot)),
  }),
  workloads: z.array(WorkloadSnapshot),
  events: z.array(EventSnapshot),
  backendLogs: z.array(z.object({ pod: text, container: text, text })),
  autoscalers: z.array(AutoscalerSnapshot),
  scalings: z.array(EventSnapshot),
  policies: z.array(PolicySnapshot),
  policyApis: z.array(ApiGroup),
  adminPolicies: z.array(OtherPolicySnapshot),
  vendorPolicies: z.array(OtherPolicySnapshot),
  namespaces: z.array(NamespaceSnapshot),
  nodes: z.array(NodeSnapshot),
  dnsService: lookup(ServiceSnapshot),
  dnsSlices: z.array(SliceSnapshot),
  dnsPods: z.array(PodSnapshot),
  dnsWorkloads: z.array(WorkloadSnapshot),
  corefile: lookup(text),
  dnsLogs: z.array(
    z.object({
      pod: text,
      previous: z.boolean(),
      kind: z.enum([
        'syntax-error',
        'reload-failed',
        'loop',
        'upstream-failed',
        'too-many-queries',
        'api-unreachable',
        'api-forbidden',
      ]),
      corefileLine: z.optional(number),
      address: maybeText,
      text,
      times: number,
    }),
  ),
  kubeProxyPods: z.array(PodSnapshot),
  daemonSets: z.array(DaemonSetSnapshot),
  controllerLease: lookup(LeaseSnapshot),
  serviceCidrs: z.array(text),
  neighbours: z.array(PodSnapshot),
  policyScope: z.object({ pods: z.array(PodSnapshot), workloads: z.array(WorkloadSnapshot) }),
  fixTrials: z.array(z.object({ namespace: text, name: text, refusal: nullable.text })),
  changes: z.array(ChangeSnapshot),
} as const satisfies Record<ApiKind, z.core.$ZodType>;

const evidence = z.object(
  Object.fromEntries(Object.entries(API_VALUES).map(([kind, value]) => [kind, z.optional(collected(value))])),
);

const ref = z.object({ kind: text, namespace: maybeText, name: text });

const Flow = z.object({
  source: z.object({ namespace: text, name: text, pickedFrom: z.optional(ref) }),
  destination: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('Service'), namespace: text, name: text }),
    z.object({ kind: z.literal('Pod'), namespace: text, name: text }),
    z.object({ kind: z.literal('Address'), address: text }),
    z.object({ kind: z.literal('Host'), host: text }),
    z.object({ kind: z.literal('Absent'), object: ref, near: z.array(text) }),
  ]),
  typed: text,
  dnsName: nullable.text,
  byAddress: z.boolean(),
  port: z.nullable(z.union([number, text])),
  protocol: z.nullable(z.enum(['TCP', 'UDP', 'SCTP'])),
  via: z.optional(z.object({ node: text, address: text, port: number })),
  scheme: z.nullable(z.enum(['http', 'https'])),
  notes: z.array(text),
  tries: z.optional(number),
  idle: z.optional(number),
});

const Place = z.object({ vantage: z.enum(['source', 'backend', 'node']), namespace: text, pod: text, node: maybeText });

const Container = z.discriminatedUnion('state', [
  z.object({ state: z.literal('looking') }),
  z.object({ state: z.literal('waiting'), name: text, created: z.boolean(), detail: text }),
  z.object({
    state: z.literal('running'),
    name: text,
    created: z.boolean(),
    image: text,
    profile: text,
    tookMs: number,
  }),
  z.object({ state: z.literal('failed'), name: nullable.text, created: z.boolean(), gap: Gap }),
  z.object({ state: z.literal('removing'), name: text, created: z.literal(true) }),
  z.object({ state: z.literal('removed'), name: text, created: z.literal(true), isGone: z.boolean() }),
]);

const Owner = z.object({
  kind: z.enum(['Service', 'Pod', 'Node', 'Address']),
  name: text,
  node: nullable.text,
});

const probe = { id: text, kind: text, at: Place };
const CapturedFlow = {
  from: z.array(text),
  to: z.array(text),
  ports: z.array(number),
  localPort: z.optional(number),
};
const Spec = z.discriminatedUnion('tool', [
  z.object({ ...probe, tool: z.literal('resolv-conf') }),
  z.object({ ...probe, tool: z.literal('hosts') }),
  z.object({ ...probe, tool: z.literal('getent'), name: text, times: number }),
  z.object({
    ...probe,
    tool: z.literal('dns-pairs'),
    name: text,
    server: text,
    port: number,
    pod: maybeText,
    atOnce: number,
    inTurn: number,
  }),
  z.object({
    ...probe,
    tool: z.literal('dig'),
    name: text,
    server: nullable.text,
    port: number,
    transport: z.enum(['udp', 'tcp']),
    pod: maybeText,
    type: z.optional(z.literal('AAAA')),
    limitS: z.optional(number),
  }),
  z.object({ ...probe, tool: z.literal('dig-search'), name: text, type: z.optional(z.literal('AAAA')) }),
  z.object({
    ...probe,
    tool: z.literal('http'),
    scheme: z.enum(['http', 'https']),
    address: text,
    port: number,
    host: text,
    owner: Owner,
    padding: z.optional(number),
    limitS: z.optional(number),
    localPort: z.optional(number),
  }),
  z.object({
    ...probe,
    tool: z.literal('tcp'),
    address: text,
    port: number,
    owner: Owner,
    limitS: z.optional(number),
    localPort: z.optional(number),
  }),
  z.object({ ...probe, tool: z.literal('listeners'), pod: text }),
  z.object({
    ...probe,
    tool: z.literal('node-state'),
    node: text,
    routesTo: z.array(text),
    serviceAddress: nullable.text,
    from: z._default(nullable.text, null),
  }),
  z.object({
    ...probe,
    tool: z.literal('sizes'),
    scheme: z.enum(['http', 'https']),
    address: text,
    port: number,
    host: text,
    owner: Owner,
    padding: number,
  }),
  z.object({ ...probe, tool: z.literal('ping'), address: text, owner: Owner, times: number }),
  z.object({ ...probe, tool: z.literal('tries'), address: text, port: number, owner: Owner, times: number }),
  z.object({
    ...probe,
    tool: z.literal('idle'),
    address: text,
    port: number,
    host: text,
    owner: Owner,
    holdsS: z.array(number),
  }),
  z.object({ ...probe, tool: z.literal('udp'), address: text, port: number, owner: Owner }),
  z.object({ ...probe, tool: z.literal('pod-network'), address: text }),
  z.object({ ...probe, tool: z.literal('accept-queue'), pod: text, address: text, port: number }),
  z.object({ ...probe, tool: z.literal('udp-counters'), pod: text }),
  z.object({ ...probe, tool: z.literal('capture-start'), ...CapturedFlow }),
  z.object({ ...probe, tool: z.literal('capture-end'), ...CapturedFlow }),
]);

const DnsOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('answered'),
    rcode: text,
    addresses: z.array(text),
    cnames: z.array(text),
    authoritative: z.boolean(),
  }),
  z.object({ kind: z.literal('timed-out') }),
  z.object({ kind: z.literal('refused') }),
  z.object({ kind: z.literal('unreachable'), text }),
]);

const afterConnect = (kind: string) => z.object({ kind: z.literal(kind), ms: number });

const Refusal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rst'), from: text, ttl: number }),
  z.object({ kind: z.literal('icmp'), from: text, ttl: number, type: number, code: number }),
]);

const Transfer = z.object({ bytes: number, isComplete: z.boolean() });
const PingCount = z.nullable(z.object({ sent: number, received: number }));
const ListenCounters = z.object({ overflows: number, drops: number });
/** A chain of iptables. */
const Chain = z.object({
  variant: z.enum(['nft', 'legacy']),
  defaultAction: text,
  policyPackets: number,
  drops: z.array(z.object({ rule: text, packets: number })),
});

const CapturePlace = z.object({ kind: z.enum(['source', 'backend', 'node']), name: text });

/** Told apart by what only one of them has. */
const ProbeReading = z.union([
  z.object({
    typed: text,
    steps: z.array(z.object({ name: text, rcode: text, addresses: z.array(text) })),
    outcome: DnsOutcome,
    tookMs: number,
    stepsMs: z.optional(z.array(number)),
    command: text,
  }),
  z.object({
    name: text,
    lookups: z.array(
      z.object({ addresses: z.array(text), outcome: z.enum(['found', 'not-found', 'stalled']), ms: number }),
    ),
    command: text,
  }),
  z.object({
    server: text,
    pod: maybeText,
    atOnce: z.object({ times: number, both: number, one: number, none: number }),
    inTurn: z.object({ times: number, both: number }),
    command: text,
  }),
  z.object({
    name: text,
    server: nullable.text,
    transport: z.enum(['udp', 'tcp']),
    outcome: DnsOutcome,
    tookMs: number,
    command: text,
    pod: maybeText,
    type: z.optional(z.literal('AAAA')),
    truncated: z.optional(z.literal(true)),
    ttlS: z.optional(number),
  }),
  z.object({
    address: text,
    port: number,
    outcome: z.union([
      afterConnect('connected'),
      afterConnect('refused'),
      afterConnect('host-unreachable'),
      afterConnect('net-unreachable'),
      z.object({ kind: z.literal('timed-out'), afterMs: number }),
      z.object({ kind: z.literal('failed'), text }),
    ]),
    exchange: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      z.object({
        kind: z.literal('http'),
        status: number,
        bytes: number,
        firstByteMs: number,
        isCut: z.optional(z.literal(true)),
        broken: z.optional(z.enum(['reset', 'closed'])),
      }),
      z.object({ kind: z.literal('silent'), afterMs: number }),
      z.object({ kind: z.literal('reset') }),
      z.object({ kind: z.literal('closed') }),
      z.object({ kind: z.literal('other'), text }),
    ]),
    localPort: nullable.number,
    owner: Owner,
    refusal: z.nullable(Refusal),
    strayAnswer: maybeText,
    command: text,
  }),
  z.object({ nameservers: z.array(text), search: z.array(text), ndots: number, text }),
  z.array(z.object({ address: text, port: number, queued: number, backlog: number })),
  z.object({
    node: text,
    forwards: z.nullable(z.boolean()),
    bridgeCallsIptables: z.nullable(z.boolean()),
    conntrack: z.nullable(
      z.object({ entries: number, most: number, dropped: number, insertFailed: z.optional(number) }),
    ),
    routes: z.array(z.object({ to: text, text, device: nullable.text, isRefused: z.boolean() })),
    forward: z.array(Chain),
    serviceRules: z.nullable(z.object({ all: number, here: number })),
    // Runs of older versions lack the rest: it was not looked at.
    serviceTargets: z._default(
      z.array(
        z.object({
          by: z.enum(['iptables-nft', 'iptables-legacy', 'nftables', 'ipvs']),
          protocol: text,
          port: number,
          to: z.array(text),
          rule: text,
        }),
      ),
      [],
    ),
    proxy: z._default(z.nullable(z.object({ mode: nullable.text, syncedAgoMs: nullable.number })), null),
    input: z._default(z.array(Chain), []),
    nftables: z._default(
      z.array(
        z.object({
          table: text,
          chain: text,
          hook: z.nullable(z.enum(['forward', 'input'])),
          defaultAction: nullable.text,
          drops: z.array(z.object({ rule: text, packets: nullable.number })),
        }),
      ),
      [],
    ),
    flows: z._default(
      z.array(
        z.object({
          protocol: text,
          state: nullable.text,
          source: text,
          sourcePort: number,
          destination: text,
          destinationPort: number,
          answersFrom: text,
          answersFromPort: number,
          answersTo: text,
          isReplied: z.boolean(),
        }),
      ),
      [],
    ),
    drops: z._default(
      z.nullable(z.object({ tableFull: number, insertFailed: number, invalid: number, reversePath: number })),
      null,
    ),
    reversePath: z._default(z.array(z.object({ device: text, mode: number })), []),
    overlays: z._default(
      z.array(
        z.object({
          device: text,
          vni: nullable.number,
          udpPort: nullable.number,
          hardwareAddress: nullable.text,
          local: nullable.text,
          learns: z.boolean(),
        }),
      ),
      [],
    ),
    hops: z._default(
      z.array(
        z.object({
          to: text,
          via: text,
          device: text,
          hardwareAddress: nullable.text,
          state: nullable.text,
          wrappedFor: nullable.text,
        }),
      ),
      [],
    ),
    ways: z._default(
      z.array(z.object({ to: text, device: text, bridgePort: nullable.text, uplink: nullable.text })),
      [],
    ),
    devices: z._default(
      z.array(
        z.object({ name: text, index: number, mtu: number, address: nullable.text, hairpin: z.nullable(z.boolean()) }),
      ),
      [],
    ),
    neighbours: z._default(z.nullable(z.object({ entries: number, most: number, overflows: number })), null),
    marks: z._default(z.array(text), []),
    command: text,
  }),
  z.array(z.object({ address: text, names: z.array(text) })),
  z.object({
    address: text,
    port: number,
    owner: Owner,
    usual: Transfer,
    small: Transfer,
    sender: z.nullable(z.object({ unacknowledged: number, retransmits: number })),
    mtu: nullable.number,
    pings: z.array(z.object({ bytes: number, outcome: z.enum(['answered', 'lost', 'too-long']) })),
    command: text,
  }),
  z.object({
    address: text,
    owner: Owner,
    count: z.object({ sent: number, received: number }),
    command: text,
  }),
  z.object({
    address: text,
    port: number,
    owner: Owner,
    tries: z.array(z.object({ ms: number, outcome: z.enum(['connected', 'refused', 'lost', 'failed']) })),
    ping: PingCount,
    gatewayPing: PingCount,
    synRetransmits: nullable.number,
    command: text,
  }),
  z.object({
    address: text,
    port: number,
    owner: Owner,
    holds: z.array(
      z.object({
        idleS: number,
        outcome: z.enum(['answered', 'closed', 'silent', 'reset', 'unconnected']),
        again: z.boolean(),
      }),
    ),
    command: text,
  }),
  z.object({
    links: z.array(
      z.object({
        name: text,
        isUp: z.boolean(),
        hasCarrier: z.boolean(),
        peerIndex: z.optional(number),
        mtu: z.optional(number),
      }),
    ),
    routes: z.array(text),
    gateway: z.nullable(z.object({ address: text, device: text })),
    routeTo: z.object({ to: text, device: nullable.text, text }),
    gatewayNeighbour: nullable.text,
    gatewayPing: PingCount,
    owners: z.array(text),
    ports: z.nullable(
      z.object({ first: number, last: number, used: z.array(z.object({ to: text, sockets: number })) }),
    ),
    command: text,
  }),
  z.object({
    pod: text,
    port: number,
    queued: nullable.number,
    backlog: nullable.number,
    before: ListenCounters,
    after: ListenCounters,
    inside: z.object({ tried: number, connected: number }),
    command: text,
  }),
  z.object({
    address: text,
    port: number,
    owner: Owner,
    outcome: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('answered'), bytes: number }),
      z.object({ kind: z.literal('refused') }),
      z.object({ kind: z.literal('silent'), afterMs: number }),
      z.object({ kind: z.literal('failed'), text }),
    ]),
    refusal: z.nullable(Refusal),
    command: text,
  }),
  z.object({
    pod: text,
    delivered: number,
    noPort: number,
    bound: z.array(z.object({ address: text, port: number })),
    command: text,
  }),
  z.object({
    place: CapturePlace,
    isWhole: z.boolean(),
    packets: z.array(
      z.object({
        atMs: number,
        device: nullable.text,
        isOut: z.nullable(z.boolean()),
        isWrapped: z.boolean(),
        source: text,
        sourcePort: number,
        destination: text,
        destinationPort: number,
        flags: z.object({ syn: z.boolean(), ack: z.boolean(), rst: z.boolean(), fin: z.boolean() }),
        sequence: number,
        acknowledged: number,
        bytes: number,
      }),
    ),
    errors: z.array(
      z.object({
        atMs: number,
        from: text,
        to: text,
        type: number,
        code: number,
        sourcePort: number,
        destinationPort: number,
      }),
    ),
    tunnels: z.array(text),
    command: text,
  }),
  z.object({ place: CapturePlace }),
]);

const ReadProbe = z.union([
  z.object({ reading: ProbeReading, command: text, tookMs: number, text }),
  z.object({ gap: Gap, tookMs: number, text }),
]);

const Packet = z.object({
  atMs: number,
  source: text,
  destination: text,
  ttl: number,
  tcp: z.optional(
    z.object({
      sourcePort: number,
      destinationPort: number,
      syn: z.boolean(),
      ack: z.boolean(),
      rst: z.boolean(),
    }),
  ),
  icmp: z.optional(
    z.object({
      type: number,
      code: number,
      isV6: z.optional(z.literal(true)),
      about: z.optional(z.object({ destination: text, protocol: number, sourcePort: number, destinationPort: number })),
    }),
  ),
});

const settled = (Object.keys(API_VALUES) as ApiKind[]).map((kind) =>
  z.object({
    type: z.literal('evidence-settled'),
    atMs: number,
    kind: z.literal(kind),
    collected: collected(API_VALUES[kind]),
  }),
);

/** First line of a run file. Only this one has a version, and it decides how the rest is read. */
export const Header = z.object({
  type: z.literal('run'),
  schemaVersion: number,
  tool: z.object({ version: text }),
  startedAt: text,
  redacted: z.boolean(),
  request: z.object({
    source: text,
    destination: text,
    /** What a person can paste to ask the same again. */
    command: text,
    image: text,
    imagePullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
    profile: z.enum(['auto', 'netadmin', 'general', 'baseline', 'restricted']),
  }),
});
export type Header = z.infer<typeof Header>;

/** Schemas of the lines by their `type`. Lines of another type come from a newer tool and are passed over. */
export const LINES: Readonly<Record<string, z.ZodMiniType>> = {
  resolved: z.object({
    type: z.literal('resolved'),
    atMs: number,
    flow: Flow,
    cluster: z.object({ context: text, serverTimeMs: number }),
    evidence,
  }),
  problem: z.object({
    type: z.literal('problem'),
    atMs: number,
    problem: z.object({ kind: z.enum(['usage', 'environment', 'bug']), message: text, tryThis: z.array(text) }),
  }),
  'access-granted': z.object({ type: z.literal('access-granted'), atMs: number, access: z.enum(ACCESS_LEVELS) }),
  'evidence-settled': z.discriminatedUnion('kind', settled as unknown as [(typeof settled)[number]]),
  'container-changed': z.object({
    type: z.literal('container-changed'),
    atMs: number,
    at: Place,
    container: Container,
  }),
  'probes-launched': z.object({
    type: z.literal('probes-launched'),
    atMs: number,
    at: Place,
    captureId: nullable.text,
    probes: z.array(z.object({ spec: Spec, command: text })),
  }),
  'probe-settled': z.object({
    type: z.literal('probe-settled'),
    atMs: number,
    id: text,
    output: z.object({ exitCode: nullable.number, text, tookMs: number }),
  }),
  'probe-read': z.object({ type: z.literal('probe-read'), atMs: number, id: text, result: ReadProbe }),
  'capture-read': z.object({ type: z.literal('capture-read'), atMs: number, id: text, packets: z.array(Packet) }),
  'probes-lost': z.object({ type: z.literal('probes-lost'), atMs: number, ids: z.array(text), gap: Gap }),
  waited: z.object({ type: z.literal('waited'), atMs: number, isOver: z.boolean() }),
  'time-is-up': z.object({ type: z.literal('time-is-up'), atMs: number, afterMs: number }),
  'check-again': z.object({ type: z.literal('check-again'), atMs: number, serverTimeMs: number }),
};
