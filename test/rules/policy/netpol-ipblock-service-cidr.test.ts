import rule from '../../../src/rules/policy/netpol-ipblock-service-cidr.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  answered,
  askEveryServer,
  CONNECTED,
  connect,
  dnsAnswer,
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
const dns = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
const block = (cidr: string, except?: string[]) => ({
  to: [{ ipBlock: { cidr, ...(except === undefined ? {} : { except }) } }],
});
const egress = (...rules: object[]) =>
  policy('web-egress', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: rules });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const noNames = {
  nameLookup: dnsAnswer(NO_ANSWER),
  searchLookup: searchAnswer('api', NO_ANSWER),
  dnsServers: askEveryServer(NO_ANSWER),
};

ruleCases(rule, {
  fires: [
    {
      when: 'DNS is admitted, and the Service by the range of Service addresses',
      world: world({
        policies: [egress(dns, block('10.96.0.0/12'))],
        ...dropped,
        controlConnects: [connect(ping, CONNECTED)],
      }),
      says: 'Rule 2 of NetworkPolicy web-egress (egress) admits 10.96.0.0/12, which holds 10.96.114.140, the Service address of api; policies see packets after the Service has translated them, on their way to 10.244.1.11:8080.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"podSelector":{"matchLabels":{"app":"api"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'the same rule was to admit DNS as well',
      world: world({ policies: [egress(block('10.96.0.0/12'))], ...dropped, ...noNames }),
      says: 'Rule 1 of NetworkPolicy web-egress (egress) admits 10.96.0.0/12, which holds 10.96.114.140, the Service address of api; policies see packets after the Service has translated them, on their way to 10.244.1.11:8080.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
      addresses,
      saw: ['DNS at coredns-a over UDP: no answer'],
    },
    {
      when: 'only the address of the cluster DNS is admitted so',
      world: world({
        policies: [
          egress(
            { ...block('10.96.0.10/32'), ports: dns.ports },
            { to: [{ podSelector: { matchLabels: { app: 'api' } } }] },
          ),
        ],
        ...noNames,
      }),
      says: 'Rule 1 of NetworkPolicy web-egress (egress) admits 10.96.0.10/32, which holds 10.96.0.10, the Service address of the cluster DNS; policies see packets after the Service has translated them, on their way to 10.244.1.2:53.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'name',
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}},"podSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}],"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}}]'`,
      ],
    },
  ],
  silent: [
    {
      when: "the block holds the Pods' addresses: up to the network plugin",
      world: world({ policies: [egress(dns, block('10.0.0.0/8'))] }),
      outcome: 'clear',
    },
    {
      when: 'the block is for the internet, and leaves the Pods out on purpose',
      world: world({ policies: [egress(dns, block('0.0.0.0/0', ['10.244.0.0/16']))], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the block has nothing to do with the Service',
      world: world({ policies: [egress(dns, block('192.0.2.0/24'))], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'a selector admits the Pods as well',
      world: world({
        policies: [egress(dns, block('10.96.0.0/12'), { to: [{ podSelector: {} }] })],
        nameLookup: dnsAnswer(answered('10.96.114.140')),
      }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [egress(dns, block('10.96.0.0/12'))], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});
