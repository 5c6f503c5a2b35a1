import rule from '../../../src/rules/dns/dns-search-wildcard.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  dnsAnswer,
  flow,
  found,
  NXDOMAIN,
  pod,
  resolvConf,
  searchAnswer,
  world,
} from '../../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const conf = { ...resolvConf, search: [...resolvConf.search, 'corp.test'] };
const stray = { name: `${host}.corp.test.`, rcode: 'NOERROR', addresses: ['10.9.9.9'] };
const nothing = { name: `${host}.cluster.local.`, rcode: 'NXDOMAIN', addresses: [] };
const search = { ...searchAnswer(host, answered('10.9.9.9')), steps: [nothing, stray] };
const right = dnsAnswer(answered('198.51.100.10'), { name: `${host}.` });
const random = dnsAnswer(answered('10.9.9.9'), { name: 'netdebug-no-such-name.corp.test.' });
const base = { service: ABSENT, endpoints: ABSENT, resolvConf: conf, searchLookup: search, nameLookup: right } as const;
const web = pod({
  name: 'web',
  owner: { kind: 'StatefulSet', name: 'web' },
  spec: { dnsConfig: { searches: ['corp.test'] } },
});

ruleCases(rule, {
  fires: [
    {
      when: 'the wildcard answers for a name that cannot exist, too',
      world: world({ ...base, wildcardLookup: random }),
      flow: outside,
      says: 'www.example.com is answered by the wildcard *.corp.test (10.9.9.9), a search domain of web, before www.example.com. is asked for.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'NOERROR 10.9.9.9: answered as www.example.com.corp.test.',
        'NOERROR 10.9.9.9: corp.test also knows a name that cannot exist',
        'NOERROR 198.51.100.10: www.example.com. itself',
      ],
    },
    {
      when: 'the search domain is the workload’s own',
      world: world({ ...base, wildcardLookup: random, sourcePod: found(web) }),
      flow: outside,
      says: 'www.example.com is answered by the wildcard *.corp.test (10.9.9.9), a search domain of web, before www.example.com. is asked for.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      run: ['kubectl -n shop edit statefulset web'],
    },
  ],
  silent: [
    { when: 'a Service is found where it should', world: world(), outcome: 'clear' },
    {
      when: 'the search domain really has that name',
      world: world({ ...base, wildcardLookup: dnsAnswer(NXDOMAIN) }),
      flow: outside,
      outcome: 'clear',
      because: 'corp.test really has the name www.example.com.corp.test.',
    },
    {
      when: 'an outside name is found after the search list, which is normal',
      world: world({
        ...base,
        searchLookup: {
          ...search,
          steps: [nothing, { name: `${host}.`, rcode: 'NOERROR', addresses: ['198.51.100.10'] }],
        },
      }),
      flow: outside,
      outcome: 'clear',
    },
    { when: 'the wildcard was not asked', world: world(base), flow: outside, outcome: 'unsure', needs: 'source' },
    {
      when: 'an address was asked for',
      world: world(),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
