import { describe, expect, it } from 'vitest';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import { policyLists, readPolicyApis, referredLists } from '../../src/collect/policies.ts';
import { missing, WEB_TO_API, world } from '../support/world.ts';
import { DOWN, FakeKube, forbidden, listOf, readingOf } from './fake-kube.ts';

const groups = (...names: readonly (readonly [string, ...string[]])[]) => ({
  groups: names.map(([name, ...versions]) => ({ name, versions: versions.map((version) => ({ version })) })),
});

describe('policy APIs', () => {
  it('are found by one request, and only those that are known are kept', async () => {
    const api = new FakeKube({
      '/apis': groups(['apps', 'v1'], ['cilium.io', 'v2', 'v2alpha1'], ['policy.networking.k8s.io', 'v1alpha1']),
    });
    expect(await readPolicyApis(readingOf(api))).toMatchObject({
      status: 'collected',
      command: 'kubectl get --raw /apis',
      value: [
        { group: 'cilium.io', versions: ['v2', 'v2alpha1'] },
        { group: 'policy.networking.k8s.io', versions: ['v1alpha1'] },
      ],
    });
    expect(api.asked).toEqual(['/apis']);
  });

  it('are none, as a fact, where none is served', async () =>
    expect(await readPolicyApis(readingOf(new FakeKube({ '/apis': groups(['apps', 'v1']) })))).toMatchObject({
      status: 'collected',
      value: [],
    }));

  it.each([
    ['403', forbidden('path "/apis"'), 'forbidden'],
    ['no answer', DOWN, 'timed-out'],
    ['a page of a proxy', { kind: 'object', body: '<html>' }, 'unreadable'],
  ] as const)('are a gap after %s', async (_what, said, reason) =>
    expect(await readPolicyApis(readingOf(new FakeKube({ '/apis': said })))).toMatchObject({
      status: 'missing',
      gap: { reason },
    }),
  );
});

describe('lists of policies', () => {
  const paths = (whose: 'admin' | 'vendor', ...served: readonly (readonly [string, ...string[]])[]) =>
    policyLists(
      whose,
      served.map(([group, ...versions]) => ({ group, versions })),
      ['shop', 'kube-system'],
    ).map(({ path }) => path);

  it('are one for each kind of the cluster and one for each namespace of the others', () =>
    expect(paths('vendor', ['cilium.io', 'v2'])).toEqual([
      '/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies',
      '/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies',
      '/apis/cilium.io/v2/namespaces/kube-system/ciliumnetworkpolicies',
    ]));

  it('are read once where Calico shows the same objects by two groups', () =>
    expect(paths('vendor', ['crd.projectcalico.org', 'v1'], ['projectcalico.org', 'v3'])).toEqual([
      '/apis/projectcalico.org/v3/tiers',
      '/apis/projectcalico.org/v3/globalnetworkpolicies',
      '/apis/projectcalico.org/v3/namespaces/shop/networkpolicies',
      '/apis/projectcalico.org/v3/namespaces/kube-system/networkpolicies',
    ]));

  it('follow the versions that are served', () => {
    expect(paths('admin', ['policy.networking.k8s.io', 'v1alpha1'])).toEqual([
      '/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies',
      '/apis/policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies',
    ]);
    expect(paths('admin', ['policy.networking.k8s.io', 'v1alpha2', 'v1beta1'])).toEqual([
      '/apis/policy.networking.k8s.io/v1beta1/clusternetworkpolicies',
    ]);
    expect(paths('admin', ['cilium.io', 'v2'])).toEqual([]);
  });
});

