/** What policies of other APIs than NetworkPolicy deny on this path: those of administrators and of network plugins. */

import { found } from '../evidence/collected.ts';
import type { ConnectReading, DnsReading } from '../evidence/readings.ts';
import type { PodSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import type { Direction } from '../netpol/evaluate.ts';
import type { PolicyObject } from '../netpol/policy.ts';
import type { Decider, DirectionVerdict, Step } from '../netpol/verdict.ts';
import {
  applicationTargets,
  controlFor,
  type Denial,
  type DenialFacts,
  dnsTargetsOf,
  legsTo,
  measure,
  readingsOf,
} from './denials.ts';
import { evaluateLegs } from './legs.ts';
import { policySetOf } from './policy.ts';

export interface OtherDenial {
  readonly direction: Direction;
  readonly traffic: Denial['traffic'];
  readonly policy: PolicyObject;
  /** The rule that denies; null when the policy closes the Pod and no rule of it admits the flow. */
  readonly by: Decider | null;
  /** All tiers that were asked before. */
  readonly walk: readonly Step[];
  /** A term that this tool does not judge; null when the denial is certain. */
  readonly open: string | null;
  readonly peers: readonly PodSnapshot[];
  readonly addresses: readonly string[];
  readonly port: number;
  readonly protocol: string;
  readonly measured: Denial['measured'];
  readonly readings: readonly (ConnectReading | DnsReading)[];
  readonly control: ConnectReading | DnsReading | null;
}

/** One for each direction and policy that denies, or that would if a term that is not judged here applies. */
export function findOtherDenials(facts: DenialFacts, flow: Flow): readonly OtherDenial[] {
  const source = found(facts.sourcePod);
  if (source === null) return [];
  const { targets, protocol } = applicationTargets(facts, flow);
  const set = policySetOf(facts);
  const denials: OtherDenial[] = [];
  for (const [traffic, all, over] of [
    ['dns', dnsTargetsOf(facts, flow), 'UDP'],
    ['application', targets, protocol],
  ] as const) {
    const groups = new Map<string, { reason: Reason; direction: Direction; mine: (typeof all)[number][] }>();
    for (const target of all) {
      const verdict = evaluateLegs(legsTo(traffic, target, over, facts, flow), set);
      for (const direction of ['egress', 'ingress'] as const) {
        const reason = reasonOf(verdict[direction]);
        if (reason === null) continue;
        const key = `${direction} ${reason.policy.kind} ${reason.policy.namespace}/${reason.policy.name} ${target.port}`;
        const group = groups.get(key) ?? { reason, direction, mine: [] };
        group.mine.push(target);
        groups.set(key, group);
      }
    }
    for (const { reason, direction, mine } of groups.values()) {
      const addresses = mine.map(({ address }) => address);
      const readings = readingsOf(traffic, mine, facts, flow);
      denials.push({
        ...reason,
        direction,
        traffic,
        peers: mine.map(({ pod }) => pod),
        addresses,
        port: mine[0]?.port ?? 0,
        protocol: over,
        readings,
        measured: measure(readings),
        control: controlFor(mine, facts),
      });
    }
  }
  return denials;
}

type Reason = Pick<OtherDenial, 'policy' | 'by' | 'walk' | 'open'>;

function reasonOf(side: DirectionVerdict): Reason | null {
  const { walk } = side;
  if (side.allows === 'yes') return null;
  if (side.allows === 'depends') {
    // A point of a NetworkPolicy is for the rules about NetworkPolicies.
    const policy = side.by?.policy ?? side.isolatedBy[0];
    if (policy === undefined || policy.networkPolicy !== null) return null;
    return { policy, by: side.by, walk, open: side.on };
  }
  if (side.because === 'rule') return { policy: side.by.policy, by: side.by, walk, open: null };
  if (side.isolatedBy.some(({ networkPolicy }) => networkPolicy !== null)) return null;
  return { policy: side.isolatedBy[0], by: null, walk, open: null };
}
