/** The way of a request as places in order, each with what was seen there: for a picture, and for those who cannot see one. */
import { type Backend, isHeadless, serviceAddresses } from '../derive/backends.ts';
import { endpoint, sawConnect, works } from '../derive/connects.ts';
import { addressesOf, flowPortOn } from '../derive/pods.ts';
import { viewService } from '../derive/service-view.ts';
import type { RungState } from '../diagnose/rungs.ts';
import { found } from '../evidence/collected.ts';
import { factOf } from '../evidence/evidence.ts';
import type { ConnectReading } from '../evidence/readings.ts';
import type { Climb } from '../session/session.ts';
import type { Report, ReportFinding } from './report.ts';

/** One place on the way. */
export interface Hop {
  readonly kind: 'source' | 'dns' | 'service' | 'backend';
  readonly name: string;
  /** Address and port, or what stands in their place; null when nothing is known. */
  readonly detail: string | null;
  readonly state: RungState;
  readonly saw: string;
  /** Numbers of the findings that break the flow here, as they are counted in the report, from 1. */
  readonly findings: readonly number[];
}

export interface Path {
  readonly source: Hop;
  /** The source Pod's node; null when it is not known. */
  readonly node: string | null;
  /** Null where no name is resolved. */
  readonly dns: Hop | null;
  /** Null where the destination is no Service. */
  readonly service: Hop | null;
  /** Backends by node, those of the source's own node first. */
  readonly groups: readonly { readonly node: string | null; readonly backends: readonly Hop[] }[];
  /** Backends that are left out. */
  readonly more: number;
}

/** As many as are tried one by one. */
const MOST_BACKENDS = 32;

/** The path of a run. Without any backend there is one in its place that says so. */
export function pathOf(report: Report, climb: Climb): Path {
  const node = report.flow.source.node;
  const backends = backendHops(report, climb);
  const shown = backends.slice(0, MOST_BACKENDS);
  const nodes = [...new Set(shown.map((backend) => backend.node))].sort(
    (a, b) => Number(b === node) - Number(a === node),
  );
  return {
    source: sourceHop(report, climb),
    node,
    dns: dnsHop(report, climb),
    service: serviceHop(report, climb),
    groups: nodes.map((name) => ({
      node: name,
      backends: shown.filter((backend) => backend.node === name).map(({ hop }) => hop),
    })),
    more: backends.length - shown.length,
  };
}

function sourceHop(report: Report, climb: Climb): Hop {
  const pod = found(factOf(climb.evidence, 'sourcePod'));
  const place = Object.values(climb.containers).find(({ at }) => at.vantage === 'source');
  const saw =
    place?.state === 'running'
      ? `measured from its network, in container ${place.name}`
      : place?.state === 'failed'
        ? `not measured from: ${place.gap.detail}`
        : 'not measured from: nothing was run in it';
  return withFindings(report, {
    kind: 'source',
    name: `Pod ${report.flow.source.name}`,
    detail: pod === null ? null : (addressesOf(pod)[0] ?? null),
    state: place?.state === 'running' ? 'ok' : 'unknown',
    saw,
  });
}

function dnsHop(report: Report, climb: Climb): Hop | null {
  const { state, summary } = report.rungs.D;
  if (state === 'not-applicable') return null;
  const servers = factOf(climb.evidence, 'resolvConf')?.nameservers ?? [];
  const detail = servers.length === 0 ? null : servers.join(', ');
  return withFindings(report, { kind: 'dns', name: 'Cluster DNS', detail, state, saw: summary });
}

function serviceHop(report: Report, climb: Climb): Hop | null {
  const { destination } = report.flow;
  if (destination.kind !== 'Service') return null;
  const base = { kind: 'service', name: `Service ${destination.name}` } as const;
  const lookup = factOf(climb.evidence, 'service');
  const service = found(lookup);
  if (service === null) {
    const isGone = lookup !== null;
    const saw = isGone ? 'does not exist' : 'could not be read';
    return withFindings(report, { ...base, detail: null, state: isGone ? 'faulty' : 'unknown', saw });
  }
  const [address] = serviceAddresses(service);
  const port = Number(destination.port);
  if (address === undefined) {
    const kind = isHeadless(service) ? 'headless' : (service.spec.type ?? 'ClusterIP');
    const saw = 'has no address of its own: clients connect to what its name resolves to';
    return withFindings(report, { ...base, detail: kind, state: 'not-applicable', saw });
  }
  const { via } = climb.flow;
  const detail =
    via !== undefined
      ? `${via.node} ${endpoint(via.address, via.port)}`
      : Number.isInteger(port) && port > 0
        ? endpoint(address, port)
        : address;
  const tries = factOf(climb.evidence, 'serviceConnects') ?? [];
  if (tries.length === 0)
    return withFindings(report, { ...base, detail, state: 'unknown', saw: 'its address was not tried' });
  const good = tries.filter(works).length;
  const failing = tries.find((reading) => !works(reading));
  const shown = failing ?? tries[0];
  const saw = `${good} of ${tries.length} tries work${shown === undefined ? '' : `: ${sawConnect(shown)}`}`;
  return withFindings(report, { ...base, detail, state: failing === undefined ? 'ok' : 'faulty', saw });
}

