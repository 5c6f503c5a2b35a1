import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { NodeSnapshot, PodSnapshot, ServiceSnapshot } from '../evidence/snapshots.ts';
import type { Backend } from './backends.ts';

/** Where a client of a Service is, as far as it decides which backends its node sends to. */
export interface ClientPlace {
  readonly node: string | null;
  readonly zone: string | null;
}

export interface Routing {
  readonly backends: readonly Backend[];
  /** What left the others out; `nothing` when all are used. */
  readonly by: 'nothing' | 'internal-traffic' | 'node-hints' | 'zone-hints';
}

const ZONE_LABEL = 'topology.kubernetes.io/zone';

export function clientPlace(pod: PodSnapshot | null, nodes: readonly NodeSnapshot[]): ClientPlace {
  const node = pod?.spec.nodeName ?? null;
  const own = nodes.find((candidate) => candidate.metadata.name === node);
  return { node, zone: own?.metadata.labels?.[ZONE_LABEL] ?? null };
}

export function sourcePlace(evidence: Evidence): ClientPlace {
  return clientPlace(found(factOf(evidence, 'sourcePod')), factOf(evidence, 'nodes') ?? []);
}

/**
 * Those of the usable backends that kube-proxy on the client's node sends new connections to.
 *
 * `internalTrafficPolicy: Local` leaves those of the node alone, possibly none: then packets are dropped. Hints count only
 * when every backend has them and one is meant for the client.
 *
 * @see https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies
 * @see https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/#safeguards
 */
export function routedBackends(used: readonly Backend[], service: ServiceSnapshot, place: ClientPlace): Routing {
  const { node, zone } = place;
  if (service.spec.internalTrafficPolicy === 'Local')
    return node === null
      ? { backends: used, by: 'nothing' }
      : { backends: used.filter((backend) => backend.node === node), by: 'internal-traffic' };
  const forNode = used.filter((backend) => node !== null && backend.forNodes?.includes(node) === true);
  if (forNode.length > 0 && used.every((backend) => backend.forNodes !== null))
    return { backends: forNode, by: forNode.length < used.length ? 'node-hints' : 'nothing' };
  const forZone = used.filter((backend) => zone !== null && backend.forZones?.includes(zone) === true);
  if (forZone.length > 0 && used.every((backend) => backend.forZones !== null))
    return { backends: forZone, by: forZone.length < used.length ? 'zone-hints' : 'nothing' };
  return { backends: used, by: 'nothing' };
}
