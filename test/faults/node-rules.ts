// What kube-proxy has written on a node, read without the tool, and ways to stop it from writing more.
import type { Lab } from './lab.ts';

/** Frozen, its Pod stays Ready and its rules stay as they are. */
export async function freezeProxy(lab: Lab, node: number): Promise<void> {
  await lab.onNode(node, 'sh', '-c', 'pkill -STOP -x kube-proxy');
}

/** It is started anew: one that was frozen for long has lost its connections. */
export async function thawProxy(lab: Lab, node: number): Promise<void> {
  await lab.onNode(node, 'sh', '-c', 'pkill -CONT -x kube-proxy; true');
  await lab.stop(node, 'kube-proxy');
  await lab.start(node, 'kube-proxy');
}

const RULES = `vip=$1
chain=$(iptables-save -t nat 2>/dev/null | sed -n "s/^-A KUBE-SERVICES -d $vip\\/32 .*-j \\(KUBE-SVC-.*\\)$/\\1/p" | head -n 1)
[ -z "$chain" ] || for sep in $(iptables-save -t nat | sed -n "s/^-A $chain .*-j \\(KUBE-SEP-.*\\)$/\\1/p"); do iptables-save -t nat | sed -n "s/^-A $sep .*--to-destination \\([0-9.]*\\):.*/\\1/p"; done
chain=$(nft list map ip kube-proxy service-ips 2>/dev/null | grep -o "$vip \\. tcp \\. [0-9]* : goto [^ ,]*" | head -n 1 | sed 's/.*goto //')
[ -z "$chain" ] || nft list chain ip kube-proxy "$chain" | grep -v 'ip daddr' | grep -oE '(__|[:{,] *)[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+' | grep -oE '[0-9.]+$'
true`;

/** The Pod addresses that the rules of a node lead a Service address to, in either mode. */
export async function leadsTo(lab: Lab, node: number, vip: string): Promise<string[]> {
  const said = await lab.onNode(node, 'sh', '-c', RULES, 'rules', vip);
  return [...new Set(said.split(/\s+/).filter((ip) => ip !== ''))];
}
