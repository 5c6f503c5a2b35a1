import rule from '../../../src/rules/policy/netpol-ipblock-ignored-identity.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  daemonSet,
  missing,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const dns = { ports: [{ protocol: 'UDP', port: 53 }] };
const egress = (cidr: string) =>
  policy('web-egress', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [dns, { to: [{ ipBlock: { cidr } }] }],
  });
const cilium = { daemonSets: [daemonSet('cilium')] };
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const says =
  'Rule 2 of NetworkPolicy web-egress (egress) admits api-a by an ipBlock that holds 10.244.1.11, but Cilium knows Pods and nodes by identity and does not apply ipBlocks to them.';

ruleCases(rule, {
  fires: [
    {
      when: 'Cilium runs, the block holds the Pods, and packets get lost',
      world: world({
        ...cilium,
        policies: [egress('10.244.0.0/16')],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      says,
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"podSelector":{"matchLabels":{"app":"api"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'no probe ran',
      world: apiOnly({ ...cilium, policies: [egress('10.244.0.0/16')] }),
      says,
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    {
      when: 'another network plugin runs',
      world: world({ policies: [egress('10.244.0.0/16')], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the block does not hold the Pods',
      world: world({ ...cilium, policies: [egress('192.0.2.0/24')], ...dropped }),
      outcome: 'clear',
    },
    { when: 'there is no policy', world: world(cilium), outcome: 'clear' },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [egress('10.244.0.0/16')], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
