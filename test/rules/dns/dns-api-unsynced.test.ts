import rule from '../../../src/rules/dns/dns-api-unsynced.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  answered,
  askEveryServer,
  corednsPod,
  dnsAnswer,
  flow,
  found,
  NXDOMAIN,
  secondsAgo,
  service,
  world,
} from '../../support/world.ts';

const text = 'services is forbidden: User "system:serviceaccount:kube-system:coredns" cannot list resource "services"';
const forbidden = { pod: 'coredns-a', previous: false, kind: 'api-forbidden', text, times: 5 } as const;
const waitingFor = {
  pod: 'coredns-a',
  previous: false,
  kind: 'api-unreachable',
  text: 'Plugins not ready: "kubernetes"',
  times: 2,
} as const;
const unready = [corednsPod('a', { ready: false }), corednsPod('b', { ready: false })];
const SERVFAIL = { kind: 'answered', rcode: 'SERVFAIL', addresses: [], cnames: [], authoritative: false } as const;

ruleCases(rule, {
  fires: [
    {
      when: 'it may not list Services',
      world: world({ dnsPods: unready, dnsLogs: [waitingFor, forbidden], nameLookup: dnsAnswer({ kind: 'refused' }) }),
      says: 'CoreDNS does not know the Services of the cluster: it asks the API server and may not read it (0 of 2 Pods Ready).',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: [`${text} (5 times)`, '0 of 2 Pods Ready', 'connection refused'],
      run: [
        'kubectl create clusterrolebinding system:coredns --clusterrole=system:coredns --serviceaccount=kube-system:coredns',
        'kubectl -n kube-system rollout restart deployment/coredns',
      ],
    },
    {
      when: 'it cannot reach the API server',
      world: world({ dnsPods: unready, dnsLogs: [waitingFor] }),
      says: 'CoreDNS does not know the Services of the cluster: it asks the API server and cannot reach it (0 of 2 Pods Ready).',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      run: ['kubectl get endpointslices -l kubernetes.io/service-name=kubernetes'],
    },
    {
      when: 'its Pods are Ready and answer SERVFAIL',
      world: world({ dnsLogs: [waitingFor], nameLookup: dnsAnswer(SERVFAIL), dnsServers: askEveryServer(SERVFAIL) }),
      says: 'CoreDNS does not know the Services of the cluster: it asks the API server and cannot reach it (2 of 2 Pods Ready).',
      subject: 'Deployment kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the watch was lost long ago: a Service that is older than any answer is unknown, and others are not',
      world: world({
        dnsLogs: [waitingFor],
        nameLookup: dnsAnswer(NXDOMAIN),
        dnsServers: askEveryServer(NXDOMAIN),
        controlLookup: dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' }),
        corefile: found('.:53 {\n    kubernetes cluster.local\n    cache 30\n}\n'),
        service: found({ ...service(), metadata: { ...service().metadata, creationTimestamp: secondsAgo(400) } }),
      }),
      says: 'CoreDNS does not know the Services of the cluster: it asks the API server and cannot reach it (2 of 2 Pods Ready).',
      subject: 'Deployment kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the watch was lost: a Service that exists is unknown',
      world: world({ dnsLogs: [waitingFor], nameLookup: dnsAnswer(NXDOMAIN), dnsServers: askEveryServer(NXDOMAIN) }),
      says: 'CoreDNS does not know the Services of the cluster: it asks the API server and cannot reach it (2 of 2 Pods Ready).',
      subject: 'Deployment kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'nobody complains', world: world(), outcome: 'clear' },
    {
      when: 'it knows other Services, and may still keep that this young one does not exist',
      world: world({
        dnsLogs: [waitingFor],
        nameLookup: dnsAnswer(NXDOMAIN),
        dnsServers: askEveryServer(NXDOMAIN),
        controlLookup: dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' }),
        corefile: found('.:53 {\n    kubernetes cluster.local\n    cache 30\n}\n'),
        service: found({ ...service(), metadata: { ...service().metadata, creationTimestamp: secondsAgo(12) } }),
      }),
      outcome: 'clear',
    },
    {
      when: 'it complained while it started, and answers now',
      world: world({ dnsLogs: [waitingFor] }),
      outcome: 'clear',
      because: 'the cluster DNS answers as it should',
    },
    {
      when: 'the Pod asks another server, and the cluster DNS knows the name',
      world: world({ dnsLogs: [waitingFor], nameLookup: dnsAnswer(NXDOMAIN) }),
      outcome: 'clear',
    },
    {
      when: 'a headless Service has no ready Pod, and the API server is known by its name',
      world: world({
        dnsLogs: [waitingFor],
        service: found(service({ clusterIP: 'None' })),
        nameLookup: dnsAnswer(NXDOMAIN),
        dnsServers: askEveryServer(NXDOMAIN),
        controlLookup: dnsAnswer(answered('10.96.0.1')),
      }),
      outcome: 'clear',
    },
    {
      when: 'its Pods end over and over because it forwards to itself',
      world: world({
        dnsPods: unready,
        dnsLogs: [
          waitingFor,
          { pod: 'coredns-a', previous: true, kind: 'loop', address: '127.0.0.1:1', text: 'Loop detected', times: 1 },
        ],
        nameLookup: dnsAnswer({ kind: 'refused' }),
      }),
      outcome: 'clear',
    },
    { when: 'it has no Pods', world: world({ dnsPods: [] }), outcome: 'clear' },
    {
      when: 'an address was asked for',
      world: world({ dnsLogs: [forbidden] }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
