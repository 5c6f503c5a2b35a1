/** Which probes a run needs, kind by kind, as soon as the evidence they build on is there. Pure: running them is the runner's job. */

import { type Backend, isHeadless, isIpv6Only, serviceAddresses, targetPortOn } from '../derive/backends.ts';
import { isReset, isSilent, works } from '../derive/connects.ts';
import {
  absoluteName,
  clusterDomain,
  dnsBackends,
  NO_SUCH_LABEL,
  outsideTarget,
  strangeDomain,
} from '../derive/dns.ts';
import { lostConnects, suspectNodes } from '../derive/node-states.ts';
import { internalAddress } from '../derive/nodes.ts';
import { addressesOf, declaredPorts, flowPortOn, isFinished, podsBehind } from '../derive/pods.ts';
import { protocolHint } from '../derive/protocol-hint.ts';
import { isRightAnswer, lookupMs } from '../derive/reach.ts';
import { chooseServicePort, protocolOf } from '../derive/service-port.ts';
import { viewService } from '../derive/service-view.ts';
import { isIntermittent, lostPings, SYN_RETRY_MS } from '../derive/tries.ts';
import { parseCorefile } from '../dns/corefile.ts';
import { forwardsFor, serversFor } from '../dns/plugins.ts';
import { found } from '../evidence/collected.ts';
import { type Evidence, type EvidenceKind, factOf, type ProbeKind } from '../evidence/evidence.ts';
import type { ConnectReading } from '../evidence/readings.ts';
import type { PodSnapshot, ServicePort } from '../evidence/snapshots.ts';
import { type Flow, typedPort } from '../ladder/flow.ts';
import { CONTROL_LIMIT_S, DNS_RETRY_LIMIT_S, type Owner, type ProbePlace, type ProbeSpec } from '../probes/probe.ts';
import { planCaptureShot, planCaptureStarts, planFlowCaptures } from './captures.ts';

export interface ProbePlan {
  /** Evidence that must have settled first, collected, missing or not wanted; what has settled may ask for more. */
  after(flow: Flow, evidence: Evidence): readonly EvidenceKind[];
  /** Probes of this kind; empty when this run needs none. */
  plan(evidence: Evidence, flow: Flow): readonly ProbeSpec[];
}

