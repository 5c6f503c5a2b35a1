import { policyEnd } from '../../src/derive/policy.ts';
import type { NamespaceSnapshot, PodSnapshot } from '../../src/evidence/snapshots.ts';
import { evaluateFlow } from '../../src/netpol/evaluate.ts';
import { outsideEnd, type PolicyEnd } from '../../src/netpol/flow.ts';
import { type PolicySet, policySet } from '../../src/netpol/policy-set.ts';
import { becauseText, type DirectionVerdict, stateOf } from '../../src/netpol/verdict.ts';

/** One end of a question: a Pod of the case, or an address. */
export interface End {
  readonly namespace?: string;
  readonly pod?: string;
  readonly ip?: string;
}

export interface Query {
  readonly src: End;
  readonly dst: End;
  readonly protocol?: string;
  readonly port: number;
  readonly expect?: string;
  readonly egress?: string;
  readonly ingress?: string;
}

/** A small cluster as Kubernetes objects, and questions about it. */
export interface Case {
  readonly case: string;
  readonly resources: readonly KubeObject[];
  readonly queries: readonly Query[];
}

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

type State = 'allow' | 'deny' | 'undecided';

export interface Judged {
  readonly verdict: State;
  readonly egress: State;
  readonly ingress: State;
  /** Policy, rule and term that decided, or what left it open. */
  readonly by: string;
}

/**
 * Answers the questions of a case, in their order.
 *
 * ipBlocks apply to Pods as they are written: that is what the network plugins do that the upstream cases were taken from.
 */
export function judgeCase({ resources, queries }: Case): {
  readonly verdicts: readonly Judged[];
  readonly problems: readonly string[];
} {
  const namespaces = resources.filter(({ kind }) => kind === 'Namespace') as readonly NamespaceSnapshot[];
  const ends = resources.flatMap((object) =>
    object.kind === 'Pod' && object.apiVersion === 'v1' ? [endOf(object, namespaces)] : [],
  );
  const policies = resources.filter(({ apiVersion }) => apiVersion !== 'v1');
  const set = policySet({ others: policies }, { podsInBlocks: 'as-written' });
  return { verdicts: queries.map((query) => judge(query, ends, set)), problems: set.problems };
}

function judge(query: Query, ends: readonly PolicyEnd[], set: PolicySet): Judged {
  const source = find(query.src, ends);
  const destination = find(query.dst, ends);
  if (source === null || destination === null) {
    const { namespace, pod } = source === null ? query.src : query.dst;
    return {
      verdict: 'undecided',
      egress: 'undecided',
      ingress: 'undecided',
      by: `there is no Pod ${namespace}/${pod}`,
    };
  }
  const verdict = evaluateFlow({ source, destination, port: query.port, protocol: query.protocol ?? 'TCP' }, set);
  const state = stateOf(verdict);
  const [egress, ingress] = [stateOfOne(verdict.egress), stateOfOne(verdict.ingress)];
  const telling =
    egress === state && (state !== 'allow' || verdict.egress.allows !== 'yes' || verdict.egress.because === 'rule');
  return { verdict: state, egress, ingress, by: becauseText(telling ? verdict.egress : verdict.ingress) };
}

function stateOfOne({ allows }: DirectionVerdict): State {
  return ({ yes: 'allow', no: 'deny', depends: 'undecided' } as const)[allows];
}

function find({ namespace, pod, ip }: End, ends: readonly PolicyEnd[]): PolicyEnd | null {
  if (ip !== undefined) return ends.find((end) => end.addresses.includes(ip)) ?? outsideEnd(ip);
  return ends.find((end) => end.name === pod && end.namespace === (namespace ?? 'default')) ?? null;
}

/** People who write a Pod by hand leave much out. */
function endOf(object: KubeObject, namespaces: readonly NamespaceSnapshot[]): PolicyEnd {
  const given = object as KubeObject & {
    spec?: Partial<PodSnapshot['spec']> & { serviceAccountName?: string };
    status?: PodSnapshot['status'] & { podIP?: string };
  };
  const addresses = given.status?.podIPs ?? (given.status?.podIP === undefined ? [] : [{ ip: given.status.podIP }]);
  const end = policyEnd(
    {
      metadata: { namespace: 'default', ...object.metadata },
      spec: { containers: [], ...given.spec },
      status: { podIPs: addresses },
    },
    namespaces,
  );
  return { ...end, serviceAccount: given.spec?.serviceAccountName ?? 'default' };
}
