import { describe, expect, it } from 'vitest';
import { evaluateFlow } from '../../src/netpol/evaluate.ts';
import { outsideEnd, type PolicyEnd } from '../../src/netpol/flow.ts';
import { policySet } from '../../src/netpol/policy-set.ts';
import { becauseText, stateOf, walkLines } from '../../src/netpol/verdict.ts';

const NAMESPACES: Readonly<Record<string, Record<string, string>>> = {
  shop: { 'kubernetes.io/metadata.name': 'shop', team: 'a' },
  front: { 'kubernetes.io/metadata.name': 'front', team: 'b' },
};

function end(namespace: string, name: string, address: string, more: Partial<PolicyEnd> = {}): PolicyEnd {
  return {
    name,
    namespace,
    labels: { app: name },
    namespaceLabels: NAMESPACES[namespace] ?? null,
    addresses: [address],
    hostNetwork: false,
    node: null,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    serviceAccount: 'default',
    ...more,
  };
}

const web = end('shop', 'web', '10.244.1.10');
const api = end('shop', 'api', '10.244.1.11');
const ci = end('front', 'ci', '10.244.2.10');
const outside = outsideEnd('198.51.100.7');

interface Asked {
  readonly from?: PolicyEnd;
  readonly to?: PolicyEnd;
  readonly port?: number;
  readonly protocol?: string;
}

/** From shop/web to shop/api on TCP 8080, unless said otherwise. */
function judge(others: readonly unknown[], { from = web, to = api, port = 8080, protocol = 'TCP' }: Asked = {}) {
  const set = policySet({ others });
  const verdict = evaluateFlow({ source: from, destination: to, port, protocol }, set);
  return { is: stateOf(verdict), ...verdict, problems: set.problems };
}

/** `[label, policies, flow, verdict]` */
type Row = readonly [string, readonly unknown[], Asked, 'allow' | 'deny' | 'undecided'];

const object = (apiVersion: string, kind: string, name: string, spec: object, namespace?: string) => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec,
});
const v1 = (name: string, spec: object, namespace = 'shop') =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, spec, namespace);