/** Backends that are each tried directly; above that a sample. */
const MOST_BACKENDS = 32;
/** Connections to the Service address: with 3 backends and one dead, five miss it 13 times in 100, and each backend is tried as well. */
const SERVICE_TRIES = 5;
/** A Pod that may be sent to itself must meet that case: of 3 backends, twelve miss it once in 130. */
const OWN_BACKEND_TRIES = 12;
/** More than four whole packets of an Ethernet, less than the 8 kB that servers take of headers (nginx, Apache, Tomcat). */
const LARGE_REQUEST_BYTES = 6000;
/** One backend on each of so many nodes: size is a matter of the way, not of the Pod. */
const MOST_LARGE_REQUESTS = 4;
/** A fifth of a second, and 20 replies: where one packet of ten is lost they miss it 2 times in 100. */
const PINGS = 20;
const MOST_PINGED = 8;
/** Twenty miss a fault that hits one connection of ten 12 times in 100. */
const MANY_CONNECTS = 20;
const MOST_MANY_CONNECTS = 6;
/** All at the same time, as often as the user says. */
const MOST_TRIED_BACKENDS = 8;
const MOST_UDP_BACKENDS = 8;
const MOST_DNS_PODS = 4;
const MOST_UPSTREAMS = 3;
/** Two queries each: enough to meet one packet lost of ten, and a few milliseconds of work. */
const SYSTEM_LOOKUPS = 4;
const MORE_LOOKUPS = 20;
/** Enough to tell one lost answer of ten from none: by chance all 30 arrive 4 times in 100. */
const PAIRS = 30;
const POD_PAIRS = 6;
/** A lookup of a healthy cluster takes a tenth of this, also for an outside name. */
const SLOW_STEP_MS = 300;
const MOST_LISTENER_PODS = 3;
/** @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
const KUBELET_PORT = 10250;
const KUBE_PROXY_HEALTH_PORT = 10256;

export const PROBE_PLANS: { readonly [K in ProbeKind]: ProbePlan } = {
  resolvConf: {
    after: () => [],
    plan: (_evidence, flow) => [{ id: 'resolv-conf', kind: 'resolvConf', at: atSource(flow), tool: 'resolv-conf' }],
  },
  hostsFile: {
    after: () => [],
    plan: (_evidence, flow) =>
      resolves(flow) ? [{ id: 'hosts', kind: 'hostsFile', at: atSource(flow), tool: 'hosts' }] : [],
  },
  nameLookup: {
    // The domain stands in the Pod's own search list; the Corefile is the second-best source.
    after: () => ['corefile', 'resolvConf', 'service'],
    plan: (evidence, flow) => {
      const name = absoluteName(flow, domainOf(evidence));
      return name === null ? [] : [lookupSpec('name', 'nameLookup', flow, name, recordTypeOf(evidence))];
    },
  },
  searchLookup: {
    after: (flow) => (flow.destination.kind === 'Service' ? ['service'] : []),
    plan: (evidence, flow) =>
      flow.dnsName === null
        ? []
        : [
            {
              id: 'name-search',
              kind: 'searchLookup',
              at: atSource(flow),
              tool: 'dig-search',
              name: flow.dnsName,
              ...typeOf(evidence),
            },
          ],
  },
  systemLookups: {
    after: () => ['corefile', 'resolvConf'],
    plan: (evidence, flow) => planSystemLookups('system', 'systemLookups', SYSTEM_LOOKUPS, evidence, flow),
  },
  moreLookups: {
    after: () => ['systemLookups', 'nameLookup', 'searchLookup', 'dnsServers'],
    plan: (evidence, flow) =>
      someStall(evidence) ? planSystemLookups('system-more', 'moreLookups', MORE_LOOKUPS, evidence, flow) : [],
  },
  dnsPairs: {
    after: () => ['systemLookups', 'nameLookup', 'searchLookup', 'dnsServers'],
    plan: (evidence, flow) => (someStall(evidence) ? planDnsPairs(evidence, flow) : []),
  },
  dnsRetries: {
    after: () => ['nameLookup', 'dnsServers'],
    plan: (evidence, flow) => planRetries(evidence, flow),
  },
  controlLookup: {
    after: () => ['nameLookup', 'searchLookup', 'systemLookups', 'service'],
    plan: (evidence, flow) =>
      isTroubled(evidence)
        ? [lookupSpec('name-control', 'controlLookup', flow, `kubernetes.default.svc.${domainOf(evidence)}.`)]
        : [],
  },
  freshLookup: {
    after: () => ['nameLookup', 'searchLookup', 'systemLookups'],
    plan: (evidence, flow) =>
      flow.dnsName !== null && lookupMs(evidence) >= SLOW_STEP_MS
        ? [
            {
              id: 'name-fresh',
              kind: 'freshLookup',
              at: atSource(flow),
              tool: 'dig-search',
              name: `${NO_SUCH_LABEL}.${flow.dnsName}`,
              ...typeOf(evidence),
            },
          ]
        : [],
  },
  wildcardLookup: {
    after: () => ['searchLookup', 'resolvConf', 'service'],
    plan: (evidence, flow) => {
      const domain = strangeDomain(factOf(evidence, 'searchLookup'), factOf(evidence, 'resolvConf'), {
        flow,
        domain: domainOf(evidence),
      });
      return domain === null
        ? []
        : [lookupSpec('name-wildcard', 'wildcardLookup', flow, `${NO_SUCH_LABEL}.${domain}.`)];
    },
  },
  upstreamLookups: {
    after: () => ['nameLookup', 'searchLookup', 'systemLookups', 'corefile'],
    plan: (evidence, flow) => planUpstreams(evidence, flow),
  },
  ipv6Lookup: {
    after: () => ['corefile', 'resolvConf'],
    plan: (evidence, flow) => {
      const name = absoluteName(flow, domainOf(evidence));
      return flow.destination.kind === 'Host' && name !== null
        ? [lookupSpec('name-ipv6', 'ipv6Lookup', flow, name, 'AAAA')]
        : [];
    },
  },
  outsideConnects: {
    after: () => ['ipv6Lookup', 'nameLookup', 'service'],
    plan: (evidence, flow) => planOutsideConnects(evidence, flow),
  },
  dnsServers: {
    after: () => ['corefile', 'resolvConf', 'dnsService', 'dnsSlices', 'dnsPods'],
    plan: (evidence, flow) => planDnsServers(evidence, flow),
  },
  dnsOverTcp: {
    after: () => ['dnsServers', 'nameLookup'],
    // Over UDP a dead server and a dropped packet look the same; TCP tells them apart. What is cut off needs TCP.
    plan: (evidence, flow) => {
      const cutOff = factOf(evidence, 'nameLookup')?.truncated === true;
      const silent = (factOf(evidence, 'dnsServers') ?? []).filter(
        (reading) => reading.outcome.kind !== 'answered' || cutOff,
      );
      return planDnsServers(evidence, flow)
        .filter((spec) => spec.tool === 'dig' && silent.some((reading) => reading.server === spec.server))
        .map((spec) => ({ ...spec, id: `${spec.id}-tcp`, kind: 'dnsOverTcp', transport: 'tcp' }) as ProbeSpec);
    },
  },
  serviceConnects: {
    // Where the Service may not be read, its name still tells its address.
    after: (_flow, { service }) => [
      'service',
      'endpoints',
      ...(service?.status === 'missing' ? ['nameLookup' as const] : []),
    ],
    plan: (evidence, flow) => planServiceConnects(evidence, flow),
  },
  backendConnects: {
    // Only an outside name has to be resolved before anything can be connected to.
    after: (flow) => [
      'service',
      'endpoints',
      'destinationPod',
      ...(flow.destination.kind === 'Host' ? (['nameLookup'] as const) : []),
    ],
    plan: (evidence, flow) => planBackendConnects(evidence, flow),
  },
  nodeConnects: {
    after: () => ['nodes', 'service', 'endpoints'],
    plan: (evidence, flow) => planNodeConnects(evidence, flow),
  },
  controlConnects: {
    after: () => ['backendConnects', 'neighbours'],
    plan: (evidence, flow) => planControls(evidence, flow),
  },
  tlsRetries: {
    after: () => ['backendConnects'],
    // Where another backend answered in plain text, TLS is not what the silent one waits for.
    plan: (evidence, flow) =>
      (factOf(evidence, 'backendConnects') ?? [])
        .filter(
          (reading, _index, all) =>
            reading.exchange.kind === 'silent' && !all.some((other) => other.exchange.kind === 'http'),
        )
        .slice(0, 4)
        .map((reading, index) => ({
          id: `tls-${index}`,
          kind: 'tlsRetries',
          at: atSource(flow),
          tool: 'http',
          scheme: 'https',
          address: reading.address,
          port: reading.port,
          host: hostOf(flow),
          owner: reading.owner,
        })),
  },
  proxyHealth: {
    after: () => ['serviceConnects', 'nodes', 'sourcePod'],
    plan: (evidence, flow) => {
      if ((factOf(evidence, 'serviceConnects') ?? []).every(works)) return [];
      const name = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
      const node = (factOf(evidence, 'nodes') ?? []).find((candidate) => candidate.metadata.name === name);
      const address = node === undefined ? null : internalAddress(node);
      if (name === undefined || address === null) return [];
      return [
        {
          id: 'proxy-health',
          kind: 'proxyHealth',
          at: atSource(flow),
          tool: 'tcp',
          limitS: CONTROL_LIMIT_S,
          address,
          port: KUBE_PROXY_HEALTH_PORT,
          owner: { kind: 'Node', name, node: name },
        },
      ];
    },
  },
  otherPorts: {
    after: () => ['backendConnects'],
    plan: (evidence, flow) => planOtherPorts(evidence, flow),
  },
  listeners: {
    after: () => ['backendConnects', 'endpoints', 'destinationPod'],
    plan: (evidence, flow) => planListeners(evidence, flow),
  },
  nodeStates: {
    after: () => ['sourcePod', 'namespaces', 'serviceConnects', 'backendConnects', 'moreLookups'],
    plan: (evidence, flow) => planNodeStates(evidence, flow),
  },
  largeRequests: {
    after: (flow, evidence) => PROBE_PLANS.backendConnects.after(flow, evidence),
    plan: (evidence, flow) => planLargeRequests(evidence, flow),
  },
  sizeTests: {
    after: () => ['backendConnects', 'largeRequests'],
    plan: (evidence, flow) => planSizeTests(evidence, flow),
  },
  backendPings: {
    after: (flow, evidence) => [...PROBE_PLANS.backendConnects.after(flow, evidence), 'sourcePod'],
    plan: (evidence, flow) => planPings(evidence, flow),
  },
  manyConnects: {
    after: () => ['serviceConnects', 'backendConnects', 'sourcePod', 'backendPings'],
    plan: (evidence, flow) => planManyConnects(evidence, flow),
  },
  idleTests: {
    after: (flow, evidence) => [
      'backendConnects',
      'serviceConnects',
      ...PROBE_PLANS.backendConnects.after(flow, evidence),
    ],
    plan: (evidence, flow) => planIdle(evidence, flow),
  },
  podNetwork: {
    after: () => ['serviceConnects', 'backendConnects', 'udpProbes', 'sourcePod'],
    plan: (evidence, flow) => planPodNetwork(evidence, flow),
  },
  acceptQueues: {
    after: () => ['backendConnects', 'manyConnects', 'endpoints', 'destinationPod'],
    plan: (evidence) => planAcceptQueues(evidence),
  },
  udpBefore: {
    after: () => ['service', 'endpoints', 'destinationPod'],
    plan: (evidence, flow) => planUdpCounters('udpBefore', evidence, flow),
  },
  udpProbes: {
    after: () => ['service', 'endpoints', 'destinationPod', 'udpBefore'],
    plan: (evidence, flow) => planUdp(evidence, flow),
  },
  udpAfter: {
    after: () => ['udpProbes', 'udpBefore'],
    plan: (evidence, flow) =>
      factOf(evidence, 'udpBefore') === null ? [] : planUdpCounters('udpAfter', evidence, flow),
  },
  fromNode: {
    after: () => ['sourcePod', 'namespaces', 'serviceConnects', 'backendConnects'],
    plan: (evidence, flow) => planFromNode(evidence, flow),
  },
  lostAgain: {
    after: () => ['nodeStates', 'fromNode'],
    plan: (evidence, flow) => planLostAgain(evidence, flow),
  },
  nodeStatesAfter: {
    after: () => ['lostAgain'],
    plan: (evidence, flow) =>
      factOf(evidence, 'lostAgain') === null
        ? []
        : planNodeStates(evidence, flow).map((spec) => ({ ...spec, id: `${spec.id}-after`, kind: 'nodeStatesAfter' })),
  },
  captureStarts: {
    // On nodes only where there is a Pod already: it takes long to make one.
    after: () => ['sourcePod', 'nodes', 'backendConnects', 'largeRequests', 'sizeTests', 'nodeStates'],
    plan: (evidence, flow) => planCaptureStarts(evidence, flow, captureOptions(evidence, flow)),
  },
  captureShot: {
    after: () => ['captureStarts'],
    plan: (evidence, flow) => planCaptureShot(evidence, captureOptions(evidence, flow)),
  },
  flowCaptures: {
    after: () => ['captureShot'],
    plan: (evidence, flow) =>
      planFlowCaptures(evidence, planCaptureStarts(evidence, flow, captureOptions(evidence, flow))),
  },
};

function atSource(flow: Flow): ProbePlace {
  return { vantage: 'source', namespace: flow.source.namespace, pod: flow.source.name };
}

function domainOf(evidence: Evidence): string {
  return clusterDomain(factOf(evidence, 'resolvConf'), found(factOf(evidence, 'corefile')));
}

/** The Host header of a request: the name a client would use. */
function hostOf(flow: Flow): string {
  const to = flow.destination;
  if (to.kind === 'Service') return `${to.name}.${to.namespace}`;
  if (to.kind === 'Absent') return to.object.name;
  return to.kind === 'Host' ? to.host : to.kind === 'Address' ? to.address : to.name;
}

