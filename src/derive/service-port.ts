import type { ServicePort, ServiceSnapshot } from '../evidence/snapshots.ts';
import type { Flow, Protocol } from '../ladder/flow.ts';

export type PortChoice =
  | { readonly kind: 'chosen'; readonly port: ServicePort; readonly protocol: Protocol; readonly assumed: boolean }
  | { readonly kind: 'undefined'; readonly asked: number | string; readonly published: readonly ServicePort[] }
  | { readonly kind: 'none' };

export function protocolOf(port: { readonly protocol?: string | undefined }): Protocol {
  return port.protocol === 'UDP' || port.protocol === 'SCTP' ? port.protocol : 'TCP';
}

/**
 * Which port of the Service the flow means.
 *
 * Without a port in the flow: the scheme's port when published, else the first TCP port, else the first; `assumed` says
 * that there was a choice. `undefined`: the Service does not publish what was asked. `none`: it publishes no port at all.
 */
export function chooseServicePort(
  service: ServiceSnapshot,
  flow: Pick<Flow, 'port' | 'protocol' | 'scheme'>,
): PortChoice {
  const published = service.spec.ports ?? [];
  const asked = askedPort(flow);
  const protocol = askedProtocol(flow);
  const ofProtocol = protocol === null ? published : published.filter((port) => protocolOf(port) === protocol);
  if (asked !== null) {
    const matching = ofProtocol.filter((port) => port.port === Number(asked) || port.name === asked);
    const port = matching.find((candidate) => protocolOf(candidate) === 'TCP') ?? matching[0];
    const meant = port ?? headlessPort(service, asked, ofProtocol);
    return meant === undefined
      ? { kind: 'undefined', asked, published }
      : { kind: 'chosen', port: meant, protocol: protocolOf(meant), assumed: false };
  }
  const port = ofProtocol.find((candidate) => protocolOf(candidate) === 'TCP') ?? ofProtocol[0];
  if (port === undefined)
    return protocol !== null && published.length > 0
      ? { kind: 'undefined', asked: protocol, published }
      : { kind: 'none' };
  return { kind: 'chosen', port, protocol: protocolOf(port), assumed: ofProtocol.length > 1 };
}

/** `80`, `http (80)`. */
export function portName(port: ServicePort): string {
  return port.name === undefined || port.name === '' ? String(port.port) : `${port.name} (${port.port})`;
}

type Wanted = Pick<Flow, 'port' | 'protocol' | 'scheme'>;

/** The port that was asked for, also by a scheme; null when it is left to the Service. */
export function askedPort({ port, scheme }: Wanted): number | string | null {
  if (typeof port === 'string' && /^\d+$/.test(port)) return Number(port);
  return port ?? (scheme === 'https' ? 443 : scheme === 'http' ? 80 : null);
}

/** A URL means TCP; null when it is left to the Service. */
export function askedProtocol({ protocol, scheme }: Wanted): Protocol | null {
  return protocol ?? (scheme === null ? null : 'TCP');
}

/** Nothing translates the ports of a headless Service: a client names the Pods' own, whether the Service publishes it or not. */
function headlessPort(
  service: ServiceSnapshot,
  asked: number | string,
  ports: readonly ServicePort[],
): ServicePort | undefined {
  if (service.spec.clusterIP !== 'None' || typeof asked !== 'number') return undefined;
  return (
    ports.find((port) => port.targetPort === asked) ??
    ports.find((port) => typeof port.targetPort === 'string') ??
    ports[0]
  );
}

/** Ports of the Service that would be meant but for their protocol, when none of the protocol asked for is. */
export function portsOfOtherProtocol(service: ServiceSnapshot, flow: Wanted): readonly ServicePort[] {
  const protocol = askedProtocol(flow);
  const choice = chooseServicePort(service, flow);
  if (protocol === null || choice.kind !== 'undefined') return [];
  const asked = askedPort(flow);
  return choice.published.filter((port) => asked === null || port.port === Number(asked) || port.name === asked);
}
