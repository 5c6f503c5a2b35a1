import { describe, expect, it } from 'vitest';
import { evaluateFlow } from '../../../src/netpol/evaluate.ts';
import { outsideEnd, type PolicyEnd } from '../../../src/netpol/flow.ts';
import { policySet } from '../../../src/netpol/policy-set.ts';
import { becauseText, stateOf } from '../../../src/netpol/verdict.ts';

const pod = (namespace: string, name: string, address: string): PolicyEnd => ({
  name,
  namespace,
  labels: { app: name },
  namespaceLabels: { 'kubernetes.io/metadata.name': namespace },
  addresses: [address],
  hostNetwork: false,
  node: null,
  ports: [],
});
const web = pod('shop', 'web', '10.244.1.10');
const api = pod('shop', 'api', '10.244.1.11');
const ci = pod('front', 'ci', '10.244.2.10');
const partner = outsideEnd('198.51.100.7');

const object = (apiVersion: string, kind: string, metadata: object, spec: object) => ({
  apiVersion,
  kind,
  metadata,
  spec,
});
const app = (name: string) => ({ matchLabels: { app: name } });

function judge(others: readonly unknown[], source: PolicyEnd = web, destination: PolicyEnd = api) {
  const set = policySet({ others });
  const verdict = evaluateFlow({ source, destination, port: 8080, protocol: 'TCP' }, set);
  const side = destination === api ? verdict.ingress : verdict.egress;
  return { is: stateOf(verdict), because: becauseText(side), problems: set.problems };
}

describe('CiliumCIDRGroup', () => {
  const group = (name: string, blocks: readonly unknown[], labels: object = {}, version = 'v2') =>
    object(`cilium.io/${version}`, 'CiliumCIDRGroup', { name, labels }, { externalCIDRs: blocks });
  const toGroup = (item: object) =>
    object(
      'cilium.io/v2',
      'CiliumNetworkPolicy',
      { name: 'cnp', namespace: 'shop' },
      { endpointSelector: app('web'), egress: [{ toCIDRSet: [item] }] },
    );
  const byName = toGroup({ cidrGroupRef: 'partners' });

  it.each([
    ['holds the address', [byName, group('partners', ['198.51.100.0/24'])], 'allow'],
    ['of the older version', [byName, group('partners', ['198.51.100.7'], {}, 'v2alpha1')], 'allow'],
    ['does not hold it', [byName, group('partners', ['203.0.113.0/24'])], 'deny'],
    ['is not there', [byName, group('others', ['198.51.100.0/24'])], 'undecided'],
    [
      'leaves the address out',
      [toGroup({ cidrGroupRef: 'partners', except: ['198.51.100.7/32'] }), group('partners', ['198.51.100.0/24'])],
      'deny',
    ],
    [
      'has the labels that are asked for',
      [
        toGroup({ cidrGroupSelector: { matchLabels: { who: 'bank' } } }),
        group('a', ['198.51.100.0/24'], { who: 'bank' }),
      ],
      'allow',
    ],
    [
      'has other labels',
      [
        toGroup({ cidrGroupSelector: { matchLabels: { who: 'bank' } } }),
        group('a', ['198.51.100.0/24'], { who: 'shop' }),
      ],
      'undecided',
    ],
    ['is not valid', [byName, group('partners', ['somewhere'])], 'undecided'],
  ] as const)('%s', (_when, policies, expected) => expect(judge(policies, web, partner).is).toBe(expected));

  it('is named when it is not there, and when it decides', () => {
    expect(judge([byName], web, partner).because).toBe(
      'CiliumNetworkPolicy shop/cnp: CiliumCIDRGroup partners is not there, or could not be read',
    );
    expect(judge([byName, group('partners', ['198.51.100.0/24'])], web, partner).because).toBe(
      'CiliumNetworkPolicy shop/cnp, egress rule 1 allows: CiliumCIDRGroup partners',
    );
    expect(judge([group('partners', [7])]).problems).toEqual([
      'CiliumCIDRGroup partners is not valid: externalCIDRs is 7, not a text',
    ]);
  });

  it('does not apply to Pods', () =>
    expect(judge([byName, group('partners', ['10.244.0.0/16'])], web, api).is).toBe('deny'));
});

