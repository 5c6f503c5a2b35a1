import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerPort, PolicyPeer, PolicySnapshot } from '../../src/evidence/snapshots.ts';
import { evaluateDirection, isolating, type PolicyEnd } from '../../src/netpol/evaluate.ts';
import {
  addPort,
  addRule,
  effectsOf,
  freeName,
  newPolicy,
  type PolicyChange,
  peersFor,
  replaceLabel,
  replacePort,
  stableLabels,
  withChange,
} from '../../src/netpol/fix.ts';
import { policy } from '../support/world.ts';

const end = (name: string, labels: Record<string, string>, changes: Partial<PolicyEnd> = {}): PolicyEnd => ({
  name,
  namespace: 'shop',
  labels,
  namespaceLabels: { 'kubernetes.io/metadata.name': changes.namespace ?? 'shop' },
  addresses: [`10.244.0.${name.length}`],
  hostNetwork: false,
  node: 'n1',
  ports: [{ name: 'http', containerPort: 8080 }],
  ...changes,
});
const onlyCart = policy('only-cart', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'cart' } } }], ports: [{ port: 80 }] }],
});

describe('a peer of a rule', () => {
  it('is the labels that stay, within the own namespace', () =>
    expect(peersFor(end('web', { app: 'web', 'pod-template-hash': 'x1' }), 'shop')).toEqual([
      { podSelector: { matchLabels: { app: 'web' } } },
    ]));

  it('names the namespace when it is another one', () =>
    expect(peersFor(end('web', { app: 'web' }, { namespace: 'front' }), 'shop')).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'front' } },
        podSelector: { matchLabels: { app: 'web' } },
      },
    ]));

  it('is an address on the host network, with those of the node on the overlay', () =>
    expect(peersFor(end('web', {}, { hostNetwork: true, addresses: ['192.0.2.7'] }), 'shop', ['10.244.2.0'])).toEqual([
      { ipBlock: { cidr: '192.0.2.7/32' } },
      { ipBlock: { cidr: '10.244.2.0/32' } },
    ]));

  it('is an address of the sixth version as a whole', () =>
    expect(peersFor(end('x', {}, { outside: true, addresses: ['2001:db8::7'] }), 'shop')).toEqual([
      { ipBlock: { cidr: '2001:db8::7/128' } },
    ]));
});

it('keeps no label that a rollout changes', () =>
  expect(stableLabels({ app: 'db', 'controller-revision-hash': 'db-6c', 'app.kubernetes.io/version': '2.1' })).toEqual({
    app: 'db',
  }));

describe('a change', () => {
  it('adds a rule behind those that are there', () =>
    expect(addRule(onlyCart, 'ingress', [{ podSelector: {} }], [{ port: 8080 }]).patch).toEqual([
      { op: 'add', path: '/spec/ingress/-', value: { from: [{ podSelector: {} }], ports: [{ port: 8080 }] } },
    ]));

  it('adds the list when there is none', () =>
    expect(addRule(policy('closed', {}), 'egress', [{ podSelector: {} }], [{ port: 8080 }]).patch).toEqual([
      { op: 'add', path: '/spec/egress', value: [{ to: [{ podSelector: {} }], ports: [{ port: 8080 }] }] },
    ]));

  it('puts a number in the place of a port, and leaves the policy it came from alone', () => {
    const change = replacePort(onlyCart, 'ingress', { rule: 0, index: 0 }, 8080);
    expect(change.after.spec.ingress?.[0]?.ports).toEqual([{ port: 8080 }]);
    expect(onlyCart.spec.ingress?.[0]?.ports).toEqual([{ port: 80 }]);
  });

  it('adds a port to a rule', () =>
    expect(addPort(onlyCart, 'ingress', 0, { protocol: 'UDP', port: 53 }).after.spec.ingress?.[0]?.ports).toEqual([
      { port: 80 },
      { protocol: 'UDP', port: 53 },
    ]));

  it('writes a key with a slash as RFC 6901 wants it', () => {
    const item = { podSelector: { matchLabels: { 'example.com/team': 'a~b' } } };
    const named = policy('named', { ingress: [{ from: [item] }] });
    const change = replaceLabel(named, 'ingress', { rule: 0, peer: 0, key: 'example.com/team' }, 'b');
    expect(change.patch).toEqual([
      { op: 'replace', path: '/spec/ingress/0/from/0/podSelector/matchLabels/example.com~1team', value: 'b' },
    ]);
    expect(change.after.spec.ingress?.[0]?.from).toEqual([
      { podSelector: { matchLabels: { 'example.com/team': 'b' } } },
    ]);
  });
});