/** The target of an ExternalName, which has no backends, and the IPv6 addresses of a host. */
function planOutsideConnects(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  if (flow.protocol !== null && flow.protocol !== 'TCP') return [];
  const service = found(factOf(evidence, 'service'));
  const isAlias = service?.spec.type === 'ExternalName';
  const outcome = factOf(evidence, isAlias ? 'nameLookup' : 'ipv6Lookup')?.outcome;
  const addresses = outcome?.kind === 'answered' ? outcome.addresses.slice(0, 2) : [];
  const published = isAlias ? (service.spec.ports?.[0]?.port ?? null) : null;
  const port = flow.port === null && published !== null ? published : outsidePort(flow);
  return addresses.map((address, index) =>
    connectSpec(`outside-${index}`, 'outsideConnects', flow, {
      address,
      port,
      owner: { kind: 'Address', name: address, node: null },
      servicePort: null,
    }),
  );
}

/** The port of a destination outside the cluster. */
function outsidePort(flow: Flow): number {
  return typedPort(flow) ?? 443;
}

/** Whether the application looks up a name at all. */
function resolves({ byAddress, destination }: Flow): boolean {
  return !byAddress && (destination.kind === 'Service' || destination.kind === 'Host');
}

/** One question to the Pod's own servers. */
function lookupSpec(id: string, kind: ProbeKind, flow: Flow, name: string, type: 'A' | 'AAAA' = 'A'): ProbeSpec {
  return {
    id,
    kind,
    at: atSource(flow),
    tool: 'dig',
    name,
    server: null,
    port: 53,
    transport: 'udp',
    ...(type === 'AAAA' ? { type } : {}),
  };
}

/** A Service that has IPv6 alone has no A record. */
function recordTypeOf(evidence: Evidence): 'A' | 'AAAA' {
  const service = found(factOf(evidence, 'service'));
  return service !== null && isIpv6Only(service) ? 'AAAA' : 'A';
}

function typeOf(evidence: Evidence): { readonly type?: 'AAAA' } {
  return recordTypeOf(evidence) === 'AAAA' ? { type: 'AAAA' } : {};
}

