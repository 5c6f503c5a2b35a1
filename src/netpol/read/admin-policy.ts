import type { LabelSelector } from '../../evidence/snapshots.ts';
import type { Direction, PolicyEnd, PolicyFlow } from '../flow.ts';
import { allOf, anyOf, type Match, no, open, yes } from '../match.ts';
import type { Action, PeerTerm, Policy, Rule } from '../policy.ts';
import {
  cidr,
  isNamedPort,
  labelSelector,
  matchBlock,
  matchNamespaceLabels,
  matchPodLabels,
  notAPod,
  objectOf,
  portMiss,
  unreadablePolicy,
  unreadableRule,
} from './common.ts';
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
  shown,
  text,
  texts,
} from './raw.ts';

const ACTIONS: Readonly<Record<string, Action>> = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' };

/**
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1 (the peers of v0.1.1 included) and ClusterNetworkPolicy v1alpha2.
 * They close nobody: what no rule matches goes on to the next tier. Pods on the host network are neither subject nor peer.
 *
 * @see https://github.com/kubernetes-sigs/network-policy-api/blob/main/apis/v1alpha1/shared_types.go
 * @see https://github.com/kubernetes-sigs/network-policy-api/blob/main/apis/v1alpha2/clusternetworkpolicy_types.go
 */
export function readAdminPolicy(
  raw: Raw,
  tell: (problem: string) => void,
): { readonly tier: 'admin' | 'baseline'; readonly policy: Policy } {
  const spec = attempt(
    () => record(raw.spec, 'spec'),
    (): Raw => ({}),
  );
  const isCluster = raw.kind === 'ClusterNetworkPolicy';
  const isBaseline = isCluster ? spec.tier === 'Baseline' : raw.kind === 'BaselineAdminNetworkPolicy';
  const rank = typeof spec.priority === 'number' ? `priority ${spec.priority}` : null;
  const object = objectOf(raw, rank);
  const named = `${object.kind} ${object.name}`;
  // Whom it selects is worth knowing even if the rest cannot be read: other Pods stay decided.
  let selects: Policy['selects'] | null = null;
  const policy = attempt(
    (): Policy => {
      record(raw.spec, 'spec');
      selects = readSubject(spec.subject);
      only(spec, ['tier', 'priority', 'subject', 'ingress', 'egress'], 'spec');
      if (isCluster) oneOf(spec.tier, ['Admin', 'Baseline'] as const, 'tier');
      const order = raw.kind === 'BaselineAdminNetworkPolicy' ? 0 : readPriority(spec.priority);
      return {
        object,
        order,
        within: null,
        selects,
        rules: {
          ingress: readRules(spec.ingress, 'ingress', isCluster, named, tell),
          egress: readRules(spec.egress, 'egress', isCluster, named, tell),
        },
        closes: { ingress: false, egress: false },
      };
    },
    (problem) => {
      const sentence = `${named} is not valid: ${problem}`;
      tell(sentence);
      const unreadable = unreadablePolicy(object, sentence, {
        order: -1,
        within: null,
        canDeny: true,
        canClose: false,
      });
      const subject = selects;
      return subject === null
        ? unreadable
        : { ...unreadable, selects: (end) => allOf([subject(end), unreadable.selects(end)]) };
    },
  );
  return { tier: isBaseline ? 'baseline' : 'admin', policy };
}

function readPriority(value: unknown): number {
  const priority = number(value, 'priority');
  if (!Number.isInteger(priority) || priority < 0 || priority > 1000)
    throw new Malformed(`priority ${priority} is not between 0 and 1000`);
  return priority;
}

function readSubject(value: unknown): Policy['selects'] {
  const subject = record(value, 'subject');
  only(subject, ['namespaces', 'pods'], 'subject');
  if (exactlyOne(subject, 'subject') === 'namespaces') {
    const selector = labelSelector(subject.namespaces, 'subject.namespaces');
    return (end) => matchNamespaceLabels(selector, end);
  }
  const pods = record(subject.pods, 'subject.pods');
  only(pods, ['namespaceSelector', 'podSelector'], 'subject.pods');
  return matchNamespacedPods(pods, 'subject.pods');
}

/** The one field of an object that is set; none or two of them is an error of all these APIs. */
function exactlyOne(object: Raw, field: string): string {
  const [name, ...others] = Object.keys(object).filter((key) => object[key] !== undefined && object[key] !== null);
  if (name === undefined) throw new Malformed(`${field} names nobody`);
  if (others.length > 0) throw new Malformed(`${field} has both ${name} and ${others.join(' and ')}`);
  return name;
}

