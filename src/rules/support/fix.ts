/** What the fixes of rung N have in common: the smallest change, judged again before anybody is asked to apply it. */

import { selectsEveryPod } from '../../derive/denial-kind.ts';
import type { Denial, Denials } from '../../derive/denials.ts';
import { policySetOf } from '../../derive/policy.ts';
import { changeCommand, changeDiff } from '../../derive/policy-change.ts';
import { dnsChange, endsOf, slipOf, smallestChange, targetName } from '../../derive/policy-fix.ts';
import type { Flow } from '../../ladder/flow.ts';
import { evaluateFlow, type PolicyEnd } from '../../netpol/evaluate.ts';
import { type ChangeEffects, type Door, effectsOf, type PolicyChange, withChange } from '../../netpol/fix.ts';
import type { PolicySet } from '../../netpol/policy-set.ts';
import type { Context, FixStep } from '../rule.ts';

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
  const change = dnsChange(denial, { ...denials, policies }, flow, first);
  const then = { ...denials, policies, facts: { ...denials.facts, policies } };
  return stepsFor(change, denial, then, say);
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
    ...trialStep(change, denials),
  ];
}

/** What the API server said when it was asked without consequence; nothing where it was not. */
function trialStep({ after }: PolicyChange, { trials }: Denials): readonly FixStep[] {
  const { name, namespace } = after.metadata;
  const trial = trials.find((one) => one.name === name && one.namespace === namespace);
  if (trial === undefined) return [];
  return [
    {
      say:
        trial.refusal === null
          ? 'Tried with a dry run: the API server would take it'
          : `Tried with a dry run: the API server refuses it: ${trial.refusal}`,
    },
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