const cilium = (spec: object, name = 'cnp') => object('cilium.io/v2', 'CiliumNetworkPolicy', name, spec, 'shop');
const ciliumWide = (spec: object) => object('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'ccnp', spec);
const app = (name: string) => ({ matchLabels: { app: name } });
const onApi = (rest: object) => cilium({ endpointSelector: app('api'), ...rest });

const CILIUM: readonly Row[] = [
  ['a rule for an endpoint of the own namespace', [onApi({ ingress: [{ fromEndpoints: [app('web')] }] })], {}, 'allow'],
  ['a policy closes whom it selects', [onApi({ ingress: [{ fromEndpoints: [app('cart')] }] })], {}, 'deny'],
  ['a policy of another direction', [onApi({ egress: [{ toEndpoints: [app('db')] }] })], {}, 'allow'],
  [
    'a selector without a namespace means the own one',
    [onApi({ ingress: [{ fromEndpoints: [{}] }] })],
    { from: ci },
    'deny',
  ],
  [
    'a selector that names a namespace',
    [onApi({ ingress: [{ fromEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'front' } }] }] })],
    { from: ci },
    'allow',
  ],
  [
    'a selector by a label of the namespace',
    [
      onApi({
        ingress: [{ fromEndpoints: [{ matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'b' } }] }],
      }),
    ],
    { from: ci },
    'allow',
  ],
  [
    'all endpoints, of a clusterwide policy',
    [ciliumWide({ endpointSelector: app('api'), ingress: [{ fromEndpoints: [{}] }] })],
    { from: ci },
    'allow',
  ],
  ['an empty rule allows nothing', [onApi({ ingress: [{}] })], {}, 'deny'],
  [
    'ports alone allow everybody on them',
    [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }] }] })],
    { from: ci },
    'allow',
  ],
  ['another port', [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }] })], {}, 'deny'],
  [
    'a range of ports',
    [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '8000', endPort: 8100 }] }] }] })],
    { protocol: 'UDP' },
    'allow',
  ],
  ['the name of a port', [onApi({ ingress: [{ toPorts: [{ ports: [{ port: 'http' }] }] }] })], {}, 'allow'],
  [
    'a denying rule counts before one that allows',
    [onApi({ ingress: [{ fromEndpoints: [{}] }], ingressDeny: [{ fromEndpoints: [app('web')] }] })],
    {},
    'deny',
  ],
  [
    'a denying rule counts before a NetworkPolicy',
    [onApi({ ingressDeny: [{ fromEndpoints: [app('web')] }] }), v1('allow', { podSelector: {}, ingress: [{}] })],
    {},
    'deny',
  ],
  [
    'a rule adds to a NetworkPolicy that closes the Pod',
    [onApi({ ingress: [{ fromEndpoints: [app('web')] }] }), v1('deny', { podSelector: {}, policyTypes: ['Ingress'] })],
    {},
    'allow',
  ],
  [
    'a policy that says that it closes nobody',
    [onApi({ enableDefaultDeny: { ingress: false }, ingress: [{ fromEndpoints: [app('cart')] }] })],
    {},
    'allow',
  ],
  ['a block does not apply to Pods', [onApi({ ingress: [{ fromCIDR: ['10.0.0.0/8'] }] })], {}, 'deny'],
  [
    'a block applies to addresses outside',
    [cilium({ endpointSelector: app('web'), egress: [{ toCIDRSet: [{ cidr: '198.51.100.0/24' }] }] })],
    { to: outside },
    'allow',
  ],
  [
    'an exception of a block',
    [
      cilium({
        endpointSelector: app('web'),
        egress: [{ toCIDRSet: [{ cidr: '198.51.100.0/24', except: ['198.51.100.0/28'] }] }],
      }),
    ],
    { to: outside },
    'deny',
  ],
  [
    'a name is not read',
    [cilium({ endpointSelector: app('web'), egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] })],
    { to: outside },
    'undecided',
  ],
  [
    'a name never means a Pod of the cluster',
    [cilium({ endpointSelector: app('web'), egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] })],
    {},
    'deny',
  ],
  [
    'rules for HTTP are not read',
    [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '8080' }], rules: { http: [{ path: '/' }] } }] }] })],
    {},
    'undecided',
  ],
  [
    'rules for HTTP on another port do not matter',
    [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '80' }], rules: { http: [{}] } }] }] })],
    {},
    'deny',
  ],
  [
    'rules for DNS that let every name through',
    [onApi({ ingress: [{ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] }] })],
    { port: 53, protocol: 'UDP' },
    'allow',
  ],
  ['the entity world is not a Pod', [onApi({ ingress: [{ fromEntities: ['world'] }] })], {}, 'deny'],
  ['the entity all', [onApi({ ingress: [{ fromEntities: ['all'] }] })], {}, 'allow'],
  ['the entity kube-apiserver', [onApi({ ingress: [{ fromEntities: ['kube-apiserver'] }] })], {}, 'undecided'],
  ['an empty list of rules', [onApi({ ingress: [] })], {}, 'undecided'],
  ['a policy for nodes', [ciliumWide({ nodeSelector: {}, ingress: [{}] })], {}, 'allow'],
  [
    'several specs',
    [{ ...cilium({}), spec: undefined, specs: [{ endpointSelector: app('api'), ingress: [{}] }] }],
    {},
    'deny',
  ],
];

const calico = (spec: object, name = 'np') => object('projectcalico.org/v3', 'NetworkPolicy', name, spec, 'shop');
const global = (spec: object, name = 'gnp') => object('projectcalico.org/v3', 'GlobalNetworkPolicy', name, spec);
const tier = (name: string, spec: object) => object('projectcalico.org/v3', 'Tier', name, spec);
const onCalicoApi = (rest: object, name?: string) =>
  calico({ selector: "app == 'api'", types: ['Ingress'], ...rest }, name);
const allow = (rest: object = {}) => ({ action: 'Allow', ...rest });
const deny = (rest: object = {}) => ({ action: 'Deny', ...rest });

