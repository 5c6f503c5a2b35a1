import rule from '../../../src/rules/policy/netpol-nodelocaldns-not-allowed.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_VIP,
  answered,
  askEveryServer,
  dnsAnswer,
  NO_ANSWER,
  NOT_FOUND,
  policy,
  resolvConf,
  world,
} from '../../support/world.ts';

const CACHE = '169.254.20.10';
const egress = (...rules: object[]) =>
  policy('web-egress', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress: rules });
const toApi = { to: [{ podSelector: { matchLabels: { app: 'api' } } }] };
const toDns = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
};
const toCache = { to: [{ ipBlock: { cidr: `${CACHE}/32` } }], ports: [{ protocol: 'UDP', port: 53 }] };
const cached = { resolvConf: { ...resolvConf, nameservers: [CACHE] } };
const lost = { nameLookup: dnsAnswer(NO_ANSWER) };
const says =
  'NetworkPolicy web-egress lets web ask the Pods of the cluster DNS, but its resolv.conf names 169.254.20.10, a cache on the node, which no Pod selector matches.';

ruleCases(rule, {
  fires: [
    {
      when: 'the Pods of the cluster DNS answer, and the cache does not',
      world: world({ policies: [egress(toApi, toDns)], ...cached, ...lost }),
      says,
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'likely',
      blocks: 'name',
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/-","value":{"to":[{"ipBlock":{"cidr":"169.254.20.10/32"}}],"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}}]'`,
      ],
    },
    {
      when: 'nobody answers: the cache may be down as well',
      world: world({ policies: [egress(toApi, toDns)], ...cached, ...lost, dnsServers: askEveryServer(NO_ANSWER) }),
      says,
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'possible',
      blocks: 'name',
    },
  ],
  silent: [
    {
      when: 'the Pod asks the cluster DNS itself',
      world: world({ policies: [egress(toApi, toDns)], ...lost }),
      outcome: 'clear',
    },
    {
      when: 'the cache answers: this plugin lets everything to the own node pass',
      world: world({ policies: [egress(toApi, toDns)], ...cached, nameLookup: dnsAnswer(answered(API_VIP)) }),
      outcome: 'clear',
    },
    {
      when: 'its address is admitted',
      world: world({ policies: [egress(toApi, toDns, toCache)], ...cached, ...lost }),
      outcome: 'clear',
    },
    { when: 'no policy closes the source: the cache is down', world: world({ ...cached, ...lost }), outcome: 'clear' },
    {
      when: 'there is no rule for DNS at all: that is netpol-egress-dns-missing',
      world: world({ policies: [egress(toApi)], ...cached, ...lost }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
