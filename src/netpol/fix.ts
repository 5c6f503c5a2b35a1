/**
 * The smallest change of policies that opens one flow, and what it opens besides. Pure; offered to a person, never applied by us.
 */
import type { PolicyPeer, PolicyPort, PolicySnapshot } from '../evidence/snapshots.ts';
import {
  type Direction,
  evaluateDirection,
  isolating,
  type Policies,
  type PolicyEnd,
  type PolicyFlow,
} from './evaluate.ts';
import type { Labels } from './selector.ts';

/** One step of a JSON patch, RFC 6902. */
export interface PatchStep {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

/** One policy before and after. */
export interface PolicyChange {
  /** Null for a policy that does not exist yet. */
  readonly before: PolicySnapshot | null;
  readonly after: PolicySnapshot;
  /** How to get there from `before`; empty for a new policy. */
  readonly patch: readonly PatchStep[];
}

/** A door between two Pods that a change opens or closes, in one direction. */
export interface Door {
  readonly source: PolicyEnd;
  readonly destination: PolicyEnd;
  readonly port: number;
  readonly protocol: string;
}

export interface ChangeEffects {
  readonly opens: readonly Door[];
  readonly closes: readonly Door[];
  /** Whether every pair of the Pods was looked at; false when there were too many. */
  readonly complete: boolean;
}

/** Labels that a rollout or a restart changes, so that a rule with them would soon match nothing. */
const CHANGING: readonly string[] = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
  'controller-uid',
  'job-name',
  'helm.sh/chart',
  'app.kubernetes.io/version',
];

/** The labels that stay when a Pod is made again. */
export function stableLabels(labels: Labels | undefined): Labels {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !CHANGING.includes(key)));
}

/**
 * The peers of a rule that mean this end of a flow: its labels, with its namespace when that is not the policy's own. On the
 * host network, and outside of Pods, its addresses: no selector matches it.
 *
 * @param nodeAddresses further addresses that packets of a Pod on the host network may carry
 */
export function peersFor(
  end: Pick<PolicyEnd, 'namespace' | 'labels' | 'addresses' | 'hostNetwork' | 'outside'>,
  own: string,
  nodeAddresses: readonly string[] = [],
): readonly PolicyPeer[] {
  if ((end.hostNetwork || end.outside === true) && end.addresses.length > 0)
    return [...new Set([...end.addresses, ...nodeAddresses])].map((address) => ({
      ipBlock: { cidr: `${address}/${address.includes(':') ? 128 : 32}` },
    }));
  const labels = stableLabels(end.labels);
  const podSelector = Object.keys(labels).length === 0 ? {} : { matchLabels: labels };
  return [
    end.namespace === own
      ? { podSelector }
      : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': end.namespace } }, podSelector },
  ];
}

/** Adds a rule with these peers and these ports to a policy, in the direction that is closed. */
export function addRule(
  policy: PolicySnapshot,
  direction: Direction,
  peers: readonly PolicyPeer[],
  ports: readonly PolicyPort[],
): PolicyChange {
  const rule = direction === 'egress' ? { to: [...peers], ports: [...ports] } : { from: [...peers], ports: [...ports] };
  const existing = policy.spec[direction];
  const before = existing ?? [];
  return {
    before: policy,
    after: { ...policy, spec: { ...policy.spec, [direction]: [...before, rule] } },
    patch: [
      existing === undefined || existing === null
        ? { op: 'add', path: `/spec/${direction}`, value: [rule] }
        : { op: 'add', path: `/spec/${direction}/-`, value: rule },
    ],
  };
}

/** Lets a rule admit a port besides those it names. */
export function addPort(policy: PolicySnapshot, direction: Direction, rule: number, port: PolicyPort): PolicyChange {
  return {
    before: policy,
    after: withPorts(policy, direction, rule, (ports) => [...ports, port]),
    patch: [{ op: 'add', path: `/spec/${direction}/${rule}/ports/-`, value: port }],
  };
}