describe('sets of networks of Calico', () => {
  const set = (kind: string, metadata: object, nets: readonly string[]) =>
    object('projectcalico.org/v3', kind, metadata, { nets });
  const partners = { name: 'partners', labels: { who: 'bank' } };
  const wide = set('GlobalNetworkSet', partners, ['198.51.100.0/24']);
  const own = set('NetworkSet', { ...partners, namespace: 'shop' }, ['198.51.100.0/24']);
  const to = (destination: object, action = 'Allow') => ({ action, destination });
  const spec = (rules: readonly object[]) => ({ selector: "app == 'web'", types: ['Egress'], egress: rules });
  const global = (...rules: readonly object[]) =>
    object('projectcalico.org/v3', 'GlobalNetworkPolicy', { name: 'gnp' }, spec(rules));
  const local = (...rules: readonly object[]) =>
    object('projectcalico.org/v3', 'NetworkPolicy', { name: 'np', namespace: 'shop' }, spec(rules));
  const bank = { selector: "who == 'bank'" };

  it.each([
    ['a global policy means all of them', [global(to(bank)), wide], 'allow'],
    ['also those of a namespace', [global(to(bank)), own], 'allow'],
    ['a namespaced policy means those of its namespace', [local(to(bank)), own], 'allow'],
    ['and no global one', [local(to(bank)), wide], 'undecided'],
    ['unless it says so', [local(to({ ...bank, namespaceSelector: 'global()' })), wide], 'allow'],
    ['another label', [global(to({ selector: "who == 'shop'" })), wide], 'undecided'],
    ['another address', [global(to(bank)), set('GlobalNetworkSet', partners, ['203.0.113.0/24'])], 'undecided'],
    ['a denying rule', [global(to(bank, 'Deny'), to({})), wide], 'deny'],
    ['not those with the label', [global(to({ notSelector: "who == 'bank'" })), wide], 'deny'],
    ['a set that is not valid', [global(to(bank)), set('GlobalNetworkSet', partners, ['nowhere'])], 'undecided'],
  ] as const)('%s', (_when, policies, expected) => expect(judge(policies, web, partner).is).toBe(expected));

  it('may hold addresses of Pods', () => {
    const pods = set('GlobalNetworkSet', partners, ['10.244.1.0/24']);
    expect(judge([global(to(bank)), pods], web, api).is).toBe('allow');
  });

  it('are named when they decide', () =>
    expect(judge([global(to(bank)), own], web, partner).because).toBe(
      'GlobalNetworkPolicy gnp, egress rule 1 Allow: NetworkSet shop/partners',
    ));
});

describe('groups of Antrea', () => {
  const wide = (name: string, spec: object) => object('crd.antrea.io/v1beta1', 'ClusterGroup', { name }, spec);
  const local = (name: string, spec: object, namespace = 'shop') =>
    object('crd.antrea.io/v1beta1', 'Group', { name, namespace }, spec);
  const drop = (peer: object) => ({
    priority: 5,
    appliedTo: [{ podSelector: app('api') }],
    ingress: [{ action: 'Drop', from: [peer] }],
  });
  const acnp = (spec: object) => object('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', { name: 'acnp' }, spec);
  const annp = (spec: object) =>
    object('crd.antrea.io/v1beta1', 'NetworkPolicy', { name: 'annp', namespace: 'shop' }, spec);
  const byGroup = acnp(drop({ group: 'clients' }));

  it.each([
    ['selects the Pod', [byGroup, wide('clients', { podSelector: app('web') })], 'deny'],
    ['selects another', [byGroup, wide('clients', { podSelector: app('cart') })], 'allow'],
    ['holds its address', [byGroup, wide('clients', { ipBlocks: [{ cidr: '10.244.1.0/24' }] })], 'deny'],
    [
      'leaves its address out',
      [byGroup, wide('clients', { ipBlocks: [{ cidr: '10.244.1.0/24', except: ['10.244.1.10/32'] }] })],
      'allow',
    ],
    [
      'has a member that does',
      [byGroup, wide('clients', { childGroups: ['a'] }), wide('a', { podSelector: app('web') })],
      'deny',
    ],
    ['has a member that is not there', [byGroup, wide('clients', { childGroups: ['a'] })], 'undecided'],
    ['is its own member', [byGroup, wide('clients', { childGroups: ['clients'] })], 'undecided'],
    [
      'goes round in a ring',
      [byGroup, wide('clients', { childGroups: ['a'] }), wide('a', { childGroups: ['clients'] })],
      'undecided',
    ],
    ['is made of a Service', [byGroup, wide('clients', { serviceReference: { name: 'x' } })], 'undecided'],
    ['is not there', [byGroup], 'undecided'],
    [
      'is of a namespace, the policy of the cluster',
      [byGroup, local('clients', { podSelector: app('web') })],
      'undecided',
    ],
    [
      'is of the namespace of the policy',
      [annp(drop({ group: 'clients' })), local('clients', { podSelector: app('web') })],
      'deny',
    ],
    [
      'is of another namespace',
      [annp(drop({ group: 'clients' })), local('clients', { podSelector: app('web') }, 'front')],
      'undecided',
    ],
    [
      'says whom a policy is for',
      [
        acnp({ ...drop({}), appliedTo: [{ group: 'backends' }], ingress: [{ action: 'Drop' }] }),
        wide('backends', { podSelector: app('api') }),
      ],
      'deny',
    ],
  ] as const)('%s', (_when, policies, expected) => expect(judge(policies).is).toBe(expected));

  it('of a namespace selects no Pod of another', () =>
    expect(judge([annp(drop({ group: 'clients' })), local('clients', { podSelector: app('ci') })], ci).is).toBe(
      'allow',
    ));

  it('is named when it is not there, goes round, or decides', () => {
    expect(judge([byGroup]).because).toBe('ClusterGroup clients is not there, or could not be read');
    expect(judge([byGroup, wide('clients', { childGroups: ['clients'] })]).because).toBe(
      'ClusterGroup clients has itself for a member',
    );
    expect(judge([byGroup, wide('clients', { podSelector: app('web') })]).because).toBe(
      'ClusterNetworkPolicy acnp, ingress rule 1 Drop: ClusterGroup clients',
    );
  });
});
