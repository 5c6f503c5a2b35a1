import rule from '../../../src/rules/policy/netpol-selector-and-or.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  CONNECTED,
  connect,
  daemonSet,
  flow,
  found,
  missing,
  NOT_FOUND,
  namespace,
  pod,
  policy,
  SILENT,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const client = pod({ name: 'client', namespace: 'front', ip: '10.244.2.30', labels: { app: 'client' } });
const fromFront = flow({
  source: { namespace: 'front', name: 'client' },
  destination: { kind: 'Service', namespace: 'shop', name: 'api' },
});
const admits = (...from: object[]) =>
  policy('api-clients', { podSelector: { matchLabels: { app: 'api' } }, ingress: [{ from, ports: [{ port: 8080 }] }] });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const front = [namespace('shop'), namespace('kube-system'), namespace('front', { team: 'front' })];
const apps = { podSelector: { matchLabels: { app: 'client' } } };
const cart = pod({ name: 'cart', ip: '10.244.2.40', labels: { role: 'admin' } });
const scope = (...pods: (typeof cart)[]) => ({ policyScope: { pods, workloads: [] } });
const joined = {
  namespaceSelector: { matchLabels: { team: 'front' } },
  podSelector: { matchLabels: { role: 'admin' } },
};

ruleCases(rule, {
  fires: [
    {
      when: 'a bare podSelector is meant for a client of another namespace',
      world: world({
        sourcePod: found(client),
        namespaces: front,
        policies: [admits(apps)],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      flow: fromFront,
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) selects client by its labels, but only in its own namespace shop: a podSelector without a namespaceSelector means that; client is in front.',
      subject: 'NetworkPolicy shop/api-clients',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy api-clients --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"front"}},"podSelector":{"matchLabels":{"app":"client"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'namespace and Pods in one item, and no Pod of such a namespace has those labels',
      world: world({
        sourcePod: found(client),
        namespaces: front,
        policies: [admits(joined)],
        ...scope(cart, client),
        ...dropped,
      }),
      flow: fromFront,
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) asks for namespace and Pod labels in one item, and client has only those of the namespace: role=admin is not on the Pod.',
      subject: 'NetworkPolicy shop/api-clients',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
    {
      when: 'a Pod of the own namespace has the labels, and the namespace is asked for in the same item',
      world: world({
        policies: [
          admits({
            namespaceSelector: { matchLabels: { team: 'front' } },
            podSelector: { matchLabels: { app: 'web' } },
          }),
        ],
        ...dropped,
      }),
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) asks for namespace and Pod labels in one item, and web has only those of the Pod: team=front is not on namespace shop.',
      subject: 'NetworkPolicy shop/api-clients',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    {
      when: 'two items admit either',
      world: world({
        policies: [
          admits({ namespaceSelector: joined.namespaceSelector }, { podSelector: { matchLabels: { app: 'web' } } }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'podSelector {} says "my own namespace", and means it',
      world: world({
        sourcePod: found(client),
        namespaces: front,
        policies: [admits({ podSelector: {} })],
        ...dropped,
      }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'another Pod of that namespace has both: the label of this one is missing',
      world: world({
        sourcePod: found(client),
        namespaces: front,
        policies: [admits(joined)],
        ...scope(cart, client, pod({ name: 'boss', namespace: 'front', ip: '10.244.2.41', labels: { role: 'admin' } })),
        ...dropped,
      }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'nobody enforces policies and packets pass',
      world: world({
        sourcePod: found(client),
        namespaces: front,
        policies: [admits(apps)],
        daemonSets: [daemonSet('kube-proxy')],
      }),
      flow: fromFront,
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits(apps)], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
