import { inCidr } from '../cidr.ts';
import type { Direction, PolicyEnd, PolicyFlow } from '../flow.ts';
import { allOf, anyOf, type Match, no, open, yes } from '../match.ts';
import type { Action, Policy, Rule } from '../policy.ts';
import {
  cidr,
  isNamedPort,
  labelSelector,
  matchNamespaceLabels,
  matchPodLabels,
  notAPod,
  objectOf,
  portMiss,
  unreadablePolicy,
  unreadableRule,
} from './common.ts';
import { type Groups, NO_GROUPS } from './groups.ts';
import { hostNetwork } from './network-policy.ts';
import {
  attempt,
  list,
  Malformed,
  maybe,
  number,
  oneOf,
  only,
  portNumber,
  type Raw,
  record,
  text,
  texts,
} from './raw.ts';

/** Tiers that Antrea makes itself, by their priority. */
const OWN_TIERS: Readonly<Record<string, number>> = {
  emergency: 50,
  securityops: 100,
  networkops: 150,
  platform: 200,
  application: 250,
  baseline: 253,
};

/** @see https://antrea.io/docs/main/docs/antrea-network-policy/#tier */
export function readAntreaTier(
  raw: Raw,
  tell: (problem: string) => void,
): readonly [name: string, priority: number] | null {
  const { name } = objectOf(raw, null);
  return attempt(
    () => {
      const priority = number(record(raw.spec, 'spec').priority, 'priority');
      if (priority < 0 || priority > 255) throw new Malformed(`priority ${priority} is not between 0 and 255`);
      return [name.toLowerCase(), priority] as const;
    },
    (problem) => {
      tell(`Tier ${name} is not valid: ${problem}`);
      return null;
    },
  );
}

/** The tier of a policy and its priority; null when there is no such tier. */
export function antreaTierOf(
  raw: Raw,
  tiers: ReadonlyMap<string, number>,
): readonly [name: string, priority: number | null] {
  const spec = attempt(
    () => record(raw.spec, 'spec'),
    (): Raw => ({}),
  );
  const name = typeof spec.tier === 'string' && spec.tier !== '' ? spec.tier.toLowerCase() : 'application';
  return [name, tiers.get(name) ?? OWN_TIERS[name] ?? null];
}

/**
 * NetworkPolicy and ClusterNetworkPolicy of Antrea. They close nobody: what no rule matches goes on to the next tier. `Pass`
 * leads to NetworkPolicies of Kubernetes.
 *
 * @see https://antrea.io/docs/main/docs/antrea-network-policy/
 */
export function readAntreaPolicy(raw: Raw, tell: (problem: string) => void, groups: Groups = NO_GROUPS): Policy {
  const isCluster = raw.kind === 'ClusterNetworkPolicy';
  const spec = attempt(
    () => record(raw.spec, 'spec'),
    (): Raw => ({}),
  );
  const object = objectOf(raw, typeof spec.priority === 'number' ? `priority ${spec.priority}` : null);
  const within = isCluster ? null : (object.namespace ?? 'default');
  const named = `Antrea ${object.kind} ${within === null ? '' : `${within}/`}${object.name}`;
  const around: Around = { named, within, tell, groups };
  return attempt(
    (): Policy => {
      record(raw.spec, 'spec');
      only(spec, ['tier', 'priority', 'appliedTo', 'ingress', 'egress'], 'spec');
      const order = number(spec.priority, 'priority');
      const appliedTo = readApplied(spec.appliedTo, around);
      return {
        object,
        order,
        within,
        selects: (end) => (appliedTo === null ? yes('') : appliedTo(end)),
        rules: {
          ingress: readRules(spec.ingress, 'ingress', around),
          egress: readRules(spec.egress, 'egress', around),
        },
        closes: { ingress: false, egress: false },
      };
    },
    (problem) => {
      const sentence = `${named} is not valid: ${problem}`;
      tell(sentence);
      return unreadablePolicy(object, sentence, { order: -1, within, canDeny: true, canClose: false });
    },
  );
}

interface Around {
  readonly named: string;
  readonly within: string | null;
  readonly tell: (problem: string) => void;
  readonly groups: Groups;
}

