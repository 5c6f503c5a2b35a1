import fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from '../../src/netpol/evaluate.ts';
import { outsideEnd, type PolicyEnd } from '../../src/netpol/flow.ts';
import { type PolicySet, policySet } from '../../src/netpol/policy-set.ts';
import { becauseText, stateOf, walkLines } from '../../src/netpol/verdict.ts';

/**
 * How many sets of policies each property is tried with. One case is one flow through one set: five properties, 20 flows of
 * each set, so 1,000 sets are 100,000 cases.
 */
const SETS = Number(process.env.NETPOL_SETS ?? 1000);
const LIMIT_MS = 60_000 + SETS * 60;

function pod(namespace: string, name: string, address: string): PolicyEnd {
  return {
    name,
    namespace,
    labels: { app: name },
    namespaceLabels: { 'kubernetes.io/metadata.name': namespace, team: namespace === 'shop' ? 'a' : 'b' },
    addresses: [address],
    hostNetwork: false,
    node: null,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    serviceAccount: 'default',
  };
}

const PODS = [
  pod('shop', 'web', '10.244.1.10'),
  pod('shop', 'api', '10.244.1.11'),
  pod('front', 'web', '10.244.2.10'),
  pod('front', 'ci', '10.244.2.11'),
];
const ENDS = [...PODS, outsideEnd('198.51.100.7')];
/** The 20 ordered pairs of two different ends. */
const FLOWS = ENDS.flatMap((source) =>
  ENDS.filter((destination) => destination !== source).map((destination) => ({
    source,
    destination,
    port: 8080,
    protocol: 'TCP',
  })),
);

const statesIn = (set: PolicySet) => FLOWS.map((flow) => stateOf(evaluateFlow(flow, set)));
const states = (others: readonly unknown[]) => statesIn(policySet({ others }, { podsInBlocks: 'as-written' }));

// Policies of every API. They say in which directions they close, so that one more rule closes nothing new.

const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 2 });
const name = fc.constantFrom('a', 'b', 'c');
const namespace = fc.constantFrom('shop', 'front');
const selector = fc.constantFrom<object>(
  {},
  { matchLabels: { app: 'web' } },
  { matchLabels: { app: 'api' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
);
const teams = fc.constantFrom<object>({}, { matchLabels: { team: 'a' } }, { matchLabels: { team: 'b' } });
const block = fc.constantFrom('10.244.1.0/24', '198.51.100.0/24', '0.0.0.0/0', '2001:db8::/32');

type Rule = Record<string, unknown>;
interface Kind {
  readonly object: fc.Arbitrary<{
    readonly kind: string;
    readonly metadata: object;
    readonly spec: Record<string, Rule[]>;
  }>;
  /** A rule that allows, of the given direction. */
  readonly allow: (direction: 'ingress' | 'egress') => fc.Arbitrary<Rule>;
}

const side = (direction: string) => (direction === 'ingress' ? 'from' : 'to');
const object = (apiVersion: string, kind: string, spec: fc.Arbitrary<object>, inNamespace: boolean) =>
  fc.record({ name, namespace, spec }).map(({ name, namespace, spec }) => ({
    apiVersion,
    kind,
    metadata: { name, ...(inNamespace ? { namespace } : {}) },
    spec: spec as Record<string, Rule[]>,
  }));

const v1Ports = fc.array(
  fc.constantFrom<object>({ port: 8080 }, { port: 80, endPort: 8080 }, { port: 'http' }, { protocol: 'UDP' }),
  { maxLength: 2 },
);
const v1Peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: teams }),
  fc.record({ podSelector: selector, namespaceSelector: teams }),
  fc.record({ ipBlock: fc.record({ cidr: block }) }),
);
const v1Rule = (direction: string) =>
  fc.record({ [side(direction)]: fc.array(v1Peer, { maxLength: 2 }), ports: v1Ports });

const adminPorts = fc.array(
  fc.constantFrom<object>({ portNumber: { protocol: 'TCP', port: 8080 } }, { namedPort: 'http' }),
  { maxLength: 2 },
);
const adminPeer = fc.oneof(
  fc.record({ namespaces: teams }),
  fc.record({ pods: fc.record({ namespaceSelector: teams, podSelector: selector }) }),
);
const adminRule = (action: fc.Arbitrary<string>) => (direction: string) =>
  fc.record({ action, [side(direction)]: some(adminPeer), ports: adminPorts });
const clusterRule = (action: fc.Arbitrary<string>) => (direction: string) =>
  fc.record({
    action,
    [side(direction)]: some(adminPeer),
    protocols: fc.array(fc.constantFrom<object>({ tcp: {} }, { udp: {} }, { destinationNamedPort: 'http' }), {
      maxLength: 2,
    }),
  });
const subject = fc.oneof(
  fc.record({ namespaces: teams }),
  fc.record({ pods: fc.record({ namespaceSelector: teams, podSelector: selector }) }),
);
const priority = fc.constantFrom(1, 2);