function planSystemLookups(
  id: string,
  kind: ProbeKind,
  times: number,
  evidence: Evidence,
  flow: Flow,
): readonly ProbeSpec[] {
  const name = resolves(flow) ? (flow.dnsName ?? absoluteName(flow, domainOf(evidence))) : null;
  return name === null ? [] : [{ id, kind, at: atSource(flow), tool: 'getent', name, times }];
}

/** Some questions were answered and some were not. Of a DNS that does not answer at all nothing is learned by asking more often. */
function someStall(evidence: Evidence): boolean {
  const asked = [
    ...(factOf(evidence, 'systemLookups')?.lookups ?? []).map(({ outcome }) => outcome),
    ...[factOf(evidence, 'nameLookup'), factOf(evidence, 'searchLookup'), ...(factOf(evidence, 'dnsServers') ?? [])]
      .flatMap((reading) => reading?.outcome.kind ?? [])
      .map((kind) => (kind === 'answered' ? 'found' : kind === 'timed-out' ? 'stalled' : kind)),
  ];
  return asked.includes('found') && asked.includes('stalled');
}

/** The same servers as before, asked for a name that the cluster DNS answers by itself. */
function planDnsPairs(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const name = `svc.${domainOf(evidence)}.`;
  // What a label of ten characters does: see the probe.
  if (name.split('.').some((label) => label.length === 10)) return [];
  return planDnsServers(evidence, flow).flatMap((spec): readonly ProbeSpec[] =>
    spec.tool !== 'dig' || spec.server === null
      ? []
      : [
          {
            id: `${spec.id}-pairs`,
            kind: 'dnsPairs',
            at: spec.at,
            tool: 'dns-pairs',
            name,
            server: spec.server,
            port: spec.port,
            ...(spec.pod === undefined ? {} : { pod: spec.pod }),
            // Packets get lost where the Service address becomes that of a Pod; the Pods are asked to see whether one is dead.
            ...(spec.pod === undefined ? { atOnce: PAIRS, inTurn: PAIRS } : { atOnce: POD_PAIRS, inTurn: POD_PAIRS }),
          },
        ],
  );
}

/** The lookup failed or was slow, which another name helps to explain. */
function isTroubled(evidence: Evidence): boolean {
  const lookup = factOf(evidence, 'nameLookup');
  if (lookup === null) return false;
  return !isRightAnswer(lookup.outcome, evidence) || lookupMs(evidence) >= SLOW_STEP_MS;
}

/** Every question over UDP that got no answer, once more; with more patience where CoreDNS asks somebody else. */
function planRetries(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const lookup = factOf(evidence, 'nameLookup');
  const silent = [...(lookup === null ? [] : [lookup]), ...(factOf(evidence, 'dnsServers') ?? [])].filter(
    (reading) => reading.outcome.kind === 'timed-out',
  );
  const again = planDnsServers(evidence, flow);
  // Of a name of its own CoreDNS asks nobody, so that there is nothing to wait longer for.
  const isOutside = outsideTarget(found(factOf(evidence, 'service')), flow, domainOf(evidence)) !== null;
  const patience = isOutside ? { limitS: DNS_RETRY_LIMIT_S } : {};
  return silent.flatMap((reading, index): readonly ProbeSpec[] => {
    const spec =
      reading.server === null
        ? lookupSpec('', 'dnsRetries', flow, reading.name, reading.type)
        : again.find((one) => one.tool === 'dig' && one.server === reading.server);
    return spec?.tool === 'dig' ? [{ ...spec, id: `retry-${index}`, kind: 'dnsRetries', ...patience }] : [];
  });
}

/** The servers that CoreDNS forwards an outside name to, as far as its configuration names them. */
function planUpstreams(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const corefile = found(factOf(evidence, 'corefile'));
  const name = outsideTarget(found(factOf(evidence, 'service')), flow, domainOf(evidence));
  if (corefile === null || name === null || !isTroubled(evidence)) return [];
  const servers = serversFor(parseCorefile(corefile), name);
  const targets = servers.flatMap((server) => forwardsFor(server, name).slice(0, 1)).flatMap((one) => one.addresses);
  return targets.slice(0, MOST_UPSTREAMS).map(({ address, port }, index) => ({
    id: `upstream-${index}`,
    kind: 'upstreamLookups',
    at: atSource(flow),
    tool: 'dig',
    name,
    server: address,
    port,
    transport: 'udp',
  }));
}

function planDnsServers(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const service = found(factOf(evidence, 'dnsService'));
  const name = absoluteName(flow, domainOf(evidence));
  if (service === null || name === null) return [];
  const backends = dnsBackends(service, factOf(evidence, 'dnsSlices') ?? [], factOf(evidence, 'dnsPods') ?? []).filter(
    (backend) => backend.ready,
  );
  const at = atSource(flow);
  const type = typeOf(evidence);
  return [
    ...serviceAddresses(service)
      .slice(0, 1)
      .map(
        (server): ProbeSpec => ({
          id: 'dns-service',
          kind: 'dnsServers',
          at,
          tool: 'dig',
          name,
          server,
          port: 53,
          transport: 'udp',
          ...type,
        }),
      ),
    ...backends.slice(0, MOST_DNS_PODS).flatMap((backend, index): readonly ProbeSpec[] => {
      const base = {
        kind: 'dnsServers',
        at,
        tool: 'dig',
        name,
        server: backend.address,
        port: backend.port ?? 53,
        ...(backend.podName === null ? {} : { pod: backend.podName }),
        ...type,
      } as const;
      return [{ ...base, id: `dns-${index}`, transport: 'udp' }];
    }),
  ];
}

