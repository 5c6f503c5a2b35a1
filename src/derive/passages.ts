/** Where policies admit a flow by a rule, and packets are lost all the same: the model and the cluster disagree. */

import { found } from '../evidence/collected.ts';
import type { ConnectReading } from '../evidence/readings.ts';
import type { PodSnapshot, PolicySnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { type Direction, evaluateFlow } from '../netpol/evaluate.ts';
import { isRejected, isSilent } from './connects.ts';
import { applicationTargets, controlFor, type DenialFacts } from './denials.ts';
import { policyEnd, policySetOf } from './policy.ts';

/** A backend that a rule admits the source to, or whose source a rule lets out. */
export interface Passage {
  readonly pod: PodSnapshot;
  readonly address: string;
  /** Which end is closed but for that rule: there somebody keeps the list of who may pass. */
  readonly direction: Direction;
  readonly policy: PolicySnapshot;
  /** From 0. */
  readonly rule: number;
  readonly reading: ConnectReading;
  readonly result: 'passes' | 'dropped' | 'rejected' | 'unclear';
  /** Another Pod of the same node that answers; null when none was tried or none did. */
  readonly control: ReturnType<typeof controlFor>;
}

/** Every measured backend that both ends admit, at least one of them by a rule of a NetworkPolicy. */
export function findPassages(facts: DenialFacts, flow: Flow): readonly Passage[] {
  const source = found(facts.sourcePod);
  // Through a node's port nobody can say which Pod a try was for.
  if (source === null || flow.via !== undefined) return [];
  const { targets, protocol } = applicationTargets(facts, flow);
  const set = policySetOf(facts);
  return targets.flatMap((target): readonly Passage[] => {
    const reading = (facts.backendConnects ?? []).find(({ address }) => address === target.address);
    if (reading === undefined) return [];
    const verdict = evaluateFlow(
      {
        source: policyEnd(source, facts.namespaces),
        destination: policyEnd(target.pod, facts.namespaces),
        port: target.port,
        protocol,
      },
      set,
    );
    if (verdict.egress.allows !== 'yes' || verdict.ingress.allows !== 'yes') return [];
    for (const direction of ['ingress', 'egress'] as const) {
      const side = verdict[direction];
      if (side.allows !== 'yes' || side.because !== 'rule') continue;
      const policy = side.by.policy.networkPolicy;
      if (policy === null) continue;
      const { pod, address } = target;
      const result = resultOf(reading);
      return [
        { pod, address, direction, policy, rule: side.by.rule, reading, result, control: controlFor([target], facts) },
      ];
    }
    return [];
  });
}

function resultOf(reading: ConnectReading): Passage['result'] {
  if (reading.outcome.kind === 'connected') return 'passes';
  if (isSilent(reading)) return 'dropped';
  return isRejected(reading) ? 'rejected' : 'unclear';
}
