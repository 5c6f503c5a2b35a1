/** The part of a report that is about policies which are not in the cluster. */
import { DENIAL_NEEDS, denialFacts } from '../derive/denials.ts';
import type { ProposedPolicies } from '../derive/policy-files.ts';
import { judgeProposal, type ModelState, type Proposal, type ProposedEnd } from '../derive/proposal.ts';
import { factOf } from '../evidence/evidence.ts';
import type { NamespaceSnapshot } from '../evidence/snapshots.ts';
import type { Climb } from '../session/session.ts';

/** `unjudged`: why the model has no answer; null when it has one. */
export type ReportProposal = { readonly files: readonly string[]; readonly unjudged: string | null } & Proposal;

/** What the files would make of the flow of this run. */
export function proposalOf(
  { evidence, flow }: Climb,
  files: readonly string[],
  proposed: ProposedPolicies,
  spaces: readonly NamespaceSnapshot[],
): ReportProposal {
  const unread = DENIAL_NEEDS.find((kind) => factOf(evidence, kind) === null);
  const facts = denialFacts(evidence);
  const judged =
    facts === null ? `${WORDS[unread ?? 'policies']} could not be read` : judgeProposal(facts, flow, proposed, spaces);
  const nothing = {
    policies: [],
    problems: proposed.problems,
    before: 'undecided',
    after: 'undecided',
    ends: [],
  } as const;
  return typeof judged === 'string' ? { files, unjudged: judged, ...nothing } : { files, unjudged: null, ...judged };
}

const WORDS: Readonly<Record<(typeof DENIAL_NEEDS)[number], string>> = {
  sourcePod: 'the source Pod',
  policies: 'NetworkPolicies',
  namespaces: 'the labels of the namespaces',
};

export const PROPOSAL_TITLE =
  'Proposed policies, by the model alone: nothing was applied, and nothing above is about them';

const STATES: Readonly<Record<ModelState, string>> = {
  allow: 'allowed',
  deny: 'denied',
  undecided: 'left open',
};

/** The proposal in sentences. Pods for which the same holds are one line. */
export function proposalLines(proposal: ReportProposal): readonly string[] {
  const { files, unjudged, policies, problems, before, after, ends } = proposal;
  if (unjudged !== null) return [`${files.join(', ')}: not judged, ${unjudged}`, ...problems];
  const groups = Map.groupBy(ends, (end) =>
    [end.traffic, end.before, end.after, end.protocol, end.port, end.egress, end.ingress].join('\t'),
  );
  const changes = policies.map(
    ({ policy, change }) => `${policy} (${change === 'add' ? 'new' : "in the place of today's"})`,
  );
  return [
    `${files.join(', ')}: ${changes.length === 0 ? 'no policy' : changes.join(', ')}`,
    `This flow: ${changeText(before, after)}`,
    ...[...groups.values()].map(([first, ...others]) => endText(first as ProposedEnd, others.length)),
    ...problems,
  ];
}

function endText(
  { traffic, pod, port, protocol, before, after, egress, ingress }: ProposedEnd,
  others: number,
): string {
  const who = `${traffic === 'dns' ? 'DNS, ' : ''}${pod.namespace}/${pod.name}${others === 0 ? '' : ` and ${others} more`}`;
  return `${who} ${protocol} ${port}: ${changeText(before, after)}; egress: ${egress}; ingress: ${ingress}`;
}

function changeText(before: ModelState, after: ModelState): string {
  return before === after ? `${STATES[before]}, as today` : `${STATES[before]} today, then ${STATES[after]}`;
}
