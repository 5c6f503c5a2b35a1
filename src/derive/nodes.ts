import type { NodeSnapshot } from '../evidence/snapshots.ts';

/** The kubelet renews its Lease every 10 s; twice that without a renewal means that it missed one. */
const LEASE_LATE_MS = 20_000;

export interface NodeHealth {
  readonly ready: 'True' | 'False' | 'Unknown';
  /** Since the last renewal of the node's Lease; null without one. */
  readonly leaseAgeMs: number | null;
  readonly isLate: boolean;
  readonly message: string | null;
}

/** @param now the API server's clock, milliseconds since the epoch */
export function nodeHealth(node: NodeSnapshot, now: number): NodeHealth {
  const condition = node.status.conditions?.find((candidate) => candidate.type === 'Ready');
  const ready = condition?.status === 'True' || condition?.status === 'False' ? condition.status : 'Unknown';
  const renewed = node.leaseRenewedAt ?? null;
  const leaseAgeMs = renewed === null ? null : Math.max(0, now - Date.parse(renewed));
  return { ready, leaseAgeMs, isLate: leaseAgeMs !== null && leaseAgeMs > LEASE_LATE_MS, message: condition?.message ?? null };
}

export function internalAddress(node: NodeSnapshot): string | null {
  return node.status.addresses?.find((address) => address.type === 'InternalIP')?.address ?? null;
}

/** `12 s`, `4 min`. */
export function ageText(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
