import { describe, expect, it } from 'vitest';
import { evaluateFlow } from '../../src/netpol/evaluate.ts';
import type { PolicyEnd } from '../../src/netpol/flow.ts';
import { policySet } from '../../src/netpol/policy-set.ts';
import { stateOf } from '../../src/netpol/verdict.ts';

function pod(name: string, address: string): PolicyEnd {
  return {
    name,
    namespace: 'shop',
    labels: { app: name },
    namespaceLabels: { 'kubernetes.io/metadata.name': 'shop' },
    addresses: [address],
    hostNetwork: false,
    node: null,
    ports: [],
  };
}

const web = pod('web', '10.244.1.10');
const api = pod('api', '10.244.1.11');

function judge(others: readonly unknown[], destination = api) {
  const set = policySet({ others });
  const verdict = evaluateFlow({ source: web, destination, port: 8080, protocol: 'TCP' }, set);
  return { state: stateOf(verdict), problems: set.problems };
}

const object = (apiVersion: string, kind: string, spec: unknown, namespace?: string) => ({
  apiVersion,
  kind,
  metadata: { name: 'p', ...(namespace === undefined ? {} : { namespace }) },
  spec,
});
const v1 = (spec: unknown) => object('networking.k8s.io/v1', 'NetworkPolicy', spec, 'shop');
const rule = (ingress: unknown) => v1({ podSelector: { matchLabels: { app: 'api' } }, ingress: [ingress] });
const port = (given: unknown) => rule({ ports: [given] });
const admin = (more: object) =>
  object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', {
    priority: 5,
    subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'api' } } } },
    ...more,
  });
const cluster = (more: object) =>
  object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', {
    tier: 'Admin',
    priority: 5,
    subject: { namespaces: {} },
    ...more,
  });
const RULE = 'NetworkPolicy shop/p is not valid: ingress rule 1: ';

const OPEN: readonly (readonly [string, unknown, string])[] = [
  [
    'a block with too many bits',
    rule({ from: [{ ipBlock: { cidr: '10.0.0.0/99' } }] }),
    `${RULE}ipBlock.cidr "10.0.0.0/99" is not a block of addresses`,
  ],
  [
    'an address without bits',
    rule({ from: [{ ipBlock: { cidr: '10.0.0.1' } }] }),
    `${RULE}ipBlock.cidr "10.0.0.1" is not a block of addresses`,
  ],
  [
    'a hole that is no block',
    rule({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['everything'] } }] }),
    `${RULE}ipBlock.except "everything" is not a block of addresses`,
  ],
  ['port 0', port({ port: 0 }), `${RULE}port 0 is not between 1 and 65535`],
  ['port 70000', port({ port: 70_000 }), `${RULE}port 70000 is not between 1 and 65535`],
  ['half a port', port({ port: 80.5 }), `${RULE}port 80.5 is not between 1 and 65535`],
  ['endPort below port', port({ port: 9000, endPort: 8000 }), `${RULE}endPort 8000 is below port 9000`],
  ['endPort beside a name', port({ port: 'http', endPort: 8000 }), `${RULE}endPort needs a port number`],
  ['an unknown protocol', port({ protocol: 'tcp', port: 80 }), `${RULE}protocol is "tcp", not one of TCP, UDP, SCTP`],
  ['a field with a slip', rule({ form: [] }), `${RULE}rule has an unknown field "form"`],
  ['a peer that names nobody', rule({ from: [{}] }), `${RULE}from has an item that names nobody`],
  [
    'an unknown operator',
    rule({ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'Near', values: ['x'] }] } }] }),
    `${RULE}podSelector has an unknown operator "Near" for app`,
  ],
  [
    'In without values',
    rule({ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }] }),
    `${RULE}podSelector: In of app needs values`,
  ],
  ['a rule that is a text', rule('allow all'), `${RULE}rule is "allow all", not an object`],
  [
    'rules that are no list',
    v1({ ingress: { from: [] } }),
    'NetworkPolicy shop/p is not valid: ingress is {"from":[]}, not a list',
  ],
  [
    'an unknown type',
    v1({ policyTypes: ['Both'] }),
    'NetworkPolicy shop/p is not valid: policyTypes is "Both", not one of Ingress, Egress',
  ],
  ['a spec that is a number', v1(7), 'NetworkPolicy shop/p is not valid: spec is 7, not an object'],
  [
    'a priority that is too high',
    admin({ priority: 1001 }),
    'AdminNetworkPolicy p is not valid: priority 1001 is not between 0 and 1000',
  ],
  [
    'an unknown action',
    admin({ ingress: [{ action: 'Block', from: [{ namespaces: {} }] }] }),
    'AdminNetworkPolicy p is not valid: ingress rule 1: action is "Block", not one of Allow, Deny, Pass',
  ],
  [
    'a range that runs backwards',
    admin({
      ingress: [
        {
          action: 'Deny',
          from: [{ namespaces: {} }],
          ports: [{ portRange: { protocol: 'TCP', start: 9000, end: 80 } }],
        },
      ],
    }),
    'AdminNetworkPolicy p is not valid: ingress rule 1: the range of ports ends at 80, below its start 9000',
  ],
  [
    'an unknown tier',
    cluster({ tier: 'Top' }),
    'ClusterNetworkPolicy p is not valid: tier is "Top", not one of Admin, Baseline',
  ],
  [
    'both kinds of subject',
    cluster({ subject: { namespaces: {}, pods: {} } }),
    'ClusterNetworkPolicy p is not valid: subject has both namespaces and pods',
  ],
  [
    'a policy of Cilium without spec',
    object('cilium.io/v2', 'CiliumNetworkPolicy', undefined, 'shop'),
    'CiliumNetworkPolicy shop/p is not valid: it has no spec',
  ],
  [
    'a selector of Calico that ends too early',
    object('projectcalico.org/v3', 'GlobalNetworkPolicy', { selector: "app == 'api' &&" }),
    'Calico GlobalNetworkPolicy p is not valid: the selector "app == \'api\' &&" cannot be read',
  ],
  [
    'a policy of Antrea without priority',
    object('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', { appliedTo: [{ podSelector: {} }], ingress: [] }),
    'Antrea ClusterNetworkPolicy p is not valid: priority is undefined, not a number',
  ],
  [
    'a policy of Calico in a tier that is not there',
    object('projectcalico.org/v3', 'GlobalNetworkPolicy', { tier: 'gone', selector: 'all()' }),
    'GlobalNetworkPolicy p is in the tier gone, which does not exist or could not be read',
  ],
];

