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
