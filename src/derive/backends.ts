import type { PodSnapshot, ServicePort, ServiceSnapshot, SliceSnapshot } from '../evidence/snapshots.ts';
import { declaredPorts } from './pods.ts';
import { protocolOf } from './service-port.ts';

/** One address behind a Service, as the data plane sees it. */
export interface Backend {
  readonly address: string;
  /** The port on the Pod; null when the slice gives this Service port no number (a named targetPort the Pod does not have). */
  readonly port: number | null;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly node: string | null;
  readonly slice: string;
  /** Name of the Pod the slice points to; null for an address written by hand. */
  readonly podName: string | null;
  readonly podUid: string | null;
  /** Zones and nodes whose clients it is meant for; null without such a hint. */
  readonly forZones: readonly string[] | null;
  readonly forNodes: readonly string[] | null;
  /** The Pod itself, when it still exists and was read. */
  readonly pod: PodSnapshot | null;
}

/**
 * The backends of one Service port, duplicates across slices merged by address and port (the first ready one wins), as
 * kube-proxy does. An address that one slice gives no port counts once more only when no slice gives it one.
 *
 * An unset `ready` counts as ready, an unset `serving` as `ready`.
 * @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
 */
export function backendsOf(
  slices: readonly SliceSnapshot[],
  pods: readonly PodSnapshot[],
  port: ServicePort,
): readonly Backend[] {
  const byEndpoint = new Map<string, Backend>();
  for (const slice of slices) {
    const numbered = (slice.ports ?? []).find(
      (candidate) =>
        (candidate.name ?? '') === (port.name ?? '') &&
        protocolOf({ protocol: candidate.protocol }) === protocolOf(port),
    );
    for (const endpoint of slice.endpoints ?? []) {
      const ready = endpoint.conditions?.ready ?? true;
      for (const address of endpoint.addresses) {
        const podName = endpoint.targetRef?.kind === 'Pod' ? (endpoint.targetRef.name ?? null) : null;
        const podUid = podName === null ? null : (endpoint.targetRef?.uid ?? null);
        const backend: Backend = {
          address,
          port: numbered?.port ?? null,
          ready,
          serving: endpoint.conditions?.serving ?? ready,
          terminating: endpoint.conditions?.terminating ?? false,
          node: endpoint.nodeName ?? null,
          slice: slice.metadata.name,
          podName,
          podUid,
          forZones: names(endpoint.hints?.forZones),
          forNodes: names(endpoint.hints?.forNodes),
          pod:
            pods.find((pod) => (podUid === null ? pod.metadata.name === podName : pod.metadata.uid === podUid)) ?? null,
        };
        const key = `${address} ${backend.port ?? ''}`;
        const before = byEndpoint.get(key);
        if (before === undefined || (!before.ready && backend.ready)) byEndpoint.set(key, backend);
      }
    }
  }
  const all = [...byEndpoint.values()];
  return all.filter(
    (backend) =>
      backend.port !== null || !all.some((other) => other.address === backend.address && other.port !== null),
  );
}

function names(hints: readonly { readonly name: string }[] | null | undefined): readonly string[] | null {
  return hints === undefined || hints === null || hints.length === 0 ? null : hints.map(({ name }) => name);
}

/** The backends that kube-proxy sends new connections to: ready ones with a port, else those that still serve while terminating. */
export function usedBackends(backends: readonly Backend[]): readonly Backend[] {
  const withPort = backends.filter((backend) => backend.port !== null);
  const ready = withPort.filter((backend) => backend.ready);
  return ready.length > 0 ? ready : withPort.filter((backend) => backend.serving && backend.terminating);
}

/** The port on this Pod that a Service port means: the number, or the container port of that name and protocol. Null when there is none. */
export function targetPortOn(pod: PodSnapshot, port: ServicePort): number | null {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  return (
    declaredPorts(pod).find((declared) => declared.name === target && protocolOf(declared) === protocolOf(port))
      ?.containerPort ?? null
  );
}

export function isHeadless(service: ServiceSnapshot): boolean {
  return service.spec.clusterIP === 'None';
}

/** Whether the Service has IPv6 addresses alone. */
export function isIpv6Only(service: ServiceSnapshot): boolean {
  const families = service.spec.ipFamilies ?? [];
  return families.length > 0 && families.every((family) => family === 'IPv6');
}

/** The Service's own addresses; empty for headless and ExternalName Services. */
export function serviceAddresses(service: ServiceSnapshot): readonly string[] {
  const all = service.spec.clusterIPs ?? (service.spec.clusterIP === undefined ? [] : [service.spec.clusterIP]);
  return all.filter((address) => address !== '' && address !== 'None');
}