describe('a free name', () => {
  it('is the wanted one, as a name of Kubernetes', () =>
    expect(freeName('allow-Web-to-2001:db8::1', 'shop', [])).toBe('allow-web-to-2001-db8-1'));

  it('has a number when a policy of that name is there: applying must not replace it', () =>
    expect(freeName('only-cart', 'shop', [onlyCart])).toBe('only-cart-2'));

  it('may be that of another namespace, and is never longer than 63 letters', () => {
    expect(freeName('only-cart', 'front', [onlyCart])).toBe('only-cart');
    expect(freeName('a'.repeat(80), 'shop', [policy('a'.repeat(63), {})])).toBe(`${'a'.repeat(61)}-2`);
  });
});

describe('what a change opens', () => {
  const api = end('api', { app: 'api' });
  const [web, other] = [end('web', { app: 'web' }), end('web-2', { app: 'web' })];
  const change = addRule(onlyCart, 'ingress', peersFor(web, 'shop'), [{ protocol: 'TCP', port: 8080 }]);
  const all = { before: [onlyCart], after: withChange([onlyCart], change) };

  it('is every Pod with those labels, on that port', () => {
    const { opens, closes, complete } = effectsOf(change, 'ingress', all, [api, web, other], {
      port: 8080,
      protocol: 'TCP',
    });
    expect(opens.map((door) => `${door.source.name} ${door.destination.name} ${door.protocol} ${door.port}`)).toEqual([
      'web api TCP 8080',
      'web-2 api TCP 8080',
    ]);
    expect(closes).toEqual([]);
    expect(complete).toBe(true);
  });

  it('says what a replaced port closes', () => {
    const cart = end('cart', { app: 'cart' });
    const moved = replacePort(onlyCart, 'ingress', { rule: 0, index: 0 }, 8080);
    const { opens, closes } = effectsOf(
      moved,
      'ingress',
      { before: [onlyCart], after: withChange([onlyCart], moved) },
      [end('api', { app: 'api' }, { ports: [{ containerPort: 80 }, { containerPort: 8080 }] }), cart],
      { port: 8080, protocol: 'TCP' },
    );
    expect(opens.map(({ port }) => port)).toEqual([8080]);
    expect(closes.map(({ port }) => port)).toEqual([80]);
  });

  it('looks at Pods that are alike as one, so that a crowd without a say costs nothing', () => {
    const crowd = Array.from({ length: 5000 }, (_, index) => end(`bystander-${index}`, { app: 'other' }));
    const { opens, complete } = effectsOf(change, 'ingress', all, [web, api, ...crowd], {
      port: 8080,
      protocol: 'TCP',
    });
    expect(complete).toBe(true);
    expect(opens.map(({ source, destination }) => `${source.name} ${destination.name}`)).toEqual(['web api']);
  });

  it('stops at too many doors and says so', () => {
    const crowd = Array.from({ length: 5000 }, (_, index) => end(`web-${index}`, { app: 'web' }));
    expect(effectsOf(change, 'ingress', all, [api, ...crowd], { port: 8080, protocol: 'TCP' }).complete).toBe(false);
  });
});

// Properties: small clusters in which labels, ports and policies often meet.

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'pod-template-hash'), fc.constantFrom('a', 'b', 'c'), {
  maxKeys: 3,
});
const port = fc.record({
  protocol: fc.constantFrom('TCP', 'UDP'),
  port: fc.oneof(fc.constantFrom(53, 80, 8080), fc.constantFrom('http', 'dns')),
});
const selector = labels.map((matchLabels) => ({ matchLabels }));
const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  fc.constantFrom('shop', 'front').map((name) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
  })),
  fc.constantFrom('10.0.0.0/8', '192.0.2.0/24').map((cidr) => ({ ipBlock: { cidr } })),
);
const rules = fc.array(
  fc.record({ peers: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) }),
  {
    maxLength: 3,
  },
);
const somePolicy = (name: string): fc.Arbitrary<PolicySnapshot> =>
  fc
    .record({
      namespace: fc.constantFrom('shop', 'front'),
      selector,
      ingress: rules,
      egress: rules,
      types: fc.subarray(['Ingress', 'Egress']),
    })
    .map(({ namespace, selector: podSelector, ingress, egress, types }) =>
      policy(
        name,
        {
          podSelector,
          policyTypes: types,
          ingress: ingress.map(({ peers, ports }) => ({ from: peers, ports })),
          egress: egress.map(({ peers, ports }) => ({ to: peers, ports })),
        },
        namespace,
      ),
    );