/** Puts a number in the place of a port that a rule names. */
export function replacePort(
  policy: PolicySnapshot,
  direction: Direction,
  at: { readonly rule: number; readonly index: number },
  value: number,
): PolicyChange {
  return {
    before: policy,
    after: withPorts(policy, direction, at.rule, (ports) =>
      ports.map((port, index) => (index === at.index ? { ...port, port: value } : port)),
    ),
    patch: [{ op: 'replace', path: `/spec/${direction}/${at.rule}/ports/${at.index}/port`, value }],
  };
}

/** Puts another value in the place of one that a rule asks for, in `matchLabels` of the podSelector of one of its peers. */
export function replaceLabel(
  policy: PolicySnapshot,
  direction: Direction,
  at: { readonly rule: number; readonly peer: number; readonly key: string },
  value: string,
): PolicyChange {
  const side = direction === 'egress' ? 'to' : 'from';
  const peers = (list: readonly PolicyPeer[] | null | undefined): PolicyPeer[] =>
    (list ?? []).map((peer, index) =>
      index === at.peer
        ? {
            ...peer,
            podSelector: {
              ...peer.podSelector,
              matchLabels: { ...peer.podSelector?.matchLabels, [at.key]: value },
            },
          }
        : peer,
    );
  const { spec } = policy;
  const after =
    direction === 'egress'
      ? {
          ...spec,
          egress: (spec.egress ?? []).map((rule, index) =>
            index === at.rule ? { ...rule, to: peers(rule.to) } : rule,
          ),
        }
      : {
          ...spec,
          ingress: (spec.ingress ?? []).map((rule, index) =>
            index === at.rule ? { ...rule, from: peers(rule.from) } : rule,
          ),
        };
  // RFC 6901: `~` and `/` of a key are written ~0 and ~1.
  const key = at.key.replaceAll('~', '~0').replaceAll('/', '~1');
  return {
    before: policy,
    after: { ...policy, spec: after },
    patch: [
      {
        op: 'replace',
        path: `/spec/${direction}/${at.rule}/${side}/${at.peer}/podSelector/matchLabels/${key}`,
        value,
      },
    ],
  };
}

/** A policy of its own that admits these peers, for Pods that a default deny of their namespace has closed already. */
export function newPolicy(
  name: string,
  own: PolicyEnd,
  direction: Direction,
  peers: readonly PolicyPeer[],
  ports: readonly PolicyPort[],
): PolicyChange {
  const labels = stableLabels(own.labels);
  return {
    before: null,
    after: {
      metadata: { name, namespace: own.namespace },
      spec: {
        podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: labels },
        policyTypes: [direction === 'egress' ? 'Egress' : 'Ingress'],
        ...(direction === 'egress'
          ? { egress: [{ to: [...peers], ports: [...ports] }] }
          : { ingress: [{ from: [...peers], ports: [...ports] }] }),
      },
    },
    patch: [],
  };
}

function withPorts(
  policy: PolicySnapshot,
  direction: Direction,
  rule: number,
  change: (ports: readonly PolicyPort[]) => PolicyPort[],
): PolicySnapshot {
  const changed = <T extends { readonly ports?: PolicyPort[] | null | undefined }>(all: readonly T[]): T[] =>
    all.map((one, index) => (index === rule ? { ...one, ports: change(one.ports ?? []) } : one));
  const { spec } = policy;
  return direction === 'egress'
    ? { ...policy, spec: { ...spec, egress: changed(spec.egress ?? []) } }
    : { ...policy, spec: { ...spec, ingress: changed(spec.ingress ?? []) } };
}

/** A name that no policy of the namespace has yet: applying a new policy must not replace another. */
export function freeName(wanted: string, namespace: string, policies: readonly PolicySnapshot[]): string {
  const valid = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const taken = new Set(
    policies.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name),
  );
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : `-${number}`;
    const name = `${valid.slice(0, 63 - end.length).replace(/-+$/, '')}${end}`;
    if (!taken.has(name)) return name;
  }
}

/** The policies as they would be after the change. */
export function withChange(policies: readonly PolicySnapshot[], change: PolicyChange): readonly PolicySnapshot[] {
  return change.before === null
    ? [...policies, change.after]
    : policies.map((policy) => (policy === change.before ? change.after : policy));
}