/** The port a client uses at the Service address: the one published, else the one asked for, which is then refused or lost. */
function planServiceConnects(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  if (evidence.service?.status === 'missing') return planUnreadService(evidence, flow);
  const service = found(factOf(evidence, 'service'));
  if (service === null || isHeadless(service) || service.spec.type === 'ExternalName') return [];
  const choice = chooseServicePort(service, flow);
  if (choice.kind === 'none' || (choice.kind === 'chosen' && choice.protocol !== 'TCP')) return [];
  const port = choice.kind === 'chosen' ? choice.port.port : Number(choice.asked);
  const [address] = serviceAddresses(service);
  if (address === undefined || !Number.isInteger(port)) return [];
  const owner: Owner = { kind: 'Service', name: service.metadata.name, node: null };
  const tries = choice.kind !== 'chosen' ? 1 : isOwnBackend(evidence, flow) ? OWN_BACKEND_TRIES : SERVICE_TRIES;
  const door = { address: flow.via?.address ?? address, port: flow.via?.port ?? port };
  const target = { ...door, owner, servicePort: choice.kind === 'chosen' ? choice.port : null };
  // One asks the application; the others only connect, which is cheaper and tells as much about the address. A client that is held
  // to one backend gets that one's answers only: there every try asks, so that it shows whether all of them fail.
  const isHeld = service.spec.sessionAffinity === 'ClientIP';
  return Array.from(
    { length: tries },
    (_, index): ProbeSpec =>
      index === 0 || isHeld
        ? connectSpec(`service-${index}`, 'serviceConnects', flow, target)
        : { id: `service-${index}`, kind: 'serviceConnects', at: atSource(flow), tool: 'tcp', ...door, owner },
  );
}

/** A Service that may not be read: the address that its name has, and the port that was typed. */
function planUnreadService(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const { destination, protocol } = flow;
  const outcome = factOf(evidence, 'nameLookup')?.outcome;
  const [address] = outcome?.kind === 'answered' ? outcome.addresses : [];
  const port = typedPort(flow);
  if (destination.kind !== 'Service' || address === undefined || port === null) return [];
  if (protocol !== null && protocol !== 'TCP') return [];
  const owner: Owner = { kind: 'Service', name: destination.name, node: null };
  const [first, ...others] = Array.from({ length: SERVICE_TRIES }, (_, index) => `service-${index}`);
  return [
    connectSpec(first ?? '', 'serviceConnects', flow, { address, port, owner, servicePort: null }),
    ...others.map(
      (id): ProbeSpec => ({ id, kind: 'serviceConnects', at: atSource(flow), tool: 'tcp', address, port, owner }),
    ),
  ];
}

function planBackendConnects(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const view = viewService(factOf(evidence, 'service'), factOf(evidence, 'endpoints'), flow);
  if (view !== null) {
    if (view.protocol !== 'TCP') return [];
    const used = view.used.flatMap((backend) => (backend.port === null ? [] : [asTarget(backend, backend.port)]));
    // Pods that nothing is sent to are tried as well when nothing else is there: is the application fine and only its probe not?
    const spare =
      used.length > 0
        ? []
        : view.pods.filter((pod) => !isFinished(pod)).flatMap((pod) => podTarget(pod, targetPortOn(pod, view.port)));
    return [...used, ...spare]
      .slice(0, MOST_BACKENDS)
      .map((target, index) =>
        connectSpec(`backend-${index}`, 'backendConnects', flow, { ...target, servicePort: view.port }),
      );
  }
  const pod = found(factOf(evidence, 'destinationPod'));
  if (pod !== null) {
    // Only TCP can be told from outside whether it arrived.
    if (flow.protocol !== null && flow.protocol !== 'TCP') return [];
    return podTarget(pod, flowPortOn(pod, flow)).map((target) =>
      connectSpec('backend-0', 'backendConnects', flow, { ...target, servicePort: null }),
    );
  }
  if (flow.protocol !== null && flow.protocol !== 'TCP') return [];
  if (flow.destination.kind === 'Address' || flow.destination.kind === 'Host') {
    const outcome = factOf(evidence, 'nameLookup')?.outcome;
    const addresses =
      flow.destination.kind === 'Address'
        ? [flow.destination.address]
        : outcome?.kind === 'answered'
          ? outcome.addresses.slice(0, 4)
          : [];
    const port = outsidePort(flow);
    return addresses.map((address, index) =>
      connectSpec(`backend-${index}`, 'backendConnects', flow, {
        address,
        port,
        owner: { kind: 'Address', name: address, node: null },
        servicePort: null,
      }),
    );
  }
  return [];
}

interface ConnectTarget {
  readonly address: string;
  readonly port: number;
  readonly owner: Owner;
}

function asTarget(backend: Backend, port: number): ConnectTarget {
  return {
    address: backend.address,
    port,
    owner: {
      kind: 'Pod',
      name: backend.podName ?? backend.address,
      node: backend.node ?? backend.pod?.spec.nodeName ?? null,
    },
  };
}

function podTarget(pod: PodSnapshot, port: number | null): readonly ConnectTarget[] {
  const [address] = addressesOf(pod);
  return address === undefined || port === null
    ? []
    : [{ address, port, owner: { kind: 'Pod', name: pod.metadata.name, node: pod.spec.nodeName ?? null } }];
}

/** Ports that commonly speak HTTP where no name says so. */
const HTTP_PORTS: readonly number[] = [80, 3000, 5000, 8000, 8008, 8080, 8081, 8888, 9090];
const TLS_PORTS: readonly number[] = [443, 6443, 8443];

/** What may be said to a port without disturbing it: a request only where HTTP or TLS is to be expected. */
function speaks(flow: Flow, port: number, servicePort: ServicePort | null): 'http' | 'https' | null {
  if (flow.scheme !== null) return flow.scheme;
  const hints = [
    servicePort?.appProtocol,
    servicePort?.name,
    typeof servicePort?.targetPort === 'string' ? servicePort.targetPort : undefined,
  ]
    .filter((name) => name !== undefined)
    .map(protocolHint);
  if (hints.includes('https')) return 'https';
  if (hints.includes('http')) return 'http';
  // A name that says something else (grpc, redis, amqp) is believed over the number.
  if (hints.includes('other')) return null;
  const numbers = [port, servicePort?.port ?? port];
  if (numbers.some((number) => TLS_PORTS.includes(number))) return 'https';
  return numbers.some((number) => HTTP_PORTS.includes(number)) ? 'http' : null;
}

function connectSpec(
  id: string,
  kind: ProbeKind,
  flow: Flow,
  target: ConnectTarget & { readonly servicePort: ServicePort | null },
): ProbeSpec {
  const { address, port, owner, servicePort } = target;
  const scheme = speaks(flow, port, servicePort);
  const base = { id, kind, at: atSource(flow), address, port, owner };
  return scheme === null ? { ...base, tool: 'tcp' } : { ...base, tool: 'http', scheme, host: hostOf(flow) };
}

