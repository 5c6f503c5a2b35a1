/** The smallest change of a policy that lets a denied flow through. */
import type { Flow } from '../ladder/flow.ts';
import type { PolicyEnd } from '../netpol/evaluate.ts';
import {
  addPort,
  addRule,
  freeName,
  newPolicy,
  type PolicyChange,
  peersFor,
  replaceLabel,
  replacePort,
} from '../netpol/fix.ts';
import { selectsEveryPod, unresolvedName } from './denial-kind.ts';
import type { Denial, Denials } from './denials.ts';
import { editDistance } from './names.ts';

/** The destination as a word of a sentence, and of the name of a policy. */
export function targetName({ destination }: Flow): string {
  if (destination.kind === 'Address') return destination.address;
  if (destination.kind === 'Absent') return destination.object.name;
  return destination.kind === 'Host' ? destination.host : destination.name;
}

/** The change that opens this denial's direction for this flow and as little as possible besides. */
export function smallestChange(denial: Denial, denials: Denials, flow: Flow): PolicyChange {
  const { direction, nearest, policy, port, protocol } = denial;
  const ports = (nearest?.misses ?? []).flatMap((miss) => (miss.term === 'port' ? miss.ports : []));
  if (nearest !== null && denial.kind === 'service-port') {
    const index = ports.findIndex((candidate) => candidate.port === denials.servicePort?.port);
    return replacePort(policy, direction, { rule: nearest.rule, index }, port);
  }
  if (nearest !== null && denial.kind === 'named-port') {
    const index = ports.findIndex((candidate) => unresolvedName(candidate, denial.flow, denials.servicePort));
    return replacePort(policy, direction, { rule: nearest.rule, index }, port);
  }
  if (nearest !== null && denial.kind === 'protocol-or-range')
    return addPort(policy, direction, nearest.rule, { protocol, port });
  const slip = slipOf(denial);
  if (slip !== null) return replaceLabel(policy, direction, slip, slip.value);
  const [own, other] = endsOf(denial);
  const admitted = [{ protocol, port }];
  const peers = peersFor(other, own.namespace, denials.overlayAddresses(other.node));
  if (!selectsEveryPod(policy)) return addRule(policy, direction, peers, admitted);
  const name = freeName(`allow-${flow.source.name}-to-${targetName(flow)}`, own.namespace, denials.policies);
  return newPolicy(name, own, direction, peers, admitted);
}

/** Letters that may differ in a slip of the pen. */
const MOST_SLIPS = 2;

export interface Slip {
  readonly rule: number;
  readonly peer: number;
  readonly key: string;
  /** What the Pod has. */
  readonly value: string;
  /** "one letter differs", "upper and lower case differ". */
  readonly how: string;
}

/** The one value of the nearest rule that differs from the Pod's by a letter or two; null when it is no slip of the pen. */
export function slipOf({ kind, nearest, policy, direction }: Denial): Slip | null {
  const [miss, ...others] = nearest?.misses ?? [];
  if (kind !== 'pod-label' || nearest === null || miss?.term !== 'pod-label' || others.length > 0) return null;
  const wanted = nearest.peer?.podSelector?.matchLabels;
  const value = wanted !== undefined && Object.hasOwn(wanted, miss.key) ? wanted[miss.key] : undefined;
  const rules = direction === 'egress' ? policy.spec.egress : policy.spec.ingress;
  const rule = rules?.[nearest.rule];
  const peers = rule === undefined ? [] : (('from' in rule ? rule.from : 'to' in rule ? rule.to : null) ?? []);
  const peer = peers.indexOf(nearest.peer as (typeof peers)[number]);
  if (miss.has === null || value === undefined || peer === -1) return null;
  const sameLetters = miss.has.toLowerCase() === value.toLowerCase();
  const letters = editDistance(miss.has, value);
  if (!sameLetters && (letters > MOST_SLIPS || letters * 3 > value.length)) return null;
  const how = sameLetters
    ? 'upper and lower case differ'
    : letters === 1
      ? 'one letter differs'
      : `${letters} letters differ`;
  return { rule: nearest.rule, peer, key: miss.key, value: miss.has, how };
}

/** The Pod whose policy denies, and the one at the other end. */
export function endsOf({ direction, flow }: Denial): readonly [own: PolicyEnd, other: PolicyEnd] {
  return direction === 'egress' ? [flow.source, flow.destination] : [flow.destination, flow.source];
}

/**
 * Admits DNS over UDP and TCP, to the Pods of the cluster DNS on the port they really listen on.
 *
 * @param first a change that is applied before this one: both may be of the same policy
 */
export function dnsChange(denial: Denial, denials: Denials, flow: Flow, first: PolicyChange | null): PolicyChange {
  const policy = first?.before === denial.policy ? first.after : denial.policy;
  const { source, destination } = denial.flow;
  const name = freeName(`allow-${flow.source.name}-dns`, source.namespace, denials.policies);
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: denial.port }));
  const peers = peersFor(destination, source.namespace);
  return selectsEveryPod(policy)
    ? newPolicy(name, source, 'egress', peers, ports)
    : addRule(policy, 'egress', peers, ports);
}
