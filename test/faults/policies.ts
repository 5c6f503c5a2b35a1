// What the policy faults share: rules as a person would write them, and the enforcer's own counters as witness.
import type { Lab } from './lab.ts';

export const fromPods = (labels: Record<string, string>) => ({ podSelector: { matchLabels: labels } });
export const fromNamespaces = (labels: Record<string, string>) => ({ namespaceSelector: { matchLabels: labels } });

export const tcp = (port: number) => ({ protocol: 'TCP', port });

const NODES = [1, 2, 3];

/** Packets the enforcers have refused so far, `in` to or `out` of the Pods whose name starts like this. */
async function refused(lab: Lab, direction: 'in' | 'out', namespace: string, pod: string): Promise<number> {
  const tables = await Promise.all(
    NODES.map((node) => lab.node(node, ['nft', 'list', 'counters', 'table', 'inet', 'netpol'])),
  );
  const counters = tables.flatMap(({ stdout }) => [...stdout.matchAll(/counter "?(\S+?)"? \{\s+packets (\d+)/g)]);
  return counters
    .filter(([, name]) => name?.startsWith(`${direction}/${namespace}/${pod}`))
    .reduce((sum, [, , packets]) => sum + Number(packets), 0);
}

/** How many packets were refused while something was done. */
export async function refusedWhile<T>(
  lab: Lab,
  direction: 'in' | 'out',
  namespace: string,
  pod: string,
  act: () => Promise<T>,
): Promise<[T, number]> {
  const before = await refused(lab, direction, namespace, pod);
  const result = await act();
  return [result, (await refused(lab, direction, namespace, pod)) - before];
}

/** An egress rule for the Pods of the cluster DNS. */
export const toDns = {
  to: [{ ...fromNamespaces({ 'kubernetes.io/metadata.name': 'kube-system' }), ...fromPods({ 'k8s-app': 'kube-dns' }) }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/** Drops what a Pod of this node sends, in the way of an engine that the lab does not have; null takes it back. */
export async function droppedByHand(lab: Lab, node: number, match: string | null): Promise<void> {
  // Before the Service's address is translated and after it: a match is for one of the two.
  const chains = ['prerouting priority -290', 'forward priority -5'].map(
    (hook, index) => `chain c${index} { type filter hook ${hook}; ${match} counter drop; };`,
  );
  const chain = `table inet byhand { ${chains.join(' ')} }`;
  await lab.onNode(node, 'nft', `destroy table inet byhand${match === null ? '' : `; ${chain}`}`);
}

/** No enforcer runs any more, and none of its rules is left. */
export async function flushEnforcers(lab: Lab): Promise<void> {
  if (await hasDaemonSet(lab)) for (const node of NODES) await lab.stop(node, 'enforcer');
  await Promise.all(NODES.map((node) => lab.onNode(node, 'nft', 'destroy table inet netpol')));
}

export async function startEnforcers(lab: Lab): Promise<void> {
  if (await hasDaemonSet(lab)) for (const node of NODES) await lab.start(node, 'enforcer');
}

/** A lab without policies has none. */
async function hasDaemonSet(lab: Lab): Promise<boolean> {
  return (await lab.field('{.metadata.name}', '-n', 'kube-system', 'daemonset', 'netpol-enforcer')) !== '';
}
