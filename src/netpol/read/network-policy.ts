import type { PolicyPeer, PolicyPort, PolicySnapshot } from '../../evidence/snapshots.ts';
import { inCidr } from '../cidr.ts';
import type { Direction, PolicyEnd, PolicyFlow } from '../flow.ts';
import { allOf, type Match, no, open, yes } from '../match.ts';
import type { PeerTerm, Policy, PolicyObject, Rule } from '../policy.ts';
import {
  type Assumptions,
  cidr,
  isNamedPort,
  labelSelector,
  matchNamespaceLabels,
  matchPodLabels,
  notAPod,
  objectOf,
  unreadablePolicy,
  unreadableRule,
} from './common.ts';
import {
  attempt,
  isRecord,
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

/** Calico gives NetworkPolicies this order in its tier `default`; elsewhere nothing else is in their tier. */
const ORDER = 1000;

/**
 * NetworkPolicy v1. Rules only allow; a policy closes the Pods it selects.
 *
 * A rule that its API would refuse may or may not allow; a policy whose selector or types are such may or may not select.
 * @param tell hears one sentence about each of these
 */
export function readNetworkPolicy(raw: unknown, assume: Assumptions, tell: (problem: string) => void): Policy {
  const whole = isRecord(raw) ? raw : {};
  const identity: PolicyObject = {
    ...objectOf({ apiVersion: 'networking.k8s.io/v1', ...whole }, null),
    kind: 'NetworkPolicy',
  };
  const object = hasName(whole) ? { ...identity, networkPolicy: whole } : identity;
  const within = object.namespace ?? 'default';
  const named = `NetworkPolicy ${within}/${object.name}`;
  return attempt(
    () => {
      const spec = record(whole.spec, 'spec');
      only(spec, ['podSelector', 'policyTypes', 'ingress', 'egress'], 'spec');
      const selector = labelSelector(spec.podSelector, 'podSelector');
      const types = texts(spec.policyTypes, 'policyTypes').map((type) =>
        oneOf(type, ['Ingress', 'Egress'] as const, 'policyTypes'),
      );
      const closes = closing({ policyTypes: types, egress: list(spec.egress, 'egress') });
      return {
        object,
        order: ORDER,
        within,
        selects: (end) => matchPodLabels(selector, end),
        rules: {
          ingress: closes.ingress ? readRules(spec.ingress, 'ingress', { named, within, assume, tell }) : null,
          egress: closes.egress ? readRules(spec.egress, 'egress', { named, within, assume, tell }) : null,
        },
        closes,
      };
    },
    (problem) => {
      const sentence = `${named} is not valid: ${problem}`;
      tell(sentence);
      return unreadablePolicy(identity, sentence, { order: ORDER, within, canDeny: false, canClose: true });
    },
  );
}

/** Enough of its shape for those who show it; its spec has been looked at by then. */
function hasName(raw: Raw): raw is Raw & PolicySnapshot {
  return isRecord(raw.metadata) && typeof raw.metadata.name === 'string' && isRecord(raw.spec);
}

/** Whether a policy isolates Pods it selects in this direction. Default: ingress always, egress only when it has egress rules. */
export function isolates(policy: PolicySnapshot, direction: Direction): boolean {
  return closing(policy.spec)[direction];
}

function closing(spec: {
  readonly policyTypes?: readonly string[] | null | undefined;
  readonly egress?: readonly unknown[] | null | undefined;
}): Record<Direction, boolean> {
  const types = spec.policyTypes ?? [];
  if (types.length === 0) return { ingress: true, egress: (spec.egress ?? []).length > 0 };
  return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
}

interface Around {
  readonly named: string;
  readonly within: string;
  readonly assume: Assumptions;
  readonly tell: (problem: string) => void;
}

function readRules(value: unknown, direction: Direction, around: Around): readonly Rule[] {
  const side = direction === 'ingress' ? 'from' : 'to';
  return list(value, direction).map((item, index): Rule => {
    const place = { index, list: direction, action: 'allow', verb: 'Allow' } as const;
    return attempt(
      () => {
        const rule = record(item, 'rule');
        only(rule, [side, 'ports'], 'rule');
        const peers = list(rule[side], side).map((peer) => readPeer(peer, side, around));
        const ports = list(rule.ports, 'ports').map(readPort);
        return {
          ...place,
          name: null,
          peers: peers.length === 0 ? null : peers,
          ports: (flow) => matchPorts(ports, flow),
          condition: null,
        };
      },
      (problem) => {
        const sentence = `${around.named} is not valid: ${direction} rule ${index + 1}: ${problem}`;
        around.tell(sentence);
        return unreadableRule(place, sentence);
      },
    );
  });
}

function readPort(value: unknown): PolicyPort {
  const port = record(value, 'port');
  only(port, ['protocol', 'port', 'endPort'], 'port');
  const protocol = maybe(
    port.protocol,
    (given) => oneOf(given, ['TCP', 'UDP', 'SCTP'] as const, 'protocol'),
    'protocol',
  );
  const first = port.port === null ? undefined : port.port;
  const last = maybe(port.endPort, number, 'endPort');
  if (typeof first === 'number') portNumber(first, 'port');
  else if (first !== undefined) text(first, 'port');
  if (last !== undefined) {
    if (typeof first !== 'number') throw new Malformed('endPort needs a port number');
    if (last < first) throw new Malformed(`endPort ${last} is below port ${first}`);
  }
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(first === undefined ? {} : { port: first as number | string }),
    ...(last === undefined ? {} : { endPort: last }),
  };
}

