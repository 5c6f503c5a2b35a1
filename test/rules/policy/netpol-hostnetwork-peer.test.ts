import rule from '../../../src/rules/policy/netpol-hostnetwork-peer.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiPod,
  CONNECTED,
  connect,
  flow,
  found,
  missing,
  NOT_FOUND,
  nodeAddress,
  pod,
  policy,
  rejected,
  SILENT,
  world,
} from '../../support/world.ts';

const agent = pod({
  name: 'agent',
  node: 'n2',
  ip: nodeAddress('n2'),
  labels: { app: 'agent' },
  spec: { hostNetwork: true },
});
const fromAgent = flow({ source: { namespace: 'shop', name: 'agent' } });
const admits = (labels: Readonly<Record<string, string>>) =>
  policy('api-agents', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ podSelector: { matchLabels: labels } }] }],
  });
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const [apiA, apiB, apiC] = [apiPod('a'), apiPod('b'), apiPod('c')];
const elsewhere = [connect(apiA, SILENT), connect(apiB), connect(apiC, SILENT)];
const says =
  'Rule 1 of NetworkPolicy api-agents (ingress) selects agent by its labels, but agent uses the host network: its packets carry an address of node n2, which no selector matches.';

ruleCases(rule, {
  fires: [
    {
      when: 'packets to other nodes get lost, and the backend of the own node answers',
      world: world({
        sourcePod: found(agent),
        policies: [admits({ app: 'agent' })],
        backendConnects: elsewhere,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      flow: fromAgent,
      says,
      subject: 'NetworkPolicy shop/api-agents',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.3.11'],
      run: [
        `kubectl -n shop patch networkpolicy api-agents --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"ipBlock":{"cidr":"172.18.0.12/32"}},{"ipBlock":{"cidr":"10.244.2.0/32"}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'the engine rejects',
      world: world({
        sourcePod: found(agent),
        policies: [admits({ app: 'agent' })],
        backendConnects: [connect(apiA, rejected('10.244.1.0')), connect(apiB), connect(apiC, rejected('10.244.3.0'))],
      }),
      flow: fromAgent,
      says,
      subject: 'NetworkPolicy shop/api-agents',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'the network plugin knows such Pods by their labels: all backends answer',
      world: world({ sourcePod: found(agent), policies: [admits({ app: 'agent' })] }),
      flow: fromAgent,
      outcome: 'clear',
    },
    {
      when: 'the labels do not match either: that is netpol-peer-pod-label-mismatch',
      world: world({ sourcePod: found(agent), policies: [admits({ app: 'agents' })], backendConnects: elsewhere }),
      flow: fromAgent,
      outcome: 'clear',
    },
    {
      when: 'an ordinary Pod is kept out by its labels',
      world: world({
        policies: [admits({ app: 'agent' })],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
      }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits({ app: 'agent' })], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
