import rule from '../../../src/rules/policy/netpol-cluster-policy-deny.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const apiVersion = 'policy.networking.k8s.io/v1alpha2';
const policyApis = [{ group: 'policy.networking.k8s.io', versions: ['v1alpha2'] }];
const clusterPolicy = (tier: string, action: string) => ({
  apiVersion,
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'no-shop' },
  spec: {
    tier,
    priority: 10,
    subject: { pods: { podSelector: { matchLabels: { app: 'api' } } } },
    ingress: [{ name: 'from-web', action, from: [{ pods: { podSelector: { matchLabels: { app: 'web' } } } }] }],
  },
});
const denies = { policyApis, adminPolicies: [clusterPolicy('Admin', 'Deny')] };
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const says =
  'ClusterNetworkPolicy no-shop (Admin tier, priority 10) denies web to api on TCP 8080 by ingress rule 1 (from-web) (ingress); before NetworkPolicies are read: none of them can allow it.';

ruleCases(rule, {
  fires: [
    {
      when: 'packets get lost, and another Pod of that node answers',
      world: world({ ...denies, ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      says,
      subject: 'ClusterNetworkPolicy no-shop',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: ['kubectl get clusternetworkpolicy.policy.networking.k8s.io no-shop -o yaml'],
    },
    {
      when: 'a NetworkPolicy admits the flow: that does not help',
      world: apiOnly({ ...denies, policies: [policy('open', { podSelector: {}, ingress: [{}] })] }),
      says,
      subject: 'ClusterNetworkPolicy no-shop',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the baseline denies, and no NetworkPolicy selects the Pod',
      world: world({
        policyApis,
        adminPolicies: [clusterPolicy('Baseline', 'Deny')],
        policies: [policy('other', { podSelector: { matchLabels: { app: 'db' } } })],
        ...dropped,
      }),
      says: 'ClusterNetworkPolicy no-shop (Baseline tier, priority 10) denies web to api on TCP 8080 by ingress rule 1 (from-web) (ingress); no NetworkPolicy selects the Pod, so the baseline counts.',
      subject: 'ClusterNetworkPolicy no-shop',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the flow passes: nothing implements such policies here',
      world: world(denies),
      says,
      subject: 'ClusterNetworkPolicy no-shop',
      confidence: 'possible',
      blocks: null,
      addresses,
    },
  ],
  silent: [
    { when: 'the cluster does not serve the API', world: world(), outcome: 'clear' },
    {
      when: 'it accepts the flow',
      world: world({ policyApis, adminPolicies: [clusterPolicy('Admin', 'Accept')] }),
      outcome: 'clear',
    },
    {
      when: 'the baseline denies, and a NetworkPolicy admits the flow',
      world: world({
        policyApis,
        adminPolicies: [clusterPolicy('Baseline', 'Deny')],
        policies: [policy('open', { podSelector: {}, ingress: [{}] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'a NetworkPolicy denies the flow: that is its own finding',
      world: world({ policyApis, adminPolicies: [], policies: [policy('deny', { podSelector: {} })], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the API is served and its policies could not be read',
      world: world({ policyApis, adminPolicies: ABSENT }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
