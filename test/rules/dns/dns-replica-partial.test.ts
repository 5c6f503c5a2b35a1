import rule from '../../../src/rules/dns/dns-replica-partial.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  DNS_VIP,
  dnsAnswer,
  flow,
  NO_ANSWER,
  resolvConf,
  systemLookups,
  world,
} from '../../support/world.ts';

const ask = (outcome: Parameters<typeof dnsAnswer>[0], letter: 'a' | 'b') =>
  dnsAnswer(outcome, { server: letter === 'a' ? '10.244.1.2' : '10.244.3.2', pod: `coredns-${letter}` });
const good = answered(API_VIP);
const vip = dnsAnswer(good, { server: DNS_VIP });
const silentA = {
  dnsServers: [vip, ask(NO_ANSWER, 'a'), ask(good, 'b')],
  dnsRetries: [ask(NO_ANSWER, 'a')],
  systemLookups: systemLookups('api', [API_VIP], 3),
};

ruleCases(rule, {
  fires: [
    {
      when: 'one of two gives no answer, twice',
      world: world(silentA),
      says: '1 of 2 cluster DNS Pods (coredns-a on n1) does not answer web, while the Service still sends it queries: 3 of 6 lookups stalled for 2 s or more.',
      subject: 'Pod kube-system/coredns-a',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'no answer',
        'no answer: asked once more',
        'NOERROR 10.96.114.140: coredns-b answers',
        '3 of 6 lookups got no answer in 2 s',
      ],
      run: ['kubectl -n kube-system delete pod coredns-a', 'kubectl netdebug -n shop web pod/coredns-a.kube-system:53'],
    },
    {
      when: 'it answers over TCP',
      world: world({
        ...silentA,
        systemLookups: ABSENT,
        dnsOverTcp: [dnsAnswer(good, { server: '10.244.1.2', pod: 'coredns-a', transport: 'tcp' })],
      }),
      says: '1 of 2 cluster DNS Pods (coredns-a on n1) does not answer web over UDP, while the Service still sends it queries: about 50 of 100 lookups stall.',
      subject: 'Pod kube-system/coredns-a',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'the source asks another resolver: it is not stopped',
      world: world({ ...silentA, resolvConf: { ...resolvConf, nameservers: ['192.0.2.53'] } }),
      says: '1 of 2 cluster DNS Pods (coredns-a on n1) does not answer web, while the Service still sends it queries: 3 of 6 lookups stalled for 2 s or more.',
      subject: 'Pod kube-system/coredns-a',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'each answers', world: world(), outcome: 'clear' },
    {
      when: 'none answers: that is another fault',
      world: world({ dnsServers: [ask(NO_ANSWER, 'a'), ask(NO_ANSWER, 'b')], dnsRetries: [ask(NO_ANSWER, 'a')] }),
      outcome: 'clear',
      because: 'none of the cluster DNS Pods answers',
    },
    {
      when: 'the second try is answered: one lost packet is no fault',
      world: world({ ...silentA, dnsRetries: [ask(good, 'a')] }),
      outcome: 'clear',
      because: 'every cluster DNS Pod answered the second time: a packet was lost',
    },
    {
      when: 'the second try has not been made',
      world: world({ ...silentA, dnsRetries: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'an address was asked for',
      world: world(silentA),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
