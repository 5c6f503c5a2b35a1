import { expect, test } from 'vitest';
import { allCases, type Kind } from './registry.ts';

const all = await allCases();
const names = (kind: Kind) => all.filter((one) => one.kind === kind).map(({ name }) => name);

test('the faults are the thirty-four causes that are found end to end', () => {
  expect(names('fault').sort()).toEqual(
    [
      ...[
        'dns-name-not-found',
        'dns-wrong-namespace',
        'dns-coredns-down',
        'dns-hostnetwork-policy',
        'dns-nameserver-wrong',
      ],
      ...[
        'selector-mismatch',
        'backend-scaled-to-zero',
        'backend-not-running',
        'readiness-failing',
        'named-targetport-missing',
      ],
      ...['targetport-wrong', 'vip-or-port-undefined', 'endpointslice-stale', 'publish-not-ready'],
      ...['protocol-mismatch', 'selectorless-endpoints-wrong', 'headless-port-confusion', 'selector-too-broad'],
      ...['terminating-endpoint-race', 'internal-traffic-local', 'endpointslice-foreign', 'session-affinity-pinned'],
      'zone-routing-imbalance',
      ...['app-loopback-only', 'app-hung', 'kube-proxy-down', 'underlay-blocked', 'node-down'],
      ...[
        'netpol-default-deny-ingress',
        'netpol-default-deny-egress',
        'netpol-egress-dns-missing',
        'netpol-peer-pod-label-mismatch',
      ],
      ...['netpol-namespace-label-missing', 'netpol-port-is-service-port'],
    ].sort(),
  );
});

test('there are at least eight traps and the three scenarios, and every name is there once', () => {
  expect(names('trap').length).toBeGreaterThanOrEqual(8);
  expect(names('scenario')).toHaveLength(3);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test('policies are tried in both modes of the enforcer', () => {
  for (const one of all.filter(({ name }) => name.startsWith('netpol-')))
    expect(one.matters.policy, one.name).toBe(true);
});

test.each(all)('$name asks curl and the tool for the same flow', ({ flow }) => {
  const { hostname, port } = new URL(flow.url);
  expect(port ? [`${hostname}:${port}`] : [hostname, `${hostname}:80`, `http://${hostname}/`]).toContain(
    flow.destination,
  );
});