interface Placed {
  readonly node: string | null;
  readonly hop: Hop;
}

function backendHops(report: Report, climb: Climb): readonly Placed[] {
  const { evidence, flow } = climb;
  const readings = factOf(evidence, 'backendConnects') ?? [];
  const view = viewService(factOf(evidence, 'service'), factOf(evidence, 'endpoints'), flow);
  const behind = view?.backends ?? [];
  const isAwaited = evidence.backendConnects === undefined;
  // Tried, and in no EndpointSlice: a Pod that is not ready, the Pod or the address that was asked for.
  const strays = readings.filter((reading) => !behind.some(({ address }) => address === reading.address));
  const placed = [
    ...behind.map((backend) =>
      placeBackend(report, backend, readings, { isUsed: view?.used.includes(backend) ?? true, isAwaited }),
    ),
    ...strays.map((reading) => placeReading(report, reading)),
  ];
  return placed.length > 0 ? placed : [untried(report, climb)];
}

function placeBackend(
  report: Report,
  backend: Backend,
  readings: readonly ConnectReading[],
  { isUsed, isAwaited }: { readonly isUsed: boolean; readonly isAwaited: boolean },
): Placed {
  const reading = readings.find(({ address }) => address === backend.address);
  if (reading !== undefined) return placeReading(report, reading);
  const why =
    backend.port === null ? 'has no port for this Service' : backend.terminating ? 'is ending' : 'is not ready';
  const hop: Omit<Hop, 'findings'> = {
    kind: 'backend',
    name: backend.podName ?? backend.address,
    detail: backend.port === null ? backend.address : endpoint(backend.address, backend.port),
    state: isUsed ? 'unknown' : 'not-applicable',
    saw: isUsed ? 'was not tried' : `${why}: nothing is sent to it`,
  };
  return { node: backend.node, hop: withFindings(report, hop, isUsed && isAwaited) };
}

function placeReading(report: Report, reading: ConnectReading): Placed {
  return {
    node: reading.owner.node,
    hop: withFindings(report, {
      kind: 'backend',
      name: reading.owner.name,
      detail: endpoint(reading.address, reading.port),
      state: works(reading) ? 'ok' : 'faulty',
      saw: sawConnect(reading),
    }),
  };
}

/** Where there is nothing to connect to, or nothing was tried. */
function untried(report: Report, climb: Climb): Placed {
  const { destination } = report.flow;
  const pod = found(factOf(climb.evidence, 'destinationPod'));
  if (pod !== null) {
    const address = addressesOf(pod)[0];
    const port = flowPortOn(pod, climb.flow);
    const detail = address === undefined ? null : port === null ? address : endpoint(address, port);
    const hop = { kind: 'backend', name: pod.metadata.name, detail, state: 'unknown', saw: 'was not tried' } as const;
    return { node: pod.spec.nodeName ?? null, hop: withFindings(report, hop) };
  }
  const isService = destination.kind === 'Service';
  const isKnownEmpty = isService && factOf(climb.evidence, 'endpoints') !== null;
  const isAwaited = climb.evidence.endpoints === undefined;
  const hop: Omit<Hop, 'findings'> = {
    kind: 'backend',
    name: !isService ? destination.name : isAwaited ? 'Backends' : 'No backend',
    detail: null,
    state: isKnownEmpty ? 'faulty' : 'unknown',
    saw: isKnownEmpty ? 'there is nobody to send a request to' : 'was not tried',
  };
  return { node: null, hop: withFindings(report, hop, isAwaited) };
}

/** Pins the findings that stop this flow to the place where they do; none where it is still being tried and they only foretell it. */
function withFindings(report: Report, hop: Omit<Hop, 'findings'>, isAwaited = false): Hop {
  if (isAwaited) return { ...hop, findings: [] };
  const findings = report.findings.flatMap((finding, index) =>
    (finding.role === 'cause' || finding.role === 'next-blocker') && breaksAt(finding, hop) ? [index + 1] : [],
  );
  return { ...hop, state: findings.length > 0 ? 'faulty' : hop.state, findings };
}

function breaksAt({ id, rung, subject }: ReportFinding, hop: Omit<Hop, 'findings'>): boolean {
  if (rung === 'D' || id.includes('dns')) return hop.kind === 'dns';
  if (subject.kind === 'Pod' && hop.kind === 'backend') return hop.name === subject.name;
  // Each backend by itself answers: it is the way through the node's port that does not lead there.
  if (rung === 'E' || id === 'netpol-ipblock-snat-source') return hop.kind === 'service';
  if (id.includes('egress')) return hop.kind === 'source';
  if (id.startsWith('kube-proxy')) return hop.kind === 'service';
  return hop.kind === 'backend' && hop.state !== 'ok';
}

/** Every place in order, in the words of a list. */
export function hopsOf(path: Path): readonly (Hop & { readonly node: string | null })[] {
  const before = [path.source, path.dns, path.service].filter((hop) => hop !== null);
  return [
    ...before.map((hop) => ({ ...hop, node: hop.kind === 'source' ? path.node : null })),
    ...path.groups.flatMap(({ node, backends }) => backends.map((hop) => ({ ...hop, node }))),
  ];
}
