import type { Reach, Stage } from '../derive/reach.ts';
import type { Finding } from './diagnose.ts';

/** What a finding means for this flow; see the contract. */
export type Role = 'cause' | 'next-blocker' | 'consequence' | 'risk' | 'note';

/** Backends fail one by one, so a silent application on one and a lost packet to another are equally in the way. */
const STAGE_ORDER: Readonly<Record<Stage, number>> = { name: 0, service: 1, path: 2, application: 2 };
const ROLE_ORDER: readonly Role[] = ['cause', 'next-blocker', 'consequence', 'risk', 'note'];
const CONFIDENCE_ORDER = ['proven', 'likely', 'possible'];

/**
 * Gives every finding its role and puts them into the order of the report: by role, then by what stops a request first, then
 * by the share of backends it explains, then by confidence.
 *
 * What was measured to work is stopped by nothing: such a finding is a risk, however sure the rule is of the object's state.
 */
export function rankFindings(findings: readonly Finding[], reach: Reach): readonly Finding[] {
  const blocking = findings.filter((finding) => blocksNow(finding, reach));
  const causing = (finding: Finding): Finding | undefined =>
    blocking.find(
      (other) => explainsAway(other, finding) && !(explainsAway(finding, other) && isSurer(finding, other, findings)),
    );
  const roots = blocking.filter((finding) => causing(finding) === undefined);
  const first = Math.min(...roots.map((finding) => STAGE_ORDER[finding.blocks ?? 'application']));
  return findings
    .map((finding): Finding => {
      const cause = causing(finding);
      if (cause !== undefined) return { ...finding, role: 'consequence', explainedBy: cause.id };
      if (!blocking.includes(finding)) return { ...finding, role: 'risk', explainedBy: null };
      const order = STAGE_ORDER[finding.blocks ?? 'application'];
      return { ...finding, role: order === first ? 'cause' : 'next-blocker', explainedBy: null };
    })
    .sort(
      (a, b) =>
        ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role) ||
        STAGE_ORDER[a.blocks ?? 'application'] - STAGE_ORDER[b.blocks ?? 'application'] ||
        affected(b, reach) - affected(a, reach) ||
        CONFIDENCE_ORDER.indexOf(a.confidence) - CONFIDENCE_ORDER.indexOf(b.confidence),
    );
}

function explainsAway(cause: Finding, finding: Finding): boolean {
  return cause.id !== finding.id && cause.explains.includes(finding.id) && covers(cause, finding);
}

/** Of two findings that could each explain the other, one must stay a cause: the surer, else the one further down the ladder. */
function isSurer(one: Finding, other: Finding, findings: readonly Finding[]): boolean {
  return (
    CONFIDENCE_ORDER.indexOf(one.confidence) - CONFIDENCE_ORDER.indexOf(other.confidence) < 0 ||
    (one.confidence === other.confidence && findings.indexOf(one) < findings.indexOf(other))
  );
}

function blocksNow(finding: Finding, reach: Reach): boolean {
  switch (finding.blocks) {
    case null:
      return false;
    case 'name':
      return reach.name !== 'works' && reach.name !== 'not-applicable';
    case 'service':
      return reach.service === 'not-applicable' ? reach.path !== 'works' : reach.service !== 'works';
    case 'path':
    case 'application':
      if (reach[finding.blocks] === 'not-measured' && reach.path !== 'works') return true;
      return finding.addresses === undefined
        ? reach[finding.blocks] !== 'works'
        : finding.addresses.some((address) => reach.failing.includes(address));
  }
}

/** A cause that affects some backends explains only findings about those. */
function covers(cause: Finding, finding: Finding): boolean {
  if (cause.addresses === undefined || finding.addresses === undefined) return true;
  return finding.addresses.every((address) => cause.addresses?.includes(address) ?? true);
}

function affected(finding: Finding, reach: Reach): number {
  return finding.addresses === undefined
    ? Number.POSITIVE_INFINITY
    : finding.addresses.filter((address) => reach.failing.includes(address)).length;
}
