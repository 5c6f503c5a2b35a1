import rule from '../../../src/rules/policy/netpol-peer-pod-label-mismatch.ts';
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
  workload,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const admits = (labels: Readonly<Record<string, string>>, port = 8080) =>
  policy('allow-front', {
    podSelector: { matchLabels: { app: 'api' } },
    ingress: [{ from: [{ podSelector: { matchLabels: labels } }], ports: [{ port }] }],
  });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });

ruleCases(rule, {
  fires: [
    {
      when: 'the rule names a label that is spelled otherwise on the source',
      world: world({
        policies: [admits({ app: 'web-front' })],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      says: 'Rule 1 of NetworkPolicy allow-front (ingress) admits Pods with app=web-front; web has app=web.',
      subject: 'NetworkPolicy shop/allow-front',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy allow-front --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'the source lacks the key, and no probe ran',
      world: apiOnly({ policies: [admits({ role: 'frontend' })] }),
      says: 'Rule 1 of NetworkPolicy allow-front (ingress) admits Pods with role=frontend; web has no label role.',
      subject: 'NetworkPolicy shop/allow-front',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the egress rule of the source has the typo, and its DNS rule is fine',
      world: world({
        policies: [
          policy('web-egress', {
            podSelector: { matchLabels: { app: 'web' } },
            policyTypes: ['Egress'],
            egress: [
              { ports: [{ protocol: 'UDP', port: 53 }] },
              { to: [{ podSelector: { matchLabels: { app: 'apii' } } }], ports: [{ port: 8080 }] },
            ],
          }),
        ],
        ...dropped,
      }),
      says: 'Rule 2 of NetworkPolicy web-egress (egress) admits Pods with app=apii; api-a has app=api (one letter differs).',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"replace","path":"/spec/egress/1/to/0/podSelector/matchLabels/app","value":"api"}]'`,
      ],
    },
    {
      when: 'the other namespace is admitted, and the label of the Pod is not',
      world: apiOnly({
        policies: [
          policy('allow-front', {
            podSelector: {},
            ingress: [
              {
                from: [
                  {
                    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
                    podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'front'] }] },
                  },
                ],
              },
            ],
          }),
        ],
      }),
      says: 'Rule 1 of NetworkPolicy allow-front (ingress) admits Pods with app in (cart, front); web has app=web.',
      subject: 'NetworkPolicy shop/allow-front',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
    {
      when: 'upper and lower case differ',
      world: world({ policies: [admits({ app: 'Web' })], ...dropped }),
      says: 'Rule 1 of NetworkPolicy allow-front (ingress) admits Pods with app=Web; web has app=web (upper and lower case differ).',
      subject: 'NetworkPolicy shop/allow-front',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
    {
      when: 'the Deployment has the label, and the template of its Pods does not',
      world: world({
        sourcePod: found(
          pod({ name: 'web', ip: '10.244.2.10', labels: { app: 'web' }, owner: { kind: 'StatefulSet', name: 'web' } }),
        ),
        policies: [admits({ role: 'front' })],
        ...dropped,
        policyScope: {
          pods: [],
          workloads: [
            {
              ...workload({ kind: 'StatefulSet', name: 'web', labels: { app: 'web' } }),
              metadata: { name: 'web', namespace: 'shop', labels: { role: 'front' } },
            },
          ],
        },
      }),
      says: 'Rule 1 of NetworkPolicy allow-front (ingress) admits Pods with role=front; web has no label role (StatefulSet web has it, its Pods do not).',
      subject: 'NetworkPolicy shop/allow-front',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch statefulset web -p '{"spec":{"template":{"metadata":{"labels":{"role":"front"}}}}}'`,
      ],
    },
  ],
  silent: [
    { when: 'the labels match', world: world({ policies: [admits({ app: 'web' })] }), outcome: 'clear' },
    {
      when: 'label and port differ: no single term decides, that is netpol-default-deny-ingress',
      world: world({ policies: [admits({ app: 'front' }, 9090)], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the namespace is the term that fails: that is netpol-namespace-label-missing',
      world: world({
        policies: [
          policy('allow-team', {
            podSelector: {},
            ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }],
          }),
        ],
        ...dropped,
      }),
      outcome: 'clear',
    },
    {
      when: 'the peer uses the host network: no label helps there',
      world: world({
        sourcePod: found(pod({ name: 'web', node: 'n2', labels: { app: 'web' }, spec: { hostNetwork: true } })),
        policies: [policy('allow-front', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [admits({ app: 'front' })], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