const CALICO: readonly Row[] = [
  ['a rule by selector', [onCalicoApi({ ingress: [allow({ source: { selector: "app == 'web'" } })] })], {}, 'allow'],
  ['no rule matches', [onCalicoApi({ ingress: [allow({ source: { selector: "app == 'cart'" } })] })], {}, 'deny'],
  ['rules in order', [onCalicoApi({ ingress: [deny(), allow()] })], {}, 'deny'],
  [
    'policies by order',
    [onCalicoApi({ order: 20, ingress: [deny()] }, 'a'), onCalicoApi({ order: 10, ingress: [allow()] }, 'b')],
    {},
    'allow',
  ],
  [
    'a policy without order comes last',
    [onCalicoApi({ ingress: [deny()] }, 'a'), onCalicoApi({ order: 1e6, ingress: [allow()] }, 'b')],
    {},
    'allow',
  ],
  [
    'of the same order, by name',
    [onCalicoApi({ order: 10, ingress: [deny()] }, 'b'), onCalicoApi({ order: 10, ingress: [allow()] }, 'a')],
    {},
    'allow',
  ],
  [
    'a selector of a namespaced policy means its own namespace',
    [onCalicoApi({ ingress: [allow({ source: { selector: 'all()' } })] })],
    { from: ci },
    'deny',
  ],
  [
    'a selector of namespaces',
    [onCalicoApi({ ingress: [allow({ source: { namespaceSelector: "team == 'b'" } })] })],
    { from: ci },
    'allow',
  ],
  [
    'a selector of namespaces by the name that Calico gives',
    [onCalicoApi({ ingress: [allow({ source: { namespaceSelector: "projectcalico.org/name == 'front'" } })] })],
    { from: ci },
    'allow',
  ],
  [
    'a selector of a global policy means every namespace',
    [global({ selector: "app == 'api'", ingress: [allow({ source: { selector: "app == 'ci'" } })] })],
    { from: ci },
    'allow',
  ],
  [
    'ports',
    [onCalicoApi({ ingress: [allow({ protocol: 'TCP', destination: { ports: [80, '8000:9000'] } })] })],
    {},
    'allow',
  ],
  [
    'the name of a port',
    [onCalicoApi({ ingress: [allow({ protocol: 'TCP', destination: { ports: ['http'] } })] })],
    {},
    'allow',
  ],
  [
    'ports left out',
    [onCalicoApi({ ingress: [allow({ protocol: 'TCP', destination: { notPorts: [8080] } })] })],
    {},
    'deny',
  ],
  ['another protocol', [onCalicoApi({ ingress: [allow({ protocol: 'UDP' })] })], {}, 'deny'],
  ['a protocol by number', [onCalicoApi({ ingress: [allow({ protocol: 6 })] })], {}, 'allow'],
  [
    'a block applies to Pods as written',
    [onCalicoApi({ ingress: [allow({ source: { nets: ['10.244.1.0/24'] } })] })],
    {},
    'allow',
  ],
  ['a block left out', [onCalicoApi({ ingress: [allow({ source: { notNets: ['10.244.1.0/24'] } })] })], {}, 'deny'],
  ['a selector left out', [onCalicoApi({ ingress: [allow({ source: { notSelector: "app == 'web'" } })] })], {}, 'deny'],
  [
    'a service account',
    [onCalicoApi({ ingress: [allow({ source: { serviceAccounts: { names: ['default'] } } })] })],
    {},
    'allow',
  ],
  ['egress rules alone do not close ingress', [calico({ selector: "app == 'api'", egress: [deny()] })], {}, 'allow'],
  ['a policy that only logs closes', [onCalicoApi({ ingress: [{ action: 'Log' }] })], {}, 'deny'],
  [
    'NetworkPolicies stand at order 1000 of the tier default',
    [onCalicoApi({ order: 2000, ingress: [deny()] }), v1('allow', { podSelector: {}, ingress: [{}] })],
    {},
    'allow',
  ],
  [
    'a rule before them denies',
    [onCalicoApi({ order: 1, ingress: [deny()] }), v1('allow', { podSelector: {}, ingress: [{}] })],
    {},
    'deny',
  ],
  [
    'a tier before the others decides',
    [
      tier('security', { order: 100 }),
      global({
        tier: 'security',
        selector: 'all()',
        types: ['Ingress'],
        ingress: [deny({ source: { selector: "app == 'web'" } })],
      }),
      v1('allow', { podSelector: {}, ingress: [{}] }),
    ],
    {},
    'deny',
  ],
  [
    'Pass leads to the next tier',
    [
      tier('security', { order: 100 }),
      global({ tier: 'security', selector: 'all()', types: ['Ingress'], ingress: [{ action: 'Pass' }, deny()] }),
    ],
    {},
    'allow',
  ],
  [
    'the end of a tier denies',
    [
      tier('security', { order: 100 }),
      global({ tier: 'security', selector: 'all()', types: ['Ingress'], ingress: [] }),
    ],
    {},
    'deny',
  ],
  [
    'the end of a tier may pass',
    [
      tier('security', { order: 100, defaultAction: 'Pass' }),
      global({ tier: 'security', selector: 'all()', types: ['Ingress'], ingress: [] }),
    ],
    {},
    'allow',
  ],
  ['a tier that does not exist', [global({ tier: 'gone', selector: 'all()', ingress: [deny()] })], {}, 'undecided'],
  [
    'a tier that does not exist, for Pods nobody selects there',
    [global({ tier: 'gone', selector: "app == 'cart'", ingress: [deny()] })],
    {},
    'allow',
  ],
  ['terms of HTTP', [onCalicoApi({ ingress: [allow({ http: { methods: ['GET'] } })] })], {}, 'undecided'],
  [
    'names',
    [
      calico({
        selector: "app == 'web'",
        types: ['Egress'],
        egress: [allow({ destination: { domains: ['example.com'] } })],
      }),
    ],
    { to: outside },
    'undecided',
  ],
  [
    'the datastore writes the same',
    [{ ...onCalicoApi({ ingress: [deny()] }), apiVersion: 'crd.projectcalico.org/v1' }],
    {},
    'deny',
  ],
];

