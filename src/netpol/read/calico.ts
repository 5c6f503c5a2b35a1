import type { Direction, PolicyEnd, PolicyFlow } from '../flow.ts';
import { allOf, anyOf, type Match, no, notOf, type OpenPoint, open, yes } from '../match.ts';
import type { Action, Policy, Rule } from '../policy.ts';
import type { Labels } from '../selector.ts';
import { type Expression, parseSelector, printSelector, satisfies } from './calico-selector.ts';
import { cidr, isNamedPort, matchBlock, objectOf, portMiss, unreadablePolicy, unreadableRule } from './common.ts';
import { type AddressGroup, type Groups, inGroup, NO_GROUPS } from './groups.ts';
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

/** A Calico tier: its place and what becomes of a flow that its policies select and no rule matches. */
export interface CalicoTier {
  readonly name: string;
  readonly order: number;
  readonly end: 'deny' | 'pass';
}

/** Tiers that Kubernetes' own policies live in, under both names they had. */
export const CALICO_FIXED_TIERS: Readonly<Record<string, 'admin' | 'networkPolicy' | 'baseline'>> = {
  default: 'networkPolicy',
  adminnetworkpolicy: 'admin',
  'kube-admin': 'admin',
  baselineadminnetworkpolicy: 'baseline',
  'kube-baseline': 'baseline',
};

const CALICO_NAMESPACE = 'projectcalico.org/name';
const NAMESPACE_LABEL = 'projectcalico.org/namespace';
const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';

/** @see https://docs.tigera.io/calico/latest/reference/resources/tier: no order is the last */
export function readCalicoTier(raw: Raw, tell: (problem: string) => void): CalicoTier | null {
  const { name } = objectOf(raw, null);
  return attempt(
    () => {
      const spec = record(raw.spec, 'spec');
      const order = maybe(spec.order, number, 'order');
      const end = maybe(
        spec.defaultAction,
        (given, field) => oneOf(given, ['Deny', 'Pass'] as const, field),
        'defaultAction',
      );
      return { name, order: order ?? Number.MAX_VALUE, end: end === 'Pass' ? 'pass' : 'deny' } as const;
    },
    (problem) => {
      tell(`Tier ${name} is not valid: ${problem}`);
      return null;
    },
  );
}

/** The tier a policy of Calico is in. In the datastore the name of a policy begins with that of its tier. */
export function calicoTierOf(raw: Raw): string {
  const spec = attempt(
    () => record(raw.spec, 'spec'),
    (): Raw => ({}),
  );
  return typeof spec.tier === 'string' && spec.tier !== '' ? spec.tier : 'default';
}

/**
 * NetworkPolicy and GlobalNetworkPolicy of Calico, of projectcalico.org/v3 and of crd.projectcalico.org/v1.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy
 * @see https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy
 */
