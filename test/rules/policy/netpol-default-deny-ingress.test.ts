import { expect, it } from 'vitest';
import rule from '../../../src/rules/policy/netpol-default-deny-ingress.ts';
import { judge, ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  daemonSet,
  flow,
  found,
  missing,
  NOT_FOUND,
  pod,
  policy,
  REFUSED,
  rejected,
  SILENT,
  secondsAgo,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });
const onlyCart = policy('only-cart', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [
    { from: [{ podSelector: { matchLabels: { app: 'cart' } } }], ports: [{ port: 9090 }] },
    { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] },
  ],
});
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const db = pod({ name: 'db', ip: '10.244.3.50', labels: { app: 'db' } });

ruleCases(rule, {
  fires: [
    {
      when: 'everything is closed, packets get lost, and another Pod on that node answers',
      world: world({ policies: [denyAll], ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      saw: [
        'selects every Pod of its namespace, which closes api-a, api-b, api-c for ingress: it has no rule that admits anything',
        'Calico enforces policies here',
        'api-a 10.244.1.11:8080: no answer in 4 s',
        'ping 10.244.3.30:8080: connected in 0.8 ms (control on the same node)',
      ],
      run: [
        `kubectl apply -f - <<'EOF'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-web-to-api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: web
    ports:
    - protocol: TCP
      port: 8080
EOF`,
      ],
    },
    {
      when: 'nothing else on those nodes was tried',
      world: world({ policies: [denyAll], ...dropped, dnsServers: [] }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the policy engine rejects with ICMP instead of dropping',
      world: world({
        policies: [denyAll],
        backendConnects: API_PODS.map((api) => connect(api, rejected('10.244.2.1'))),
      }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
    {
      when: 'its rules admit others, and the connection was refused by nobody knows whom',
      world: world({ policies: [onlyCart], backendConnects: API_PODS.map((api) => connect(api, REFUSED)) }),
      says: 'NetworkPolicy only-cart isolates 3 backends for ingress, and none of its 2 rules admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/only-cart',
      confidence: 'possible',
      blocks: 'path',
      addresses,
    },
    {
      when: 'no probe ran: the model says it would be denied',
      world: apiOnly({ policies: [denyAll] }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the flow passes all the same: not enforced, or not yet',
      world: world({ policies: [denyAll] }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'possible',
      blocks: null,
      addresses,
      saw: ['new connections pass all the same: Calico does not act on the policy, or lets something pass before it'],
    },
    {
      when: 'the flow passes, and the policy has just been made',
      world: world({
        policies: [{ ...denyAll, metadata: { ...denyAll.metadata, creationTimestamp: secondsAgo(4) } }],
      }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'possible',
      blocks: null,
      addresses,
      saw: ['new connections pass all the same: the policy is only 4 s old, and Calico may not have heard of it'],
    },
    {
      when: 'the flow passes, and the policy engine does not run everywhere',
      world: world({
        policies: [denyAll],
        daemonSets: [{ ...daemonSet('calico-node'), status: { desiredNumberScheduled: 3, numberReady: 2 } }],
      }),
      says: 'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'possible',
      blocks: null,
      addresses,
      saw: ['new connections pass all the same: Calico is ready on 2 of 3 nodes'],
    },
    {
      when: 'the destination is a Pod',
      world: world({
        service: ABSENT,
        endpoints: ABSENT,
        destinationPod: found(db),
        policies: [policy('db', { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ ports: [{ port: 9 }] }] })],
        backendConnects: [connect(db, { port: 5432, ...SILENT })],
        dnsServers: [],
        controlConnects: [],
      }),
      flow: flow({
        destination: { kind: 'Pod', namespace: 'shop', name: 'db' },
        typed: 'pod/db',
        dnsName: null,
        port: 5432,
      }),
      says: 'NetworkPolicy db isolates db for ingress, and its only rule does not admit web (app=web) on TCP 5432.',
      subject: 'NetworkPolicy shop/db',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.50'],
    },
  ],
  silent: [
    { when: 'there is no policy', world: world(), outcome: 'clear' },
    {
      when: 'no known policy engine runs: that is netpol-not-enforced',
      world: apiOnly({ policies: [denyAll], daemonSets: [daemonSet('kube-proxy')] }),
      outcome: 'clear',
    },
    {
      when: 'a second policy admits the source: policies add up',
      world: world({
        policies: [
          denyAll,
          policy('allow-web', {
            podSelector: { matchLabels: { app: 'api' } },
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
          }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'a rule fails by one label alone: that is netpol-peer-pod-label-mismatch',
      world: world({
        policies: [
          policy('allow-front', {
            podSelector: {},
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }] }],
          }),
        ],
        ...dropped,
      }),
      outcome: 'clear',
    },
    {
      when: 'the policy closes egress only: ingress of the backends stays open',
      world: world({
        policies: [policy('no-egress', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Egress'] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'the policy is in another namespace',
      world: world({ policies: [policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] }, 'kube-system')] }),
      outcome: 'clear',
    },
    {
      when: 'the Pods behind the Service could not be read: that is no proof of an open door',
      world: world({ policies: [denyAll], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});

it.each([
  ['a policy that admits nobody may be meant', denyAll, true],
  ['one that admits others has forgotten somebody', onlyCart, false],
])('%s', (_what, made, expected) => {
  const judgement = judge(rule, world({ policies: [made], ...dropped }));
  const fix = judgement.outcome === 'fault' ? judgement.faults.flatMap(({ fix }) => fix.map(({ say }) => say)) : [];
  expect(fix.includes('Or leave it, if this is meant: deny-all blocks the flow as it is configured to')).toBe(expected);
});
