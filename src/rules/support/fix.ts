/** What the fixes of rung N have in common: the smallest change, judged again before anybody is asked to apply it. */

import { selectsEveryPod, unresolvedName } from '../../derive/denial-kind.ts';
import type { Denial, Denials } from '../../derive/denials.ts';
import { editDistance } from '../../derive/names.ts';
import { policySetOf } from '../../derive/policy.ts';
import { changeCommand, changeDiff } from '../../derive/policy-change.ts';
import type { Flow } from '../../ladder/flow.ts';
import { evaluateFlow, type PolicyEnd } from '../../netpol/evaluate.ts';
import {
  addPort,
  addRule,
  type ChangeEffects,
  type Door,
  effectsOf,
  freeName,
  newPolicy,
  type PolicyChange,
  peersFor,
  replaceLabel,
  replacePort,
  withChange,
} from '../../netpol/fix.ts';
import type { PolicySet } from '../../netpol/policy-set.ts';
import type { Context, FixStep } from '../rule.ts';

/** The destination as a word of a sentence, and of the name of a policy. */
export function targetName({ destination }: Flow): string {
  if (destination.kind === 'Address') return destination.address;
  if (destination.kind === 'Absent') return destination.object.name;
  return destination.kind === 'Host' ? destination.host : destination.name;
}

/** A run is judged after every event; what a fix opens is worked out once for each denial. */
const workedOut = new WeakMap<Denial, readonly FixStep[]>();

/** The change with its command and diff, and what the engine says about it. */
export function fixSteps(denial: Denial, denials: Denials, context: Context): readonly FixStep[] {
  const steps = workedOut.get(denial) ?? workOut(denial, denials, context);
  workedOut.set(denial, steps);
  return steps;
}

function workOut(denial: Denial, denials: Denials, context: Context): readonly FixStep[] {
  return stepsFor(smallestChange(denial, denials, context.flow), denial, denials, sayOf(denial, context.flow));
}

/**
 * Admits DNS over UDP and TCP, to the Pods of the cluster DNS on the port they really listen on.
 *
 * @param earlier a denial whose fix is applied before this one: both may change the same policy
 */
export function dnsFixSteps(
  denial: Denial,
  denials: Denials,
  { flow }: Context,
  say: string,
  earlier: Denial | null = null,
): readonly FixStep[] {
  const first = earlier === null ? null : smallestChange(earlier, denials, flow);
  const policies = first === null ? denials.policies : withChange(denials.policies, first);
  const policy = first?.before === denial.policy ? first.after : denial.policy;
  const { source, destination } = denial.flow;
  const name = freeName(`allow-${flow.source.name}-dns`, source.namespace, policies);
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: denial.port }));
  const peers = peersFor(destination, source.namespace);
  const change = selectsEveryPod(policy)
    ? newPolicy(name, source, 'egress', peers, ports)
    : addRule(policy, 'egress', peers, ports);
  const then = { ...denials, policies, facts: { ...denials.facts, policies } };
  return stepsFor(change, denial, then, say);
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
function endsOf({ direction, flow }: Denial): readonly [own: PolicyEnd, other: PolicyEnd] {
  return direction === 'egress' ? [flow.source, flow.destination] : [flow.destination, flow.source];
}

function sayOf(denial: Denial, flow: Flow): string {
  const { nearest, policy, port, protocol } = denial;
  const rule = (nearest?.rule ?? 0) + 1;
  switch (denial.kind) {
    case 'service-port':
    case 'named-port':
      return `Put ${port} in the place of that port in rule ${rule}`;
    case 'protocol-or-range':
      return `Let rule ${rule} admit ${protocol} ${port} as well`;
    default: {
      const slip = slipOf(denial);
      if (slip !== null) return `Put ${slip.key}=${slip.value} into rule ${rule}, if ${slip.value} is meant`;
      const [, other] = endsOf(denial);
      const who = denial.direction === 'egress' ? targetName(flow) : other.name;
      return selectsEveryPod(policy)
        ? `Admit ${who} on ${protocol} ${port} with a small policy of its own; the default deny stays as it is`
        : `Add a rule to ${policy.metadata.name} that admits ${who} on ${protocol} ${port}`;
    }
  }
}

function stepsFor(change: PolicyChange, denial: Denial, denials: Denials, say: string): readonly FixStep[] {
  const doors = { port: denial.port, protocol: denial.protocol };
  const after = policySetOf({ ...denials.facts, policies: withChange(denials.policies, change) });
  const effects =
    denials.known === null
      ? null
      : effectsOf(change, denial.direction, { before: policySetOf(denials.facts), after }, denials.known, doors);
  const opens = (effects?.opens ?? []).filter((door) => !isMeant(door, denial));
  return [
    {
      say,
      run: changeCommand(change),
      ...(change.before === null ? {} : { diff: changeDiff(change) }),
      ...(effects === null ? {} : { opens: opens.map(doorText), closes: effects.closes.map(doorText) }),
    },
    { say: `Judged again with this change: ${judgedAgain(after, denial)}; ${effectText(effects, opens, denials)}` },
  ];
}

/** Every backend behind the destination is meant, on the port the flow uses; and all of DNS where that was asked for. */
function isMeant({ source, destination, port }: Door, { flow, peers, port: wanted }: Denial): boolean {
  const samePod = (one: PolicyEnd, name: string, namespace: string): boolean =>
    one.name === name && one.namespace === namespace;
  return (
    port === wanted &&
    samePod(source, flow.source.name, flow.source.namespace) &&
    peers.some((peer) => samePod(destination, peer.metadata.name, peer.metadata.namespace ?? ''))
  );
}

function judgedAgain(after: PolicySet, denial: Denial): string {
  const verdict = evaluateFlow(denial.flow, after);
  const other = denial.direction === 'egress' ? 'ingress' : 'egress';
  const mine = verdict[denial.direction];
  if (mine.allows === 'depends') return `${denial.direction} is then up to the network plugin (${mine.on})`;
  if (mine.allows === 'no') return `${denial.direction} would still be closed`;
  switch (verdict[other].allows) {
    case 'yes':
      return 'open, both directions';
    case 'no':
      return `${denial.direction} is open; ${other} stays closed, which is a finding of its own`;
    case 'depends':
      return `${denial.direction} is open; ${other} is up to the network plugin`;
  }
}

/** Doors that are told in the sentence; all of them are in the JSON report. */
const MOST_TOLD = 4;

function effectText(effects: ChangeEffects | null, opens: readonly Door[], { known }: Denials): string {
  if (effects === null || known === null) return 'what else it opens is not known: the Pods were not read';
  const told = (doors: readonly Door[]): string =>
    doors.slice(0, MOST_TOLD).map(doorText).join(', ') +
    (doors.length > MOST_TOLD ? ` and ${doors.length - MOST_TOLD} more (see -o json)` : '');
  const among = effects.complete
    ? `between the ${known.length} Pods that were read`
    : `as far as ${known.length} Pods were tried`;
  return [
    opens.length === 0 ? `it opens nothing else ${among}` : `it also opens ${told(opens)}`,
    ...(effects.closes.length === 0 ? [] : [`it closes ${told(effects.closes)}`]),
  ].join('; ');
}

function doorText({ source, destination, port, protocol }: Door): string {
  return `${source.namespace}/${source.name} → ${destination.namespace}/${destination.name} ${protocol} ${port}`;
}
