import type { LabelSelector } from '../../evidence/snapshots.ts';
import { inCidr } from '../cidr.ts';
import type { Direction, PolicyEnd, PolicyFlow } from '../flow.ts';
import { allOf, anyOf, type Match, no, open, yes } from '../match.ts';
import type { Policy, PolicyObject, Rule } from '../policy.ts';
import { type Labels, labelMisses, selectorWords } from '../selector.ts';
import { cidr, isNamedPort, labelSelector, objectOf, portMiss, unreadablePolicy, unreadableRule } from './common.ts';
import { type Groups, inGroup, NO_GROUPS } from './groups.ts';
import {
  attempt,
  flag,
  list,
  Malformed,
  maybe,
  number,
  oneOf,
  only,
  type Raw,
  record,
  shown,
  text,
  texts,
} from './raw.ts';

/** Denying rules count before all that allow; those that allow add up with NetworkPolicies. */
const DENY_ORDER = -1;
const ALLOW_ORDER = 1000;

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
const CLUSTER = 'io.cilium.k8s.policy.cluster';

/**
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy v2: one policy for the denying and one for the allowing rules of each
 * of its specs. Rules for nodes (`nodeSelector`) do not concern Pods and are left out.
 *
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 * @see https://docs.cilium.io/en/stable/security/policy/intro/#rule-basics
 */
export function readCiliumPolicy(
  raw: Raw,
  tell: (problem: string) => void,
  groups: Groups = NO_GROUPS,
): readonly Policy[] {
  const object = objectOf(raw, null);
  const within = raw.kind === 'CiliumNetworkPolicy' ? (object.namespace ?? 'default') : null;
  const named = `${object.kind} ${within === null ? '' : `${within}/`}${object.name}`;
  const around: Around = { object, named, within, tell, groups };
  return attempt(
    () => {
      const specs = [...(isGiven(raw.spec) ? [raw.spec] : []), ...list(raw.specs, 'specs')];
      if (specs.length === 0) throw new Malformed('it has no spec');
      return specs.flatMap((spec) => readSpec(record(spec, 'spec'), around));
    },
    (problem) => {
      const sentence = `${named} is not valid: ${problem}`;
      tell(sentence);
      return [unreadablePolicy(object, sentence, { order: DENY_ORDER, within, canDeny: true, canClose: true })];
    },
  );
}

