/** What rules about nodes have in common: which lost connections a node can answer for, and how they are shown. */
import { endpoint, isReset, sawConnect } from '../../derive/connects.ts';
import type { Dropping } from '../../derive/node-counters.ts';
import type { RuleView } from '../../derive/service-rules.ts';
import type { ConnectReading, NodeState, ServiceTargets, TrackedFlow } from '../../evidence/readings.ts';
import type { FixStep, Proof } from '../rule.ts';

/**
 * Connections to backends that were lost on the way and pass through this node: at the source's own node those to other nodes, at another
 * node those to its own Pods.
 *
 * @param own the node of the source Pod
 */
export function lostAt(
  connects: readonly ConnectReading[],
  node: string,
  own: string | null,
): readonly ConnectReading[] {
  return connects.filter(
    (reading) =>
      reading.outcome.kind !== 'connected' &&
      !isReset(reading) &&
      (node === own ? reading.owner.node !== own : reading.owner.node === node),
  );
}

/** The first three of them, as lines of proof. */
export function lostProof(lost: readonly ConnectReading[]): readonly Proof[] {
  return lost.slice(0, 3).map((reading) => ({
    vantage: 'source',
    command: reading.command,
    saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
  }));
}

/** A counter of dropped packets as a line of proof, with how it moved. */
export function movedProof(state: NodeState, { table, where, rule, packets, moved }: Dropping): Proof {
  const chain = rule.includes('INPUT') ? 'INPUT' : 'FORWARD';
  const count =
    packets === null
      ? 'without a counter'
      : moved === null || moved === 0
        ? `${packets} packets`
        : `${packets} packets, then ${packets + moved}`;
  return {
    vantage: 'node',
    command:
      table === 'nftables'
        ? `${state.command} -- nft list table ${where.split(' ').slice(1, 3).join(' ')}`
        : `${state.command} -- iptables-${table} -nvL ${chain}`,
    saw: `${state.node}: ${rule}, ${count}`,
  };
}

/** The command that takes such a rule away or sets the policy back; none for nftables, whose rules are deleted by number. */
export function undoDrop({ table, where, rule, isPolicy }: Dropping): Pick<FixStep, 'run'> {
  if (table === 'nftables') return { run: `nft -a list table ${where.split(' ').slice(1, 3).join(' ')}` };
  const chain = rule.includes('INPUT') ? 'INPUT' : 'FORWARD';
  return {
    run: isPolicy
      ? `iptables-${table} -P ${chain} ACCEPT`
      : `iptables-${table} ${rule.replace(`-A ${chain}`, `-D ${chain}`)}`,
  };
}

/** One connection as a line of proof; null without one. */
export function asProof(reading: ConnectReading | undefined): Proof | null {
  return reading === undefined ? null : (lostProof([reading])[0] ?? null);
}

/** A tracked connection that was sent to one of these addresses with ports; null when none was. */
export function flowProof(state: NodeState, flows: readonly TrackedFlow[], to: readonly string[]): Proof | null {
  const flow = flows.find(({ answersFrom, answersFromPort }) => to.includes(endpoint(answersFrom, answersFromPort)));
  if (flow === undefined) return null;
  return {
    vantage: 'node',
    command: `${state.command} -- conntrack -L -s ${flow.source} -d ${flow.destination}`,
    saw: `${state.node}: ${flow.protocol.toUpperCase()} from port ${flow.sourcePort} to ${endpoint(flow.destination, flow.destinationPort)} was sent to ${endpoint(flow.answersFrom, flow.answersFromPort)}${flow.isReplied ? '' : ', which has not answered'}`,
  };
}

/** Shows the rules of the Service address on its node. */
export function rulesCommand({ state, address, sets }: RuleView, by?: ServiceTargets['by']): string {
  switch (by ?? sets[0]?.by) {
    case 'nftables':
      return `${state.command} -- nft list map ip kube-proxy service-ips`;
    case 'ipvs':
      return `${state.command} -- cat /proc/net/ip_vs`;
    case 'iptables-legacy':
      return `${state.command} -- sh -c 'iptables-legacy-save -t nat | grep ${address}'`;
    default:
      return `${state.command} -- sh -c 'iptables-save -t nat | grep ${address}'`;
  }
}
