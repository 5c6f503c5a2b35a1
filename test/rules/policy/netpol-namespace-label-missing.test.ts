import rule from '../../../src/rules/policy/netpol-namespace-label-missing.ts';
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
const fromFront = flow({ source: { namespace: 'front', name: 'web' }, typed: 'api.shop', dnsName: 'api.shop' });
const front = (labels: Readonly<Record<string, string>> = {}) => ({
  sourcePod: found(pod({ name: 'web', namespace: 'front', node: 'n2', ip: '10.244.2.10', labels: { app: 'web' } })),
  namespaces: [namespace('front', labels), namespace('shop'), namespace('kube-system')],
});
type Selector = { matchLabels: Record<string, string> };
const admits = (namespaceSelector: Selector, podSelector?: Selector) =>
  policy('allow-team', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ namespaceSelector, ...(podSelector === undefined ? {} : { podSelector }) }] }],
  });
const team = { matchLabels: { team: 'a' } };
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });

ruleCases(rule, {
  fires: [
    {
      when: 'the namespace of the source has no such label',
      world: world({ ...front(), policies: [admits(team)], ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      flow: fromFront,
      says: 'Rule 1 of NetworkPolicy allow-team (ingress) admits namespaces with team=a; namespace front has no label team.',
      subject: 'NetworkPolicy shop/allow-team',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        'kubectl label namespace front team=a',
        `kubectl -n shop patch networkpolicy allow-team --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"front"}},"podSelector":{"matchLabels":{"app":"web"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'the label has another value, and no probe ran',
      world: apiOnly({ ...front({ team: 'b' }), policies: [admits(team)] }),
      flow: fromFront,
      says: 'Rule 1 of NetworkPolicy allow-team (ingress) admits namespaces with team=a; namespace front has team=b.',
      subject: 'NetworkPolicy shop/allow-team',
      confidence: 'likely',
      blocks: 'path',
      addresses,
      run: ['kubectl label namespace front team=a --overwrite'],
    },
    {
      when: 'the rule asks for a label name, which namespaces do not get by themselves',
      world: apiOnly({
        ...front(),
        policies: [admits({ matchLabels: { name: 'front' } }, { matchLabels: { app: 'web' } })],
      }),
      flow: fromFront,
      says: 'Rule 1 of NetworkPolicy allow-team (ingress) admits namespaces with name=front; namespace front has no label name.',
      subject: 'NetworkPolicy shop/allow-team',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    {
      when: 'the namespace has the label',
      world: world({ ...front({ team: 'a' }), policies: [admits(team)] }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'the rule uses the name label, which every namespace has',
      world: world({ ...front(), policies: [admits({ matchLabels: { 'kubernetes.io/metadata.name': 'front' } })] }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'namespace and Pod fail in one item: no single term decides',
      world: world({ ...front(), policies: [admits(team, { matchLabels: { app: 'cart' } })], ...dropped }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'namespace and Pod are two items, and the Pod item means the own namespace only',
      world: world({
        ...front(),
        policies: [
          policy('allow-web', {
            podSelector: {},
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
          }),
        ],
        ...dropped,
      }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'the labels of the namespace were not among what could be read: undecided is not denied',
      world: world({ ...front(), namespaces: [namespace('shop')], policies: [admits(team)] }),
      flow: fromFront,
      outcome: 'clear',
    },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ ...front(), policies: [admits(team)], endpoints: missing('forbidden') }),
      flow: fromFront,
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
