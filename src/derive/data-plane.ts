/** Who turns Service addresses into Pods: where it is not kube-proxy, no rule of iptables or nftables says anything about it. */
import type { NodeState } from '../evidence/readings.ts';
import type { DaemonSetSnapshot } from '../evidence/snapshots.ts';

/** By the names of their DaemonSets. They serve Services by themselves, or can be told to; nobody but their own agents knows. */
const REPLACEMENTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^cilium(-agent)?$/, 'Cilium'],
  [/^antrea-agent$/, 'Antrea'],
  [/^ovnkube-node/, 'OVN-Kubernetes'],
];

/** By the devices that they make on a node. */
const MARKS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^cilium_/, 'Cilium'],
  [/^bpf(in|out)/, 'Calico with eBPF'],
  [/^antrea-gw/, 'Antrea'],
  [/^ovn-k8s/, 'OVN-Kubernetes'],
];

/**
 * What serves Services in kube-proxy's place, or may do so.
 *
 * @returns a name for a sentence; null when nothing of the kind was seen
 * @see https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/
 * @see https://docs.tigera.io/calico/latest/operations/ebpf/enabling-ebpf
 */
export function proxyReplacement(
  daemonSets: readonly DaemonSetSnapshot[] | null,
  state: Pick<NodeState, 'marks'> | null,
): string | null {
  const found = (names: readonly string[], table: typeof MARKS): string | undefined =>
    table.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
  return (
    found(state?.marks ?? [], MARKS) ??
    found(
      (daemonSets ?? []).map(({ metadata }) => metadata.name),
      REPLACEMENTS,
    ) ??
    null
  );
}