function matchPorts(ports: readonly PolicyPort[], flow: PolicyFlow): Match {
  if (ports.length === 0) return yes('');
  const match = ports.find((port) => coversPort(port, flow));
  if (match !== undefined) return yes(portText(match));
  return no({
    term: 'port',
    needs: ports.map(portText).join(', '),
    has: `${flow.protocol} ${flow.port}`,
    ports: [...ports],
  });
}

function coversPort(port: PolicyPort, flow: PolicyFlow): boolean {
  if ((port.protocol ?? 'TCP') !== flow.protocol) return false;
  if (port.port === undefined) return true;
  if (typeof port.port === 'number') return port.port <= flow.port && flow.port <= (port.endPort ?? port.port);
  return isNamedPort(port.port, flow);
}

/** `TCP 8080`, `UDP any`, `TCP 8000-8080`. */
export function portText(port: PolicyPort): string {
  const protocol = port.protocol ?? 'TCP';
  if (port.port === undefined) return `${protocol} any`;
  return port.endPort === undefined ? `${protocol} ${port.port}` : `${protocol} ${port.port}-${port.endPort}`;
}

function readPeer(value: unknown, side: string, { within, assume }: Around): PeerTerm {
  const raw = record(value, side);
  only(raw, ['podSelector', 'namespaceSelector', 'ipBlock'], side);
  const peer = raw as PolicyPeer;
  const given = (field: unknown): boolean => field !== undefined && field !== null;
  if (given(raw.ipBlock)) {
    if (given(raw.podSelector) || given(raw.namespaceSelector))
      throw new Malformed(`${side} has an ipBlock and a selector in one item`);
    const block = record(raw.ipBlock, 'ipBlock');
    only(block, ['cidr', 'except'], 'ipBlock');
    const whole = cidr(block.cidr, 'ipBlock.cidr');
    const except = list(block.except, 'ipBlock.except').map((item) => cidr(item, 'ipBlock.except'));
    return { peer, match: (end) => matchIpBlock({ cidr: whole, except }, end, assume) };
  }
  if (!given(raw.podSelector) && !given(raw.namespaceSelector))
    throw new Malformed(`${side} has an item that names nobody`);
  const pods = labelSelector(raw.podSelector, 'podSelector');
  const namespaces = given(raw.namespaceSelector) ? labelSelector(raw.namespaceSelector, 'namespaceSelector') : null;
  return {
    peer,
    match: (end) => {
      if (end.outside === true) return no(notAPod(end));
      const inNamespace =
        namespaces !== null
          ? matchNamespaceLabels(namespaces, end)
          : end.namespace === within
            ? yes('')
            : no({ term: 'own-namespace', needs: within, has: end.namespace });
      const match = allOf([inNamespace, matchPodLabels(pods, end)]);
      // Whether selectors match such a Pod is up to the network plugin; most cannot tell it from its node.
      return match.is === 'yes' && end.hostNetwork ? hostNetwork(end) : match;
    },
  };
}

/** @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods */
export function hostNetwork(end: PolicyEnd): Match {
  return open(
    'host-network',
    `Pod ${end.namespace}/${end.name} uses the address of its node: whether selectors match it is up to the network plugin`,
  );
}

/** @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors */
function matchIpBlock(
  block: { readonly cidr: string; readonly except: readonly string[] },
  end: PolicyEnd,
  { podsInBlocks }: Assumptions,
): Match {
  const address = end.addresses.find(
    (candidate) => inCidr(candidate, block.cidr) && !block.except.some((except) => inCidr(candidate, except)),
  );
  const miss = no({ term: 'ip-block', needs: blockText(block), has: end.addresses.join(', ') || 'no address' });
  if (address === undefined) return miss;
  if (end.outside === true || podsInBlocks === 'as-written') return yes(blockText(block));
  if (podsInBlocks === 'never' && !end.hostNetwork) return miss;
  return open(
    'ip-block',
    `ipBlock ${block.cidr} covers the Pod address ${address}: whether it applies to Pods is up to the network plugin`,
  );
}

function blockText({ cidr: whole, except }: { readonly cidr: string; readonly except: readonly string[] }): string {
  return except.length === 0 ? whole : `${whole} without ${except.join(', ')}`;
}
