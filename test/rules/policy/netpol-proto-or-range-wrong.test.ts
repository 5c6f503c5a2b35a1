import rule from '../../../src/rules/policy/netpol-proto-or-range-wrong.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  found,
  missing,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  service,
  slice,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const admits = (...ports: { port?: number; protocol?: string; endPort?: number }[]) =>
  policy('allow-web', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports }],
  });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const udp = {
  service: found(service({ ports: [{ name: 'syslog', port: 514, targetPort: 5140, protocol: 'UDP' }] })),
  endpoints: {
    slices: [slice(API_PODS, { ports: [{ name: 'syslog', port: 5140, protocol: 'UDP' }] })],
    selected: API_PODS,
    stray: [],
  },
};

ruleCases(rule, {
  fires: [
    {
      when: 'the range ends before the port',
      world: world({
        policies: [admits({ port: 8000, endPort: 8079 })],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      says: 'Rule 1 of NetworkPolicy allow-web (ingress) admits TCP 8000-8079; traffic to api arrives on TCP 8080, which is outside of that range.',
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"add","path":"/spec/ingress/0/ports/-","value":{"protocol":"TCP","port":8080}}]'`,
      ],
    },
    {
      when: 'a UDP Service, and a rule without a protocol',
      world: apiOnly({ ...udp, policies: [admits({ port: 5140 })] }),
      says: 'Rule 1 of NetworkPolicy allow-web (ingress) admits TCP 5140; traffic to api arrives on UDP 5140, and a rule without a protocol means TCP.',
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'likely',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"add","path":"/spec/ingress/0/ports/-","value":{"protocol":"UDP","port":5140}}]'`,
      ],
    },
    {
      when: 'the rule says UDP where the Service speaks TCP',
      world: world({ policies: [admits({ port: 8080, protocol: 'UDP' })], ...dropped }),
      says: 'Rule 1 of NetworkPolicy allow-web (ingress) admits UDP 8080; traffic to api arrives on TCP 8080, which is another protocol.',
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    {
      when: 'the range covers the port',
      world: world({ policies: [admits({ port: 8000, endPort: 8080 })] }),
      outcome: 'clear',
    },
    {
      when: 'TCP and UDP are both there',
      world: world({ policies: [admits({ port: 8080, protocol: 'UDP' }, { port: 8080 })] }),
      outcome: 'clear',
    },
    {
      when: 'the range is that of NodePorts, far away: that is netpol-default-deny-ingress',
      world: world({ policies: [admits({ port: 30000, endPort: 32767 })], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the rule names another port',
      world: world({ policies: [admits({ port: 8081 })], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the rule is for DNS over UDP',
      world: world({ policies: [admits({ port: 53, protocol: 'UDP' })], ...dropped }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits({ port: 8000, endPort: 8079 })], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