function planNodeConnects(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const own = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
  const endpoints = factOf(evidence, 'endpoints');
  const inUse = new Set(
    (endpoints?.slices ?? []).flatMap((slice) => (slice.endpoints ?? []).flatMap((item) => item.nodeName ?? [])),
  );
  const destination = found(factOf(evidence, 'destinationPod'))?.spec.nodeName;
  return (factOf(evidence, 'nodes') ?? [])
    .filter(
      (node) => node.metadata.name !== own && (inUse.has(node.metadata.name) || node.metadata.name === destination),
    )
    .flatMap((node, index): readonly ProbeSpec[] => {
      const address = internalAddress(node);
      const { name } = node.metadata;
      return address === null
        ? []
        : [
            {
              id: `node-${index}`,
              kind: 'nodeConnects',
              at: atSource(flow),
              tool: 'tcp',
              limitS: CONTROL_LIMIT_S,
              address,
              port: KUBELET_PORT,
              owner: { kind: 'Node', name, node: name },
            },
          ];
    });
}

/** Up to two unrelated Pods on each node of a failing backend: does anything get there? Any answer will do, a refusal too. */
function planControls(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const failing = (factOf(evidence, 'backendConnects') ?? []).filter(
    (reading) => isSilent(reading) || reading.refusal?.kind === 'icmp' || reading.outcome.kind === 'host-unreachable',
  );
  const backends = new Set((factOf(evidence, 'backendConnects') ?? []).map((reading) => reading.owner.name));
  const nodes = [...new Set(failing.flatMap((reading) => reading.owner.node ?? []))].slice(0, 4);
  const own = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
  const neighbours = (factOf(evidence, 'neighbours') ?? []).filter(
    (pod) =>
      pod.spec.hostNetwork !== true &&
      addressesOf(pod).length > 0 &&
      !backends.has(pod.metadata.name) &&
      pod.metadata.name !== flow.source.name,
  );
  return [...nodes, ...(own === undefined || nodes.includes(own) || nodes.length === 0 ? [] : [own])].flatMap((node) =>
    neighbours
      .filter((pod) => pod.spec.nodeName === node)
      .sort((a, b) => preference(a) - preference(b))
      .slice(0, 2)
      .flatMap((pod, index): readonly ProbeSpec[] => {
        const [address = ''] = addressesOf(pod);
        const port = declaredPorts(pod).find((declared) => protocolOf(declared) === 'TCP')?.containerPort ?? 8080;
        return [
          {
            id: `control-${node}-${index}`,
            kind: 'controlConnects',
            at: atSource(flow),
            tool: 'tcp',
            limitS: CONTROL_LIMIT_S,
            address,
            port,
            owner: { kind: 'Pod', name: pod.metadata.name, node },
          },
        ];
      }),
  );
}

/** Pods with a declared port first: an answer from them says more. */
function preference(pod: PodSnapshot): number {
  return declaredPorts(pod).length > 0 ? 0 : 1;
}

/** Other ports that a refusing backend declares, up to 4: perhaps the application is just elsewhere. */
function planOtherPorts(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const pods = podsBehind(factOf(evidence, 'endpoints'), factOf(evidence, 'destinationPod'));
  const refused = (factOf(evidence, 'backendConnects') ?? []).filter(isReset).slice(0, 2);
  return refused.flatMap((reading, index) => {
    const pod = pods.find((candidate) => candidate.metadata.name === reading.owner.name);
    const ports =
      pod === undefined
        ? []
        : declaredPorts(pod).filter((port) => protocolOf(port) === 'TCP' && port.containerPort !== reading.port);
    return ports.slice(0, 4).map(
      (port): ProbeSpec => ({
        id: `other-${index}-${port.containerPort}`,
        kind: 'otherPorts',
        at: atSource(flow),
        tool: 'tcp',
        limitS: CONTROL_LIMIT_S,
        address: reading.address,
        port: port.containerPort,
        owner: reading.owner,
      }),
    );
  });
}

/** A Pod on a node stands in the source's namespace, unless its Pod Security keeps such Pods out. */
function atNode(node: string, evidence: Evidence, flow: Flow): ProbePlace {
  const enforced = factOf(evidence, 'namespaces')?.find(
    (candidate) => candidate.metadata.name === flow.source.namespace,
  )?.metadata.labels?.['pod-security.kubernetes.io/enforce'];
  const isStrict = enforced === 'baseline' || enforced === 'restricted';
  return { vantage: 'node', namespace: isStrict ? 'kube-system' : flow.source.namespace, pod: '', node };
}

/** Addresses outside that were not reached, tried from the node's own network: there no masquerading is needed. */
function planFromNode(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const [own] = suspectNodes(evidence);
  if (own === undefined) return [];
  const at = atNode(own, evidence, flow);
  return lostConnects(evidence)
    .filter(({ owner, address }) => owner.kind === 'Address' && !address.includes(':'))
    .slice(0, 2)
    .map(({ address, port, owner }, index) => ({
      id: `from-node-${index}`,
      kind: 'fromNode',
      at,
      tool: 'tcp',
      limitS: CONTROL_LIMIT_S,
      address,
      port,
      owner,
    }));
}

function captureOptions(evidence: Evidence, flow: Flow): Parameters<typeof planCaptureStarts>[2] {
  return {
    requests: planBackendConnects(evidence, flow),
    places: { source: () => atSource(flow), backend: atBackend, node: (name) => atNode(name, evidence, flow) },
  };
}

/** What was lost, once more: a packet each, for the counters of the nodes. */
function planLostAgain(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  if (factOf(evidence, 'nodeStates') === null) return [];
  const targets = new Map(lostConnects(evidence).map((reading) => [`${reading.address} ${reading.port}`, reading]));
  return [...targets.values()].slice(0, 4).map(({ address, port, owner }, index) => ({
    id: `lost-again-${index}`,
    kind: 'lostAgain',
    at: atSource(flow),
    tool: 'tcp',
    limitS: 1,
    address,
    port,
    owner,
  }));
}