describe('what policies refer to', () => {
  const served = [
    { group: 'cilium.io', versions: ['v2', 'v2alpha1'] },
    { group: 'projectcalico.org', versions: ['v3'] },
    { group: 'crd.antrea.io', versions: ['v1beta1'] },
  ];
  const of = (apiVersion: string, spec: object) => [
    { apiVersion, kind: 'NetworkPolicy', metadata: { name: 'p' }, spec },
  ];
  const paths = (apiVersion: string, spec: object) =>
    referredLists(of(apiVersion, spec), served, ['shop', 'front']).map(({ path }) => path);

  it.each([
    [
      'a group of blocks, in every version',
      paths('cilium.io/v2', { egress: [{ toCIDRSet: [{ cidrGroupRef: 'partners' }] }] }),
      ['/apis/cilium.io/v2/ciliumcidrgroups', '/apis/cilium.io/v2alpha1/ciliumcidrgroups'],
    ],
    [
      'what a selector of a rule may mean',
      paths('projectcalico.org/v3', { egress: [{ action: 'Allow', destination: { selector: "who == 'bank'" } }] }),
      [
        '/apis/projectcalico.org/v3/globalnetworksets',
        '/apis/projectcalico.org/v3/namespaces/shop/networksets',
        '/apis/projectcalico.org/v3/namespaces/front/networksets',
      ],
    ],
    [
      'a group of Pods',
      paths('crd.antrea.io/v1beta1', { appliedTo: [{ group: 'backends' }] }),
      [
        '/apis/crd.antrea.io/v1beta1/clustergroups',
        '/apis/crd.antrea.io/v1beta1/namespaces/shop/groups',
        '/apis/crd.antrea.io/v1beta1/namespaces/front/groups',
      ],
    ],
    ['nothing', paths('cilium.io/v2', { egress: [{ toCIDR: ['10.0.0.0/8'] }] }), []],
    ['nothing by the selector of a policy', paths('projectcalico.org/v3', { selector: 'all()' }), []],
  ])('is %s', (_what, asked, expected) => expect(asked).toEqual(expected));

  const evidence = world({ policyApis: [{ group: 'cilium.io', versions: ['v2', 'v2alpha1'] }] });
  const policy = {
    metadata: { name: 'p', namespace: 'shop' },
    spec: { egress: [{ toCIDRSet: [{ cidrGroupRef: 'partners' }] }] },
  };
  const group = { metadata: { name: 'partners' }, spec: { externalCIDRs: ['198.51.100.0/24'] } };
  const collect = async (groups: Readonly<Record<string, object>>) => {
    const api = new FakeKube({ '/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies': listOf(policy), ...groups });
    const read = await API_COLLECTORS.vendorPolicies.collect(readingOf(api), evidence, WEB_TO_API);
    return read.status === 'collected' ? read.value.map(({ kind, metadata }) => `${kind} ${metadata.name}`) : read;
  };

  it('is read beside them, once', async () => {
    const both = Object.fromEntries(
      ['v2', 'v2alpha1'].map((version) => [`/apis/cilium.io/${version}/ciliumcidrgroups`, listOf(group)]),
    );
    expect(await collect(both)).toEqual(['CiliumNetworkPolicy p', 'CiliumCIDRGroup partners']);
  });

  it('is left out where it may not be read: the policy will name it', async () => {
    const no = forbidden('ciliumcidrgroups');
    expect(
      await collect({ '/apis/cilium.io/v2/ciliumcidrgroups': no, '/apis/cilium.io/v2alpha1/ciliumcidrgroups': no }),
    ).toEqual(['CiliumNetworkPolicy p']);
  });
});

describe('policies of an administrator', () => {
  const evidence = world({ policyApis: [{ group: 'policy.networking.k8s.io', versions: ['v1alpha2'] }] });
  const path = '/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies';
  const collect = (said: object) =>
    API_COLLECTORS.adminPolicies.collect(readingOf(new FakeKube({ [path]: said })), evidence, WEB_TO_API);

  it('say what they are, which items of a list do not, and keep their spec whole', async () =>
    expect(await collect(listOf({ metadata: { name: 'deny' }, spec: { tier: 'Admin', odd: [1] } }))).toMatchObject({
      status: 'collected',
      value: [
        {
          apiVersion: 'policy.networking.k8s.io/v1alpha2',
          kind: 'ClusterNetworkPolicy',
          metadata: { name: 'deny' },
          spec: { tier: 'Admin', odd: [1] },
        },
      ],
    }));

  it('that may not be read are a gap', async () =>
    expect(await collect(forbidden('clusternetworkpolicies'))).toMatchObject({
      status: 'missing',
      gap: {
        reason: 'forbidden',
        unlock: 'kubectl auth can-i list clusternetworkpolicies.policy.networking.k8s.io',
      },
    }));

  it('are not asked for where the APIs are not known', () =>
    expect(API_COLLECTORS.adminPolicies.wanted(world({ policyApis: missing('forbidden') }), WEB_TO_API)).toBe(false));
});
