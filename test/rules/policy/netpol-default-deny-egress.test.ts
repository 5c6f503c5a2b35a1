import rule from '../../../src/rules/policy/netpol-default-deny-egress.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  askEveryServer,
  connect,
  dnsAnswer,
  found,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  searchAnswer,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const noEgress = policy('no-egress', { podSelector: {}, policyTypes: ['Egress'] });
const everyPort53 = { ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] };
const dnsOnly = policy('dns-only', { podSelector: { matchLabels: { app: 'web' } }, egress: [everyPort53] });
const pathDropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const allDropped = {
  ...pathDropped,
  nameLookup: dnsAnswer(NO_ANSWER),
  searchLookup: searchAnswer('api', NO_ANSWER),
  dnsServers: askEveryServer(NO_ANSWER),
};

ruleCases(rule, {
  fires: [
    {
      when: 'nothing may leave the source: names stop first',
      world: world({ policies: [noEgress], ...allDropped }),
      says: 'NetworkPolicy no-egress isolates web for egress, and has no rule that admits api on TCP 8080, nor DNS.',
      subject: 'NetworkPolicy shop/no-egress',
      confidence: 'likely',
      blocks: 'name',
      addresses,
      saw: [
        'selects every Pod of its namespace, which closes web for egress: it has no rule that admits anything',
        'api-a 10.244.1.11:8080: no answer in 4 s',
        'DNS at coredns-a over UDP: no answer',
      ],
    },
    {
      when: 'a policy of web alone admits nothing: both rules go into it, the second behind the first',
      world: world({
        policies: [policy('web-egress', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] })],
        ...allDropped,
      }),
      says: 'NetworkPolicy web-egress isolates web for egress, and has no rule that admits api on TCP 8080, nor DNS.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress","value":[{"to":[{"podSelector":{"matchLabels":{"app":"api"}}}],"ports":[{"protocol":"TCP","port":8080}]}]}]'`,
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}},"podSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}],"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}}]'`,
      ],
    },
    {
      when: 'only DNS is admitted: the path stops',
      world: world({ policies: [dnsOnly], ...pathDropped }),
      says: 'NetworkPolicy dns-only isolates web for egress, and its only rule does not admit api on TCP 8080.',
      subject: 'NetworkPolicy shop/dns-only',
      confidence: 'proven',
      blocks: 'path',
      addresses,
    },
    {
      when: 'no probe ran',
      world: apiOnly({ policies: [noEgress] }),
      says: 'NetworkPolicy no-egress isolates web for egress, and has no rule that admits api on TCP 8080, nor DNS.',
      subject: 'NetworkPolicy shop/no-egress',
      confidence: 'likely',
      blocks: 'name',
      addresses,
    },
    {
      when: 'the flow passes all the same',
      world: world({ policies: [dnsOnly] }),
      says: 'NetworkPolicy dns-only isolates web for egress, and its only rule does not admit api on TCP 8080.',
      subject: 'NetworkPolicy shop/dns-only',
      confidence: 'possible',
      blocks: null,
      addresses,
    },
  ],
  silent: [
    { when: 'there is no policy', world: world(), outcome: 'clear' },
    {
      when: 'the target is admitted and DNS is not: that is netpol-egress-dns-missing',
      world: world({
        policies: [
          policy('to-api', {
            podSelector: { matchLabels: { app: 'web' } },
            policyTypes: ['Egress'],
            egress: [{ to: [{ podSelector: { matchLabels: { app: 'api' } } }] }],
          }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'policyTypes is left out and there is no egress rule: egress stays open',
      world: world({ policies: [policy('in-only', { podSelector: {}, ingress: [{}] })] }),
      outcome: 'clear',
    },
    {
      when: 'policies do not apply to the host network',
      world: world({
        sourcePod: found(pod({ name: 'web', labels: { app: 'web' }, spec: { hostNetwork: true } })),
        policies: [noEgress],
      }),
      outcome: 'clear',
    },
    {
      when: 'the Service could not be read',
      world: world({ policies: [noEgress], service: missing('timed-out') }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
