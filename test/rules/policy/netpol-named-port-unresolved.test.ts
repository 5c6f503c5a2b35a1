import rule from '../../../src/rules/policy/netpol-named-port-unresolved.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  apiPod,
  CONNECTED,
  connect,
  endpointsOf,
  missing,
  NOT_FOUND,
  pod,
  policy,
  rejected,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const admits = (...ports: { port?: number | string; protocol?: string }[]) =>
  policy('allow-web', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports }],
  });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const says =
  'Rule 1 of NetworkPolicy allow-web (ingress) admits the port named web-port, but api-a declares no TCP port of that name, so the rule matches nothing; traffic to api arrives on TCP 8080.';

ruleCases(rule, {
  fires: [
    {
      when: 'the Pods do not declare the name',
      world: world({
        policies: [admits({ port: 'web-port' })],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      says,
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]'`,
      ],
    },
    {
      when: 'it is the second port of the rule, and the engine rejects',
      world: world({
        policies: [admits({ port: 9090 }, { port: 'web-port' })],
        backendConnects: API_PODS.map((api) => connect(api, rejected('10.244.2.1'))),
      }),
      says,
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/1/port","value":8080}]'`,
      ],
    },
    {
      when: 'the name is declared for UDP only',
      world: apiOnly({ policies: [admits({ port: 'http', protocol: 'UDP' }, { port: 'web-port' })] }),
      says,
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    { when: 'the Pods declare the name', world: world({ policies: [admits({ port: 'http' })] }), outcome: 'clear' },
    {
      when: 'the name is that of another port of the Pods: the rule is for something else',
      world: world({
        endpoints: endpointsOf(
          (['a', 'b', 'c'] as const).map((letter) =>
            apiPod(letter, {
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'metrics', containerPort: 9090 },
              ],
            }),
          ),
        ),
        policies: [admits({ port: 'metrics' })],
        ...dropped,
      }),
      outcome: 'clear',
    },
    {
      when: "the rule names the Service's number: that is netpol-port-is-service-port",
      world: world({ policies: [admits({ port: 80 })], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the rule does not mean the source either',
      world: world({
        policies: [
          policy('allow-cart', {
            podSelector: {},
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'cart' } } }], ports: [{ port: 'web-port' }] }],
          }),
        ],
        ...dropped,
      }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits({ port: 'web-port' })], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
