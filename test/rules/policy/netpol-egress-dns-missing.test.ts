import rule from '../../../src/rules/policy/netpol-egress-dns-missing.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  askEveryServer,
  connect,
  corednsA,
  corednsB,
  dnsAnswer,
  flow,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  policy,
  SILENT,
  searchAnswer,
  slice,
  world,
} from '../../support/world.ts';

const toApi = { to: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ port: 8080 }] };
const toDns = (ports: { protocol: string; port: number }[]) => ({
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports,
});
const egress = (...rules: object[]) =>
  policy('web-egress', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: rules });
const noDns = {
  policies: [egress(toApi)],
  nameLookup: dnsAnswer(NO_ANSWER),
  searchLookup: searchAnswer('api', NO_ANSWER),
  dnsServers: askEveryServer(NO_ANSWER),
};

ruleCases(rule, {
  fires: [
    {
      when: 'lookups get lost while the target answers by address',
      world: world(noDns),
      says: 'NetworkPolicy web-egress lets web send only what its egress rules admit, and DNS (UDP and TCP 53) is not among it: names do not resolve, while api itself answers at 10.244.1.11.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'selects app=web, which closes web for egress: only what its one rule admits passes',
        'DNS at coredns-a over UDP: no answer',
        'api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200 (control on the same node)',
        'api-a by address: connected',
      ],
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}},"podSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}],"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}}]'`,
      ],
    },
    {
      when: 'no probe ran',
      world: apiOnly({ policies: [egress(toApi)] }),
      says: 'NetworkPolicy web-egress lets web send only what its egress rules admit, and DNS (UDP and TCP 53) is not among it: names do not resolve.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'port 53 is admitted, and the DNS Pods listen on another',
      world: apiOnly({
        policies: [egress(toApi, toDns([{ protocol: 'UDP', port: 53 }]))],
        dnsSlices: [
          slice([corednsA, corednsB], { service: 'kube-dns', ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }] }),
        ],
      }),
      says: 'NetworkPolicy web-egress lets web send only what its egress rules admit, and DNS (UDP and TCP 5353) is not among it: names do not resolve.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'only TCP 53 is admitted',
      world: apiOnly({ policies: [egress(toApi, toDns([{ protocol: 'TCP', port: 53 }]))] }),
      says: 'NetworkPolicy web-egress lets web send only what its egress rules admit, and DNS (UDP and TCP 53) is not among it: names do not resolve.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'there is no policy', world: world(), outcome: 'clear' },
    {
      when: 'UDP 53 is admitted: that TCP is not is another fault',
      world: world({ policies: [egress(toApi, toDns([{ protocol: 'UDP', port: 53 }]))] }),
      outcome: 'clear',
    },
    {
      when: 'nothing is admitted at all: that is netpol-default-deny-egress',
      world: world({ ...noDns, policies: [egress()], backendConnects: API_PODS.map((api) => connect(api, SILENT)) }),
      outcome: 'clear',
    },
    {
      when: 'lookups get lost without a policy: that is dns-coredns-down or the path',
      world: world({ ...noDns, policies: [] }),
      outcome: 'clear',
    },
    {
      when: 'no name is resolved on this flow',
      world: world({ policies: [egress(toApi)] }),
      flow: flow({ destination: { kind: 'Pod', namespace: 'shop', name: 'api-a' }, typed: 'pod/api-a', dnsName: null }),
      outcome: 'clear',
    },
    {
      when: 'the Pods of the cluster DNS could not be read',
      world: world({ policies: [egress(toApi)], dnsPods: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