export function readCalicoPolicy(raw: Raw, tell: (problem: string) => void, groups: Groups = NO_GROUPS): Policy {
  const isGlobal = raw.kind === 'GlobalNetworkPolicy';
  const spec = attempt(
    () => record(raw.spec, 'spec'),
    (): Raw => ({}),
  );
  const object = objectOf(raw, typeof spec.order === 'number' ? `order ${spec.order}` : null);
  const within = isGlobal ? null : (object.namespace ?? 'default');
  const named = `Calico ${object.kind} ${within === null ? '' : `${within}/`}${object.name}`;
  return attempt(
    (): Policy => {
      record(raw.spec, 'spec');
      only(
        spec,
        isGlobal
          ? [
              'tier',
              'order',
              'selector',
              'serviceAccountSelector',
              'types',
              'ingress',
              'egress',
              'namespaceSelector',
              'doNotTrack',
              'preDNAT',
              'applyOnForward',
              'performanceHints',
            ]
          : ['tier', 'order', 'selector', 'serviceAccountSelector', 'types', 'ingress', 'egress', 'performanceHints'],
        'spec',
      );
      const selector = expression(spec.selector, 'selector');
      const namespaces = isGlobal ? expression(spec.namespaceSelector, 'namespaceSelector') : null;
      const accounts = expression(spec.serviceAccountSelector, 'serviceAccountSelector');
      const types = readTypes(spec);
      const around = { named, within, tell, groups };
      // These are for the interfaces of nodes; they may see a Pod's packets before its own policies do.
      const special = spec.doNotTrack === true || spec.preDNAT === true || spec.applyOnForward === true;
      return {
        object,
        order: maybe(spec.order, number, 'order') ?? Number.MAX_VALUE,
        within,
        selects: (end) =>
          allOf([
            matchLabels(selector, podLabels(end), ''),
            ...(namespaces === null ? [] : [matchNamespace(namespaces, end)]),
            ...(accounts === null ? [] : [matchAccount(accounts, end)]),
            ...(special
              ? [
                  open(
                    'not-readable',
                    `${named} is for the interfaces of nodes (applyOnForward, doNotTrack or preDNAT), which this tool does not judge`,
                  ),
                ]
              : []),
          ]),
        rules: {
          ingress: types.ingress ? readRules(spec.ingress, 'ingress', around) : null,
          egress: types.egress ? readRules(spec.egress, 'egress', around) : null,
        },
        closes: types,
      };
    },
    (problem) => {
      const sentence = `${named} is not valid: ${problem}`;
      tell(sentence);
      return unreadablePolicy(object, sentence, { order: -1, within, canDeny: true, canClose: true });
    },
  );
}

/** Default: ingress, unless there are only egress rules; egress, where there are egress rules. */
function readTypes(spec: Raw): Record<Direction, boolean> {
  const types = texts(spec.types, 'types').map((type) => oneOf(type, ['Ingress', 'Egress'] as const, 'types'));
  const egress = list(spec.egress, 'egress').length > 0;
  if (types.length === 0) return { ingress: !egress || list(spec.ingress, 'ingress').length > 0, egress };
  return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
}

interface Around {
  readonly named: string;
  readonly within: string | null;
  readonly tell: (problem: string) => void;
  readonly groups: Groups;
}

const ACTIONS: Readonly<Record<string, Action>> = { Allow: 'allow', Deny: 'deny', Pass: 'pass', Log: 'log' };
const RULE_FIELDS = [
  'action',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'ipVersion',
  'source',
  'destination',
  'http',
  'metadata',
];

