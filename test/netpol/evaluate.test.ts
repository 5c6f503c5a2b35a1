import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyPeer, PolicySnapshot } from '../../src/evidence/snapshots.ts';
import { evaluateFlow, type FlowVerdict, isolates, type PolicyEnd, portText } from '../../src/netpol/evaluate.ts';
import { policy } from '../support/world.ts';

const NAMESPACES = {
  shop: { 'kubernetes.io/metadata.name': 'shop' },
  front: { 'kubernetes.io/metadata.name': 'front', team: 'a' },
};

function end(namespace: keyof typeof NAMESPACES, name: string, address: string): PolicyEnd {
  return {
    name,
    namespace,
    labels: { app: name },
    namespaceLabels: NAMESPACES[namespace],
    addresses: [address],
    hostNetwork: false,
    node: 'n1',
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
    ],
  };
}

const shopWeb = end('shop', 'web', '10.244.1.10');
const shopApi = end('shop', 'api', '10.244.1.11');
const frontWeb = end('front', 'web', '10.244.2.10');
const frontCi = end('front', 'ci', '10.244.2.11');
const PODS = [shopWeb, shopApi, frontWeb, frontCi];

const called = (pod: PolicyEnd): string => `${pod.namespace}/${pod.name}`;

interface Asked {
  readonly port?: number;
  readonly protocol?: string;
}

/** Every flow between two different Pods and whether it is open: `shop/web to shop/api`. */
function flows(policies: readonly PolicySnapshot[], { port = 8080, protocol = 'TCP' }: Asked = {}) {
  return PODS.flatMap((source) =>
    PODS.filter((destination) => destination !== source).map((destination) => {
      const verdict = evaluateFlow({ source, destination, port, protocol }, policies);
      return { flow: `${called(source)} to ${called(destination)}`, open: state(verdict) };
    }),
  );
}

function state({ egress, ingress }: FlowVerdict): 'yes' | 'no' | 'depends' {
  if (egress.allows === 'no' || ingress.allows === 'no') return 'no';
  return egress.allows === 'depends' || ingress.allows === 'depends' ? 'depends' : 'yes';
}

const openInto = (pod: string, all: ReturnType<typeof flows>): string[] =>
  all
    .filter(({ flow, open }) => flow.endsWith(` to ${pod}`) && open === 'yes')
    .map(({ flow }) => flow.split(' to ')[0] ?? '');