/** Doors at which the changed policy answers otherwise, each judged by all policies before and after; more would make the screen wait. */
const MOST_DOORS = 4000;

/**
 * What a change opens and closes between these Pods, in its direction, on every port that the receiving Pods declare and on
 * the port asked for. A door is open only when it surely is: what the specification leaves open counts as closed.
 *
 * Pods that the changed policy cannot tell apart are looked at as one; so a large cluster takes no longer than its kinds of Pods.
 *
 * @param all every policy, before and after the change
 */
export function effectsOf(
  change: PolicyChange,
  direction: Direction,
  all: { readonly before: Policies; readonly after: Policies },
  ends: readonly PolicyEnd[],
  wanted: { readonly port: number; readonly protocol: string },
): ChangeEffects {
  const [was, is] = [change.before === null ? [] : [change.before], [change.after]];
  const kinds = alike(ends, [...was, ...is]);
  const opens: Door[] = [];
  const closes: Door[] = [];
  let looked = 0;
  for (const mine of kinds) {
    const [own] = mine;
    // The policy by itself says whether the whole can differ; asking all of them for each door would be slow.
    if (own === undefined || isolating(direction, own, is).length === 0) continue;
    for (const others of kinds) {
      const other = others === mine ? others[1] : others[0];
      if (other === undefined) continue;
      const flowOf = (one: PolicyEnd, two: PolicyEnd, at: typeof wanted): PolicyFlow =>
        direction === 'egress' ? { source: one, destination: two, ...at } : { source: two, destination: one, ...at };
      for (const at of portsOf(direction === 'egress' ? other : own, wanted)) {
        const sample = flowOf(own, other, at);
        if (answer(direction, sample, was) === answer(direction, sample, is)) continue;
        for (const one of mine) {
          for (const two of others) {
            if (one === two) continue;
            if (++looked > MOST_DOORS) return { opens, closes, complete: false };
            const flow = flowOf(one, two, at);
            const [before, after] = [
              evaluateDirection(direction, flow, all.before).allows === 'yes',
              evaluateDirection(direction, flow, all.after).allows === 'yes',
            ];
            if (!before && after) opens.push(flow);
            if (before && !after) closes.push(flow);
          }
        }
      }
    }
  }
  return { opens, closes, complete: true };
}

/** Pods grouped by all that these policies, each by itself, can tell them apart by. */
function alike(ends: readonly PolicyEnd[], policies: readonly PolicySnapshot[]): readonly (readonly PolicyEnd[])[] {
  const byAddress = policies.some(({ spec }) =>
    [
      ...(spec.ingress ?? []).flatMap(({ from }) => from ?? []),
      ...(spec.egress ?? []).flatMap(({ to }) => to ?? []),
    ].some(({ ipBlock }) => ipBlock !== undefined && ipBlock !== null),
  );
  // A node reaches its own Pods whatever policies say.
  const byNode = ends.some(({ hostNetwork }) => hostNetwork);
  const groups = Map.groupBy(ends, (end) =>
    JSON.stringify([
      end.namespace,
      sortedEntries(end.labels),
      end.namespaceLabels === null ? null : sortedEntries(end.namespaceLabels),
      end.hostNetwork,
      end.outside ?? false,
      end.ports,
      byAddress ? end.addresses : null,
      byNode ? end.node : null,
    ]),
  );
  return [...groups.values()];
}

function sortedEntries(labels: Labels): readonly (readonly [string, string])[] {
  return Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function answer(direction: Direction, flow: PolicyFlow, policies: Policies): string {
  const verdict = evaluateDirection(direction, flow, policies);
  return verdict.allows === 'yes' ? verdict.because : verdict.allows;
}

function portsOf(
  end: PolicyEnd,
  wanted: { readonly port: number; readonly protocol: string },
): readonly { readonly port: number; readonly protocol: string }[] {
  const declared = end.ports.map((port) => ({ port: port.containerPort, protocol: port.protocol ?? 'TCP' }));
  return [...declared, wanted].filter(
    (at, index, all) => all.findIndex((other) => other.port === at.port && other.protocol === at.protocol) === index,
  );
}
