/** What may reach a Pod and what it may reach, as the policies say: a table, before anybody has sent a packet. */
import type { PolicyEnd } from '../netpol/evaluate.ts';
import { type Direction, evaluateFlow, isolating } from '../netpol/evaluate.ts';
import type { PolicySet } from '../netpol/policy-set.ts';
import { becauseText, type DirectionVerdict, policyText, stateOf } from '../netpol/verdict.ts';

export interface PolicyRow {
  readonly direction: Direction;
  readonly peer: { readonly namespace: string; readonly name: string };
  readonly port: number;
  readonly protocol: string;
  /** Both ends taken together. */
  readonly state: 'allow' | 'deny' | 'undecided';
  /** The end that decided, and why. */
  readonly because: string;
}

export interface PolicyTable {
  /** The policies that close the Pod, per direction; none: that direction is open to everybody. */
  readonly closedBy: Readonly<Record<Direction, readonly string[]>>;
  readonly rows: readonly PolicyRow[];
}

/** Where the receiving Pod declares no port: is anything open at all? */
const ANY_PORT = { containerPort: 80, protocol: 'TCP' } as const;

/** Every other Pod in both directions, on the ports that the receiving one declares; on TCP 80 where it declares none. */
export function policyTable(pod: PolicyEnd, others: readonly PolicyEnd[], policies: PolicySet): PolicyTable {
  const rows = (['ingress', 'egress'] as const).flatMap((direction) =>
    others.flatMap((other) => {
      const [source, destination] = direction === 'ingress' ? [other, pod] : [pod, other];
      const ports = destination.ports.length === 0 ? [ANY_PORT] : destination.ports;
      return ports.map((port): PolicyRow => {
        const at = { port: port.containerPort, protocol: port.protocol ?? 'TCP' };
        const verdict = evaluateFlow({ source, destination, ...at }, policies);
        const state = stateOf(verdict);
        const { egress, ingress } = verdict;
        const wanted = { allow: 'yes', deny: 'no', undecided: 'depends' } as const;
        // Of two ends that allow, the one with a rule says more.
        const deciding: DirectionVerdict =
          state === 'allow'
            ? ingress.allows === 'yes' && ingress.because === 'rule'
              ? ingress
              : egress
            : egress.allows === wanted[state]
              ? egress
              : ingress;
        const end = deciding === egress ? 'egress' : 'ingress';
        return {
          direction,
          peer: { namespace: other.namespace, name: other.name },
          ...at,
          state,
          because: `${end}: ${becauseText(deciding)}`,
        };
      });
    }),
  );
  return {
    closedBy: {
      ingress: isolating('ingress', pod, policies).map(policyText),
      egress: isolating('egress', pod, policies).map(policyText),
    },
    rows,
  };
}
