import rule from '../../../src/rules/policy/netpol-vendor-crd-deny.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  daemonSet,
  NOT_FOUND,
  pod,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const policyApis = [{ group: 'cilium.io', versions: ['v2'] }];
const cilium = { policyApis, daemonSets: [daemonSet('cilium')] };
const cnp = (spec: object) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'api-rules', namespace: 'shop' },
  spec: { endpointSelector: { matchLabels: { app: 'api' } }, ...spec },
});
const onlyCart = cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'cart' } }] }] });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const says =
  'NetworkPolicies allow web to api on TCP 8080, but CiliumNetworkPolicy shop/api-rules denies it: it isolates for ingress and admits nothing of this flow.';

ruleCases(rule, {
  fires: [
    {
      when: 'packets get lost, and another Pod of that node answers',
      world: world({ ...cilium, vendorPolicies: [onlyCart], ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      says,
      subject: 'CiliumNetworkPolicy shop/api-rules',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: ['kubectl -n shop get ciliumnetworkpolicy.cilium.io api-rules -o yaml'],
    },
    {
      when: 'no probe ran',
      world: apiOnly({ ...cilium, vendorPolicies: [onlyCart] }),
      says,
      subject: 'CiliumNetworkPolicy shop/api-rules',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    { when: 'the cluster serves no such API', world: world(), outcome: 'clear' },
    {
      when: 'the policy admits the source',
      world: world({
        ...cilium,
        vendorPolicies: [cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'its policies could not be read',
      world: world({ ...cilium, vendorPolicies: ABSENT }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
