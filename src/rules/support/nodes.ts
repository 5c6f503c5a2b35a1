/** What rules about nodes have in common: which lost connections a node can answer for, and how they are shown. */
import { endpoint, isReset, sawConnect } from '../../derive/connects.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import type { Proof } from '../rule.ts';

/**
 * Connections to backends that were lost on the way and pass through this node: at the source's own node those to other nodes, at another
 * node those to its own Pods.
 *
 * @param own the node of the source Pod
 */
export function lostAt(
  connects: readonly ConnectReading[],
  node: string,
  own: string | null,
): readonly ConnectReading[] {
  return connects.filter(
    (reading) =>
      reading.outcome.kind !== 'connected' &&
      !isReset(reading) &&
      (node === own ? reading.owner.node !== own : reading.owner.node === node),
  );
}

/** The first three of them, as lines of proof. */
export function lostProof(lost: readonly ConnectReading[]): readonly Proof[] {
  return lost.slice(0, 3).map((reading) => ({
    vantage: 'source',
    command: reading.command,
    saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
  }));
}
