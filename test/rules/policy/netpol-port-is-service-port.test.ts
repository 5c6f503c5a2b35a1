import rule from '../../../src/rules/policy/netpol-port-is-service-port.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
  missing,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const fromWeb = [{ podSelector: { matchLabels: { app: 'web' } } }];
const admits = (...ports: { port?: number | string; protocol?: string; endPort?: number }[]) =>
  policy('allow-web', { podSelector: { matchLabels: { app: 'api' } }, ingress: [{ from: fromWeb, ports }] });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });

ruleCases(rule, {
  fires: [
    {
      when: "the rule names the Service's port",
      world: world({ policies: [admits({ port: 80 })], ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      says: "Rule 1 of NetworkPolicy allow-web (ingress) admits TCP 80, but traffic to api:80 arrives at the Pods on TCP 8080: a policy sees the Pod's port, after the Service has translated it.",
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]'`,
      ],
    },
    {
      when: 'it is the second of two ports, and no probe ran',
      world: apiOnly({ policies: [admits({ port: 9090 }, { port: 80, protocol: 'TCP' })] }),
      says: "Rule 1 of NetworkPolicy allow-web (ingress) admits TCP 9090, TCP 80, but traffic to api:80 arrives at the Pods on TCP 8080: a policy sees the Pod's port, after the Service has translated it.",
      subject: 'NetworkPolicy shop/allow-web',
      confidence: 'likely',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-web --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/1/port","value":8080}]'`,
      ],
    },
    {
      when: 'the egress rule of the source has it',
      world: world({
        policies: [
          policy('web-egress', {
            podSelector: { matchLabels: { app: 'web' } },
            policyTypes: ['Egress'],
            egress: [
              { ports: [{ protocol: 'UDP', port: 53 }] },
              { to: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ port: 80 }] },
            ],
          }),
        ],
        ...dropped,
      }),
      says: "Rule 2 of NetworkPolicy web-egress (egress) admits TCP 80, but traffic to api:80 arrives at the Pods on TCP 8080: a policy sees the Pod's port, after the Service has translated it.",
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"replace","path":"/spec/egress/1/ports/0/port","value":8080}]'`,
      ],
    },
  ],
  silent: [
    { when: "the rule names the Pods' port", world: world({ policies: [admits({ port: 8080 })] }), outcome: 'clear' },
    {
      when: "the rule names the Pods' port by its name",
      world: world({ policies: [admits({ port: 'http' })] }),
      outcome: 'clear',
    },
    {
      when: "a range covers the Pods' port",
      world: world({ policies: [admits({ port: 80, endPort: 9000 })] }),
      outcome: 'clear',
    },
    {
      when: 'the rule names quite another port: that is netpol-default-deny-ingress',
      world: world({ policies: [admits({ port: 9090 })], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the rule names no port',
      world: world({ policies: [policy('allow-web', { podSelector: {}, ingress: [{ from: fromWeb }] })] }),
      outcome: 'clear',
    },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits({ port: 80 })], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
