import rule from '../../../src/rules/dns/dns-forward-loop.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  corednsPod,
  dnsAnswer,
  flow,
  found,
  NO_ANSWER,
  waiting,
  world,
} from '../../support/world.ts';

const crash = (letter: 'a' | 'b') => corednsPod(letter, { ready: false, status: waiting('CrashLoopBackOff', 1) });
const text = 'plugin/loop: Loop (127.0.0.1:39046 -> :53) detected';
const loop = { pod: 'coredns-a', previous: true, kind: 'loop', address: '127.0.0.1:39046', text, times: 1 } as const;
const corefile = (to: string, more = '') =>
  found(`.:53 {\n    kubernetes cluster.local\n    forward . ${to}\n${more}}\n`);
const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });

ruleCases(rule, {
  fires: [
    {
      when: 'both Pods end because of it',
      world: world({
        dnsPods: [crash('a'), crash('b')],
        dnsLogs: [loop],
        corefile: corefile('127.0.0.1', '    loop\n'),
      }),
      says: 'CoreDNS forwards to 127.0.0.1, which is itself, and ends at once because of that.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: [text, 'line 3: forward . 127.0.0.1', '0 of 2 Pods Ready'],
      run: ['kubectl -n kube-system edit configmap coredns'],
    },
    {
      when: 'the node’s own resolver leads back to it',
      world: world({ dnsPods: [crash('a')], dnsLogs: [loop], corefile: corefile('/etc/resolv.conf', '    loop\n') }),
      says: 'CoreDNS forwards to the nameservers of its node, which lead back to it, and ends at once because of that.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'it forwards to its own Service and nothing detects the loop',
      world: world({
        service: ABSENT,
        endpoints: ABSENT,
        corefile: corefile('10.96.0.10'),
        nameLookup: dnsAnswer(NO_ANSWER, { name: `${host}.` }),
      }),
      flow: outside,
      says: 'CoreDNS forwards to 10.96.0.10, which is itself: outside names go round in circles until they time out.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the flow asks for a name of the cluster, which it answers all the same',
      world: world({ corefile: corefile('10.244.1.2') }),
      says: 'CoreDNS forwards to 10.244.1.2, which is itself: outside names go round in circles until they time out.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'possible',
      blocks: null,
    },
  ],
  silent: [
    { when: 'it forwards to the servers of its node', world: world(), outcome: 'clear' },
    {
      when: 'it forwards to another server on its own host',
      world: world({ corefile: corefile('127.0.0.1:5353') }),
      outcome: 'clear',
    },
    {
      when: 'an upstream is silent, and no loop',
      world: world({
        corefile: corefile('192.0.2.1'),
        nameLookup: dnsAnswer(NO_ANSWER),
        controlLookup: dnsAnswer(answered('10.96.0.1')),
      }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'an address was asked for',
      world: world({ dnsLogs: [loop] }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
