/** When it is worth looking at nodes, and at which. */

import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { ConnectReading, NodeRoute, NodeState } from '../evidence/readings.ts';
import { isReset, works } from './connects.ts';
import { stalledLookups } from './reach.ts';

/** Nodes beside the source's that are looked at. */
const MOST_OTHER_NODES = 2;

/** Connections that no application answered: what is between the Pods may be broken. A reset comes from where it was meant to go. */
export function lostConnects(evidence: Evidence): readonly ConnectReading[] {
  return [...(factOf(evidence, 'serviceConnects') ?? []), ...(factOf(evidence, 'backendConnects') ?? [])].filter(
    (reading) => !works(reading) && reading.outcome.kind !== 'connected' && !isReset(reading),
  );
}

/** Whether something was lost on the way, or could not be measured from the Pod: of UDP only the node knows where it goes. */
export function wantsNodes(evidence: Evidence): boolean {
  const ports = found(factOf(evidence, 'service'))?.spec.ports ?? [];
  return (
    lostConnects(evidence).length > 0 ||
    stalledLookups(evidence) > 1 ||
    ports.some(({ protocol }) => protocol === 'UDP')
  );
}

/** The node of the source, then those of backends that did not answer. Empty when nothing was lost or the source's node is not known. */
export function suspectNodes(evidence: Evidence): readonly string[] {
  const source = found(factOf(evidence, 'sourcePod'))?.spec.nodeName;
  if (source === undefined || !wantsNodes(evidence)) return [];
  const others = lostConnects(evidence).flatMap(({ owner }) =>
    owner.kind === 'Pod' && owner.node !== null ? [owner.node] : [],
  );
  return [source, ...[...new Set(others)].filter((node) => node !== source).slice(0, MOST_OTHER_NODES)];
}

/** `10.244.3.2 by vxlan0`, `10.244.3.2 has no route`. */
export function sawRoute({ to, device }: NodeRoute): string {
  return `${to} ${device === null ? 'has no route' : `by ${device}`}`;
}

/** What was seen on a node; null when it was not looked at. */
export function nodeState(states: readonly NodeState[] | null, node: string | null | undefined): NodeState | null {
  return states?.find((state) => state.node === node) ?? null;
}