function matchNamespacedPods(pods: Raw, field: string): (end: PolicyEnd) => Match {
  const namespaces = labelSelector(pods.namespaceSelector, `${field}.namespaceSelector`);
  const selector = labelSelector(pods.podSelector, `${field}.podSelector`);
  return (end) => allOf([matchNamespaceLabels(namespaces, end), matchPodLabels(selector, end)]);
}

function readRules(
  value: unknown,
  direction: Direction,
  isCluster: boolean,
  named: string,
  tell: (problem: string) => void,
): readonly Rule[] | null {
  const rules = list(value, direction);
  if (rules.length === 0) return null;
  const side = direction === 'ingress' ? 'from' : 'to';
  return rules.flatMap((item, index): readonly Rule[] => {
    const place = { index, list: direction } as const;
    return attempt(
      (): readonly Rule[] => {
        const rule = record(item, 'rule');
        only(rule, ['name', 'action', side, isCluster ? 'protocols' : 'ports'], 'rule');
        const verb = oneOf(
          rule.action,
          isCluster ? (['Accept', 'Deny', 'Pass'] as const) : (['Allow', 'Deny', 'Pass'] as const),
          'action',
        );
        const peers = list(rule[side], side);
        if (peers.length === 0) throw new Malformed(`${side} names nobody`);
        const ports = isCluster
          ? list(rule.protocols, 'protocols').map(readProtocol)
          : list(rule.ports, 'ports').map(readPort);
        return [
          {
            ...place,
            name: maybe(rule.name, text, 'name') ?? null,
            action: ACTIONS[verb] ?? 'log',
            verb,
            peers: peers.map((peer) => readPeer(peer, side)),
            ports: (flow) => (ports.length === 0 ? yes('') : anyPort(ports, flow)),
            condition: null,
          },
        ];
      },
      (problem) => {
        const sentence = `${named} is not valid: ${direction} rule ${index + 1}: ${problem}`;
        tell(sentence);
        return (['allow', 'deny', 'pass'] as const).map((action) =>
          unreadableRule({ ...place, action, verb: '' }, sentence),
        );
      },
    );
  });
}

interface PortTerm {
  readonly text: string;
  covers(flow: PolicyFlow): boolean;
}