describe('a policy that its API would refuse', () => {
  it.each(OPEN)('%s: leaves the flow open, and says why', (_what, policy, sentence) => {
    const { state, problems } = judge([policy]);
    expect(problems).toEqual([sentence]);
    expect(state).toBe('undecided');
  });

  it('leaves Pods alone that it cannot select', () => {
    const other = { ...pod('db', '10.244.1.12'), namespace: 'data' };
    expect(judge([v1(7)], other).state).toBe('undecided');
    expect(judge([{ ...(v1({ ingress: 7 }) as object), metadata: { name: 'p', namespace: 'far' } }], other).state).toBe(
      'allow',
    );
  });

  it('does not hide a rule that is certain', () => {
    const both = v1({
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: 'x' } }] }, { from: [{ podSelector: {} }] }],
    });
    expect(judge([both]).state).toBe('allow');
    expect(judge([port({ port: 0 }), admin({ ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] })]).state).toBe(
      'deny',
    );
  });
});

describe('what is no policy', () => {
  it.each([
    [null, 'an object without apiVersion and kind is no policy: null'],
    [{ kind: 'Tier' }, 'an object without apiVersion and kind is no policy: {"kind":"Tier"}'],
    [{ apiVersion: 'v1', kind: 'Secret' }, 'Secret of v1 is not read by this tool'],
  ])('%j is said, and changes nothing', (given, sentence) =>
    expect(judge([given])).toEqual({ state: 'allow', problems: [sentence] }),
  );
});

describe('much of everything', () => {
  it('5,000 rules that do not match', () => {
    const ingress = Array.from({ length: 5000 }, (_, index) => ({
      from: [{ podSelector: { matchLabels: { app: `app-${index}` } } }],
      ports: [{ port: 8080 }],
    }));
    expect(judge([v1({ podSelector: {}, ingress })])).toEqual({ state: 'deny', problems: [] });
  });

  it('5,000 rules that may match', () => {
    const ingress = Array.from({ length: 5000 }, () => ({ from: [{ podSelector: { odd: 1 } }] }));
    const { state, problems } = judge([v1({ podSelector: {}, ingress })]);
    expect(state).toBe('undecided');
    expect(problems).toHaveLength(5000);
  });

  it('tiers that all have the same order', () => {
    const names = Array.from({ length: 500 }, (_, index) => `t${index}`);
    const tiers = names.map((name) => ({
      ...object('projectcalico.org/v3', 'Tier', { order: 1 }),
      metadata: { name },
    }));
    const policies = names.map((tier) =>
      object('projectcalico.org/v3', 'GlobalNetworkPolicy', { tier, selector: 'all()', ingress: [{ action: 'Pass' }] }),
    );
    expect(judge([...tiers, ...policies])).toEqual({ state: 'allow', problems: [] });
  });
});
