/** The contract's JSON object; fields and their meaning are stable within a schemaVersion. */

import { isHeadless } from '../derive/backends.ts';
import { endpoint, isReset } from '../derive/connects.ts';
import { doubtAbout } from '../derive/doubt.ts';
import { forgottenIn, sawIdle } from '../derive/idle.ts';
import { wantsNodes } from '../derive/node-states.ts';
import { flowPortOn } from '../derive/pods.ts';
import { askedPort, chooseServicePort, protocolOf } from '../derive/service-port.ts';
import { commonOf, isIntermittent, missesOf } from '../derive/tries.ts';
import type { Diagnosis, Finding, Verdict } from '../diagnose/diagnose.ts';
import type { RungReading } from '../diagnose/rungs.ts';
import { UNEXPLAINED } from '../diagnose/unexplained.ts';
import { found, type Gap, NOT_RECORDED, type Vantage } from '../evidence/collected.ts';
import { type EvidenceKind, factOf, vantageOf } from '../evidence/evidence.ts';
import type { ServiceSnapshot } from '../evidence/snapshots.ts';
import type { Access } from '../ladder/access.ts';
import type { Flow, NodePort, ObjectRef } from '../ladder/flow.ts';
import type { Rung } from '../ladder/rung.ts';
import type { Comparison } from '../rules/rule.ts';
import type { Climb } from '../session/session.ts';
import { historyOf, type PastChange } from './history.ts';
import type { ReportProposal } from './proposal.ts';
import { type Way, wayOf } from './way.ts';

export const SCHEMA_VERSION = 1;

export interface Report {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: { readonly version: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly flow: {
    readonly source: ObjectRef & { readonly node: string | null };
    readonly destination: ObjectRef & { readonly port: number | string | null; readonly protocol: string };
    /** Set when a node's port was asked instead of the Service's own address. */
    readonly via?: NodePort;
    readonly access: Access;
    readonly notes: readonly string[];
  };
  readonly verdict: Verdict;
  readonly rungs: Readonly<Record<Rung, RungReading>>;
  readonly findings: readonly ReportFinding[];
  readonly gaps: readonly ReportGap[];
  readonly changes: readonly Change[];
  /** Set with `--pcap`: files with the packets of a lost connection, as its two ends and its nodes saw them. */
  readonly captures?: readonly {
    readonly kind: 'source' | 'backend' | 'node';
    readonly name: string;
    readonly file: string;
    readonly packets: number;
  }[];
  /** Set with `--with`: what the model says of policies that are not in the cluster. It changes nothing else in the report. */
  readonly proposal?: ReportProposal;
  /** Set where something between the Pods stops the flow: the devices that a packet passes, and the one where it breaks. */
  readonly way?: Way;
}

export interface ReportFinding {
  readonly id: string;
  readonly rung: Rung;
  readonly role: Finding['role'];
  readonly confidence: Finding['confidence'];
  readonly subject: ObjectRef;
  readonly summary: string;
  readonly evidence: readonly { readonly vantage: Vantage; readonly command: string; readonly saw: string }[];
  readonly ruledOut: Finding['ruledOut'];
  readonly notRuledOut: Finding['notRuledOut'];
  readonly fix: Finding['fix'];
  readonly explainedBy: string | null;
  /** Set where something came close. */
  readonly compare?: Comparison;
  /** What happened to the subject before the run, newest first: a coincidence in time, no proof. Only on what blocks the flow. */
  readonly history?: readonly PastChange[];
}

export interface ReportGap {
  readonly what: string;
  readonly reason: Gap['reason'];
  readonly detail: string;
  readonly unlock: string | null;
}

export interface Change {
  readonly kind: 'EphemeralContainer' | 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly in: string;
  /** Whether it is still there when the tool ends. */
  readonly left: boolean;
  /** How long it took to start, in milliseconds; null when it did not. */
  readonly readyAfterMs: number | null;
}

export interface RunFacts {
  readonly version: string;
  readonly startedAt: Date;
  readonly durationMs: number;
}

export function buildReport(climb: Climb, diagnosis: Diagnosis, run: RunFacts): Report {
  const way = wayOf(climb, diagnosis.findings);
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { version: run.version },
    startedAt: run.startedAt.toISOString(),
    durationMs: Math.round(run.durationMs),
    flow: {
      ...endsOf(climb),
      ...(climb.flow.via === undefined ? {} : { via: climb.flow.via }),
      access: climb.access ?? 'api',
      notes: notesOf(climb),
    },
    verdict: diagnosis.verdict,
    rungs: diagnosis.rungs,
    findings: diagnosis.findings.map(
      ({
        id,
        rung,
        role,
        confidence,
        subject,
        summary,
        evidence,
        ruledOut,
        notRuledOut,
        fix,
        explainedBy,
        compare,
      }) => ({
        id,
        rung,
        role,
        confidence,
        subject,
        summary,
        evidence,
        ruledOut,
        notRuledOut,
        fix,
        explainedBy,
        ...(compare === undefined ? {} : { compare }),
        ...historyField(role, historyOf(subject, climb)),
      }),
    ),
    gaps: gapsOf(climb, diagnosis),
    changes: changesOf(climb),
    ...(way === null ? {} : { way }),
  };
}

