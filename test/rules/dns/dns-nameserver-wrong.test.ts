import rule from '../../../src/rules/dns/dns-nameserver-wrong.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_VIP,
  answered,
  apiOnly,
  DNS_VIP,
  dnsAnswer,
  found,
  NO_ANSWER,
  NXDOMAIN,
  pod,
  resolvConf,
  searchAnswer,
  world,
} from '../../support/world.ts';

const source = (spec: NonNullable<Parameters<typeof pod>[0]['spec']>, owner?: { kind: string; name: string }) =>
  found(
    pod({
      name: 'web',
      node: 'n2',
      ip: '10.244.2.10',
      labels: { app: 'web' },
      spec,
      ...(owner === undefined ? {} : { owner }),
    }),
  );

const asks = (...nameservers: string[]) => ({ ...resolvConf, nameservers });
const noName = { nameLookup: dnsAnswer(NO_ANSWER), searchLookup: searchAnswer('api', NO_ANSWER) };
const rightOneAnswers = { dnsServers: [dnsAnswer(answered(API_VIP), { server: DNS_VIP })] };

ruleCases(rule, {
  fires: [
    {
      when: 'the kubelet hands out a wrong address',
      world: world({ ...noName, ...rightOneAnswers, resolvConf: asks('10.96.0.11') }),
      says: "resolv.conf of web points to 10.96.0.11, while the cluster DNS is 10.96.0.10: the kubelet's clusterDNS setting, since the Pod's dnsPolicy is ClusterFirst.",
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'spec.dnsPolicy: ClusterFirst',
        'nameserver 10.96.0.11',
        'clusterIP 10.96.0.10',
        'no answer',
        'NOERROR 10.96.114.140: the cluster DNS itself answers this Pod',
      ],
    },
    {
      when: 'dnsPolicy Default takes the resolver of the node',
      world: world({
        ...noName,
        nameLookup: dnsAnswer(NXDOMAIN),
        sourcePod: source({ dnsPolicy: 'Default' }, { kind: 'StatefulSet', name: 'web' }),
        resolvConf: asks('192.0.2.53'),
      }),
      says: "resolv.conf of web points to 192.0.2.53, while the cluster DNS is 10.96.0.10: dnsPolicy Default takes the node's resolv.conf.",
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      run: [
        `kubectl -n shop patch statefulset web -p '{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirst","dnsConfig":null}}}}'`,
      ],
    },
    {
      when: 'dnsPolicy Default, and no probe ran',
      world: apiOnly({ sourcePod: source({ dnsPolicy: 'Default' }) }),
      says: "resolv.conf of web points to the node's DNS servers, while the cluster DNS is 10.96.0.10: dnsPolicy Default takes the node's resolv.conf.",
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'dnsPolicy None names another server, and no probe ran',
      world: apiOnly({ sourcePod: source({ dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.53'] } }) }),
      says: 'resolv.conf of web points to 192.0.2.53, while the cluster DNS is 10.96.0.10: dnsPolicy None with dnsConfig.nameservers 192.0.2.53.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the search list cannot complete short names',
      world: world({
        resolvConf: { ...resolvConf, search: ['corp.example'] },
        searchLookup: searchAnswer('api', NXDOMAIN),
      }),
      says: 'The search list of web (corp.example) lacks svc.cluster.local, so short Service names cannot be completed.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: ['search corp.example'],
    },
    {
      when: 'the kubelet completes names with a domain that the cluster DNS does not serve',
      world: world({
        resolvConf: { ...resolvConf, search: ['shop.svc.cluster.lan', 'svc.cluster.lan', 'cluster.lan'] },
        nameLookup: dnsAnswer(NXDOMAIN, { name: 'api.shop.svc.cluster.lan.' }),
        searchLookup: searchAnswer('api', NXDOMAIN),
      }),
      says: 'web completes Service names with svc.cluster.lan, but the cluster DNS serves cluster.local: the kubelet of n2 has another clusterDomain.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: ['search shop.svc.cluster.lan svc.cluster.lan cluster.lan', 'kubernetes cluster.local', 'NXDOMAIN'],
    },
  ],
  silent: [
    { when: 'the name resolves', world: world(), outcome: 'clear', because: 'the name resolves' },
    {
      when: 'the name resolves through a resolver of the Pod that forwards cluster names',
      world: world({ resolvConf: asks('192.0.2.53') }),
      outcome: 'clear',
      because: 'the name resolves',
    },
    {
      when: 'the right server is asked and does not answer: that is dns-coredns-down or a policy',
      world: world(noName),
      outcome: 'clear',
      because: 'the Pod asks 10.96.0.10, which is the cluster DNS',
    },
    {
      when: 'a node-local cache stands before the cluster DNS',
      world: world({ ...noName, resolvConf: asks('169.254.20.10') }),
      outcome: 'clear',
    },
    {
      when: 'the host network decides: that is dns-hostnetwork-policy',
      world: world({
        ...noName,
        sourcePod: source({ hostNetwork: true, dnsPolicy: 'ClusterFirst' }),
        resolvConf: asks('192.0.2.53'),
      }),
      outcome: 'clear',
    },
    {
      when: 'CoreDNS serves several domains and the search list names one of them',
      world: world({
        ...noName,
        corefile: found('.:53 {\n  kubernetes cluster.lan cluster.local in-addr.arpa {\n  }\n}\n'),
      }),
      outcome: 'clear',
    },
    {
      when: 'dnsPolicy None names the cluster DNS itself, and no probe ran',
      world: apiOnly({ sourcePod: source({ dnsPolicy: 'None', dnsConfig: { nameservers: [DNS_VIP] } }) }),
      outcome: 'clear',
    },
    { when: 'resolv.conf was not read', world: apiOnly(), outcome: 'unsure', needs: 'source' },
  ],
});