const antrea = (spec: object, name = 'annp') => object('crd.antrea.io/v1beta1', 'NetworkPolicy', name, spec, 'shop');
const antreaWide = (spec: object, name = 'acnp') => object('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', name, spec);
const onAntreaApi = (rest: object, name?: string) =>
  antrea({ priority: 5, appliedTo: [{ podSelector: app('api') }], ...rest }, name);
const drop = (rest: object = {}) => ({ action: 'Drop', ...rest });

const ANTREA: readonly Row[] = [
  ['Drop', [onAntreaApi({ ingress: [drop({ from: [{ podSelector: app('web') }] })] })], {}, 'deny'],
  ['Reject', [onAntreaApi({ ingress: [{ action: 'Reject' }] })], {}, 'deny'],
  [
    'a policy closes nobody',
    [onAntreaApi({ ingress: [allow({ from: [{ podSelector: app('cart') }] })] })],
    {},
    'allow',
  ],
  [
    'tiers by priority',
    [
      onAntreaApi({ tier: 'emergency', priority: 9, ingress: [allow()] }, 'a'),
      onAntreaApi({ tier: 'application', priority: 1, ingress: [drop()] }, 'b'),
    ],
    {},
    'allow',
  ],
  [
    'policies by priority',
    [onAntreaApi({ priority: 2, ingress: [drop()] }, 'a'), onAntreaApi({ priority: 1.5, ingress: [allow()] }, 'b')],
    {},
    'allow',
  ],
  [
    'the same priority and different actions',
    [onAntreaApi({ ingress: [drop()] }, 'a'), onAntreaApi({ ingress: [allow()] }, 'b')],
    {},
    'undecided',
  ],
  [
    'Allow counts before a NetworkPolicy that closes the Pod',
    [onAntreaApi({ ingress: [allow()] }), v1('deny', { podSelector: {}, policyTypes: ['Ingress'] })],
    {},
    'allow',
  ],
  [
    'Pass leads to NetworkPolicies, past the other tiers',
    [
      onAntreaApi({ tier: 'emergency', ingress: [{ action: 'Pass' }] }, 'a'),
      onAntreaApi({ tier: 'application', ingress: [allow()] }, 'b'),
      v1('deny', { podSelector: {}, policyTypes: ['Ingress'] }),
    ],
    {},
    'deny',
  ],
  [
    'the tier baseline counts where no NetworkPolicy does',
    [onAntreaApi({ tier: 'baseline', ingress: [drop()] })],
    {},
    'deny',
  ],
  [
    'and not where one does',
    [onAntreaApi({ tier: 'baseline', ingress: [drop()] }), v1('allow', { podSelector: {}, ingress: [{}] })],
    {},
    'allow',
  ],
  [
    'a selector of a namespaced policy means its own namespace',
    [onAntreaApi({ ingress: [drop({ from: [{ podSelector: {} }] })] })],
    { from: ci },
    'allow',
  ],
  [
    'that of a cluster policy means every namespace',
    [
      antreaWide({
        priority: 5,
        appliedTo: [{ podSelector: app('api') }],
        ingress: [drop({ from: [{ podSelector: app('ci') }] })],
      }),
    ],
    { from: ci },
    'deny',
  ],
  [
    'the own namespace',
    [
      antreaWide({
        priority: 5,
        appliedTo: [{ namespaceSelector: {} }],
        ingress: [allow({ from: [{ namespaces: { match: 'Self' } }] }), drop()],
      }),
    ],
    { from: ci },
    'deny',
  ],
  [
    'appliedTo of a rule',
    [antreaWide({ priority: 5, ingress: [drop({ appliedTo: [{ podSelector: app('api') }] })] })],
    {},
    'deny',
  ],
  [
    'appliedTo of a rule for other Pods',
    [antreaWide({ priority: 5, ingress: [drop({ appliedTo: [{ podSelector: app('db') }] })] })],
    {},
    'allow',
  ],
  ['a block', [onAntreaApi({ ingress: [drop({ from: [{ ipBlock: { cidr: '10.244.1.0/24' } }] })] })], {}, 'deny'],
  ['ports', [onAntreaApi({ ingress: [drop({ ports: [{ port: 8000, endPort: 9000 }] })] })], {}, 'deny'],
  ['another port', [onAntreaApi({ ingress: [drop({ ports: [{ protocol: 'TCP', port: 80 }] })] })], {}, 'allow'],
  ['a rule for ICMP', [onAntreaApi({ ingress: [drop({ protocols: [{ icmp: {} }] })] })], {}, 'allow'],
  ['a group', [onAntreaApi({ ingress: [drop({ from: [{ group: 'g' }] })] })], {}, 'undecided'],
  [
    'a name',
    [antrea({ priority: 5, appliedTo: [{ podSelector: app('web') }], egress: [drop({ to: [{ fqdn: '*.com' }] })] })],
    { to: outside },
    'undecided',
  ],
  ['layer 7', [onAntreaApi({ ingress: [allow({ l7Protocols: [{ http: {} }] }), drop()] })], {}, 'undecided'],
  ['a tier that does not exist', [onAntreaApi({ tier: 'gone', ingress: [drop()] })], {}, 'undecided'],
  [
    'a tier that somebody made',
    [
      object('crd.antrea.io/v1beta1', 'Tier', 'early', { priority: 10 }),
      onAntreaApi({ tier: 'early', priority: 9, ingress: [allow()] }, 'a'),
      onAntreaApi({ tier: 'emergency', priority: 1, ingress: [drop()] }, 'b'),
    ],
    {},
    'allow',
  ],
];

