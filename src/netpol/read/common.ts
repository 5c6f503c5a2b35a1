/** What the readers of all APIs share: label selectors, ports, blocks of addresses, and objects that cannot be read. */
import type { LabelSelector } from '../../evidence/snapshots.ts';
import { inCidr, isCidr } from '../cidr.ts';
import type { PolicyEnd, PolicyFlow } from '../flow.ts';
import { type Match, type Miss, no, open, yes } from '../match.ts';
import type { Policy, PolicyObject, Rule } from '../policy.ts';
import { labelMisses, selectorWords } from '../selector.ts';
import { isRecord, list, Malformed, only, type Raw, record, text, texts } from './raw.ts';

/** How a cluster treats what the specifications leave open; from what is known of its network plugin. */
export interface Assumptions {
  /**
   * Whether an ipBlock of a NetworkPolicy applies to addresses of Pods. `as-written`: yes, as in Calico, Antrea and
   * kube-network-policies. `never`: no, as in Cilium. `open`: not known.
   */
  readonly podsInBlocks: 'as-written' | 'never' | 'open';
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** A selector of labels; throws {@link Malformed} for one that its API would refuse. */
export function labelSelector(value: unknown, field: string): LabelSelector {
  const selector = record(value, field);
  only(selector, ['matchLabels', 'matchExpressions'], field);
  const matchLabels = record(selector.matchLabels, `${field}.matchLabels`);
  for (const [key, wanted] of Object.entries(matchLabels)) text(wanted, `${field}.matchLabels.${key}`);
  const matchExpressions = list(selector.matchExpressions, `${field}.matchExpressions`).map((item) => {
    const expression = record(item, `${field}.matchExpressions`);
    only(expression, ['key', 'operator', 'values'], `${field}.matchExpressions`);
    const key = text(expression.key, `${field}.matchExpressions key`);
    const operator = text(expression.operator, `${field}.matchExpressions operator`);
    const values = [...texts(expression.values, `${field}.matchExpressions values`)];
    if (!OPERATORS.includes(operator))
      throw new Malformed(`${field} has an unknown operator ${JSON.stringify(operator)} for ${key}`);
    if ((operator === 'In' || operator === 'NotIn') !== values.length > 0)
      throw new Malformed(`${field}: ${operator} of ${key} ${values.length > 0 ? 'takes no values' : 'needs values'}`);
    return { key, operator, values };
  });
  return {
    ...(selector.matchLabels === undefined ? {} : { matchLabels: matchLabels as Record<string, string> }),
    ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
  };
}

export function matchPodLabels(selector: LabelSelector, end: PolicyEnd): Match {
  const misses = labelMisses(selector, end.labels).map((miss): Miss => ({ term: 'pod-label', ...miss }));
  return misses.length > 0 ? no(...misses) : yes(selectorWords(selector));
}

/** Open when the labels of the namespace could not be read and the selector asks for some. */
export function matchNamespaceLabels(selector: LabelSelector, end: PolicyEnd): Match {
  const words = selectorWords(selector);
  if (end.namespaceLabels === null) {
    if (words === '') return yes('');
    return open('unread', `the labels of namespace ${end.namespace} could not be read`);
  }
  const misses = labelMisses(selector, end.namespaceLabels).map((miss): Miss => ({ term: 'namespace-label', ...miss }));
  return misses.length > 0 ? no(...misses) : yes(words === '' ? '' : `namespace ${words}`);
}

export function notAPod(end: PolicyEnd): Miss {
  return { term: 'other', needs: 'a Pod', has: `${end.addresses.join(', ')} outside the cluster` };
}

/** `10.0.0.0/8`, checked. */
export function cidr(value: unknown, field: string): string {
  const block = text(value, field);
  if (!isCidr(block)) throw new Malformed(`${field} ${JSON.stringify(block)} is not a block of addresses`);
  return block;
}

/** The first address of an end that a block covers; null when it covers none. */
function covered(end: PolicyEnd, block: string): string | null {
  return end.addresses.find((address) => inCidr(address, block)) ?? null;
}

export function matchBlock(end: PolicyEnd, block: string, term: string): Match {
  return covered(end, block) === null
    ? no({ term: 'ip-block', needs: block, has: end.addresses.join(', ') || 'no address' })
    : yes(term);
}

/** Whether a Pod declares a port of this name and protocol with the flow's number. */
export function isNamedPort(name: string, flow: PolicyFlow): boolean {
  return flow.destination.ports.some(
    (port) => port.name === name && (port.protocol ?? 'TCP') === flow.protocol && port.containerPort === flow.port,
  );
}

export function portMiss(needs: string, flow: PolicyFlow): Miss {
  return { term: 'port', needs, has: `${flow.protocol} ${flow.port}`, ports: [] };
}

/** Identity of an object, with what is missing made up: a sentence about it must always be possible. */
export function objectOf(raw: Raw, rank: string | null): PolicyObject {
  const metadata = isRecord(raw.metadata) ? raw.metadata : {};
  return {
    kind: typeof raw.kind === 'string' ? raw.kind : 'object without kind',
    apiVersion: typeof raw.apiVersion === 'string' ? raw.apiVersion : '',
    namespace: typeof metadata.namespace === 'string' ? metadata.namespace : null,
    name: typeof metadata.name === 'string' ? metadata.name : '(no name)',
    rank,
    networkPolicy: null,
  };
}

/** A rule that could be anything its list allows: it may match, whatever the flow. */
export function unreadableRule(rule: Pick<Rule, 'index' | 'list' | 'action' | 'verb'>, problem: string): Rule {
  return { ...rule, name: null, peers: null, ports: () => open('malformed', problem), condition: null };
}

/** A policy that could be anything: it may select any Pod it could reach, and do anything with it. */
export function unreadablePolicy(
  object: PolicyObject,
  problem: string,
  place: {
    readonly order: number;
    readonly within: string | null;
    readonly canDeny: boolean;
    readonly canClose: boolean;
  },
): Policy {
  const either = (direction: 'ingress' | 'egress'): readonly Rule[] => [
    unreadableRule({ index: 0, list: direction, action: 'allow', verb: '' }, problem),
    ...(place.canDeny ? [unreadableRule({ index: 0, list: direction, action: 'deny', verb: '' }, problem)] : []),
  ];
  return {
    object,
    order: place.order,
    within: place.within,
    selects: () => open('malformed', problem),
    rules: { ingress: either('ingress'), egress: either('egress') },
    closes: { ingress: place.canClose, egress: place.canClose },
  };
}