/** Between whom, as far as that is known by now. */
export function endsOf(climb: Climb): Pick<Report['flow'], 'source' | 'destination'> {
  const { namespace, name } = climb.flow.source;
  const node = found(factOf(climb.evidence, 'sourcePod'))?.spec.nodeName ?? null;
  return { source: { kind: 'Pod', namespace, name, node }, destination: destinationOf(climb) };
}

function destinationOf(climb: Climb): Report['flow']['destination'] {
  const { flow, evidence } = climb;
  const to = flow.destination;
  if (to.kind === 'Address')
    return { kind: 'Address', name: to.address, port: flow.port, protocol: flow.protocol ?? 'TCP' };
  if (to.kind === 'Absent') return { ...to.object, port: flow.port, protocol: flow.protocol ?? 'TCP' };
  if (to.kind === 'Host')
    return {
      kind: 'Host',
      name: to.host,
      port: flow.port ?? (flow.scheme === 'http' ? 80 : 443),
      protocol: flow.protocol ?? 'TCP',
    };
  const service = found(factOf(evidence, 'service'));
  const choice = service === null ? null : chooseServicePort(service, flow);
  const pod = found(factOf(evidence, 'destinationPod'));
  const podPort = pod === null ? null : flowPortOn(pod, flow);
  return {
    kind: to.kind,
    namespace: to.namespace,
    name: to.name,
    port: choice?.kind === 'chosen' ? clientPort(service, choice.port.port, flow) : (podPort ?? flow.port),
    protocol: choice?.kind === 'chosen' ? choice.protocol : (flow.protocol ?? 'TCP'),
  };
}

/** The Service's port, or what a client of a headless Service names. */
function clientPort(service: ServiceSnapshot | null, published: number, flow: Flow): number {
  const asked = askedPort(flow);
  return service !== null && isHeadless(service) && typeof asked === 'number' ? asked : published;
}

/** What was assumed, and what a healthy run did not try. */
function notesOf(climb: Climb): readonly string[] {
  const { flow, evidence } = climb;
  const service = found(factOf(evidence, 'service'));
  const choice = service === null ? null : chooseServicePort(service, flow);
  const ports = (service?.spec.ports ?? []).map(
    (port) => `${port.port}${protocolOf(port) === 'TCP' ? '' : `/${protocolOf(port)}`}`,
  );
  return [
    ...flow.notes,
    ...lookNotes(climb),
    ...triesNotes(climb),
    ...idleNotes(climb),
    ...(choice?.kind === 'chosen' && choice.assumed
      ? [
          `${service?.metadata.name} publishes ${ports.join(', ')}; this run is about ${choice.port.port}. Others: ${flow.typed}:PORT.`,
        ]
      : []),
    ...(choice?.kind === 'chosen' && choice.protocol === 'SCTP'
      ? [`Port ${choice.port.port} is SCTP, which is not measured. If the application uses TCP: --protocol tcp.`]
      : []),
    ...(choice?.kind === 'chosen' && choice.protocol === 'UDP'
      ? [
          `Port ${choice.port.port} is UDP: silence is normal there, only an ICMP error is a failure. If the application uses TCP: --protocol tcp.`,
        ]
      : []),
  ];
}

