import rule from '../../../src/rules/policy/netpol-ingress-controller-not-allowed.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  CONNECTED,
  connect,
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
const controller = pod({
  name: 'ingress-nginx-controller-7d9',
  namespace: 'edge',
  ip: '10.244.2.30',
  labels: { 'app.kubernetes.io/name': 'ingress-nginx', 'pod-template-hash': '7d9' },
});
const client = pod({ name: 'client', namespace: 'edge', ip: '10.244.2.31', labels: { app: 'client' } });
const from = (name: string) => flow({ source: { namespace: 'edge', name } });
const namespaces = [namespace('shop'), namespace('kube-system'), namespace('edge')];
const sameNamespace = policy('same-namespace', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: {} }] }],
});
const fromEdge = policy('from-edge', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { edge: 'yes' } } }] }],
});
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const says =
  'NetworkPolicy same-namespace isolates 3 backends for ingress, and its only rule does not admit ingress-nginx-controller-7d9 of namespace edge, which forwards or scrapes for others, on TCP 8080.';

ruleCases(rule, {
  fires: [
    {
      when: 'only Pods of the own namespace are admitted',
      world: world({
        sourcePod: found(controller),
        namespaces,
        policies: [sameNamespace],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      flow: from('ingress-nginx-controller-7d9'),
      says,
      subject: 'NetworkPolicy shop/same-namespace',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy same-namespace --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"edge"}},"podSelector":{"matchLabels":{"app.kubernetes.io/name":"ingress-nginx"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'no probe ran',
      world: apiOnly({ sourcePod: found(controller), namespaces, policies: [sameNamespace] }),
      flow: from('ingress-nginx-controller-7d9'),
      says,
      subject: 'NetworkPolicy shop/same-namespace',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    {
      when: 'the source is an ordinary client',
      world: world({ sourcePod: found(client), namespaces, policies: [sameNamespace], ...dropped }),
      flow: from('client'),
      outcome: 'clear',
    },
    {
      when: 'there is a rule for its namespace, which lacks the label',
      world: world({ sourcePod: found(controller), namespaces, policies: [fromEdge], ...dropped }),
      flow: from('ingress-nginx-controller-7d9'),
      outcome: 'clear',
    },
    {
      when: 'its namespace is admitted',
      world: world({
        sourcePod: found(controller),
        namespaces: [namespace('shop'), namespace('kube-system'), namespace('edge', { edge: 'yes' })],
        policies: [fromEdge],
      }),
      flow: from('ingress-nginx-controller-7d9'),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [sameNamespace], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
