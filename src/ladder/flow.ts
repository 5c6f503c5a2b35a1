/** One Kubernetes object, named as a person would name it. Cluster-scoped kinds have no namespace. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/**
 * Where the traffic should go, once names have been looked up in the cluster.
 *
 * - `Service`, `Pod`: the object itself; whether it exists is evidence, not part of the flow.
 * - `Address`: an IP address that was given instead of a name.
 * - `Host`: a DNS name outside the cluster domain.
 * - `Absent`: a workload or a Node that was named and is not there, with the names that are nearest to it, the best first.
 */
export type Destination =
  | { readonly kind: 'Service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Address'; readonly address: string }
  | { readonly kind: 'Host'; readonly host: string }
  | { readonly kind: 'Absent'; readonly object: ObjectRef; readonly near: readonly string[] };

/** A port that every node opens for a Service, and the node that is asked. */
export interface NodePort {
  readonly node: string;
  readonly address: string;
  readonly port: number;
}

/** The question of a run: from this Pod to that destination. */
export interface Flow {
  readonly source: {
    readonly namespace: string;
    readonly name: string;
    /** The workload the user named, when the Pod was picked from it. */
    readonly pickedFrom?: ObjectRef;
  };
  readonly destination: Destination;
  /** The destination as typed, without its port: what the application would put into its configuration. */
  readonly typed: string;
  /** The name the application resolves: `typed`, except where a path like `svc/api` is no DNS name. Null for an address. */
  readonly dnsName: string | null;
  /** An address was typed: no name is resolved, even where the address belongs to a Service. */
  readonly byAddress: boolean;
  /** Port number or Service port name, when the user gave one. */
  readonly port: number | string | null;
  /** Given by the user; otherwise the Service's protocol, else TCP. */
  readonly protocol: Protocol | null;
  /** Where the flow enters instead of at the Service's own address. */
  readonly via?: NodePort;
  /** `http` or `https` when the destination was a URL. */
  readonly scheme: 'http' | 'https' | null;
  /** Said in the report: what was assumed while looking up the names. */
  readonly notes: readonly string[];
  /** How often to connect to the Service and to each backend, when the user said. */
  readonly tries?: number;
  /** For how many seconds connections are left idle before they are used, when the user said. */
  readonly idle?: number;
}

/** `Service shop/api`, `Node n2`. */
export function describe(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** The number of the port as far as what was typed tells it; null for a name, and where nothing was typed. */
export function typedPort({ port, scheme }: Pick<Flow, 'port' | 'scheme'>): number | null {
  if (typeof port === 'number') return port;
  return scheme === null ? null : scheme === 'http' ? 80 : 443;
}
