/** What would become of a flow if policies that are not in the cluster were: by the model alone. */
import { found } from '../evidence/collected.ts';
import type { NamespaceSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { becauseText, type FlowVerdict, stateOf } from '../netpol/verdict.ts';
import { applicationTargets, type DenialFacts, dnsTargetsOf, legsTo } from './denials.ts';
import { evaluateLegs } from './legs.ts';
import { policySetOf } from './policy.ts';
import { type ProposedPolicies, withProposed } from './policy-files.ts';

export type ModelState = ReturnType<typeof stateOf>;

export interface ProposedEnd {
  readonly traffic: 'application' | 'dns';
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly port: number;
  readonly protocol: string;
  readonly before: ModelState;
  readonly after: ModelState;
  /** Why it is then as it is, per direction. */
  readonly egress: string;
  readonly ingress: string;
}

export interface Proposal {
  /** `NetworkPolicy shop/api-clients`, each with what applying it would do. */
  readonly policies: readonly { readonly policy: string; readonly change: 'add' | 'replace' }[];
  /** One sentence for each document that is no policy, or that its API would not accept. */
  readonly problems: readonly string[];
  /** Over all Pods: denied when one is, else undecided when one is. */
  readonly before: ModelState;
  readonly after: ModelState;
  readonly ends: readonly ProposedEnd[];
}

/**
 * Judges the flow by the policies that were read, and by these with the proposed ones added, or in the place of those of the
 * same kind, namespace and name. What was measured plays no part in it.
 *
 * @param spaces further namespaces, for their labels: a run reads those that policies of today ask about
 * @returns a sentence when something it takes was not read, or there is no Pod to judge
 */
export function judgeProposal(
  facts: DenialFacts,
  flow: Flow,
  proposed: ProposedPolicies,
  spaces: readonly NamespaceSnapshot[] = [],
): Proposal | string {
  if (found(facts.sourcePod) === null) return 'there is no source Pod to judge';
  const known = new Set(facts.namespaces.map(({ metadata }) => metadata.name));
  const today = {
    ...facts,
    namespaces: [...facts.namespaces, ...spaces.filter(({ metadata }) => !known.has(metadata.name))],
  };
  // A tier or a policy of another API stands among the others, whoever wrote it.
  const others = [...(facts.adminPolicies ?? []), ...(facts.vendorPolicies ?? [])];
  const proposal = {
    ...today,
    policies: withProposed(facts.policies, proposed.policies),
    adminPolicies: null,
    vendorPolicies: withProposed(others, proposed.others),
  };
  const [setToday, setAfter] = [policySetOf(today), policySetOf(proposal)];
  const { targets, protocol } = applicationTargets(today, flow);
  if (targets.length === 0) return 'no Pod of the destination is known';
  const ends = (
    [
      ['dns', dnsTargetsOf(today, flow), 'UDP'],
      ['application', targets, protocol],
    ] as const
  ).flatMap(([traffic, all, over]) =>
    all.map((target): ProposedEnd => {
      const legs = legsTo(traffic, target, over, today, flow);
      const after: FlowVerdict = evaluateLegs(legs, setAfter);
      return {
        traffic,
        pod: { namespace: target.pod.metadata.namespace ?? '', name: target.pod.metadata.name },
        port: legs.ingress.port,
        protocol: over,
        before: stateOf(evaluateLegs(legs, setToday)),
        after: stateOf(after),
        egress: becauseText(after.egress),
        ingress: becauseText(after.ingress),
      };
    }),
  );
  const present = new Set([...facts.policies, ...others].map(nameOf));
  return {
    policies: [...proposed.policies, ...proposed.others].map((policy) => ({
      policy: nameOf(policy),
      change: present.has(nameOf(policy)) ? 'replace' : 'add',
    })),
    problems: [...proposed.problems, ...setAfter.problems.filter((problem) => !setToday.problems.includes(problem))],
    before: worst(ends.map(({ before }) => before)),
    after: worst(ends.map(({ after }) => after)),
    ends,
  };
}

function nameOf(policy: {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}): string {
  const { name, namespace } = policy.metadata;
  return `${policy.kind ?? 'NetworkPolicy'} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function worst(states: readonly ModelState[]): ModelState {
  return states.includes('deny') ? 'deny' : states.includes('undecided') ? 'undecided' : 'allow';
}
