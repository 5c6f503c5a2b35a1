/** What the rules of rung N have in common: how sure a denial is, and how it is shown and mended. */
import { endpoint, sawConnect } from '../../derive/connects.ts';
import type { DenialKind } from '../../derive/denial-kind.ts';
import { type Denial, type DenialFacts, type Denials, findDenials } from '../../derive/denials.ts';
import { ageText } from '../../derive/nodes.ts';
import { sawDns } from '../../derive/reach.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import { selectorText } from '../../netpol/selector.ts';
import {
  type Confidence,
  type Context,
  type Fault,
  type FixStep,
  faults,
  type Judgement,
  notApplicable,
  type Proof,
  unsure,
} from '../rule.ts';
import { dnsFixSteps, fixSteps } from './fix.ts';
import { compareRule } from './near.ts';

export function policyRef(denial: Denial): ObjectRef {
  return {
    kind: 'NetworkPolicy',
    namespace: denial.policy.metadata.namespace ?? '',
    name: denial.policy.metadata.name,
  };
}

/**
 * The model alone says "would be denied". With a probe that fails in the matching way it is likely, and proven once something
 * else on the same node answered, so that the path is not to blame.
 */
export function confidenceOf(denial: Denial, { enforcer }: Denials): Confidence {
  if (denial.measured === 'dropped' || denial.measured === 'rejected') {
    if (enforcer === null) return 'possible';
    return denial.control !== null || denial.measured === 'rejected' ? 'proven' : 'likely';
  }
  return denial.measured === 'not-measured' && enforcer !== null && enforcer !== undefined ? 'likely' : 'possible';
}

/** Whether this denial stops the flow: not when it was seen to pass. */
export function blocksFlow(denial: Denial): boolean {
  return denial.measured !== 'passes';
}

/** Nothing runs that would enforce a policy, and no packet says otherwise: that is `netpol-not-enforced`, and no denial. */
export function isUnenforced(denial: Denial, { enforcer }: Denials): boolean {
  const nothingRuns = enforcer === null || (enforcer !== undefined && enforcer.ready === 0);
  return nothingRuns && (denial.measured === 'passes' || denial.measured === 'not-measured');
}

/** The policy, the measurement, and the control that separates policy from path. */
export function proofOf(denial: Denial, denials: Denials, { seen, now }: Context): readonly Proof[] {
  const { policy, isolatedBy } = denial;
  const selected =
    denial.direction === 'egress'
      ? denials.source.metadata.name
      : denial.peers.map((pod) => pod.metadata.name).join(', ');
  const rules = (denial.direction === 'egress' ? policy.spec.egress : policy.spec.ingress)?.length ?? 0;
  const selector = selectorText(policy.spec.podSelector?.matchLabels ?? {}) || 'every Pod of its namespace';
  const alone =
    isolatedBy.length > 1
      ? `; also ${isolatedBy
          .filter((other) => other !== policy)
          .map((other) => other.metadata.name)
          .join(', ')}`
      : '';
  const admitted =
    rules === 0
      ? 'it has no rule that admits anything'
      : rules === 1
        ? 'only what its one rule admits passes'
        : `only what its ${rules} rules admit passes`;
  return [
    {
      vantage: 'api',
      command: `kubectl -n ${policy.metadata.namespace} get networkpolicy ${policy.metadata.name} -o yaml`,
      saw: `selects ${selector}, which closes ${selected} for ${denial.direction}: ${admitted}${alone}`,
    },
    ...(denials.enforcer === null
      ? [seen('daemonSets', 'no known policy engine is installed')]
      : denials.enforcer === undefined
        ? []
        : [seen('daemonSets', `${denials.enforcer.product} enforces policies here`)]),
    ...denial.readings.slice(0, 3).map(showReading),
    ...passesLine(denial, denials, { seen, now }),
    ...(denial.control === null
      ? []
      : [{ ...showReading(denial.control), saw: `${showReading(denial.control).saw} (${controlText(denial)})` }]),
  ];
}

/** Younger than this a policy may not have reached every node. */
const YOUNG_MS = 15_000;

/** Why a flow may pass that a policy denies; the readings are of new connections. */
function passesLine(
  { measured, policy }: Denial,
  { enforcer }: Denials,
  { seen, now }: Pick<Context, 'seen' | 'now'>,
): readonly Proof[] {
  if (measured !== 'passes' || enforcer === null || enforcer === undefined) return [];
  const age = now - Date.parse(policy.metadata.creationTimestamp ?? '');
  const why =
    enforcer.ready < enforcer.desired
      ? `${enforcer.product} is ready on ${enforcer.ready} of ${enforcer.desired} nodes`
      : age < YOUNG_MS
        ? `the policy is only ${ageText(Math.max(0, age))} old, and ${enforcer.product} may not have heard of it`
        : `${enforcer.product} does not act on the policy, or lets something pass before it`;
  return [seen('daemonSets', `new connections pass all the same: ${why}`)];
}