const policies = fc.tuple(somePolicy('p0'), somePolicy('p1'), somePolicy('p2'));
const ports: fc.Arbitrary<ContainerPort[]> = fc.subarray([
  { name: 'http', containerPort: 8080, protocol: 'TCP' },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
  { containerPort: 80, protocol: 'TCP' },
]);
const pods = fc.array(fc.record({ labels, ports, front: fc.boolean() }), { minLength: 2, maxLength: 5 }).map((all) =>
  all.map((pod, index) =>
    end(`pod-${index}`, pod.labels, {
      namespace: pod.front ? 'front' : 'shop',
      addresses: [`10.244.0.${index + 1}`],
      ports: pod.ports,
    }),
  ),
);
const wanted = fc.record({ port: fc.constantFrom(53, 80, 8080), protocol: fc.constantFrom('TCP', 'UDP') });

/** More with PROPERTY_RUNS; it is asked of 100,000 when the fixes change. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);
const LIMIT_MS = 60_000 + numRuns * 100;

describe('any fix', () => {
  it(
    'opens the flow, closes nothing, and opens nothing that is not listed',
    () => {
      fc.assert(
        fc.property(policies, pods, wanted, fc.constantFrom('ingress', 'egress'), (all, ends, at, direction) => {
          const [source, destination] = ends as [PolicyEnd, PolicyEnd, ...PolicyEnd[]];
          const flow = { source, destination, ...at };
          const verdict = evaluateDirection(direction, flow, all);
          fc.pre(verdict.allows === 'no');
          const [own, other] = direction === 'egress' ? [source, destination] : [destination, source];
          const mine = all.filter((one) => isolating(direction, own, [one]).length > 0);
          const peers = peersFor(other, own.namespace);
          const [first] = mine;
          if (first === undefined) throw new Error('denied by nobody');
          const changes: PolicyChange[] = [addRule(first, direction, peers, [at])];
          // As the fixes do: a policy of its own only where all that close the Pod close its whole namespace.
          if (mine.every(({ spec }) => Object.keys(spec.podSelector?.matchLabels ?? {}).length === 0))
            changes.push(newPolicy('fix', own, direction, peers, [at]));
          for (const change of changes) {
            const after = withChange(all, change);
            expect(evaluateDirection(direction, flow, after).allows).toBe('yes');
            const { opens, closes, complete } = effectsOf(change, direction, { before: all, after }, ends, at);
            expect(complete).toBe(true);
            expect(closes).toEqual([]);
            // Every pair of Pods on every port anybody has, in both directions, asked one by one. One expectation for all: a
            // hundred of them take longer than the question.
            const surprises: string[] = [];
            for (const from of ends)
              for (const to of ends)
                for (const door of [
                  at,
                  ...to.ports.map((p) => ({ port: p.containerPort, protocol: p.protocol ?? 'TCP' })),
                ])
                  for (const way of ['ingress', 'egress'] as const) {
                    const asked = { source: from, destination: to, ...door };
                    const before = evaluateDirection(way, asked, all).allows === 'yes';
                    const now = evaluateDirection(way, asked, after).allows === 'yes';
                    const isListed = opens.some(
                      (one) =>
                        one.source === from &&
                        one.destination === to &&
                        one.port === door.port &&
                        one.protocol === door.protocol,
                    );
                    if (before && !now)
                      surprises.push(`closes ${from.name} to ${to.name} ${door.protocol} ${door.port}`);
                    if (!before && now && !isListed)
                      surprises.push(`opens ${from.name} to ${to.name} ${door.protocol} ${door.port}`);
                  }
            expect(surprises).toEqual([]);
          }
        }),
        { numRuns },
      );
    },
    LIMIT_MS,
  );
});
