/** What moved on a node while that which was lost was tried once more. */

import type { ConnectReading, ForwardChain, NodeDrops, NodeState } from '../evidence/readings.ts';
import { nodeState } from './node-states.ts';

/** One counter of dropped packets, before and after. */
export interface Dropping {
  readonly table: ForwardChain['variant'] | 'nftables';
  /** `iptables-nft`, `nftables inet firewall`. */
  readonly where: string;
  /** As printed; for a policy `:FORWARD DROP`. */
  readonly rule: string;
  readonly isPolicy: boolean;
  /** So far; null where the rule does not count. */
  readonly packets: number | null;
  /** While the lost packets were tried once more; null when nobody looked again. */
  readonly moved: number | null;
}

/** What drops forwarded packets, or packets for the node itself, in every kind of table. */
export function droppings(
  states: readonly NodeState[],
  after: readonly NodeState[] | null,
  { node, hook }: { readonly node: string; readonly hook: 'forward' | 'input' },
): readonly Dropping[] {
  const before = nodeState(states, node);
  if (before === null) return [];
  const later = new Map(ofNode(nodeState(after, node), hook).map((item) => [keyOf(item), item]));
  return ofNode(before, hook).map((item) => {
    const now = later.get(keyOf(item))?.packets;
    const moved = now === undefined || now === null || item.packets === null ? null : Math.max(0, now - item.packets);
    return { ...item, moved };
  });
}

const keyOf = ({ where, rule }: Dropping): string => `${where} ${rule}`;

function ofNode(state: NodeState | null, hook: 'forward' | 'input'): readonly Dropping[] {
  if (state === null) return [];
  const chain = hook === 'forward' ? 'FORWARD' : 'INPUT';
  const chains = hook === 'forward' ? state.forward : state.input;
  // A chain that is jumped to is reached from a hook of its own table.
  const tables = new Set(state.nftables.filter((one) => one.hook === hook).map(({ table }) => table));
  return [
    ...chains.flatMap(({ variant, defaultAction, policyPackets, drops }): readonly Dropping[] => {
      const base = { table: variant, where: `iptables-${variant}`, moved: null } as const;
      return [
        ...(defaultAction === 'DROP'
          ? [{ ...base, rule: `:${chain} DROP`, isPolicy: true, packets: policyPackets }]
          : []),
        ...drops.map(({ rule, packets }) => ({ ...base, rule, isPolicy: false, packets })),
      ];
    }),
    ...state.nftables
      .filter((one) => tables.has(one.table) && (one.hook === null || one.hook === hook))
      .flatMap(({ table, chain: name, drops }) =>
        drops.map(({ rule, packets }) => ({
          table: 'nftables' as const,
          where: `nftables ${table} ${name}`,
          rule,
          isPolicy: false,
          packets,
          moved: null,
        })),
      ),
  ];
}

/** By how much the kernel's own counters of a node moved; null when it was not looked at twice. */
export function dropsBetween(
  states: readonly NodeState[],
  after: readonly NodeState[] | null,
  node: string,
): NodeDrops | null {
  const [before, now] = [nodeState(states, node)?.drops ?? null, nodeState(after, node)?.drops ?? null];
  if (before === null || now === null) return null;
  const moved = (key: keyof NodeDrops): number => Math.max(0, now[key] - before[key]);
  return {
    tableFull: moved('tableFull'),
    insertFailed: moved('insertFailed'),
    invalid: moved('invalid'),
    reversePath: moved('reversePath'),
  };
}

/** What was lost before and lost again between the two looks. */
export function stillLost(
  lost: readonly ConnectReading[],
  again: readonly ConnectReading[] | null,
): readonly ConnectReading[] {
  return (again ?? []).filter(
    (reading) =>
      reading.outcome.kind !== 'connected' &&
      lost.some(({ address, port }) => address === reading.address && port === reading.port),
  );
}