interface Around {
  readonly object: PolicyObject;
  readonly named: string;
  readonly within: string | null;
  readonly tell: (problem: string) => void;
  readonly groups: Groups;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const DIRECTIONS = ['ingress', 'egress'] as const;
const SPEC_FIELDS = [
  'endpointSelector',
  'nodeSelector',
  'ingress',
  'ingressDeny',
  'egress',
  'egressDeny',
  'enableDefaultDeny',
  'labels',
  'description',
  'log',
];

function readSpec(spec: Raw, around: Around): readonly Policy[] {
  only(spec, SPEC_FIELDS, 'spec');
  if (isGiven(spec.nodeSelector)) {
    if (isGiven(spec.endpointSelector)) throw new Malformed('spec has both endpointSelector and nodeSelector');
    return [];
  }
  if (!isGiven(spec.endpointSelector)) throw new Malformed('spec has no endpointSelector');
  const { object, named, within } = around;
  const selector = endpointSelector(spec.endpointSelector, 'endpointSelector');
  const selects = (end: PolicyEnd): Match =>
    within !== null && end.namespace !== within
      ? no({ term: 'own-namespace', needs: within, has: end.namespace })
      : matchEndpoint(selector, end);
  const wanted = record(spec.enableDefaultDeny, 'enableDefaultDeny');
  only(wanted, ['ingress', 'egress'], 'enableDefaultDeny');
  const closes = { ingress: false, egress: false };
  const unsure = { ingress: false, egress: false };
  for (const direction of DIRECTIONS) {
    const said = maybe(wanted[direction], flag, `enableDefaultDeny.${direction}`);
    const rules = [spec[direction], spec[`${direction}Deny`]];
    closes[direction] = said ?? rules.some((some) => list(some, direction).length > 0);
    // An empty list of rules: the documentation speaks of a section, the agent counts rules.
    unsure[direction] = said === undefined && !closes[direction] && rules.some(isGiven);
  }
  const rules = (suffix: '' | 'Deny'): Policy['rules'] => ({
    ingress: readRules(spec[`ingress${suffix}`], 'ingress', suffix, around),
    egress: readRules(spec[`egress${suffix}`], 'egress', suffix, around),
  });
  const allowed = rules('');
  const nothing = { ingress: false, egress: false };
  const point = `${named} has an empty list of rules: whether that closes a Pod depends on the version of Cilium`;
  return [
    { object, within, selects, order: DENY_ORDER, rules: rules('Deny'), closes: nothing },
    {
      object,
      within,
      selects,
      order: ALLOW_ORDER,
      rules: {
        ingress: closes.ingress ? (allowed.ingress ?? []) : allowed.ingress,
        egress: closes.egress ? (allowed.egress ?? []) : allowed.egress,
      },
      closes,
    },
    ...(unsure.ingress || unsure.egress
      ? [
          {
            object,
            within,
            selects: (end: PolicyEnd) => allOf([selects(end), open('not-readable', point)]),
            order: ALLOW_ORDER,
            rules: { ingress: unsure.ingress ? [] : null, egress: unsure.egress ? [] : null },
            closes: unsure,
          },
        ]
      : []),
  ];
}

const PEER_FIELDS = ['Endpoints', 'Requires', 'CIDR', 'CIDRSet', 'Entities', 'Groups', 'Nodes', 'Services', 'FQDNs'];

function readRules(value: unknown, direction: Direction, suffix: '' | 'Deny', around: Around): readonly Rule[] | null {
  const items = list(value, `${direction}${suffix}`);
  if (items.length === 0) return null;
  const side = direction === 'ingress' ? 'from' : 'to';
  return items.map((item, index): Rule => {
    const place = {
      index,
      list: `${direction}${suffix}`,
      action: suffix === '' ? 'allow' : 'deny',
      verb: suffix === '' ? 'allows' : 'denies',
    } as const;
    return attempt(
      () => {
        const rule = record(item, 'rule');
        only(rule, [...PEER_FIELDS.map((field) => `${side}${field}`), 'toPorts', 'icmps', 'authentication'], 'rule');
        const peers = readPeers(rule, side, around);
        const ports = list(rule.toPorts, 'toPorts').map((port) => readPorts(port, around));
        const isIcmp = list(rule.icmps, 'icmps').length > 0;
        // A rule that names neither peers nor ports allows nothing: that is how Cilium's own examples close a Pod.
        const isEmpty = peers === null && ports.length === 0;
        return {
          ...place,
          name: null,
          peers: isEmpty ? [] : peers === null ? null : [{ peer: null, match: peers }],
          ports: (flow) => {
            if (isIcmp) return no(portMiss('ICMP', flow));
            return ports.length === 0 ? yes('') : anyOf(ports.map((port) => port(flow)));
          },
          condition: isGiven(rule.authentication)
            ? { kind: 'not-readable', text: `${around.named}: its authentication is not read by this tool` }
            : null,
        };
      },
      (problem) => {
        const sentence = `${around.named} is not valid: ${place.list} rule ${index + 1}: ${problem}`;
        around.tell(sentence);
        return unreadableRule(place, sentence);
      },
    );
  });
}

/** Null when the rule names no peers at all. */
function readPeers(rule: Raw, side: 'from' | 'to', around: Around): ((end: PolicyEnd) => Match) | null {
  const given = PEER_FIELDS.filter((field) => field !== 'Requires' && isGiven(rule[`${side}${field}`]));
  const terms = given.map((field) => readPeerField(field, rule[`${side}${field}`], `${side}${field}`, around));
  const requires = list(rule[`${side}Requires`], `${side}Requires`).length > 0;
  const [term, ...others] = terms;
  // Blocks of both spellings may stand together; anything else together is refused by Cilium.
  if (others.length > 0 && given.some((field) => field !== 'CIDR' && field !== 'CIDRSet'))
    throw new Malformed(
      `the rule has ${given.map((field) => `${side}${field}`).join(' and ')}, which cannot stand together`,
    );
  if (requires) return () => open('not-readable', `${around.named}: ${side}Requires is not read by this tool`);
  return term === undefined ? null : (end) => anyOf(terms.map((match) => match(end)));
}

function readPeerField(field: string, value: unknown, name: string, around: Around): (end: PolicyEnd) => Match {
  const items = list(value, name);
  const unread = (end: PolicyEnd, what: string): Match =>
    open(
      'not-readable',
      `${around.named}: whether ${end.addresses.join(', ')} is one of ${what} (${name}) is not read by this tool`,
    );
  const outsideOnly = (end: PolicyEnd, what: string): Match =>
    isPod(end) ? no({ term: 'other', needs: what, has: `Pod ${end.namespace}/${end.name}` }) : unread(end, what);
  switch (field) {
    case 'Endpoints': {
      const selectors = items.map((item) => endpointSelector(item, name));
      return (end) => anyOf(selectors.map((selector) => matchPeerEndpoint(selector, end, around.within)));
    }
    case 'CIDR':
    case 'CIDRSet': {
      const blocks = items.map((item) => readBlock(item, name, around));
      return (end) => anyOf(blocks.map((block) => block(end)));
    }
    case 'Entities': {
      const entities = texts(value, name);
      return (end) => anyOf(entities.map((entity) => matchEntity(entity, end, around)));
    }
    // Names stand for addresses that are not endpoints of the cluster.
    case 'FQDNs':
      return (end) => outsideOnly(end, shown(items));
    case 'Nodes':
      return (end) => outsideOnly(end, shown(items));
    default:
      return (end) => unread(end, shown(items));
  }
}

function isPod(end: PolicyEnd): boolean {
  return end.outside !== true && !end.hostNetwork;
}

/** Blocks do not apply where both sides are managed by Cilium. */
function readBlock(value: unknown, name: string, around: Around): (end: PolicyEnd) => Match {
  const raw: Raw = typeof value === 'string' ? { cidr: value } : record(value, name);
  only(raw, ['cidr', 'except', 'cidrGroupRef', 'cidrGroupSelector'], name);
  if (!isGiven(raw.cidr)) return readGroupBlock(raw, name, around);
  const given = text(raw.cidr, `${name}.cidr`);
  const block = cidr(given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`, `${name}.cidr`);
  const except = list(raw.except, `${name}.except`).map((item) => cidr(item, `${name}.except`));
  return (end) => {
    const inside = end.addresses.some(
      (address) => inCidr(address, block) && !except.some((hole) => inCidr(address, hole)),
    );
    if (!inside) return no({ term: 'ip-block', needs: block, has: end.addresses.join(', ') || 'no address' });
    if (isPod(end))
      return no({
        term: 'ip-block',
        needs: `${block}, which Cilium does not apply to Pods`,
        has: end.addresses.join(', '),
      });
    return end.outside === true
      ? yes(block)
      : open(
          'not-readable',
          `${around.named}: whether ${block} applies to the address of a node depends on policyCIDRMatchMode`,
        );
  };
}

/** A group of addresses, by its name or by its labels; as any block it does not apply to what Cilium manages. */
function readGroupBlock(raw: Raw, name: string, { named, groups }: Around): (end: PolicyEnd) => Match {
  const except = list(raw.except, `${name}.except`).map((item) => cidr(item, `${name}.except`));
  const ref = maybe(raw.cidrGroupRef, text, `${name}.cidrGroupRef`);
  const selector = isGiven(raw.cidrGroupSelector)
    ? labelSelector(raw.cidrGroupSelector, `${name}.cidrGroupSelector`)
    : null;
  if ((ref === undefined) === (selector === null))
    throw new Malformed(`${name} has an item without a block and without one group`);
  const one = ref === undefined ? null : groups.cidrGroup(ref);
  const meant =
    selector === null
      ? one === null
        ? []
        : [one]
      : groups.cidrGroups.filter(({ labels }) => labelMisses(selector, labels).length === 0);
  const called =
    ref === undefined ? `a CiliumCIDRGroup with ${selectorWords(selector ?? {})}` : `CiliumCIDRGroup ${ref}`;
  return (end) => {
    if (isPod(end)) return no({ term: 'ip-block', needs: called, has: `Pod ${end.namespace}/${end.name}` });
    if (meant.length === 0) return open('not-readable', `${named}: ${called} is not there, or could not be read`);
    if (end.addresses.some((address) => except.some((hole) => inCidr(address, hole))))
      return no({ term: 'ip-block', needs: `${called} without ${except.join(', ')}`, has: end.addresses.join(', ') });
    const match = anyOf(meant.map((group) => inGroup(group, end)));
    return match.is === 'yes' && end.outside !== true
      ? open(
          'not-readable',
          `${named}: whether ${called} applies to the address of a node depends on policyCIDRMatchMode`,
        )
      : match;
  };
}

const ENTITIES = [
  'all',
  'cluster',
  'world',
  'world-ipv4',
  'world-ipv6',
  'host',
  'remote-node',
  'kube-apiserver',
  'ingress',
  'init',
  'health',
  'unmanaged',
  'none',
] as const;

/** @see https://docs.cilium.io/en/stable/security/policy/language/#entities-based */
function matchEntity(entity: string, end: PolicyEnd, { named }: Around): Match {
  const known = oneOfEntities(entity);
  if (known === 'all') return yes('entity all');
  if (known === 'cluster' && end.outside !== true) return yes('entity cluster');
  const miss = no({ term: 'other', needs: `entity ${entity}`, has: end.addresses.join(', ') });
  if (known === 'none') return miss;
  const neverPods: readonly string[] = ['world', 'world-ipv4', 'world-ipv6', 'host', 'remote-node', 'health'];
  if (isPod(end) && known !== null && neverPods.includes(known)) return miss;
  return open(
    'not-readable',
    `${named}: whether ${end.addresses.join(', ')} is the entity ${entity} is not read by this tool`,
  );
}

function oneOfEntities(entity: string): (typeof ENTITIES)[number] | null {
  return ENTITIES.find((candidate) => candidate === entity) ?? null;
}

/** A selector whose keys have lost the source of the label, which is Kubernetes for all that is judged here. */
interface EndpointSelector {
  readonly selector: LabelSelector;
  /** Keys of other sources: `reserved:host`. */
  readonly foreign: readonly string[];
  readonly saysNamespace: boolean;
}

function endpointSelector(value: unknown, field: string): EndpointSelector {
  const given = labelSelector(value, field);
  const foreign: string[] = [];
  const plain = (key: string): string => {
    const parts = key.match(/^([a-z0-9]+):(.+)$/);
    if (parts === null) return key;
    if (parts[1] !== 'k8s' && parts[1] !== 'any') foreign.push(key);
    return parts[2] ?? key;
  };
  const selector: LabelSelector = {
    matchLabels: Object.fromEntries(Object.entries(given.matchLabels ?? {}).map(([key, label]) => [plain(key), label])),
    matchExpressions: (given.matchExpressions ?? []).map((item) => ({ ...item, key: plain(item.key) })),
  };
  const keys = keysOf(selector);
  return {
    selector,
    foreign,
    saysNamespace: keys.some((key) => key === NAMESPACE || key.startsWith(NAMESPACE_LABELS)),
  };
}

function keysOf({ matchLabels, matchExpressions }: LabelSelector): readonly string[] {
  return [...Object.keys(matchLabels ?? {}), ...(matchExpressions ?? []).map(({ key }) => key)];
}

/** Without a namespace in it, a selector of a namespaced policy means Pods of the policy's own namespace. */
function matchPeerEndpoint(selector: EndpointSelector, end: PolicyEnd, within: string | null): Match {
  if (selector.foreign.length > 0)
    return open('not-readable', `the label ${selector.foreign.join(', ')} is not read by this tool`);
  if (!isPod(end)) return no({ term: 'other', needs: 'a Pod', has: end.addresses.join(', ') });
  if (within !== null && !selector.saysNamespace && end.namespace !== within)
    return no({ term: 'own-namespace', needs: within, has: end.namespace });
  return matchEndpoint(selector, end);
}

/** Labels that Cilium leaves out of an identity unless it is told otherwise. */
const LEFT_OUT =
  /^(pod-template-hash|pod-template-generation|controller-revision-hash|(?!app\.)[\w.-]*kubernetes\.io\/.*|[\w.-]*k8s\.io\/.*)$/;

function matchEndpoint({ selector, foreign }: EndpointSelector, end: PolicyEnd): Match {
  if (foreign.length > 0) return open('not-readable', `the label ${foreign.join(', ')} is not read by this tool`);
  const keys = keysOf(selector);
  if (keys.some((key) => key.startsWith(NAMESPACE_LABELS)) && end.namespaceLabels === null)
    return open('unread', `the labels of namespace ${end.namespace} could not be read`);
  if (keys.includes(SERVICE_ACCOUNT) && end.serviceAccount === undefined)
    return open('unread', `the service account of Pod ${end.namespace}/${end.name} is not known`);
  const unsure = keys.find((key) => LEFT_OUT.test(key) || key === CLUSTER);
  if (unsure !== undefined)
    return open('not-readable', `whether Cilium keeps the label ${unsure} depends on how it is set up`);
  const misses = labelMisses(selector, ciliumLabels(end));
  return misses.length > 0
    ? no(...misses.map((miss) => ({ term: 'pod-label' as const, ...miss })))
    : yes(selectorWords(selector));
}

function ciliumLabels(end: PolicyEnd): Labels {
  const ofNamespace = Object.entries(end.namespaceLabels ?? {}).map(([key, value]) => [
    `${NAMESPACE_LABELS}${key}`,
    value,
  ]);
  return {
    ...end.labels,
    ...Object.fromEntries(ofNamespace),
    [NAMESPACE]: end.namespace,
    ...(end.serviceAccount === undefined ? {} : { [SERVICE_ACCOUNT]: end.serviceAccount }),
  };
}

/** One item of `toPorts`: any of its ports; with rules of layer 7 it depends on what is said there. */
function readPorts(value: unknown, { named }: Around): (flow: PolicyFlow) => Match {
  const raw = record(value, 'toPorts');
  only(raw, ['ports', 'rules', 'listener', 'terminatingTLS', 'originatingTLS', 'serverNames'], 'toPorts');
  const ports = list(raw.ports, 'ports').map(readPort);
  const special = ['rules', 'listener', 'terminatingTLS', 'originatingTLS', 'serverNames'].find(
    (field) => isGiven(raw[field]) && !admitsAll(field, raw[field]),
  );
  return (flow) => {
    const match = ports.length === 0 ? yes('') : anyOf(ports.map((port) => port(flow)));
    return match.is === 'yes' && special !== undefined
      ? open(
          'not-readable',
          `${named}: ${special === 'rules' ? `its rules for ${Object.keys(record(raw.rules, 'rules')).join(', ')}` : special} on port ${flow.port} are not read by this tool`,
        )
      : match;
  };
}

/** `rules: {dns: [{matchPattern: "*"}]}` lets every name through. */
function admitsAll(field: string, value: unknown): boolean {
  if (field !== 'rules') return false;
  const rules = record(value, 'rules');
  const kinds = Object.keys(rules);
  if (kinds.length === 0) return true;
  return (
    kinds.length === 1 &&
    kinds[0] === 'dns' &&
    list(rules.dns, 'rules.dns').some((rule) => record(rule, 'rules.dns').matchPattern === '*')
  );
}

function readPort(value: unknown): (flow: PolicyFlow) => Match {
  const raw = record(value, 'port');
  only(raw, ['port', 'endPort', 'protocol'], 'port');
  const protocol = oneOf(
    raw.protocol ?? 'ANY',
    ['ANY', 'TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6', 'VRRP', 'IGMP'] as const,
    'protocol',
  );
  const given = text(raw.port, 'port');
  const last = maybe(raw.endPort, number, 'endPort');
  const words = `${protocol === 'ANY' ? 'port' : protocol} ${given}${last === undefined ? '' : `-${last}`}`;
  const isNumber = /^\d+$/.test(given);
  const first = Number(given);
  if (isNumber && first > 65_535) throw new Malformed(`port ${given} is not between 0 and 65535`);
  if (last !== undefined && (!isNumber || last < first)) throw new Malformed(`endPort ${last} is below port ${given}`);
  const covers = (flow: PolicyFlow): boolean => {
    if (protocol !== 'ANY' && protocol !== flow.protocol) return false;
    if (!isNumber) return isNamedPort(given, flow);
    // Port 0 is every port.
    return first === 0 || (first <= flow.port && flow.port <= (last ?? first));
  };
  return (flow) => (covers(flow) ? yes(words) : no(portMiss(words, flow)));
}