const ciliumRule = (direction: string) =>
  fc.oneof(
    fc.record({ [`${side(direction)}Endpoints`]: some(selector) }),
    fc.record({ [`${side(direction)}CIDR`]: some(block) }),
    fc.record({ [`${side(direction)}Entities`]: some(fc.constantFrom('all', 'world', 'cluster')) }),
    fc.record({ toPorts: fc.constant([{ ports: [{ port: '8080', protocol: 'TCP' }] }]) }),
  );

const expression = fc.constantFrom("app == 'web'", 'all()', "app in {'api', 'ci'}", '!has(app)');
const calicoEntity = fc.oneof(
  fc.record({ selector: expression }),
  fc.record({ namespaceSelector: fc.constantFrom("team == 'a'", 'all()') }),
  fc.record({ nets: some(block) }),
);
const calicoRule = (action: fc.Arbitrary<string>) => (direction: string) =>
  fc.record({ action, [direction === 'ingress' ? 'source' : 'destination']: calicoEntity });

const antreaPeer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: teams }),
  fc.record({ ipBlock: fc.record({ cidr: block }) }),
);
const antreaRule = (action: fc.Arbitrary<string>) => (direction: string) =>
  fc.record({ action, [side(direction)]: fc.array(antreaPeer, { maxLength: 2 }) });