function controlText({ control, via, addresses }: Denial): string {
  const isItself = via !== null && control !== null && 'address' in control && addresses.includes(control.address);
  return isItself ? 'the Pod by itself, not through the node' : 'control on the same node';
}

/** What was measured, as a line of proof. */
export function showReading(reading: Denial['readings'][number]): Proof {
  const saw =
    'transport' in reading
      ? `DNS at ${reading.pod ?? reading.server} over ${reading.transport.toUpperCase()}: ${sawDns(reading.outcome)}`
      : `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`;
  return { vantage: 'source', command: reading.command, saw };
}

/** The fields all policy faults share. */
export function denied(
  denial: Denial,
  denials: Denials,
  context: Context,
): Pick<Fault, 'subject' | 'confidence' | 'addresses' | 'evidence'> & { blocks: Fault['blocks'] } {
  return {
    subject: policyRef(denial),
    confidence: confidenceOf(denial, denials),
    blocks: blocksFlow(denial) ? (denial.traffic === 'dns' ? 'name' : denial.via === null ? 'path' : 'service') : null,
    ...(denial.traffic === 'dns' ? {} : { addresses: denial.addresses }),
    evidence: proofOf(denial, denials, context),
  };
}

/** Kinds of an egress denial that leave out the target altogether: what they say about DNS is the same omission. */
const WHOLE: ReadonlySet<DenialKind> = new Set(['nobody-admitted', 'other', 'one-side', 'service-block']);

/** Whether the same policy keeps out the target and DNS for one reason, so that they are one finding. */
export function isOneOmission(application: Denial, dns: Denial): boolean {
  return (
    application.direction === 'egress' &&
    dns.direction === 'egress' &&
    application.policy === dns.policy &&
    WHOLE.has(application.kind)
  );
}

/** What one rule of rung N says of a denial that is its own. */
export interface DenialWords {
  readonly summary: string;
  /** Further ways out, before and after the smallest change. */
  readonly before?: readonly FixStep[];
  readonly after?: readonly FixStep[];
}

/**
 * The findings of one rule: every denial of the application's traffic that is `mine`, with the fix and its proof. A denial of
 * DNS by the same omission becomes part of it.
 */
export function judgeDenials(
  facts: DenialFacts,
  context: Context,
  rule: {
    readonly mine: (denial: Denial) => boolean;
    readonly say: (denial: Denial, denials: Denials, dns: Denial | undefined) => DenialWords;
    readonly otherwise: string;
  },
): Judgement {
  const denials = findDenials(facts, context.flow);
  if (denials === null) return notApplicable('the source Pod does not exist');
  const mine = denials.application.filter((denial) => rule.mine(denial) && !isUnenforced(denial, denials));
  return unlessUnread(
    mine.map((denial): Fault => {
      const dns = denials.dns.find((other) => isOneOmission(denial, other));
      const common = denied(denial, denials, context);
      const { summary, before = [], after = [] } = rule.say(denial, denials, dns);
      const compare = compareRule(denial);
      return {
        ...common,
        // Lookups come first: what closes both is met there.
        blocks: dns !== undefined && common.blocks !== null ? 'name' : common.blocks,
        summary,
        ...(compare === null ? {} : { compare }),
        evidence: [
          ...common.evidence,
          ...(dns === undefined
            ? []
            : denied(dns, denials, context).evidence.filter((proof) => proof.vantage === 'source')),
        ],
        fix: [
          ...before,
          ...fixSteps(denial, denials, context),
          ...(dns === undefined ? [] : dnsFixSteps(dns, denials, context, 'And DNS, over UDP and TCP', denial)),
          ...after,
        ],
      };
    }),
    denials.unread.application,
    rule.otherwise,
  );
}

/** "has no rule that admits", "its only rule does not admit", "none of its 3 rules admits". */
export function admitsNone({ direction, policy }: Denial): string {
  const rules = policy.spec[direction]?.length ?? 0;
  if (rules === 0) return 'has no rule that admits';
  return rules === 1 ? 'its only rule does not admit' : `none of its ${rules} rules admits`;
}

/** A denial by a policy that admits nobody may be what somebody wanted. */
export function asConfigured({ kind, policy }: Denial): readonly FixStep[] {
  return kind === 'nobody-admitted'
    ? [{ say: `Or leave it, if this is meant: ${policy.metadata.name} blocks the flow as it is configured to` }]
    : [];
}

/** "api-a", or "3 backends". */
export function peersText({ peers }: Denial): string {
  return peers.length === 1 ? (peers[0]?.metadata.name ?? '') : `${peers.length} backends`;
}

/** "Rule 1 of NetworkPolicy api-port (ingress)". */
export function ruleText({ nearest, policy, direction }: Denial): string {
  return `Rule ${(nearest?.rule ?? 0) + 1} of NetworkPolicy ${policy.metadata.name} (${direction})`;
}

/** Clear only when everything was read that a denial could have been seen in. */
export function unlessUnread(all: readonly Fault[], unread: string | null, otherwise: string): Judgement {
  return all.length === 0 && unread !== null ? unsure('api', unread) : faults(all, otherwise);
}
