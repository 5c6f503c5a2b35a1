/** What the rules of rung N have in common: how sure a denial is, and how it is shown and mended. */
import { endpoint, sawConnect } from '../../derive/connects.ts';
import type { Denial, Denials } from '../../derive/denials.ts';
import { sawDns } from '../../derive/reach.ts';
import { applyCommand } from '../../derive/yaml.ts';
import type { Flow, ObjectRef } from '../../ladder/flow.ts';
import { selectorText } from '../../netpol/selector.ts';
import { type Confidence, type Context, type Fault, faults, type Judgement, type Proof, unsure } from '../rule.ts';

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

/** Whether this denial stops the flow: not when it was seen to pass, and not when nothing enforces policies. */
export function blocksFlow(denial: Denial, { enforcer }: Denials): boolean {
  if (denial.measured === 'passes') return false;
  return denial.measured !== 'not-measured' || enforcer !== null;
}

/** The policy, the measurement, and the control that separates policy from path. */
export function proofOf(denial: Denial, denials: Denials, { seen }: Context): readonly Proof[] {
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
        : [seen('daemonSets', `${denials.enforcer} enforces policies here`)]),
    ...denial.readings.slice(0, 3).map(showReading),
    ...(denial.control === null
      ? []
      : [{ ...showReading(denial.control), saw: `${showReading(denial.control).saw} (control on the same node)` }]),
  ];
}

function showReading(reading: Denial['readings'][number]): Proof {
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
    blocks: blocksFlow(denial, denials) ? (denial.traffic === 'dns' ? 'name' : 'path') : null,
    ...(denial.traffic === 'dns' ? {} : { addresses: denial.addresses }),
    evidence: proofOf(denial, denials, context),
  };
}

/** The destination as a word of a sentence, and of the name of a policy. */
export function targetName({ destination }: Flow): string {
  if (destination.kind === 'Address') return destination.address;
  return destination.kind === 'Host' ? destination.host : destination.name;
}

/** Clear only when everything was read that a denial could have been seen in. */
export function unlessUnread(all: readonly Fault[], unread: string | null, otherwise: string): Judgement {
  return all.length === 0 && unread !== null ? unsure('api', unread) : faults(all, otherwise);
}

/** The labels that pick just these Pods, without those that change with every rollout. */
export function stableLabels(labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const changing = [
    'pod-template-hash',
    'controller-revision-hash',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
    'batch.kubernetes.io/controller-uid',
    'batch.kubernetes.io/job-name',
    'controller-uid',
    'job-name',
  ];
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !changing.includes(key)));
}

/** A selector for one end of the flow, as a policy peer; the namespace only when it is not the policy's own. */
export function peerFor(pod: Denials['source'], policyNamespace: string): Readonly<Record<string, unknown>> {
  const labels = stableLabels(pod.metadata.labels);
  const podSelector = Object.keys(labels).length === 0 ? {} : { matchLabels: labels };
  return pod.metadata.namespace === policyNamespace
    ? { podSelector }
    : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': pod.metadata.namespace } }, podSelector };
}

/** A command that adds one rule to the policy, in its own direction. */
export function addRule(denial: Denial, rule: Readonly<Record<string, unknown>>): string {
  const field = denial.direction;
  const existing = denial.direction === 'egress' ? denial.policy.spec.egress : denial.policy.spec.ingress;
  const patch =
    existing === undefined || existing === null
      ? [{ op: 'add', path: `/spec/${field}`, value: [rule] }]
      : [{ op: 'add', path: `/spec/${field}/-`, value: rule }];
  return `kubectl -n ${denial.policy.metadata.namespace} patch networkpolicy ${denial.policy.metadata.name} --type=json -p '${JSON.stringify(patch)}'`;
}

/** A new small policy that admits this flow, for a policy that is shared by many Pods and better left alone. */
export function newPolicy(denial: Denial, denials: Denials, name: string): string {
  const [peer] = denial.peers;
  const own = denial.direction === 'egress' ? denials.source : peer;
  const other = denial.direction === 'egress' ? peer : denials.source;
  if (own === undefined || other === undefined) return '';
  const namespace = denial.policy.metadata.namespace ?? '';
  const rule = {
    [denial.direction === 'egress' ? 'to' : 'from']: [peerFor(other, namespace)],
    ports: [{ protocol: denial.protocol, port: denial.port }],
  };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: stableLabels(own.metadata.labels) },
      policyTypes: [denial.direction === 'egress' ? 'Egress' : 'Ingress'],
      [denial.direction]: [rule],
    },
  };
  return applyCommand(policy);
}
