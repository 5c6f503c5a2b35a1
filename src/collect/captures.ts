/** Which lost connection is watched at both of its ends and on its nodes, by whom, and how it is tried once more. */

import { isSilent } from '../derive/connects.ts';
import { overlayAddresses } from '../derive/legs.ts';
import { lostConnects } from '../derive/node-states.ts';
import { internalAddress } from '../derive/nodes.ts';
import { addressesOf, podsBehind } from '../derive/pods.ts';
import { isBlackHole } from '../derive/sizes.ts';
import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { PodSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import type { Owner, ProbePlace, ProbeSpec } from '../probes/probe.ts';

/** Where probes run, as the plans of other kinds have it. */
export interface CapturePlaces {
  source(): ProbePlace;
  backend(pod: PodSnapshot): ProbePlace;
  node(name: string): ProbePlace;
}

/** One connection that was lost, or stalls with large packets. */
interface Watched {
  readonly address: string;
  readonly port: number;
  readonly owner: Owner;
  /** Set when only large packets are lost: how the request is made that shows it. */
  readonly request: Extract<ProbeSpec, { tool: 'http' }> | null;
}

/** Backends into which a container may be put for this; the plan of accept queues has the same number. */
const MOST_BACKENDS = 3;
/** Seconds: one SYN is enough, and a stall shows at once. */
const SHOT_LIMIT_S = 1;
const STALL_LIMIT_S = 2;
/** Ports that no kernel hands out by itself; the run picks one of them. */
export const FIRST_SHOT_PORT = 20_000;
export const SHOT_PORTS = 8000;

/**
 * The connection to watch: to a backend on another node where there is one, since more lies on that way. The address of a Service only
 * where no backend is lost and the nodes may be looked at.
 *
 * @param requests  the usual requests to the backends
 */
function watched(evidence: Evidence, requests: readonly ProbeSpec[]): Watched | null {
  const own = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
  const lost = lostConnects(evidence).filter(
    (reading) => isSilent(reading) || reading.outcome.kind === 'host-unreachable',
  );
  const pods = lost.filter(({ owner }) => owner.kind === 'Pod').slice(0, MOST_BACKENDS);
  const reading = pods.find(({ owner }) => owner.node !== own) ?? pods[0];
  if (reading !== undefined) return { ...reading, request: null };
  const hole = (factOf(evidence, 'sizeTests') ?? []).find(isBlackHole);
  if (hole !== undefined) {
    const isUsual = (factOf(evidence, 'backendConnects') ?? []).some(
      ({ address, exchange }) =>
        address === hole.address &&
        (exchange.kind === 'silent' || (exchange.kind === 'http' && exchange.isCut === true)),
    );
    const [request] = requests.filter((spec) => spec.tool === 'http' && spec.address === hole.address);
    const large = (factOf(evidence, 'largeRequests') ?? []).length > 0 && !isUsual;
    if (request?.tool !== 'http') return null;
    return { ...hole, request: large ? { ...request, padding: LARGE_BYTES } : request };
  }
  const service = lost.find(({ owner }) => owner.kind === 'Service');
  return service === undefined || factOf(evidence, 'nodeStates') === null ? null : { ...service, request: null };
}

/** As in the large requests that showed it. */
const LARGE_BYTES = 6000;

/** One capture in each of the two Pods, and on their nodes where those are looked at. */
export function planCaptureStarts(
  evidence: Evidence,
  flow: Flow,
  { requests, places }: { readonly requests: readonly ProbeSpec[]; readonly places: CapturePlaces },
): readonly ProbeSpec[] {
  const target = watched(evidence, requests);
  const source = found(factOf(evidence, 'sourcePod'));
  if (target === null || source === null) return [];
  const pods = podsBehind(factOf(evidence, 'endpoints'), factOf(evidence, 'destinationPod'));
  const backend = pods.find((pod) => pod.metadata.name === target.owner.name && target.owner.kind === 'Pod');
  // A Pod that asks itself sends nothing over a network.
  if (target.owner.kind === 'Pod' && (backend === undefined || addressesOf(source).includes(target.address))) return [];
  const seen = new Set((factOf(evidence, 'nodeStates') ?? []).map(({ node }) => node));
  const nodes = [source.spec.nodeName, backend?.spec.nodeName].filter(
    (node, index, all) => node !== undefined && seen.has(node) && all.indexOf(node) === index,
  ) as readonly string[];
  const what = {
    tool: 'capture-start',
    kind: 'captureStarts',
    ...flowOf(evidence, { source, backend, target }, flow),
  } as const;
  return [
    { ...what, id: 'watch-source', at: places.source() },
    ...(backend === undefined ? [] : [{ ...what, id: 'watch-backend', at: places.backend(backend) }]),
    ...nodes.map((node) => ({ ...what, id: `watch-${node}`, at: places.node(node) })),
  ];
}

/** What to filter by: all addresses that the source may have on the way, and the ports before and after a Service is translated. */
function flowOf(
  evidence: Evidence,
  {
    source,
    backend,
    target,
  }: { readonly source: PodSnapshot; readonly backend: PodSnapshot | undefined; readonly target: Watched },
  flow: Flow,
): { readonly from: readonly string[]; readonly to: readonly string[]; readonly ports: readonly number[] } {
  const isV6 = target.address.includes(':');
  const nodes = factOf(evidence, 'nodes') ?? [];
  const node = nodes.find(({ metadata }) => metadata.name === source.spec.nodeName);
  const own = node === undefined ? null : internalAddress(node);
  const all = [
    ...addressesOf(source),
    ...(own === null ? [] : [own]),
    ...overlayAddresses(nodes, source.spec.nodeName ?? null),
  ];
  const backendPorts = backend !== undefined ? [] : (factOf(evidence, 'backendConnects') ?? []).map(({ port }) => port);
  return {
    from: [...new Set(all)].filter((address) => address.includes(':') === isV6),
    to: backend === undefined && flow.destination.kind === 'Service' ? [] : [target.address],
    ports: [...new Set([target.port, ...backendPorts])].slice(0, 4),
  };
}

/** Once more, while all of them listen; null when none does. */
export function planCaptureShot(
  evidence: Evidence,
  { requests, places }: { readonly requests: readonly ProbeSpec[]; readonly places: CapturePlaces },
): readonly ProbeSpec[] {
  if (factOf(evidence, 'captureStarts') === null) return [];
  const target = watched(evidence, requests);
  if (target === null) return [];
  if (target.request !== null)
    return [{ ...target.request, id: 'watched', kind: 'captureShot', limitS: STALL_LIMIT_S }];
  const { address, port, owner } = target;
  return [
    {
      id: 'watched',
      kind: 'captureShot',
      at: places.source(),
      tool: 'tcp',
      limitS: SHOT_LIMIT_S,
      address,
      port,
      owner: { kind: owner.kind, name: owner.name, node: owner.node },
    },
  ];
}

/** What each of those that listened has seen. */
export function planFlowCaptures(evidence: Evidence, starts: readonly ProbeSpec[]): readonly ProbeSpec[] {
  const listening = factOf(evidence, 'captureStarts') ?? [];
  return starts.flatMap((spec): readonly ProbeSpec[] => {
    if (spec.tool !== 'capture-start') return [];
    const name = spec.at.vantage === 'node' ? spec.at.node : spec.at.pod;
    if (!listening.some(({ place }) => place.kind === spec.at.vantage && place.name === name)) return [];
    return [{ ...spec, id: spec.id.replace('watch-', 'watched-'), kind: 'flowCaptures', tool: 'capture-end' }];
  });
}