/** A policy that isolates Pod shop/api for ingress and admits these peers. */
const toApi = (...from: PolicyPeer[]): PolicySnapshot =>
  policy('to-api', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'], ingress: [{ from }] });
const labels = (matchLabels: Record<string, string>) => ({ matchLabels });

const INTO_API: readonly { when: string; policies: readonly PolicySnapshot[]; open: readonly string[] }[] = [
  { when: 'there is no policy', policies: [], open: ['shop/web', 'front/web', 'front/ci'] },
  {
    when: 'a policy selects it and has no rule',
    policies: [policy('deny', { podSelector: {}, policyTypes: ['Ingress'] })],
    open: [],
  },
  {
    when: 'a rule without peers admits everybody',
    policies: [policy('all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'an empty list of peers admits everybody, as no list does',
    policies: [policy('all', { podSelector: {}, ingress: [{ from: [], ports: [] }] })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  { when: 'an empty podSelector means the own namespace', policies: [toApi({ podSelector: {} })], open: ['shop/web'] },
  {
    when: 'an empty namespaceSelector means every namespace',
    policies: [toApi({ namespaceSelector: {} })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'a bare podSelector does not reach into other namespaces',
    policies: [toApi({ podSelector: labels({ app: 'web' }) })],
    open: ['shop/web'],
  },
  {
    when: 'a namespaceSelector admits all Pods of that namespace',
    policies: [toApi({ namespaceSelector: labels({ team: 'a' }) })],
    open: ['front/web', 'front/ci'],
  },
  {
    when: 'namespace and Pod in one item must both match',
    policies: [toApi({ namespaceSelector: labels({ team: 'a' }), podSelector: labels({ app: 'web' }) })],
    open: ['front/web'],
  },
  {
    when: 'namespace and Pod in two items: either will do, and the Pod item means the own namespace',
    policies: [toApi({ namespaceSelector: labels({ team: 'a' }) }, { podSelector: labels({ app: 'web' }) })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'two policies add up',
    policies: [toApi({ podSelector: labels({ app: 'web' }) }), toApi({ namespaceSelector: labels({ team: 'a' }) })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'a denying policy takes nothing back',
    policies: [
      policy('deny', { podSelector: {}, policyTypes: ['Ingress'] }),
      toApi({ podSelector: labels({ app: 'web' }) }),
    ],
    open: ['shop/web'],
  },
  {
    when: 'a policy of another namespace has no say',
    policies: [policy('deny', { podSelector: {}, policyTypes: ['Ingress'] }, 'front')],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'a policy that selects other Pods has no say',
    policies: [policy('deny', { podSelector: labels({ app: 'db' }), policyTypes: ['Ingress'] })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
  {
    when: 'policyTypes names egress alone: ingress rules mean nothing',
    policies: [policy('odd', { podSelector: labels({ app: 'api' }), policyTypes: ['Egress'], ingress: [] })],
    open: ['shop/web', 'front/web', 'front/ci'],
  },
];

describe('who may reach shop/api', () => {
  it.each(INTO_API)('when $when', ({ policies, open }) => {
    expect(openInto('shop/api', flows(policies))).toEqual(open);
  });

  it('is limited by the egress of the source as well: both ends must agree', () => {
    const policies = [
      toApi({ namespaceSelector: {} }),
      policy('no-egress', { podSelector: labels({ app: 'web' }), policyTypes: ['Egress'] }, 'front'),
    ];
    expect(openInto('shop/api', flows(policies))).toEqual(['shop/web', 'front/ci']);
  });
});

describe('isolation', () => {
  it.each([
    ['ingress', 'without policyTypes', {}, true],
    ['egress', 'without policyTypes and without egress rules', {}, false],
    ['egress', 'without policyTypes, with an egress rule', { egress: [{}] }, true],
    ['egress', 'without policyTypes, with an empty list of egress rules', { egress: [] }, false],
    ['ingress', 'with policyTypes Egress', { policyTypes: ['Egress'] }, false],
    ['egress', 'with policyTypes Ingress and an egress rule', { policyTypes: ['Ingress'], egress: [{}] }, false],
    ['egress', 'with both policyTypes', { policyTypes: ['Ingress', 'Egress'] }, true],
    ['ingress', 'with an empty list of policyTypes', { policyTypes: [] }, true],
  ] as const)('of %s %s: %j is %s', (direction, _when, spec, expected) => {
    const isolating = policy('p', { podSelector: {}, ...spec } as PolicySnapshot['spec']);
    expect(isolates(isolating, direction)).toBe(expected);
  });
});

describe('ports of a rule', () => {
  const onPorts = (...ports: { port?: number | string; protocol?: string; endPort?: number }[]) =>
    policy('ports', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports }] });
  const open = (rule: PolicySnapshot, asked: Asked): boolean => openInto('shop/api', flows([rule], asked)).length === 3;

  it.each([
    ['the number', onPorts({ port: 8080 }), { port: 8080 }, true],
    ['another number', onPorts({ port: 80 }), { port: 8080 }, false],
    ['one of two numbers', onPorts({ port: 80 }, { port: 8080 }), { port: 8080 }, true],
    ['the same number of another protocol', onPorts({ port: 8080, protocol: 'UDP' }), { port: 8080 }, false],
    ['a protocol without a number', onPorts({ protocol: 'UDP' }), { port: 53, protocol: 'UDP' }, true],
    ['a protocol without a number, for another protocol', onPorts({ protocol: 'UDP' }), { port: 53 }, false],
    ['SCTP', onPorts({ port: 132, protocol: 'SCTP' }), { port: 132, protocol: 'SCTP' }, true],
    ['the first of a range', onPorts({ port: 8000, endPort: 8080 }), { port: 8000 }, true],
    ['the last of a range', onPorts({ port: 8000, endPort: 8080 }), { port: 8080 }, true],
    ['one after a range', onPorts({ port: 8000, endPort: 8080 }), { port: 8081 }, false],
    ['the name of the Pod port', onPorts({ port: 'http' }), { port: 8080 }, true],
    ['the name of another Pod port', onPorts({ port: 'http' }), { port: 9090 }, false],
    ['a name whose port has another protocol', onPorts({ port: 'dns' }), { port: 53 }, false],
    ['a name and its protocol', onPorts({ port: 'dns', protocol: 'UDP' }), { port: 53, protocol: 'UDP' }, true],
    ['a name the Pod does not have', onPorts({ port: 'web' }), { port: 8080 }, false],
  ] as const)('%s', (_when, rule, asked, expected) => expect(open(rule, asked)).toBe(expected));

  it('are written as people write them', () => {
    expect([{ port: 80 }, { protocol: 'UDP' }, { port: 'http' }, { port: 8000, endPort: 8080 }].map(portText)).toEqual([
      'TCP 80',
      'UDP any',
      'TCP http',
      'TCP 8000-8080',
    ]);
  });
});

describe('an egress rule', () => {
  it('sees named ports of the Pod at the far end', () => {
    const rule = policy('out', { podSelector: labels({ app: 'web' }), egress: [{ ports: [{ port: 'http' }] }] });
    const source = { ...shopWeb, ports: [] };
    expect(evaluateFlow({ source, destination: shopApi, port: 8080, protocol: 'TCP' }, [rule]).egress.allows).toBe(
      'yes',
    );
  });
});

describe('an ipBlock', () => {
  const verdict = (cidr: string, except: string[] = []) =>
    evaluateFlow({ source: shopWeb, destination: shopApi, port: 8080, protocol: 'TCP' }, [
      toApi({ ipBlock: { cidr, except } }),
    ]).ingress;

  it('that covers a Pod address depends on the network plugin', () => {
    expect(verdict('10.244.0.0/16')).toMatchObject({
      allows: 'depends',
      on: 'ipBlock 10.244.0.0/16 covers the Pod address 10.244.1.10: whether it applies to Pods is up to the network plugin',
    });
  });

  it('does not admit what it excepts', () => expect(verdict('10.244.0.0/16', ['10.244.1.0/24']).allows).toBe('no'));

  it('does not admit other addresses', () => expect(verdict('192.0.2.0/24').allows).toBe('no'));

  it('does not admit the other family', () => expect(verdict('::/0').allows).toBe('no'));

  it('leaves the decision to another rule that is certain', () => {
    const both = toApi({ ipBlock: { cidr: '0.0.0.0/0' } }, { podSelector: {} });
    const flow = { source: shopWeb, destination: shopApi, port: 8080, protocol: 'TCP' };
    expect(evaluateFlow(flow, [both]).ingress.allows).toBe('yes');
  });
});

describe('special ends', () => {
  const deny = policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const judge = (source: PolicyEnd, destination: PolicyEnd, policies = [deny]) =>
    evaluateFlow({ source, destination, port: 8080, protocol: 'TCP' }, policies);
  const onHost = { ...shopWeb, hostNetwork: true, addresses: ['172.18.0.11'] };

  it('a Pod always reaches itself', () => expect(state(judge(shopApi, shopApi))).toBe('yes'));

  it('a policy does not isolate a host-network Pod', () => {
    expect(judge(onHost, shopApi).egress).toMatchObject({ allows: 'yes', because: 'host-network' });
  });

  it('a node reaches the Pods it runs', () => expect(judge(onHost, shopApi).ingress.allows).toBe('yes'));

  it('whether labels admit a host-network Pod of another node is up to the network plugin', () => {
    const far = { ...onHost, node: 'n2' };
    expect(judge(far, shopApi, [toApi({ podSelector: {} })]).ingress).toMatchObject({
      allows: 'depends',
      on: 'Pod shop/web uses the address of its node: whether selectors match it is up to the network plugin',
      point: { kind: 'host-network' },
    });
    expect(judge(far, shopApi, [toApi({ podSelector: labels({ app: 'cart' }) })]).ingress.allows).toBe('no');
    expect(judge(far, shopApi, [toApi({ ipBlock: { cidr: '172.18.0.0/16' } })]).ingress.allows).toBe('depends');
  });

  it('unread labels of a namespace leave it undecided', () => {
    const unread = { ...frontWeb, namespaceLabels: null };
    const byTeam = toApi({ namespaceSelector: labels({ team: 'a' }) });
    expect(judge(unread, shopApi, [byTeam]).ingress).toMatchObject({
      allows: 'depends',
      on: 'the labels of namespace front could not be read',
    });
    expect(judge(unread, shopApi, [toApi({ namespaceSelector: {} })]).ingress.allows).toBe('yes');
  });
});

describe('the nearest rule', () => {
  it('is the one with the fewest terms to change, and names them', () => {
    const rules = policy('p', {
      podSelector: labels({ app: 'api' }),
      ingress: [
        { from: [{ podSelector: labels({ app: 'cart' }) }], ports: [{ port: 9090 }] },
        { from: [{ podSelector: labels({ app: 'webb' }) }], ports: [{ port: 8080 }] },
      ],
    });
    const { ingress } = evaluateFlow({ source: shopWeb, destination: shopApi, port: 8080, protocol: 'TCP' }, [rules]);
    expect(ingress.allows === 'no' && ingress.because === 'isolated' ? ingress.nearest[0] : null).toMatchObject({
      rule: 1,
      misses: [{ term: 'pod-label', key: 'app', needs: 'app=webb', has: 'web' }],
    });
  });

  it('says when the own namespace of a bare podSelector is the trouble', () => {
    const { ingress } = evaluateFlow({ source: frontWeb, destination: shopApi, port: 8080, protocol: 'TCP' }, [
      toApi({ podSelector: labels({ app: 'web' }) }),
    ]);
    expect(ingress.allows === 'no' && ingress.because === 'isolated' ? ingress.nearest[0]?.misses : null).toEqual([
      { term: 'own-namespace', needs: 'shop', has: 'front' },
    ]);
  });
});

describe('any set of policies', () => {
  const selector = fc.constantFrom({}, labels({ app: 'web' }), labels({ app: 'api' }), labels({ team: 'a' }));
  const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
    fc.record({ podSelector: selector }),
    fc.record({ namespaceSelector: selector }),
    fc.record({ podSelector: selector, namespaceSelector: selector }),
    fc.record({ ipBlock: fc.record({ cidr: fc.constantFrom('10.244.1.0/24', '192.0.2.0/24') }) }),
  );
  const port = fc.constantFrom({ port: 8080 }, { port: 80, endPort: 8080 }, { port: 'http' }, { protocol: 'UDP' });
  const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 2 });
  const anyPolicy = fc
    .record({
      namespace: fc.constantFrom('shop', 'front'),
      podSelector: selector,
      policyTypes: fc.constantFrom<string[]>(['Ingress'], ['Egress'], ['Ingress', 'Egress'], []),
      ingress: some(fc.record({ from: some(peer), ports: some(port) })),
      egress: some(fc.record({ to: some(peer), ports: some(port) })),
    })
    .map(({ namespace, ...spec }) => policy('p', spec, namespace));
  const allow = policy('allow', { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] });

  it('says the same in any order', () => {
    fc.assert(
      fc.property(some(anyPolicy), (policies) => {
        expect(flows(policies.toReversed())).toEqual(flows(policies));
      }),
    );
  });

  it('keeps every open flow open when a Pod that is isolated already gets one more rule', () => {
    fc.assert(
      fc.property(fc.array(anyPolicy, { maxLength: 3 }), anyPolicy, (policies, more) => {
        // What isolates nobody new can only admit.
        const closed = ['shop', 'front'].map((namespace) =>
          policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, namespace),
        );
        const before = flows([...closed, ...policies]).filter(({ open }) => open === 'yes');
        const after = flows([...closed, ...policies, more]);
        expect(after).toEqual(expect.arrayContaining(before));
      }),
    );
  });

  it('never closes a flow when a policy that admits everything is added', () => {
    fc.assert(
      fc.property(fc.array(anyPolicy, { maxLength: 3 }), (policies) => {
        const before = flows(policies).filter(({ open }) => open === 'yes');
        expect(flows([...policies, allow])).toEqual(expect.arrayContaining(before));
      }),
    );
  });
});