function readRules(value: unknown, direction: Direction, around: Around): readonly Rule[] {
  return list(value, direction).flatMap((item, index): readonly Rule[] => {
    const place = { index, list: direction } as const;
    return attempt(
      (): readonly Rule[] => {
        const rule = record(item, 'rule');
        only(rule, RULE_FIELDS, 'rule');
        // The older format of the datastore wrote them in lower case.
        const verb = oneOf(capitalised(rule.action), ['Allow', 'Deny', 'Pass', 'Log'] as const, 'action');
        const source = readEntity(rule.source, 'source', around);
        const destination = readEntity(rule.destination, 'destination', around);
        const own = direction === 'ingress' ? destination : source;
        const peer = direction === 'ingress' ? source : destination;
        const http =
          rule.http === undefined || rule.http === null
            ? null
            : `${around.named}: its HTTP terms are not read by this tool`;
        return [
          {
            ...place,
            name: null,
            action: ACTIONS[verb] ?? 'log',
            verb,
            peers: [{ peer: null, match: (end, self) => allOf([peer.match(end), own.match(self)]) }],
            ports: (flow) =>
              allOf([
                matchProtocol(rule, flow),
                matchVersion(rule, flow),
                source.ports === null
                  ? yes('')
                  : open(
                      'not-readable',
                      `the source port of a flow is not known, and ${around.named} asks for ${source.ports}`,
                    ),
                destination.destinationPort(flow),
              ]),
            condition: http === null ? null : { kind: 'not-readable', text: http },
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

function capitalised(value: unknown): unknown {
  return typeof value === 'string' ? value.charAt(0).toUpperCase() + value.slice(1) : value;
}

/** Names and numbers of the Internet protocols; an ICMP rule never covers a connection. */
const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1, ICMPV6: 58, UDPLITE: 136 };

function matchProtocol(rule: Raw, flow: PolicyFlow): Match {
  const parts: Match[] = [];
  if (rule.protocol !== undefined && rule.protocol !== null) {
    const wanted = protocolNumber(rule.protocol);
    parts.push(
      wanted === NUMBERS[flow.protocol] ? yes(flow.protocol) : no(portMiss(`protocol ${String(rule.protocol)}`, flow)),
    );
  }
  if (rule.notProtocol !== undefined && rule.notProtocol !== null) {
    const not = protocolNumber(rule.notProtocol);
    parts.push(
      not === NUMBERS[flow.protocol] ? no(portMiss(`not protocol ${String(rule.notProtocol)}`, flow)) : yes(''),
    );
  }
  if (rule.icmp !== undefined && rule.icmp !== null) parts.push(no(portMiss('ICMP', flow)));
  return allOf(parts);
}

function protocolNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const named = NUMBERS[text(value, 'protocol').toUpperCase()] ?? Number(value);
  if (!Number.isInteger(named)) throw new Malformed(`protocol ${shown(value)} is not known`);
  return named;
}

function matchVersion(rule: Raw, flow: PolicyFlow): Match {
  if (rule.ipVersion === undefined || rule.ipVersion === null) return yes('');
  const [address = ''] = flow.destination.addresses;
  const version = address.includes(':') ? 6 : 4;
  return version === rule.ipVersion
    ? yes('')
    : no({ term: 'other', needs: `IPv${String(rule.ipVersion)}`, has: `IPv${version}` });
}

interface Entity {
  match(end: PolicyEnd): Match;
  destinationPort(flow: PolicyFlow): Match;
  /** The ports it asks for, as text; null when it asks for none. */
  readonly ports: string | null;
}

const ENTITY_FIELDS = [
  'nets',
  'notNets',
  'selector',
  'notSelector',
  'namespaceSelector',
  'ports',
  'notPorts',
  'serviceAccounts',
  'services',
  'domains',
];

/** `source` or `destination` of a rule: all of its terms must hold. */
function readEntity(value: unknown, field: string, { within, named, groups }: Around): Entity {
  const raw = record(value, field);
  only(raw, ENTITY_FIELDS, field);
  const blocks = (name: string): readonly string[] | null => {
    const given = list(raw[name], `${field}.${name}`);
    return given.length === 0 ? null : given.map((block) => blockOf(block, `${field}.${name}`));
  };
  const [nets, notNets] = [blocks('nets'), blocks('notNets')];
  const selector = expression(raw.selector, `${field}.selector`);
  const notSelector = expression(raw.notSelector, `${field}.notSelector`);
  const namespaces = expression(raw.namespaceSelector, `${field}.namespaceSelector`);
  const accounts =
    raw.serviceAccounts === undefined || raw.serviceAccounts === null ? null : readAccounts(raw.serviceAccounts, field);
  const unread: OpenPoint[] = ['services', 'domains'].flatMap((name) =>
    list(
      name === 'services' && raw[name] !== undefined && raw[name] !== null ? [raw[name]] : raw[name],
      `${field}.${name}`,
    ).length === 0
      ? []
      : [{ kind: 'not-readable' as const, text: `${named}: ${field}.${name} is not read by this tool` }],
  );
  const ports = list(raw.ports, `${field}.ports`).map((port) => readPort(port, `${field}.ports`));
  const notPorts = list(raw.notPorts, `${field}.notPorts`).map((port) => readPort(port, `${field}.notPorts`));
  const choosesPods = selector !== null || namespaces !== null || accounts !== null;
  return {
    ports: ports.length + notPorts.length === 0 ? null : [...ports, ...notPorts].map((port) => port.text).join(', '),
    match: (end) => {
      const parts: Match[] = unread.map((point) => ({ is: 'open', point }));
      if (nets !== null) parts.push(anyOf(nets.map((block) => matchBlock(end, block, block))));
      if (notNets !== null)
        parts.push(
          notOf(
            anyOf(notNets.map((block) => matchBlock(end, block, block))),
            `not ${notNets.join(', ')}`,
            end.addresses.join(', '),
          ),
        );
      if (choosesPods)
        parts.push(
          anyOf([
            ...(accounts === null ? [matchSets(end, { selector, namespaces, within, sets: groups.networkSets })] : []),
            matchPod(end, { selector, namespaces, accounts, within, named }),
          ]),
        );
      if (notSelector !== null)
        parts.push(
          end.outside === true
            ? notOf(
                matchSets(end, { selector: notSelector, namespaces, within, sets: groups.networkSets }),
                `not ${printSelector(notSelector)}`,
                end.name,
              )
            : notOf(matchLabels(notSelector, podLabels(end), ''), `not ${printSelector(notSelector)}`, end.name),
        );
      return allOf(parts);
    },
    destinationPort: (flow) => {
      const covers = (all: readonly PortTerm[]): boolean => all.some((port) => port.covers(flow));
      if (ports.length > 0 && !covers(ports)) return no(portMiss(ports.map((port) => port.text).join(', '), flow));
      if (covers(notPorts)) return no(portMiss(`not ${notPorts.map((port) => port.text).join(', ')}`, flow));
      return yes(ports.length === 0 ? '' : `port ${flow.port}`);
    },
  };
}

/** A block; Calico also takes a bare address. */
function blockOf(value: unknown, field: string): string {
  const given = text(value, field);
  return cidr(given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`, field);
}

interface PodTerms {
  readonly selector: Expression | null;
  readonly namespaces: Expression | null;
  readonly accounts: Accounts | null;
  readonly within: string | null;
  readonly named: string;
}

/** In a namespaced policy a selector alone means Pods of its own namespace. */
function matchPod(end: PolicyEnd, { selector, namespaces, accounts, within, named }: PodTerms): Match {
  // The endpoints of nodes have labels too, and are not read here; nor is it known whether all sets were read.
  if (end.outside === true || end.hostNetwork)
    return namespaces !== null && !isGlobalOnly(namespaces)
      ? no({ term: 'other', needs: 'a Pod', has: end.addresses.join(', ') })
      : open(
          'not-readable',
          `${named} may mean ${end.addresses.join(', ')} by a set of networks that was not read, or by the endpoint of a node`,
        );
  return allOf([
    namespaces !== null
      ? matchNamespace(namespaces, end)
      : within === null || within === end.namespace
        ? yes('')
        : no({ term: 'own-namespace', needs: within, has: end.namespace }),
    ...(selector === null ? [] : [matchLabels(selector, podLabels(end), '')]),
    ...(accounts === null ? [] : [matchAccounts(accounts, end)]),
  ]);
}

interface SetTerms {
  readonly selector: Expression | null;
  readonly namespaces: Expression | null;
  readonly within: string | null;
  readonly sets: readonly AddressGroup[];
}

/**
 * Sets of networks have labels as Pods have, and stand for their addresses. A namespaced policy means those of its namespace;
 * `global()` means those of none.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkset
 */
function matchSets(end: PolicyEnd, { selector, namespaces, within, sets }: SetTerms): Match {
  const judged = sets.map((set): Match => {
    const holds = inGroup(set, end);
    if (holds.is !== 'yes' || matchLabels(selector, set.labels, '').is !== 'yes') return no();
    if (namespaces === null) return within === null || within === set.namespace ? holds : no();
    if (isGlobalOnly(namespaces)) return set.namespace === null ? holds : no();
    if (set.namespace === null) return no();
    return asksOnlyName(namespaces)
      ? matchLabels(namespaces, { [CALICO_NAMESPACE]: set.namespace }, 'namespace ').is === 'yes'
        ? holds
        : no()
      : open('unread', `the labels of namespace ${set.namespace}, where NetworkSet ${set.name} is, are not known`);
  });
  return anyOf(judged);
}

function isGlobalOnly(expression: Expression): boolean {
  return expression.op === 'global';
}

function expression(value: unknown, field: string): Expression | null {
  const given = maybe(value, text, field);
  return given === undefined || given.trim() === '' ? null : parseSelector(given);
}

/** Labels that Calico adds to a Pod. */
function podLabels(end: PolicyEnd): Labels {
  return {
    ...end.labels,
    'projectcalico.org/orchestrator': 'k8s',
    [NAMESPACE_LABEL]: end.namespace,
    ...(end.serviceAccount === undefined ? {} : { [SERVICE_ACCOUNT_LABEL]: end.serviceAccount }),
  };
}

function matchLabels(selector: Expression | null, labels: Labels, prefix: string): Match {
  if (selector === null) return yes('');
  const words = `${prefix}${printSelector(selector)}`;
  if (asks(selector, SERVICE_ACCOUNT_LABEL) && labels[SERVICE_ACCOUNT_LABEL] === undefined)
    return open('unread', `the service account of a Pod is not known, and ${words} asks for it`);
  return satisfies(selector, labels)
    ? yes(words)
    : no({
        term: 'other',
        needs: words,
        has: Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(', '),
      });
}

function asks(selector: Expression, key: string): boolean {
  if ('terms' in selector) return selector.terms.some((term) => asks(term, key));
  if ('term' in selector) return asks(selector.term, key);
  return 'key' in selector && selector.key === key;
}

function matchNamespace(selector: Expression, end: PolicyEnd): Match {
  if (end.namespaceLabels === null && selector.op !== 'all' && !asksOnlyName(selector))
    return open('unread', `the labels of namespace ${end.namespace} could not be read`);
  return matchLabels(selector, { ...end.namespaceLabels, [CALICO_NAMESPACE]: end.namespace }, 'namespace ');
}

function asksOnlyName(selector: Expression): boolean {
  if ('terms' in selector) return selector.terms.every(asksOnlyName);
  if ('term' in selector) return asksOnlyName(selector.term);
  return !('key' in selector) || selector.key === CALICO_NAMESPACE;
}

/** Labels of service accounts are not read: only what asks for none of them can be said. */
function matchAccount(selector: Expression, end: PolicyEnd): Match {
  if (selector.op === 'all') return yes('');
  if (!asksOnlyName(selector) || end.serviceAccount === undefined)
    return open(
      'not-readable',
      `labels of service accounts are not read by this tool, and ${printSelector(selector)} asks for them`,
    );
  return matchLabels(selector, { [CALICO_NAMESPACE]: end.serviceAccount }, 'service account ');
}

interface Accounts {
  readonly names: readonly string[];
  readonly selector: Expression | null;
}

function readAccounts(value: unknown, field: string): Accounts {
  const raw = record(value, `${field}.serviceAccounts`);
  only(raw, ['names', 'selector'], `${field}.serviceAccounts`);
  return {
    names: texts(raw.names, `${field}.serviceAccounts.names`),
    selector: expression(raw.selector, `${field}.serviceAccounts.selector`),
  };
}

function matchAccounts({ names, selector }: Accounts, end: PolicyEnd): Match {
  const parts: Match[] = [];
  if (names.length > 0) {
    const needs = `service account ${names.join(' or ')}`;
    if (end.serviceAccount === undefined)
      parts.push(open('unread', `the service account of ${end.namespace}/${end.name} is not known`));
    else
      parts.push(
        names.includes(end.serviceAccount) ? yes(needs) : no({ term: 'other', needs, has: end.serviceAccount }),
      );
  }
  if (selector !== null) parts.push(matchAccount(selector, end));
  return allOf(parts);
}

interface PortTerm {
  readonly text: string;
  covers(flow: PolicyFlow): boolean;
}

/** `80`, `"8000:9000"` or the name of a port. */
function readPort(value: unknown, field: string): PortTerm {
  if (typeof value === 'number') {
    const port = portNumber(value, field);
    return { text: String(port), covers: (flow) => flow.port === port };
  }
  const given = text(value, field);
  const range = given.match(/^(\d+)(?::(\d+))?$/);
  if (range === null) return { text: given, covers: (flow) => isNamedPort(given, flow) };
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (first > last || last > 65_535) throw new Malformed(`${field} ${shown(given)} is no range of ports`);
  return { text: given, covers: (flow) => first <= flow.port && flow.port <= last };
}