function anyPort(ports: readonly PortTerm[], flow: PolicyFlow): Match {
  const match = ports.find((port) => port.covers(flow));
  return match === undefined ? no(portMiss(ports.map((port) => port.text).join(', '), flow)) : yes(match.text);
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

function range(protocol: string, first: number, last: number): PortTerm {
  if (last < first) throw new Malformed(`the range of ports ends at ${last}, below its start ${first}`);
  return {
    text: first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`,
    covers: (flow) => flow.protocol === protocol && first <= flow.port && flow.port <= last,
  };
}

function namedPort(name: string): PortTerm {
  return { text: `port ${name}`, covers: (flow) => isNamedPort(name, flow) };
}

/** `ports` of v1alpha1. */
function readPort(value: unknown): PortTerm {
  const port = record(value, 'port');
  only(port, ['portNumber', 'portRange', 'namedPort'], 'port');
  switch (exactlyOne(port, 'port')) {
    case 'namedPort':
      return namedPort(text(port.namedPort, 'namedPort'));
    case 'portNumber': {
      const single = record(port.portNumber, 'portNumber');
      only(single, ['protocol', 'port'], 'portNumber');
      const number = portNumber(single.port, 'portNumber.port');
      return range(oneOf(single.protocol ?? 'TCP', PROTOCOLS, 'protocol'), number, number);
    }
    default: {
      const given = record(port.portRange, 'portRange');
      only(given, ['protocol', 'start', 'end'], 'portRange');
      return range(
        oneOf(given.protocol ?? 'TCP', PROTOCOLS, 'protocol'),
        portNumber(given.start, 'portRange.start'),
        portNumber(given.end, 'portRange.end'),
      );
    }
  }
}

/** `protocols` of v1alpha2. */
function readProtocol(value: unknown): PortTerm {
  const given = record(value, 'protocol');
  only(given, ['tcp', 'udp', 'sctp', 'destinationNamedPort'], 'protocol');
  const kind = exactlyOne(given, 'protocol');
  if (kind === 'destinationNamedPort') return namedPort(text(given.destinationNamedPort, 'destinationNamedPort'));
  const protocol = kind.toUpperCase();
  const details = record(given[kind], kind);
  only(details, ['destinationPort'], kind);
  const port = record(details.destinationPort, `${kind}.destinationPort`);
  only(port, ['number', 'range'], `${kind}.destinationPort`);
  if (Object.keys(port).length === 0) return { text: `${protocol} any`, covers: (flow) => flow.protocol === protocol };
  if (exactlyOne(port, `${kind}.destinationPort`) === 'number') {
    const number = portNumber(port.number, `${kind}.destinationPort.number`);
    return range(protocol, number, number);
  }
  const both = record(port.range, `${kind}.destinationPort.range`);
  only(both, ['start', 'end'], `${kind}.destinationPort.range`);
  return range(protocol, portNumber(both.start, 'range.start'), portNumber(both.end, 'range.end'));
}

function readPeer(value: unknown, side: string): PeerTerm {
  const raw = record(value, side);
  only(
    raw,
    side === 'from' ? ['namespaces', 'pods'] : ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'],
    side,
  );
  switch (exactlyOne(raw, side)) {
    case 'namespaces': {
      const inNamespace = readNamespaces(raw.namespaces, `${side}.namespaces`);
      return podPeer((end, own) => inNamespace(end, own));
    }
    case 'pods': {
      const pods = record(raw.pods, `${side}.pods`);
      only(pods, ['namespaceSelector', 'namespaces', 'podSelector'], `${side}.pods`);
      if (pods.namespaces === undefined) return podPeer(matchNamespacedPods(pods, `${side}.pods`));
      const inNamespace = readNamespaces(pods.namespaces, `${side}.pods.namespaces`);
      const selector = labelSelector(pods.podSelector, `${side}.pods.podSelector`);
      return podPeer((end, own) => allOf([inNamespace(end, own), matchPodLabels(selector, end)]));
    }
    case 'networks': {
      const blocks = texts(raw.networks, 'networks').map((block) => cidr(block, 'networks'));
      if (blocks.length === 0) throw new Malformed('networks is empty');
      return { peer: null, match: (end) => anyOf(blocks.map((block) => matchBlock(end, block, block))) };
    }
    case 'nodes': {
      const selector = labelSelector(raw.nodes, `${side}.nodes`);
      return {
        peer: null,
        match: (end) =>
          end.outside === true || end.hostNetwork
            ? open(
                'not-readable',
                `whether ${end.addresses.join(', ')} is a node with ${shown(selector)} is not judged here`,
              )
            : no({ term: 'other', needs: 'the address of a node', has: end.addresses.join(', ') }),
      };
    }
    default: {
      const names = texts(raw.domainNames, 'domainNames').join(', ');
      return {
        peer: null,
        match: (end) =>
          open(
            'not-readable',
            `whether ${end.addresses.join(', ')} belongs to ${names} (domainNames) is not judged here`,
          ),
      };
    }
  }
}

/** What selects Pods: addresses outside the cluster and Pods on the host network are never included. */
function podPeer(match: (end: PolicyEnd, own: PolicyEnd) => Match): PeerTerm {
  return {
    peer: null,
    match: (end, own) => {
      if (end.outside === true) return no(notAPod(end));
      if (end.hostNetwork)
        return no({ term: 'other', needs: 'a Pod with an address of its own', has: 'the address of its node' });
      return match(end, own);
    },
  };
}

/** A selector, or what v0.1.1 had in its place: labels that both namespaces share, or do not. */
function readNamespaces(value: unknown, field: string): (end: PolicyEnd, own: PolicyEnd) => Match {
  const raw = record(value, field);
  if (!('namespaceSelector' in raw || 'sameLabels' in raw || 'notSameLabels' in raw)) {
    const selector: LabelSelector = labelSelector(raw, field);
    return (end) => matchNamespaceLabels(selector, end);
  }
  only(raw, ['namespaceSelector', 'sameLabels', 'notSameLabels'], field);
  const kind = exactlyOne(raw, field);
  if (kind === 'namespaceSelector') {
    const selector = labelSelector(raw.namespaceSelector, `${field}.namespaceSelector`);
    return (end) => matchNamespaceLabels(selector, end);
  }
  const keys = texts(raw[kind], `${field}.${kind}`);
  return (end, own) => matchSameLabels(keys, kind === 'sameLabels', end, own);
}

function matchSameLabels(keys: readonly string[], same: boolean, end: PolicyEnd, own: PolicyEnd): Match {
  const term = `${same ? 'the same' : 'not the same'} ${keys.join(', ')} as namespace ${own.namespace}`;
  const unread = [end, own].find((one) => one.namespaceLabels === null);
  if (unread !== undefined) return open('unread', `the labels of namespace ${unread.namespace} could not be read`);
  const both = keys.map((key) => [label(end, key), label(own, key)] as const);
  const shared = both.every(([there, here]) => there !== null && here !== null && there === here);
  const present = both.every(([there, here]) => there !== null && here !== null);
  const matches = keys.length > 0 && (same ? shared : present && !shared);
  return matches ? yes(term) : no({ term: 'other', needs: term, has: `namespace ${end.namespace}` });
}

function label(end: PolicyEnd, key: string): string | null {
  const labels = end.namespaceLabels ?? {};
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}