/** The nodes on the way, when something was lost there. */
function planNodeStates(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const service = found(factOf(evidence, 'service'));
  const vip = service === null ? undefined : serviceAddresses(service).find((address) => !address.includes(':'));
  const backends = (factOf(evidence, 'backendConnects') ?? []).map(({ address }) => address);
  const source = found(factOf(evidence, 'sourcePod'));
  const routesTo = [...new Set([...backends, ...(source === null ? [] : addressesOf(source))])]
    .filter((address) => !address.includes(':'))
    .slice(0, 8);
  return suspectNodes(evidence).map((node) => ({
    id: `node-${node}`,
    kind: 'nodeStates',
    at: atNode(node, evidence, flow),
    tool: 'node-state',
    node,
    routesTo,
    serviceAddress: vip ?? null,
    from: (source === null ? [] : addressesOf(source)).find((address) => !address.includes(':')) ?? null,
  }));
}

/** Inside up to three backends that refused or stayed silent. */
function planListeners(evidence: Evidence, _flow: Flow): readonly ProbeSpec[] {
  const suspects = (factOf(evidence, 'backendConnects') ?? []).filter(
    (reading) => reading.owner.kind === 'Pod' && (isReset(reading) || reading.exchange.kind === 'silent'),
  );
  return atSuspects(evidence, suspects, (pod) => ({
    id: `listeners-${pod.metadata.name}`,
    kind: 'listeners',
    at: atBackend(pod),
    tool: 'listeners',
    pod: pod.metadata.name,
  }));
}

/** Whether the source may be sent to itself. */
function isOwnBackend(evidence: Evidence, flow: Flow): boolean {
  const view = viewService(factOf(evidence, 'service'), factOf(evidence, 'endpoints'), flow);
  const source = found(factOf(evidence, 'sourcePod'));
  return source !== null && (view?.used ?? []).some(({ address }) => addressesOf(source).includes(address));
}

/** A request that fills whole packets, to one backend on each node; where no HTTP is to be expected nothing of that size may be said. */
function planLargeRequests(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  if (flow.destination.kind === 'Host') return [];
  const own = found(factOf(evidence, 'sourcePod'));
  const ways = new Set<string | null>();
  return planBackendConnects(evidence, flow)
    .flatMap((spec): readonly ProbeSpec[] => {
      if (spec.tool !== 'http' || ways.has(spec.owner.node)) return [];
      // To itself a Pod sends over loopback.
      if (own !== null && addressesOf(own).includes(spec.address)) return [];
      ways.add(spec.owner.node);
      return [{ ...spec, id: `large-${ways.size - 1}`, kind: 'largeRequests', padding: LARGE_REQUEST_BYTES }];
    })
    .slice(0, MOST_LARGE_REQUESTS);
}

/** What had begun, or was to begin, and stalled. */
function isStalled({ outcome, exchange }: ConnectReading): boolean {
  return (
    outcome.kind === 'connected' &&
    (exchange.kind === 'silent' || (exchange.kind === 'http' && exchange.isCut === true))
  );
}

function planSizeTests(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const usual = (factOf(evidence, 'backendConnects') ?? []).filter(isStalled);
  const large = (factOf(evidence, 'largeRequests') ?? []).filter(
    (reading) => isStalled(reading) && !usual.some(({ address }) => address === reading.address),
  );
  const all = [
    ...usual.map((reading) => ({ reading, padding: 0 })),
    ...large.map((reading) => ({ reading, padding: LARGE_REQUEST_BYTES })),
  ];
  const specs = planBackendConnects(evidence, flow);
  return all.slice(0, 3).flatMap(({ reading, padding }, index): readonly ProbeSpec[] => {
    const spec = specs.find((one) => one.tool === 'http' && one.address === reading.address);
    return spec?.tool === 'http' ? [{ ...spec, id: `sizes-${index}`, kind: 'sizeTests', tool: 'sizes', padding }] : [];
  });
}

/** Backends as they are connected to, one on each node first; a Pod's own address says nothing about the way. */
function planPings(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  if (flow.destination.kind === 'Host') return [];
  const own = found(factOf(evidence, 'sourcePod'));
  const targets = planBackendConnects(evidence, flow).flatMap((spec) =>
    (spec.tool === 'http' || spec.tool === 'tcp') && !(own !== null && addressesOf(own).includes(spec.address))
      ? [spec]
      : [],
  );
  const isFirst = (spec: (typeof targets)[number]): boolean =>
    targets.find(({ owner }) => owner.node === spec.owner.node) === spec;
  return [...targets.filter(isFirst), ...targets.filter((spec) => !isFirst(spec))]
    .slice(0, MOST_PINGED)
    .map(({ address, owner }, index) => ({
      id: `ping-${index}`,
      kind: 'backendPings',
      at: atSource(flow),
      tool: 'ping',
      address,
      owner,
      times: PINGS,
    }));
}

/** Took as long as a packet that is sent again takes, lost pings, or never came to be although others to the same address did. */
function planManyConnects(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const service = (factOf(evidence, 'serviceConnects') ?? []).filter(({ outcome }) => outcome.kind !== 'failed');
  const backends = (factOf(evidence, 'backendConnects') ?? []).filter(({ owner }) => owner.kind === 'Pod');
  // On a busy machine a connection takes long and no SYN is sent again.
  const isLate = ({ outcome, synRetransmits }: ConnectReading): boolean =>
    outcome.kind === 'connected' && outcome.ms >= SYN_RETRY_MS && synRetransmits !== 0;
  const isLost = ({ outcome }: ConnectReading): boolean =>
    outcome.kind === 'timed-out' || outcome.kind === 'host-unreachable';
  const pings = factOf(evidence, 'backendPings') ?? [];
  const losesPings = ({ address }: ConnectReading): boolean =>
    pings.some((reading) => reading.address === address && reading.count.received > 0 && lostPings(reading.count) > 0);
  const odd = backends.filter((reading) => isLate(reading) || isLost(reading) || losesPings(reading));
  const someConnect = [...service, ...backends].some(({ outcome }) => outcome.kind === 'connected');
  const isServiceOdd = service.some(isLate) || (service.some(isLost) && odd.length === 0);
  const asked = flow.tries ?? null;
  if (asked === null && !(someConnect && (odd.length > 0 || isServiceOdd))) return [];
  const nodes = new Set<string | null>();
  const oneOfEachNode = [...odd, ...backends].filter(({ owner }) => {
    const isNew = !nodes.has(owner.node);
    nodes.add(owner.node);
    return isNew;
  });
  const wanted = asked === null ? [...new Set([...odd, ...oneOfEachNode])].slice(0, MOST_MANY_CONNECTS) : backends;
  const [viaService] = service;
  return [
    ...(viaService === undefined || (asked === null && !isServiceOdd) ? [] : [viaService]),
    ...wanted.slice(0, MOST_TRIED_BACKENDS),
  ].map(({ address, port, owner }, index) => ({
    id: `many-${index}`,
    kind: 'manyConnects',
    at: atSource(flow),
    tool: 'tries',
    address,
    port,
    owner,
    times: asked ?? MANY_CONNECTS,
  }));
}

