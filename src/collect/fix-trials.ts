/** The fixes of what policies deny, shown to the API server without consequence: would it take them? */
import { type DenialFacts, findDenials } from '../derive/denials.ts';
import { manifestOf } from '../derive/policy-change.ts';
import { dnsChange, smallestChange } from '../derive/policy-fix.ts';
import type { Collected } from '../evidence/collected.ts';
import type { FixTrial } from '../evidence/readings.ts';
import type { Flow } from '../ladder/flow.ts';
import type { PolicyChange } from '../netpol/fix.ts';
import type { Rehearsal } from './ports.ts';
import type { Reading } from './read.ts';

/** A flow that many policies deny is mended one by one. */
const MOST_TRIALS = 4;

/** What would be printed as a fix, one change for each policy; empty unless packets were lost by a denial. */
export function fixesToTry(facts: DenialFacts, flow: Flow): readonly PolicyChange[] {
  const denials = findDenials(facts, flow);
  if (denials === null) return [];
  const all = [
    ...denials.application.map((denial) => ({ denial, change: smallestChange(denial, denials, flow) })),
    ...denials.dns
      .filter(({ direction }) => direction === 'egress')
      .map((denial) => ({ denial, change: dnsChange(denial, denials, flow, null) })),
  ].filter(({ denial: { measured } }) => measured === 'dropped' || measured === 'rejected');
  const byName = new Map<string, PolicyChange>();
  for (const { change } of all) {
    const { namespace, name } = change.after.metadata;
    if (!byName.has(`${namespace}/${name}`)) byName.set(`${namespace}/${name}`, change);
  }
  return [...byName.values()].slice(0, MOST_TRIALS);
}

/** @returns one trial for each change that the user may make; those that nobody answered are left out */
export async function tryFixes(
  reading: Reading,
  changes: readonly PolicyChange[],
): Promise<Collected<readonly FixTrial[]>> {
  const atMs = reading.nowMs();
  const trials = await Promise.all(
    changes.map(async (change): Promise<readonly FixTrial[]> => {
      const { namespace = '', name } = change.after.metadata;
      const answer = (await reading.api.rehearse?.(rehearsalOf(change), reading.signal)) ?? null;
      if (answer?.kind === 'object') return [{ namespace, name, refusal: null }];
      return answer?.kind === 'refused' ? [{ namespace, name, refusal: answer.message }] : [];
    }),
  );
  return {
    status: 'collected',
    value: trials.flat(),
    command: 'kubectl apply --dry-run=server, or kubectl patch --dry-run=server',
    atMs,
    tookMs: reading.nowMs() - atMs,
  };
}

function rehearsalOf(change: PolicyChange): Rehearsal {
  const { namespace = '', name } = change.after.metadata;
  const list = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;
  const common = { group: 'networking.k8s.io', resource: 'networkpolicies', namespace } as const;
  return change.before === null
    ? { ...common, verb: 'create', path: list, body: manifestOf(change.after) }
    : { ...common, verb: 'patch', path: `${list}/${encodeURIComponent(name)}`, body: change.patch };
}
