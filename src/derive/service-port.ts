import type { Flow, Protocol } from '../ladder/flow.ts';
import type { ServicePort, ServiceSnapshot } from '../evidence/snapshots.ts';

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
export function chooseServicePort(service: ServiceSnapshot, flow: Pick<Flow, 'port' | 'protocol' | 'scheme'>): PortChoice {
  const published = service.spec.ports ?? [];
  const asked = flow.port ?? (flow.scheme === 'https' ? 443 : flow.scheme === 'http' ? 80 : null);
  const ofProtocol = flow.protocol === null ? published : published.filter((port) => protocolOf(port) === flow.protocol);
  if (asked !== null) {
    const matching = ofProtocol.filter((port) => port.port === Number(asked) || port.name === asked);
    const port = matching.find((candidate) => protocolOf(candidate) === 'TCP') ?? matching[0];
    return port === undefined ? { kind: 'undefined', asked, published } : { kind: 'chosen', port, protocol: protocolOf(port), assumed: false };
  }
  const port = ofProtocol.find((candidate) => protocolOf(candidate) === 'TCP') ?? ofProtocol[0];
  if (port === undefined) return flow.protocol !== null && published.length > 0 ? { kind: 'undefined', asked: flow.protocol, published } : { kind: 'none' };
  return { kind: 'chosen', port, protocol: protocolOf(port), assumed: ofProtocol.length > 1 };
}

/** `80`, `http (80)`. */
export function portName(port: ServicePort): string {
  return port.name === undefined || port.name === '' ? String(port.port) : `${port.name} (${port.port})`;
}
