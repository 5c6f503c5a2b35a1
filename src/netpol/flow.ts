import type { ContainerPort } from '../evidence/snapshots.ts';
import type { Labels } from './selector.ts';

export type Direction = 'ingress' | 'egress';

/** One end of a flow, as policies see it: after Service addresses have been translated. */
export interface PolicyEnd {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Null when the namespace could not be read: namespace selectors are then undecided. */
  readonly namespaceLabels: Labels | null;
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  readonly node: string | null;
  readonly ports: readonly ContainerPort[];
  /** Not a Pod of this cluster but a bare address: no policy selects it, and no label names it. */
  readonly outside?: boolean;
  /** Undefined when it was not read: what selects by service account is then undecided. */
  readonly serviceAccount?: string;
}

export interface PolicyFlow {
  readonly source: PolicyEnd;
  readonly destination: PolicyEnd;
  /** The Pod's port, not the Service's. */
  readonly port: number;
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string;
}

/** An address that no Pod of this cluster has, as one end of a flow. */
export function outsideEnd(address: string): PolicyEnd {
  return {
    name: address,
    namespace: '',
    labels: {},
    namespaceLabels: null,
    addresses: [address],
    hostNetwork: false,
    node: null,
    ports: [],
    outside: true,
  };
}
