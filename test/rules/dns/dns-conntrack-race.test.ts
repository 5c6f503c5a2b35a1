import rule from '../../../src/rules/dns/dns-conntrack-race.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  dnsAnswer,
  flow,
  NO_ANSWER,
  nodeState,
  resolvConf,
  systemLookups,
  world,
} from '../../support/world.ts';

const some = {
  systemLookups: systemLookups('api', [API_VIP], 1, 4),
  moreLookups: systemLookups('api', [API_VIP], 2, 20),
};
const SERVFAIL = { kind: 'answered', rcode: 'SERVFAIL', addresses: [], cnames: [], authoritative: false } as const;
const busy = (ms: number) => {
  const all = systemLookups('api', [API_VIP], 2, 20);
  return { ...all, lookups: all.lookups.map((one) => (one.outcome === 'found' ? { ...one, ms } : one)) };
};

/** Pairs of which so many lost an answer: 30 through the Service, 6 to a Pod. */
function pairs(lost: number, lostInTurn: number, pod?: string, server = pod ?? '10.96.0.10') {
  const times = pod === undefined ? 30 : 6;
  return {
    server,
    ...(pod === undefined ? {} : { pod }),
    atOnce: { times, both: times - lost, one: lost, none: 0 },
    inTurn: { times, both: times - lostInTurn },
    command: 'dig',
  };
}

ruleCases(rule, {
  fires: [
    {
      when: 'three of 24 get stuck and each CoreDNS Pod answers',
      world: world(some),
      says: '3 of 24 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself.',
      subject: 'Pod shop/web',
      confidence: 'possible',
      blocks: 'name',
      saw: ['3 of 24 lookups, A and AAAA at once, got no answer in 2 s', 'NOERROR 10.96.114.140: coredns-a'],
      run: ['kubectl debug node/n2 -it --profile=sysadmin --image=nicolaka/netshoot:v0.16 -- conntrack -S'],
    },
    {
      when: 'pairs at once lose answers and questions in turn do not',
      world: world({ ...some, dnsPairs: [pairs(7, 0), pairs(0, 0, 'coredns-a'), pairs(1, 0, 'coredns-b')] }),
      says: '3 of 24 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself: 7 of 30 pairs that are sent at once lose an answer, and none of 30 that are sent one after the other.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
      saw: [
        'the Service: 23 of 30 pairs at once answered whole, 30 of 30 one after the other',
        'coredns-b: 5 of 6 pairs at once answered whole, 6 of 6 one after the other',
      ],
    },
    {
      when: 'the machine is busy as well, and only pairs lose answers',
      world: world({ systemLookups: busy(1400), moreLookups: busy(1700), dnsPairs: [pairs(7, 0)] }),
      says: '4 of 40 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself: 7 of 30 pairs that are sent at once lose an answer, and none of 30 that are sent one after the other.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'questions in turn get lost as well: plain loss looks like this',
      world: world({ ...some, dnsPairs: [pairs(6, 4)] }),
      says: '3 of 24 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself: 6 of 30 pairs that are sent at once lose an answer, and 4 of 30 that are sent one after the other, as when packets get lost whatever is in them.',
      subject: 'Pod shop/web',
      confidence: 'possible',
      blocks: 'name',
    },
    {
      when: 'the node has lost no race since it started',
      world: world({
        ...some,
        dnsPairs: [pairs(7, 0)],
        nodeStates: [nodeState('n2', { conntrack: { entries: 900, most: 65_536, dropped: 0, insertFailed: 0 } })],
      }),
      says: '3 of 24 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself: 7 of 30 pairs that are sent at once lose an answer, and none of 30 that are sent one after the other; the node has lost no such race since it started, so that something else drops them.',
      subject: 'Pod shop/web',
      confidence: 'possible',
      blocks: 'name',
      saw: ['insert_failed of conntrack on n2 since it started: 0'],
    },
    {
      when: 'one CoreDNS Pod missed both of its questions and answered many others',
      world: world({
        ...some,
        dnsServers: [
          dnsAnswer(NO_ANSWER, { server: '10.244.1.2', pod: 'coredns-a' }),
          dnsAnswer(answered(API_VIP), { server: '10.244.3.2', pod: 'coredns-b' }),
        ],
        dnsRetries: [dnsAnswer(NO_ANSWER, { server: '10.244.1.2', pod: 'coredns-a' })],
        dnsPairs: [pairs(6, 4), pairs(2, 1, 'coredns-a', '10.244.1.2')],
      }),
      says: '3 of 24 lookups of api lose a packet and stall until the resolver asks again (2.5 to 5 s), while each cluster DNS Pod answers when asked by itself: 6 of 30 pairs that are sent at once lose an answer, and 4 of 30 that are sent one after the other, as when packets get lost whatever is in them.',
      subject: 'Pod shop/web',
      confidence: 'possible',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'none gets stuck', world: world(), outcome: 'clear', because: 'none of 6 lookups at once got stuck' },
    {
      when: 'one alone got stuck, which is one lost packet',
      world: world({ ...some, moreLookups: systemLookups('api', [API_VIP], 0, 20) }),
      outcome: 'clear',
    },
    {
      when: 'all were slow: the machine is busy',
      world: world({ systemLookups: busy(1400), moreLookups: busy(1700) }),
      outcome: 'clear',
    },
    {
      when: 'all were slow, and questions in turn were not answered in time either',
      world: world({ systemLookups: busy(1400), moreLookups: busy(1700), dnsPairs: [pairs(9, 8)] }),
      outcome: 'clear',
    },
    {
      when: 'one CoreDNS Pod does not answer at all',
      world: world({
        ...some,
        dnsServers: [
          dnsAnswer(NO_ANSWER, { server: '10.244.1.2', pod: 'coredns-a' }),
          dnsAnswer(answered(API_VIP), { server: '10.244.3.2', pod: 'coredns-b' }),
        ],
      }),
      outcome: 'clear',
      because: 'coredns-a does not answer at all',
    },
    {
      when: 'CoreDNS waits for an upstream that does not answer, and then says SERVFAIL',
      world: world({
        ...some,
        dnsServers: [dnsAnswer(SERVFAIL, { server: '10.244.1.2', pod: 'coredns-a' })],
        dnsPairs: [pairs(0, 0)],
      }),
      outcome: 'clear',
      because: 'coredns-a says SERVFAIL, which it may take its time for',
    },
    {
      when: 'most get stuck, too many for a race',
      world: world({ ...some, moreLookups: systemLookups('api', [API_VIP], 15, 20) }),
      outcome: 'clear',
    },
    {
      when: 'the Pod asks another server',
      world: world({ ...some, resolvConf: { ...resolvConf, nameservers: ['192.0.2.53'] } }),
      outcome: 'clear',
    },
    {
      when: 'it was not tried more often',
      world: world({ ...some, moreLookups: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'nothing was looked up several times',
      world: world({ systemLookups: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'an address was asked for',
      world: world(some),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