/** Null when it is left to the rules. */
function readApplied(value: unknown, around: Around): ((end: PolicyEnd) => Match) | null {
  const items = list(value, 'appliedTo');
  if (items.length === 0) return null;
  const terms = items.map((item) => {
    const raw = record(item, 'appliedTo');
    only(
      raw,
      [
        'podSelector',
        'namespaceSelector',
        'group',
        'externalEntitySelector',
        'serviceAccount',
        'service',
        'nodeSelector',
      ],
      'appliedTo',
    );
    // Nodes and machines outside are no Pods.
    if (isGiven(raw.nodeSelector) || isGiven(raw.externalEntitySelector))
      return (): Match => no({ term: 'other', needs: 'a node', has: 'a Pod' });
    return readPods(raw, 'appliedTo', around);
  });
  return (end) => anyOf(terms.map((term) => term(end, end)));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const ACTIONS: Readonly<Record<string, Action>> = { Allow: 'allow', Drop: 'deny', Reject: 'deny', Pass: 'pass' };

function readRules(value: unknown, direction: Direction, around: Around): readonly Rule[] | null {
  const items = list(value, direction);
  if (items.length === 0) return null;
  const side = direction === 'ingress' ? 'from' : 'to';
  return items.flatMap((item, index): readonly Rule[] => {
    const place = { index, list: direction } as const;
    return attempt(
      (): readonly Rule[] => {
        const rule = record(item, 'rule');
        only(
          rule,
          [
            'action',
            'ports',
            'protocols',
            'l7Protocols',
            side,
            'toServices',
            'name',
            'enableLogging',
            'logLabel',
            'appliedTo',
          ],
          'rule',
        );
        const verb = oneOf(rule.action, ['Allow', 'Drop', 'Reject', 'Pass'] as const, 'action');
        const applied = readApplied(rule.appliedTo, around);
        const peers = list(rule[side], side).map((peer) => readPeer(peer, side, around));
        const ports = list(rule.ports, 'ports').map((port) => readPort(port, around));
        const onlyOther = list(rule.protocols, 'protocols').length > 0 && ports.length === 0;
        const unread = ['toServices', 'l7Protocols'].find((field) => list(rule[field], field).length > 0);
        return [
          {
            ...place,
            name: maybe(rule.name, text, 'name') ?? null,
            action: ACTIONS[verb] ?? 'log',
            verb,
            peers:
              peers.length === 0 && applied === null
                ? null
                : [
                    {
                      peer: null,
                      match: (end, own) =>
                        allOf([
                          peers.length === 0 ? yes('') : anyOf(peers.map((peer) => peer(end, own))),
                          applied === null ? yes('') : applied(own),
                        ]),
                    },
                  ],
            ports: (flow) => {
              if (onlyOther) return no(portMiss('ICMP or IGMP', flow));
              return ports.length === 0 ? yes('') : anyOf(ports.map((port) => port(flow)));
            },
            condition:
              unread === undefined
                ? null
                : { kind: 'not-readable', text: `${around.named}: ${unread} is not read by this tool` },
          },
        ];
      },
      (problem) => {
        const sentence = `${around.named} is not valid: ${direction} rule ${index + 1}: ${problem}`;
        around.tell(sentence);
        return (['allow', 'deny', 'pass'] as const).map((action) =>
          unreadableRule({ ...place, action, verb: '' }, sentence),
        );
      },
    );
  });
}

function readPort(value: unknown, { named }: Around): (flow: PolicyFlow) => Match {
  const raw = record(value, 'port');
  only(raw, ['protocol', 'port', 'endPort', 'sourcePort', 'sourceEndPort'], 'port');
  const protocol = oneOf(raw.protocol ?? 'TCP', ['TCP', 'UDP', 'SCTP'] as const, 'protocol');
  const first = isGiven(raw.port) ? raw.port : undefined;
  const last = maybe(raw.endPort, number, 'endPort');
  if (typeof first === 'number') portNumber(first, 'port');
  else if (first !== undefined) text(first, 'port');
  if (last !== undefined && (typeof first !== 'number' || last < first))
    throw new Malformed(`endPort ${last} is below port ${String(first)}`);
  const words = `${protocol} ${String(first ?? 'any')}${last === undefined ? '' : `-${last}`}`;
  return (flow) => {
    const covers =
      protocol === flow.protocol &&
      (first === undefined ||
        (typeof first === 'number'
          ? first <= flow.port && flow.port <= (last ?? first)
          : isNamedPort(String(first), flow)));
    if (!covers) return no(portMiss(words, flow));
    return isGiven(raw.sourcePort)
      ? open('not-readable', `the source port of a flow is not known, and ${named} asks for one`)
      : yes(words);
  };
}

type Peer = (end: PolicyEnd, own: PolicyEnd) => Match;

function readPeer(value: unknown, side: string, around: Around): Peer {
  const raw = record(value, side);
  only(
    raw,
    [
      'podSelector',
      'namespaceSelector',
      'namespaces',
      'ipBlock',
      'group',
      'externalEntitySelector',
      'serviceAccount',
      'fqdn',
      'nodeSelector',
      'scope',
    ],
    side,
  );
  if (isGiven(raw.ipBlock)) {
    const block = record(raw.ipBlock, 'ipBlock');
    only(block, ['cidr', 'except'], 'ipBlock');
    const whole = cidr(block.cidr, 'ipBlock.cidr');
    const except = list(block.except, 'ipBlock.except').map((item) => cidr(item, 'ipBlock.except'));
    return (end) =>
      end.addresses.some((address) => inCidr(address, whole) && !except.some((hole) => inCidr(address, hole)))
        ? yes(whole)
        : no({ term: 'ip-block', needs: whole, has: end.addresses.join(', ') || 'no address' });
  }
  const outside = ['fqdn', 'nodeSelector', 'externalEntitySelector'].find((field) => isGiven(raw[field]));
  if (outside !== undefined)
    return (end) =>
      end.outside !== true && !end.hostNetwork && outside !== 'fqdn'
        ? no({ term: 'other', needs: outside, has: `Pod ${end.namespace}/${end.name}` })
        : open('not-readable', `${around.named}: ${outside} is not read by this tool`);
  if (isGiven(raw.scope)) return () => open('not-readable', `${around.named}: scope is not read by this tool`);
  const pods = readPods(raw, side, around);
  return (end, own) => {
    if (end.outside === true && !isGiven(raw.group)) return no(notAPod(end));
    const match = pods(end, own);
    return match.is === 'yes' && end.hostNetwork ? hostNetwork(end) : match;
  };
}

/** A selector of Pods alone means the policy's own namespace in a namespaced policy, and all of them in that of a cluster. */
function readPods(raw: Raw, field: string, { named, within, groups }: Around): Peer {
  if (isGiven(raw.service)) return () => open('not-readable', `${named}: ${field}.service is not read by this tool`);
  if (isGiven(raw.group)) {
    const group = text(raw.group, `${field}.group`);
    return (end) => groups.antreaGroup(group, within, end);
  }
  if (isGiven(raw.serviceAccount)) {
    const account = record(raw.serviceAccount, `${field}.serviceAccount`);
    only(account, ['name', 'namespace'], `${field}.serviceAccount`);
    const name = text(account.name, `${field}.serviceAccount.name`);
    const namespace = maybe(account.namespace, text, `${field}.serviceAccount.namespace`) ?? within;
    return (end) => {
      if (namespace !== null && end.namespace !== namespace)
        return no({ term: 'own-namespace', needs: namespace, has: end.namespace });
      if (end.serviceAccount === undefined)
        return open('unread', `the service account of Pod ${end.namespace}/${end.name} is not known`);
      return end.serviceAccount === name
        ? yes(`service account ${name}`)
        : no({ term: 'other', needs: `service account ${name}`, has: end.serviceAccount });
    };
  }
  const related = isGiven(raw.namespaces) ? readRelated(raw.namespaces, field) : null;
  if (!isGiven(raw.podSelector) && !isGiven(raw.namespaceSelector) && related === null)
    throw new Malformed(`${field} has an item that names nobody`);
  const pods = labelSelector(raw.podSelector, `${field}.podSelector`);
  const namespaces = isGiven(raw.namespaceSelector)
    ? labelSelector(raw.namespaceSelector, `${field}.namespaceSelector`)
    : null;
  return (end, own) =>
    allOf([
      related !== null
        ? related(end, own)
        : namespaces !== null
          ? matchNamespaceLabels(namespaces, end)
          : within === null || end.namespace === within
            ? yes('')
            : no({ term: 'own-namespace', needs: within, has: end.namespace }),
      matchPodLabels(pods, end),
    ]);
}

/** `namespaces: {match: Self}` or labels that both namespaces share. */
function readRelated(value: unknown, field: string): Peer {
  const raw = record(value, `${field}.namespaces`);
  only(raw, ['match', 'sameLabels'], `${field}.namespaces`);
  if (isGiven(raw.match)) {
    oneOf(text(raw.match, 'match').toLowerCase(), ['self'] as const, `${field}.namespaces.match`);
    return (end, own) =>
      end.namespace === own.namespace
        ? yes('the same namespace')
        : no({ term: 'own-namespace', needs: own.namespace, has: end.namespace });
  }
  const keys = texts(raw.sameLabels, `${field}.namespaces.sameLabels`);
  return (end, own) => {
    const [there, here] = [end.namespaceLabels, own.namespaceLabels];
    if (there === null || here === null)
      return open(
        'unread',
        `the labels of namespace ${there === null ? end.namespace : own.namespace} could not be read`,
      );
    const shared = keys.length > 0 && keys.every((key) => here[key] !== undefined && here[key] === there[key]);
    const term = `the same ${keys.join(', ')} as namespace ${own.namespace}`;
    return shared ? yes(term) : no({ term: 'other', needs: term, has: `namespace ${end.namespace}` });
  };
}