/** What came of the tries that the user asked for: a rate and what it goes with, or how little a clean result says. */
function triesNotes({ flow, evidence }: Climb): readonly string[] {
  const many = factOf(evidence, 'manyConnects') ?? [];
  if (flow.tries === undefined || many.length === 0) return [];
  const common = commonOf(many);
  if (common !== null) return [`${common[0]?.toUpperCase()}${common.slice(1)}.`];
  const misses = missesOf(flow.tries);
  const restarts = (factOf(evidence, 'endpoints')?.selected ?? []).flatMap((pod) => {
    const count = (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
    return count === 0 ? [] : [`${pod.metadata.name} restarted ${count} ${count === 1 ? 'time' : 'times'}`];
  });
  const warnings = (factOf(evidence, 'events') ?? []).length;
  const besides = [
    ...restarts.slice(0, 3),
    ...(warnings === 0
      ? []
      : [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'} among the events of the last hour`]),
  ];
  return [
    `Not reproduced in ${flow.tries} tries of ${many.length} addresses. So many miss a fault that hits one connection of ten ${misses === 0 ? 'less than once' : `${misses} times`} in 1000. Besides: ${besides.length === 0 ? 'no backend was restarted, no warning among the events' : besides.join(', ')}. --watch asks again and again.`,
  ];
}

/** What came of leaving connections idle, where none was cut: how long was tried, or why nothing was. */
function idleNotes({ flow, evidence, access }: Climb): readonly string[] {
  const tests = factOf(evidence, 'idleTests') ?? [];
  if (flow.idle === undefined || access === 'api' || access === null || evidence.idleTests?.status === 'missing')
    return [];
  if (tests.length === 0) return ['No connection was left idle: that is done where a port answers HTTP, and none did.'];
  return tests.every((test) => forgottenIn(test) === null)
    ? tests.map((test) => `${test.owner.name} ${endpoint(test.address, test.port)}, ${sawIdle(test)}.`)
    : [];
}

function historyField(role: Finding['role'], history: readonly PastChange[]): Pick<ReportFinding, 'history'> {
  return history.length > 0 && (role === 'cause' || role === 'next-blocker') ? { history } : {};
}

/** Why the run looked more than once, and what came of it. */
function lookNotes({ flow, evidence, looks, cluster }: Climb): readonly string[] {
  if (looks.again === 0) return [];
  const times = looks.again === 1 ? 'once more' : 'twice more';
  switch (doubtAbout(evidence, flow, cluster.serverTimeMs)) {
    case 'backends-start':
      return [
        `A Pod behind the Service is about to start, also when it was looked at ${times}: check again in a moment.`,
      ];
    case 'works-without-endpoints':
      return [
        `The Service address answers although no EndpointSlice lists a backend, also when it was looked at ${times}: the node's rules are older than the slices. It will fail once they follow.`,
      ];
    case 'fails-with-endpoints':
      return [
        `Every backend answers directly and the Service address does not, also when it was looked at ${times}: something is only seconds old, and the node may not have heard of it.`,
      ];
    case 'denied-but-passes':
      return [
        `A policy denies this flow and packets pass, also when it was looked at ${times}: something is only seconds old, and the policy engine may not have heard of it. The flow will fail once it has.`,
      ];
    case 'allowed-but-lost':
      return [
        `Policies allow this flow and packets are lost, also when it was looked at ${times}: something is only seconds old, and the policy engine may not have heard of it.`,
      ];
    case null:
      return [
        `Something was just changing: objects and connections contradicted each other, and were looked at ${times}.`,
      ];
  }
}

/** What a kind of evidence is to a reader. */
export const EVIDENCE_WORDS: Readonly<Record<EvidenceKind, string>> = {
  sourcePod: 'the source Pod',
  service: 'the Service',
  destinationPod: 'the destination Pod',
  endpoints: 'EndpointSlices and Pods of the Service',
  workloads: 'workloads of the namespace',
  events: 'events of the namespace',
  backendLogs: 'what crashing backends logged last',
  autoscalers: 'HorizontalPodAutoscalers',
  scalings: 'who was scaled before',
  policies: 'NetworkPolicies',
  policyApis: 'which other policy APIs there are',
  adminPolicies: 'policies of the cluster administrator',
  vendorPolicies: 'policies of the network plugin',
  namespaces: 'labels of the namespaces',
  nodes: 'nodes and their Leases',
  dnsService: 'the cluster DNS Service',
  dnsSlices: 'the endpoints of cluster DNS',
  dnsPods: 'the Pods of cluster DNS',
  dnsWorkloads: 'the workload of cluster DNS',
  corefile: "CoreDNS's configuration",
  dnsLogs: "CoreDNS's log",
  kubeProxyPods: 'kube-proxy on the source node',
  daemonSets: 'DaemonSets (network plugin, policy engine)',
  otherServices: 'names of other Services',
  controllerLease: 'the Lease of kube-controller-manager',
  serviceCidrs: 'the ranges of Service addresses',
  changes: 'when objects on this path were changed',
  neighbours: 'Pods on the nodes of failing backends',
  fixTrials: 'whether the API server would take the fix',
  policyScope: 'all Pods and workloads of the namespaces on the path',
  listeners: 'listening sockets of the backends',
  acceptQueues: 'accept queues of the backends',
  udpBefore: 'UDP counters of the backends: whether a datagram arrives',
  largeRequests: 'requests that fill whole packets',
  sizeTests: 'what passes in small packets',
  udpProbes: 'datagrams to the Service and its backends',
  backendPings: 'pings to the backends',
  manyConnects: 'many connections to the same address',
  idleTests: 'connections that were left idle',
  podNetwork: 'links, routes and neighbours of the source Pod',
  nodeStates: 'kernel settings, routes and rules of the nodes',
  fromNode: 'connections from the node itself',
  nodeStatesAfter: 'counters of the nodes',
  backendConnects: 'connections to the backends',
  captureStarts: 'packets at both ends of what was lost',
  captureShot: 'the connection once more, while packets were captured',
  flowCaptures: 'packets at both ends of what was lost',
  nameLookup: 'the lookup of the name',
  resolvConf: 'the resolver configuration of the source Pod',
  hostsFile: 'the hosts file of the source Pod',
  searchLookup: 'the lookup of the name as it was typed',
  systemLookups: "lookups by the system's resolver",
  moreLookups: "more lookups by the system's resolver",
  dnsServers: 'answers of each DNS server',
  dnsOverTcp: 'DNS over TCP',
  dnsRetries: 'answers of DNS servers to a second question',
  controlLookup: 'the lookup of a name that is known to exist',
  freshLookup: 'the lookup of a name that nobody has asked for',
  wildcardLookup: 'the lookup of a name that cannot exist',
  upstreamLookups: 'answers of upstream DNS servers',
  ipv6Lookup: 'the lookup of IPv6 addresses',
  serviceConnects: 'connections to the Service address',
  outsideConnects: 'connections to the outside',
  nodeConnects: 'connections to nodes',
  controlConnects: 'connections to other Pods',
  otherPorts: 'other ports of the backends',
  tlsRetries: 'the same with TLS',
  proxyHealth: "kube-proxy's health port",
  lostAgain: 'what was lost, once more',
  udpAfter: 'UDP counters of the backends: whether a datagram arrives',
  dnsPairs: 'pairs of questions to the cluster DNS',
};

const CAPTURES: Partial<Record<EvidenceKind, true>> = { captureStarts: true, captureShot: true, flowCaptures: true };

/** A backend refused by itself, or took the connection and stayed silent: only a look inside tells why. */
function someBackendTurnedAway({ evidence }: Climb): boolean {
  return (factOf(evidence, 'backendConnects') ?? []).some(
    (reading) => isReset(reading) || reading.exchange.kind === 'silent',
  );
}

/** A connection was lost where others stand: whether a backend dropped it is only seen inside. */
function someConnectionWaited({ evidence }: Climb): boolean {
  return (
    (factOf(evidence, 'manyConnects') ?? []).some(isIntermittent) ||
    (factOf(evidence, 'backendConnects') ?? []).some((reading) => reading.exchange.kind === 'silent')
  );
}

/** Whether a look at the nodes could change the answer: there is none, or it names what only they can tell. */
function wouldHelp({ findings }: Diagnosis): boolean {
  const causes = findings.filter(({ role }) => role === 'cause');
  return (
    causes.length === 0 ||
    causes.some(({ id, notRuledOut }) => id === UNEXPLAINED || notRuledOut.some(({ needs }) => needs === 'access node'))
  );
}

/** What could not be looked at. Probes that all wait for the same container are one gap. */
function gapsOf(climb: Climb, diagnosis: Diagnosis): readonly ReportGap[] {
  const gaps: ReportGap[] = [];
  const seen = new Set<string>();
  const matters = diagnosis.verdict !== 'healthy';
  const lostSource = Object.values(climb.containers).flatMap((container) =>
    container.at.vantage === 'source' && container.state === 'failed' ? [container.gap] : [],
  )[0];
  for (const [kind, item] of Object.entries(climb.evidence) as [EvidenceKind, Climb['evidence'][EvidenceKind]][]) {
    const gap = item?.status === 'missing' ? item.gap : item?.lost;
    if (item === undefined || gap === undefined) continue;
    // A recording is older than the question: that is missed only where it might have decided.
    if (gap.detail === NOT_RECORDED.detail && diagnosis.verdict !== 'inconclusive') continue;
    // Looking into backends is only missed where one of them refused or stayed silent.
    if (kind === 'listeners' && !(matters && someBackendTurnedAway(climb))) continue;
    // Nor are the nodes, where the cause is known or packets got through.
    if (vantageOf(kind) === 'node' && !(matters && wantsNodes(climb.evidence) && wouldHelp(diagnosis))) continue;
    if (kind === 'acceptQueues' && !(matters && someConnectionWaited(climb))) continue;
    // A look at the packets is only missed where nothing else explains what became of them.
    if (kind in CAPTURES && gap.reason === 'not-permitted' && diagnosis.findings[0]?.id !== UNEXPLAINED) continue;
    // The counters are what proves that a datagram arrived; both readings of them are one gap.
    if (kind === 'udpAfter' || (kind === 'udpBefore' && !(matters && factOf(climb.evidence, 'udpProbes') !== null)))
      continue;
    // What happened before, and whether a fix would be taken, stand beside the answer; it lacks nothing without them.
    if (kind === 'changes' || kind === 'fixTrials' || kind === 'scalings') continue;
    // A hint where to look closer, which many networks do not let through.
    if (kind === 'backendPings') continue;
    const allOfIt =
      vantageOf(kind) === 'source' &&
      (climb.evidence.backendConnects?.status === 'missing' || gap.detail === lostSource?.detail);
    const key = kind === 'listeners' || kind === 'udpBefore' ? kind : `${gap.reason} ${gap.detail}`;
    if (seen.has(key)) continue;
    seen.add(key);
    gaps.push({
      what: allOfIt
        ? 'everything that is measured from the source Pod'
        : `${item.status === 'collected' ? 'some of ' : ''}${EVIDENCE_WORDS[kind]}`,
      reason: gap.reason,
      detail: gap.detail,
      unlock: gap.unlock ?? null,
    });
  }
  for (const container of Object.values(climb.containers)) {
    if (container.state === 'failed' && !seen.has(`${container.gap.reason} ${container.gap.detail}`)) {
      gaps.push({
        what:
          container.at.node === undefined
            ? `a debug container in Pod ${container.at.pod}`
            : `a Pod on ${container.at.node}`,
        reason: container.gap.reason,
        detail: container.gap.detail,
        unlock: container.gap.unlock ?? null,
      });
    }
  }
  for (const { id, judgement } of diagnosis.results) {
    if (judgement.outcome === 'crashed')
      gaps.push({
        what: `the rule ${id}`,
        reason: 'unreadable',
        detail: `it failed, which is a bug of netdebug: ${judgement.error.split('\n')[0]}`,
        unlock: null,
      });
  }
  return gaps;
}

function changesOf(climb: Climb): readonly Change[] {
  return climb.added.map(({ at, name, readyAfterMs, isGone }) =>
    at.node === undefined
      ? {
          kind: 'EphemeralContainer',
          namespace: at.namespace,
          name,
          in: `Pod ${at.pod}`,
          left: true,
          readyAfterMs,
        }
      : { kind: 'Pod', namespace: at.namespace, name: at.pod, in: `Node ${at.node}`, left: !isGone, readyAfterMs },
  );
}
