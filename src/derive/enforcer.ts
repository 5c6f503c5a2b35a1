import type { DaemonSetSnapshot } from '../evidence/snapshots.ts';

/**
 * DaemonSets that enforce NetworkPolicy, by the names their own manifests use.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/networking/ and each project's manifests
 */
const ENFORCERS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^(calico-node|canal)$/, 'Calico'],
  [/^cilium(-agent)?$/, 'Cilium'],
  [/^antrea-agent$/, 'Antrea'],
  [/^ovnkube-node/, 'OVN-Kubernetes'],
  [/^kube-router$/, 'kube-router'],
  [/^weave-net$/, 'Weave Net'],
  [/^kindnet$/, 'kindnet'],
  [/^aws-node$/, 'the Amazon VPC CNI'],
  [/^azure-npm$/, 'Azure NPM'],
  [/^(kube-network-policies|netpol-enforcer)$/, 'a NetworkPolicy agent'],
];

export interface Enforcer {
  readonly product: string;
  readonly namespace: string;
  readonly name: string;
  readonly ready: number;
  readonly desired: number;
  /** It knows Pods and nodes by identity: an ipBlock does not admit them, whatever addresses it holds. */
  readonly ignoresBlocks: boolean;
}

/** Whether a DaemonSet of this name is known to enforce policies. */
export function isEnforcerName(name: string): boolean {
  return ENFORCERS.some(([pattern]) => pattern.test(name));
}

/** The policy engine of the cluster; null when no known one is installed. k3s enforces inside its own process and has no DaemonSet. */
export function findEnforcer(daemonSets: readonly DaemonSetSnapshot[]): Enforcer | null {
  for (const daemonSet of daemonSets) {
    const match = ENFORCERS.find(([pattern]) => pattern.test(daemonSet.metadata.name));
    if (match === undefined) continue;
    return {
      product: match[1],
      namespace: daemonSet.metadata.namespace ?? 'kube-system',
      name: daemonSet.metadata.name,
      ready: daemonSet.status?.numberReady ?? 0,
      desired: daemonSet.status?.desiredNumberScheduled ?? 0,
      // https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based
      ignoresBlocks: match[1] === 'Cilium',
    };
  }
  return null;
}