/** On both sides of the times after which known middleboxes forget a connection: 60, 120, 240, 300, 350 and 600 s. */
const HOLDS_S: readonly number[] = [0, 5, 15, 30, 55, 65, 115, 125, 235, 245, 295, 305, 345, 355, 595, 605];

/** Only on request, since it takes so long: the Service address, and the first backend that answers by itself. */
function planIdle(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const { idle } = flow;
  if (idle === undefined) return [];
  const good = (kind: 'serviceConnects' | 'backendConnects'): ConnectReading | undefined =>
    (factOf(evidence, kind) ?? []).find((reading) => works(reading) && reading.exchange.kind === 'http');
  return [good('serviceConnects'), good('backendConnects')].flatMap((reading, index): readonly ProbeSpec[] =>
    reading === undefined
      ? []
      : [
          {
            id: `idle-${index}`,
            kind: 'idleTests',
            at: atSource(flow),
            tool: 'idle',
            address: reading.address,
            port: reading.port,
            host: hostOf(flow),
            owner: reading.owner,
            holdsS: [...HOLDS_S.filter((seconds) => seconds < idle), idle],
          },
        ],
  );
}

/** What failed, that of the own node first: there the source can ask who has the address. */
function planPodNetwork(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const own = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
  const backends = (factOf(evidence, 'backendConnects') ?? []).filter((reading) => !works(reading));
  const service = (factOf(evidence, 'serviceConnects') ?? []).filter((reading) => !works(reading));
  const datagrams = (factOf(evidence, 'udpProbes') ?? []).filter(({ outcome }) => outcome.kind === 'failed');
  const first =
    backends.find(({ owner }) => owner.node === own && own !== undefined) ?? backends[0] ?? service[0] ?? datagrams[0];
  return first === undefined
    ? []
    : [{ id: 'pod-network', kind: 'podNetwork', at: atSource(flow), tool: 'pod-network', address: first.address }];
}

/** Inside up to three backends that let connections wait. */
function planAcceptQueues(evidence: Evidence): readonly ProbeSpec[] {
  const many = factOf(evidence, 'manyConnects') ?? [];
  const suspects = (factOf(evidence, 'backendConnects') ?? []).filter(
    (reading) =>
      reading.owner.kind === 'Pod' &&
      (reading.outcome.kind === 'timed-out' ||
        reading.exchange.kind === 'silent' ||
        many.some((one) => one.address === reading.address && isIntermittent(one))),
  );
  return atSuspects(evidence, suspects, (pod, { address, port }) => ({
    id: `queue-${pod.metadata.name}`,
    kind: 'acceptQueues',
    at: atBackend(pod),
    tool: 'accept-queue',
    pod: pod.metadata.name,
    address,
    port,
  }));
}

/** One probe inside the Pod behind each of these connections, as far as it is known which Pod that is. */
function atSuspects(
  evidence: Evidence,
  suspects: readonly ConnectReading[],
  probe: (pod: PodSnapshot, reading: ConnectReading) => ProbeSpec,
): readonly ProbeSpec[] {
  const pods = podsBehind(factOf(evidence, 'endpoints'), factOf(evidence, 'destinationPod'));
  return suspects.slice(0, MOST_LISTENER_PODS).flatMap((reading): readonly ProbeSpec[] => {
    const pod = pods.find((candidate) => candidate.metadata.name === reading.owner.name);
    return pod === undefined ? [] : [probe(pod, reading)];
  });
}

function atBackend(pod: PodSnapshot): ProbePlace {
  return { vantage: 'backend', namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name };
}

/** Where a datagram of this flow may go; empty when the flow is not UDP. */
function udpTargets(evidence: Evidence, flow: Flow): readonly ConnectTarget[] {
  const view = viewService(factOf(evidence, 'service'), factOf(evidence, 'endpoints'), flow);
  if (view !== null) {
    if (view.protocol !== 'UDP') return [];
    const [address] = isHeadless(view.service) ? [] : serviceAddresses(view.service);
    const owner: Owner = { kind: 'Service', name: view.service.metadata.name, node: null };
    return [
      ...(address === undefined ? [] : [{ address, port: view.port.port, owner }]),
      ...view.used
        .flatMap((backend) => (backend.port === null ? [] : [asTarget(backend, backend.port)]))
        .slice(0, MOST_UDP_BACKENDS),
    ];
  }
  if (flow.protocol !== 'UDP') return [];
  const pod = found(factOf(evidence, 'destinationPod'));
  if (pod !== null) return podTarget(pod, flowPortOn(pod, flow));
  const { destination, port } = flow;
  return destination.kind === 'Address' && typeof port === 'number'
    ? [
        {
          address: destination.address,
          port,
          owner: { kind: 'Address', name: destination.address, node: null },
        },
      ]
    : [];
}

function planUdp(evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  return udpTargets(evidence, flow).map((target, index) => ({
    id: `udp-${index}`,
    kind: 'udpProbes',
    at: atSource(flow),
    tool: 'udp',
    ...target,
  }));
}

function planUdpCounters(kind: 'udpBefore' | 'udpAfter', evidence: Evidence, flow: Flow): readonly ProbeSpec[] {
  const names = udpTargets(evidence, flow).map(({ owner }) => owner.name);
  return podsBehind(factOf(evidence, 'endpoints'), factOf(evidence, 'destinationPod'))
    .filter(({ metadata }) => names.includes(metadata.name))
    .slice(0, MOST_LISTENER_PODS)
    .map((pod) => ({
      id: `${kind === 'udpBefore' ? 'udp-before' : 'udp-after'}-${pod.metadata.name}`,
      kind,
      at: atBackend(pod),
      tool: 'udp-counters',
      pod: pod.metadata.name,
    }));
}
