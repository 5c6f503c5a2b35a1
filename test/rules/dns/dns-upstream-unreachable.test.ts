import rule from '../../../src/rules/dns/dns-upstream-unreachable.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { ABSENT, answered, dnsAnswer, flow, found, NO_ANSWER, NXDOMAIN, world } from '../../support/world.ts';

const name = 'www.example.com.';
const outside = flow({
  destination: { kind: 'Host', host: 'www.example.com' },
  typed: 'www.example.com',
  dnsName: 'www.example.com',
});
const SERVFAIL = { kind: 'answered', rcode: 'SERVFAIL', addresses: [], cnames: [], authoritative: false } as const;
const control = dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' });
const corefile = found('.:53 {\n    kubernetes cluster.local\n    forward . 192.0.2.1\n}\n');
const complaint = {
  pod: 'coredns-a',
  previous: false,
  kind: 'upstream-failed',
  address: '192.0.2.1',
  text: 'plugin/errors: 2 www.example.com. A: read udp 10.244.1.2:4->192.0.2.1:53: i/o timeout',
  times: 3,
} as const;
const base = { service: ABSENT, endpoints: ABSENT, corefile, controlLookup: control } as const;

ruleCases(rule, {
  fires: [
    {
      when: 'CoreDNS complains about its upstream',
      world: world({ ...base, nameLookup: dnsAnswer(SERVFAIL, { name }), dnsLogs: [complaint] }),
      flow: outside,
      says: 'Names of the cluster resolve, but www.example.com. does not: CoreDNS gets no answer from its upstream server 192.0.2.1.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'SERVFAIL',
        'NOERROR 10.96.0.1: a name of the cluster',
        'plugin/errors: 2 www.example.com. A: read udp 10.244.1.2:4->192.0.2.1:53: i/o timeout (3 times)',
        'line 3: forward . 192.0.2.1',
      ],
      run: ['kubectl -n kube-system edit configmap coredns'],
    },
    {
      when: 'there is no answer twice, and the log may not be read',
      world: world({
        ...base,
        nameLookup: dnsAnswer(NO_ANSWER, { name }),
        dnsRetries: [dnsAnswer(NO_ANSWER, { name })],
        upstreamLookups: [dnsAnswer(NO_ANSWER, { name, server: '192.0.2.1' })],
      }),
      flow: outside,
      says: 'Names of the cluster resolve, but www.example.com. does not: CoreDNS gets no answer from its upstream server 192.0.2.1.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
      saw: ['no answer: 192.0.2.1 asked by web itself'],
    },
  ],
  silent: [
    { when: 'the destination is a Service', world: world(), outcome: 'not-applicable' },
    {
      when: 'the second try is answered: a packet was lost',
      world: world({
        ...base,
        nameLookup: dnsAnswer(NO_ANSWER, { name }),
        dnsRetries: [dnsAnswer(answered('198.51.100.10'), { name })],
      }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'the name does not exist',
      world: world({ ...base, nameLookup: dnsAnswer(NXDOMAIN, { name }) }),
      flow: outside,
      outcome: 'clear',
      because: 'www.example.com. was answered with NXDOMAIN',
    },
    {
      when: 'names of the cluster get no answer either',
      world: world({ ...base, nameLookup: dnsAnswer(NO_ANSWER, { name }), controlLookup: dnsAnswer(NO_ANSWER) }),
      flow: outside,
      outcome: 'clear',
      because: 'names of the cluster fail as well',
    },
    {
      when: 'nothing was asked',
      world: world({ ...base, nameLookup: ABSENT }),
      flow: outside,
      outcome: 'unsure',
      needs: 'source',
    },
  ],
});