const only = (action: string) => fc.constant(action);
const KINDS: readonly Kind[] = [
  {
    object: object(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      fc.record({
        podSelector: selector,
        policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
        ingress: some(v1Rule('ingress')),
        egress: some(v1Rule('egress')),
      }),
      true,
    ),
    allow: v1Rule,
  },
  {
    object: fc.oneof(
      object(
        'policy.networking.k8s.io/v1alpha1',
        'AdminNetworkPolicy',
        fc.record({
          priority,
          subject,
          ingress: some(adminRule(fc.constantFrom('Allow', 'Deny', 'Pass'))('ingress')),
          egress: some(adminRule(fc.constantFrom('Allow', 'Deny', 'Pass'))('egress')),
        }),
        false,
      ),
      object(
        'policy.networking.k8s.io/v1alpha1',
        'BaselineAdminNetworkPolicy',
        fc.record({ subject, ingress: some(adminRule(fc.constantFrom('Allow', 'Deny'))('ingress')) }),
        false,
      ),
    ),
    allow: adminRule(only('Allow')),
  },
  {
    object: object(
      'policy.networking.k8s.io/v1alpha2',
      'ClusterNetworkPolicy',
      fc.record({
        tier: fc.constantFrom('Admin', 'Baseline'),
        priority,
        subject,
        ingress: some(clusterRule(fc.constantFrom('Accept', 'Deny', 'Pass'))('ingress')),
        egress: some(clusterRule(fc.constantFrom('Accept', 'Deny', 'Pass'))('egress')),
      }),
      false,
    ),
    allow: clusterRule(only('Accept')),
  },
  {
    object: object(
      'cilium.io/v2',
      'CiliumNetworkPolicy',
      fc.record({
        endpointSelector: selector,
        ingress: some(ciliumRule('ingress')),
        egress: some(ciliumRule('egress')),
        ingressDeny: fc.array(ciliumRule('ingress'), { maxLength: 1 }),
      }),
      true,
    ),
    allow: ciliumRule,
  },
  {
    object: object(
      'projectcalico.org/v3',
      'GlobalNetworkPolicy',
      fc.record({
        order: fc.constantFrom(1, 1000, 2000),
        selector: expression,
        types: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
        ingress: some(calicoRule(fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'))('ingress')),
        egress: some(calicoRule(fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'))('egress')),
      }),
      false,
    ),
    allow: calicoRule(only('Allow')),
  },
  {
    object: object(
      'crd.antrea.io/v1beta1',
      'ClusterNetworkPolicy',
      fc.record({
        priority,
        tier: fc.constantFrom('emergency', 'application', 'baseline'),
        appliedTo: some(fc.record({ podSelector: selector })),
        ingress: some(antreaRule(fc.constantFrom('Allow', 'Drop', 'Reject', 'Pass'))('ingress')),
        egress: some(antreaRule(fc.constantFrom('Allow', 'Drop', 'Reject', 'Pass'))('egress')),
      }),
      false,
    ),
    allow: antreaRule(only('Allow')),
  },
];

const anyPolicies = fc.array(fc.oneof(...KINDS.map(({ object }) => object)), { maxLength: 4 });
/** Policies, and one of them with one more allowing rule somewhere among its rules. */
const withOneMoreRule = fc.constantFrom(...KINDS).chain(({ object, allow }) =>
  fc.constantFrom('ingress' as const, 'egress' as const).chain((direction) =>
    fc
      .record({ others: anyPolicies, policy: object, rule: allow(direction), at: fc.nat(2) })
      .filter(({ policy }) => (policy.spec[direction] ?? []).length > 0)
      .map(({ others, policy, rule, at }) => ({
        before: [...others, policy],
        after: [
          ...others,
          { ...policy, spec: { ...policy.spec, [direction]: policy.spec[direction]?.toSpliced(at, 0, rule) } },
        ],
      })),
  ),
);

const runs = { numRuns: SETS };

describe('whatever the policies are', () => {
  it(
    'one more allowing rule closes no flow',
    () => {
      fc.assert(
        fc.property(withOneMoreRule, ({ before, after }) => {
          const then = states(after);
          const closed = states(before).filter((state, index) =>
            state === 'allow' ? then[index] !== 'allow' : state === 'undecided' && then[index] === 'deny',
          );
          expect(closed).toEqual([]);
        }),
        runs,
      );
    },
    LIMIT_MS,
  );

  it(
    'their order does not matter',
    () => {
      fc.assert(
        fc.property(anyPolicies, (policies) => {
          const said = (others: readonly unknown[]) => {
            const set = policySet({ others });
            return FLOWS.map((flow) => becauseText(evaluateFlow(flow, set).ingress));
          };
          // Two objects of the same kind and name cannot be told apart; in a cluster there is one.
          const names = policies.map(({ kind, metadata }) => JSON.stringify([kind, metadata]));
          const single = policies.filter((_, index) => names.indexOf(names[index] ?? '') === index);
          expect(states(single.toReversed())).toEqual(states(single));
          expect(said(single.toReversed())).toEqual(said(single));
        }),
        runs,
      );
    },
    LIMIT_MS,
  );

  it(
    'JSON and YAML change nothing',
    () => {
      fc.assert(
        fc.property(anyPolicies, (policies) => {
          const read = load(dump(JSON.parse(JSON.stringify(policies)))) as unknown[];
          expect(states(read)).toEqual(states(policies));
        }),
        runs,
      );
    },
    LIMIT_MS,
  );

  it(
    'both directions of a flow agree with its verdict, and a certain one has a rule or a policy',
    () => {
      fc.assert(
        fc.property(anyPolicies, (policies) => {
          const set = policySet({ others: policies });
          const wrong = FLOWS.filter((flow) => {
            const verdict = evaluateFlow(flow, set);
            const sides = [verdict.egress, verdict.ingress];
            const denies = sides.some(({ allows }) => allows === 'no');
            const open = sides.some(({ allows }) => allows === 'depends');
            const ends = sides.every(
              ({ allows, walk }) =>
                walkLines(walk).length === walk.length &&
                (allows !== 'no' || ['deny', 'closed', 'open'].includes(walk.at(-1)?.outcome ?? '')),
            );
            return stateOf(verdict) !== (denies ? 'deny' : open ? 'undecided' : 'allow') || !ends;
          });
          expect(wrong).toEqual([]);
        }),
        runs,
      );
    },
    LIMIT_MS,
  );
});

/** A value with something of it replaced by anything: a field, an item, or all of it. */
function broken(value: unknown, at: readonly number[], by: unknown): unknown {
  const [step, ...rest] = at;
  if (step === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const inside = broken((value as Record<string, unknown>)[key], rest, by);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? inside : item))
    : { ...value, [key]: inside };
}

/** Groups and sets, and policies that refer to them. */
const REFERRING = [
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name: 'g' },
    spec: { externalCIDRs: ['198.51.100.0/24'] },
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'g', namespace: 'shop' },
    spec: { endpointSelector: {}, egress: [{ toCIDRSet: [{ cidrGroupRef: 'g' }] }] },
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkSet',
    metadata: { name: 'g', labels: { who: 'bank' } },
    spec: { nets: ['198.51.100.7'] },
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'g' },
    spec: { types: ['Egress'], egress: [{ action: 'Allow', destination: { selector: "who == 'bank'" } }] },
  },
  {
    apiVersion: 'crd.antrea.io/v1beta1',
    kind: 'ClusterGroup',
    metadata: { name: 'g' },
    spec: { childGroups: ['g'], ipBlocks: [{ cidr: '10.244.0.0/16' }] },
  },
  {
    apiVersion: 'crd.antrea.io/v1beta1',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: 'g' },
    spec: { priority: 5, appliedTo: [{ group: 'g' }], ingress: [{ action: 'Drop', from: [{ group: 'g' }] }] },
  },
];

it(
  'nothing that is read makes it throw, and every complaint is a sentence',
  () => {
    const junk = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        0,
        -1,
        65_536,
        1e308,
        '',
        '10.0.0.0/99',
        'Ünknown',
        [],
        {},
        [[]],
        { __proto__: null },
        true,
      ),
      fc.anything({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(
        anyPolicies,
        fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }),
        junk,
        junk,
        (policies, at, by, alone) => {
          const others = [...[...policies, ...REFERRING].map((policy) => broken(policy, at, by)), ...REFERRING, alone];
          const set = policySet({ others, networkPolicies: [by] });
          expect(statesIn(set)).toHaveLength(FLOWS.length);
          for (const problem of set.problems) expect(problem).toMatch(/^\S.{8,}/s);
        },
      ),
      runs,
    );
  },
  LIMIT_MS,
);