describe.each([
  ['Cilium', CILIUM],
  ['Calico', CALICO],
  ['Antrea', ANTREA],
] as const)('policies of %s', (_project, rows) => {
  it.each(rows)('%s', (_when, policies, asked, expected) => {
    const { is, problems, ...why } = judge(policies, asked);
    expect(is, JSON.stringify({ problems, why })).toBe(expected);
    expect(problems.filter((problem) => problem.includes('not valid'))).toEqual([]);
  });
});

describe('what decided', () => {
  it('is named: policy, rule, verb and term', () => {
    const { ingress } = judge([
      tier('security', { order: 100 }),
      global({ tier: 'security', selector: 'all()', types: ['Ingress'], ingress: [deny({ protocol: 'TCP' })] }),
    ]);
    expect(becauseText(ingress)).toBe('GlobalNetworkPolicy gnp, ingress rule 1 Deny: TCP');
    expect(walkLines(ingress.walk)).toEqual([
      'Calico tier security: deny by GlobalNetworkPolicy gnp, ingress rule 1 Deny: TCP',
    ]);
  });

  it('is a walk through the tiers', () => {
    const { ingress } = judge([
      object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'pass', {
        priority: 5,
        subject: { namespaces: {} },
        ingress: [{ name: 'team', action: 'Pass', from: [{ namespaces: { matchLabels: { team: 'a' } } }] }],
      }),
      onApi({ ingress: [{ fromEndpoints: [app('cart')] }] }),
    ]);
    expect(walkLines(ingress.walk)).toEqual([
      'Admin tier: pass by AdminNetworkPolicy pass, ingress rule 1 (team) Pass: namespace team=a',
      'NetworkPolicy: denied, closed by CiliumNetworkPolicy shop/cnp',
    ]);
    expect(becauseText(ingress)).toBe('CiliumNetworkPolicy shop/cnp: no rule admits the flow');
  });

  it('is the term that cannot be read', () => {
    const { egress } = judge(
      [cilium({ endpointSelector: app('web'), egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] })],
      { to: outside },
    );
    expect(becauseText(egress)).toBe(
      'CiliumNetworkPolicy shop/cnp: whether 198.51.100.7 is one of [{"matchName":"example.com"}] (toFQDNs) is not read by this tool',
    );
  });

  it('is two policies that disagree', () => {
    const admin = (name: string, action: string) =>
      object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', name, {
        tier: 'Admin',
        priority: 5,
        subject: { namespaces: {} },
        ingress: [{ action, from: [{ namespaces: {} }] }],
      });
    const { is, ingress } = judge([admin('a', 'Accept'), admin('b', 'Deny')]);
    expect(is).toBe('undecided');
    expect(becauseText(ingress)).toBe(
      'ClusterNetworkPolicy a and ClusterNetworkPolicy b have the same priority 5 and disagree: which one counts is not defined',
    );
  });
});
