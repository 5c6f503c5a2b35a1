import rule from '../../../src/rules/dns/dns-conntrack-race.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  dnsAnswer,
  flow,
  NO_ANSWER,
  resolvConf,
  systemLookups,
  world,
} from '../../support/world.ts';

const some = {
  systemLookups: systemLookups('api', [API_VIP], 1, 4),
  moreLookups: systemLookups('api', [API_VIP], 2, 20),
};
const busy = (ms: number) => {
  const all = systemLookups('api', [API_VIP], 2, 20);
  return { ...all, lookups: all.lookups.map((one) => (one.outcome === 'found' ? { ...one, ms } : one)) };
};

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
