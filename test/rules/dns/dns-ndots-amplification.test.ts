import rule from '../../../src/rules/dns/dns-ndots-amplification.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  dnsAnswer,
  flow,
  NO_ANSWER,
  NXDOMAIN,
  resolvConf,
  searchAnswer,
  world,
} from '../../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const conf = { ...resolvConf, search: ['shop.svc.cluster.local', 'slow.test'] };
const steps = [
  { name: `${host}.shop.svc.cluster.local.`, rcode: 'NXDOMAIN', addresses: [] },
  { name: `${host}.slow.test.`, rcode: 'NXDOMAIN', addresses: [] },
  { name: `${host}.`, rcode: 'NOERROR', addresses: ['198.51.100.10'] },
];
const search = (slowMs: number) => ({
  ...searchAnswer(host, answered('198.51.100.10')),
  steps,
  stepsMs: [1, slowMs, 4],
  tookMs: slowMs + 5,
});
const fresh = (slowMs: number) => ({
  ...searchAnswer(`x.${host}`, NXDOMAIN),
  stepsMs: [1, slowMs, 4],
  tookMs: slowMs + 5,
});
const base = {
  service: ABSENT,
  endpoints: ABSENT,
  resolvConf: conf,
  nameLookup: { ...dnsAnswer(answered('198.51.100.10'), { name: `${host}.` }), tookMs: 4 },
  searchLookup: search(1500),
  freshLookup: fresh(1480),
} as const;

ruleCases(rule, {
  fires: [
    {
      when: 'one search domain takes a second and a half',
      world: world(base),
      flow: outside,
      says: 'Looking up www.example.com sends 6 queries and takes 1.5 s because ndots:5 tries the search list first, most of it in slow.test; www.example.com. with the dot at the end takes 4 ms.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'NOERROR 198.51.100.10 after 1.5 s: www.example.com.shop.svc.cluster.local. 1 ms, www.example.com.slow.test. 1.5 s, www.example.com. 4 ms',
      ],
    },
    {
      when: 'it costs a fifth of a second: worth saying, not in the way',
      world: world({ ...base, searchLookup: search(200), freshLookup: fresh(210) }),
      flow: outside,
      says: 'Looking up www.example.com sends 6 queries and takes 205 ms because ndots:5 tries the search list first, most of it in slow.test; www.example.com. with the dot at the end takes 4 ms.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'the Service is found at once', world: world(), outcome: 'clear' },
    {
      when: 'NXDOMAINs of the search list that cost nothing are normal',
      world: world({ ...base, searchLookup: search(2) }),
      flow: outside,
      outcome: 'clear',
      because: 'the 2 steps before the answer took 3 ms',
    },
    {
      when: 'the name itself is what is slow',
      world: world({ ...base, nameLookup: { ...base.nameLookup, tookMs: 1600 } }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'the second time it is quick',
      world: world({ ...base, freshLookup: fresh(3) }),
      flow: outside,
      outcome: 'clear',
      because: 'gone through once more, the search list took no time',
    },
    {
      when: 'nothing is answered',
      world: world({ ...base, searchLookup: searchAnswer(host, NO_ANSWER) }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'it was gone through once',
      world: world({ ...base, freshLookup: ABSENT }),
      flow: outside,
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'an address was asked for',
      world: world(),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
