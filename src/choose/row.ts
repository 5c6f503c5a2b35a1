/** What can be chosen, as one row of a list; whatever it is, it can be typed instead. */
import type { Protocol } from '../ladder/flow.ts';

export type RowState = 'ok' | 'faulty' | 'unknown' | 'not-applicable';

/** A source or a destination, by the words of the command line. */
export interface Named {
  readonly namespace: string;
  /** `deploy/web`, `api`, `pod/db-0`, `https://shop.example`; in its own namespace. */
  readonly word: string;
}

/** A port of a Service that has several. */
export interface PortPick {
  readonly port: number;
  readonly protocol: Protocol;
  /** As the Service calls it; null for a port without a name. */
  readonly name: string | null;
  /** Whether the number alone would mean another port too. */
  readonly isShared: boolean;
}

export interface RecentFlow {
  /** Of the kubeconfig. */
  readonly context: string;
  readonly source: Named;
  readonly destination: Named;
  readonly port: number | string | null;
  /** RFC 3339. */
  readonly at: string;
}

export type Chosen =
  | { readonly kind: 'source'; readonly pick: Named }
  | { readonly kind: 'destination'; readonly pick: Named; readonly ports: readonly PortPick[] }
  | { readonly kind: 'port'; readonly pick: PortPick }
  | { readonly kind: 'flow'; readonly flow: RecentFlow };

export interface Row {
  /** The same for the same thing, however the list around it changes. */
  readonly id: string;
  /** A heading over the rows that follow, such as a workload over its Pods; empty for none. */
  readonly section: string;
  /** 1: below the row before it, as a Pod below its workload. */
  readonly indent: 0 | 1;
  readonly label: string;
  /** In columns behind the label. */
  readonly facts: readonly string[];
  readonly state: RowState | null;
  /** Null: it cannot be chosen, and the last fact says why. */
  readonly chosen: Chosen | null;
}
