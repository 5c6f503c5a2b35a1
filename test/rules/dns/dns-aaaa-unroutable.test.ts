import rule from '../../../src/rules/dns/dns-aaaa-unroutable.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { ABSENT, answered, CONNECTED, connectAddress, dnsAnswer, flow, SILENT, world } from '../../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const aaaa = dnsAnswer(answered('2001:db8::7'), { name: `${host}.` });
const v4 = connectAddress('198.51.100.10', 80, CONNECTED);
const NO_ROUTE = { outcome: { kind: 'net-unreachable', ms: 0.2 }, exchange: { kind: 'none' } } as const;
const base = { service: ABSENT, endpoints: ABSENT, ipv6Lookup: aaaa, backendConnects: [v4] } as const;
const says =
  'www.example.com has the IPv6 address 2001:db8::7, and web has a route for it that leads nowhere: clients that try IPv6 first stall for 4 s or more before they use IPv4.';

ruleCases(rule, {
  fires: [
    {
      when: 'IPv6 is silent and IPv4 works',
      world: world({ ...base, outsideConnects: [connectAddress('2001:db8::7', 80, SILENT)] }),
      flow: outside,
      says,
      subject: 'Host www.example.com',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['2001:db8::7'],
      saw: ['NOERROR 2001:db8::7', '[2001:db8::7]:80: no answer in 4 s', '198.51.100.10:80: connected in 0.8 ms'],
    },
    {
      when: 'IPv4 was not tried',
      world: world({ ...base, backendConnects: [], outsideConnects: [connectAddress('2001:db8::7', 80, SILENT)] }),
      flow: outside,
      says,
      subject: 'Host www.example.com',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['2001:db8::7'],
    },
  ],
  silent: [
    {
      when: 'the Pod has no IPv6 at all and says so at once: every client goes on (trap 13)',
      world: world({ ...base, outsideConnects: [connectAddress('2001:db8::7', 80, NO_ROUTE)] }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'the name has no AAAA record, which is normal',
      world: world({ ...base, ipv6Lookup: dnsAnswer(answered(), { name: `${host}.` }) }),
      flow: outside,
      outcome: 'clear',
      because: 'www.example.com has no IPv6 address',
    },
    {
      when: 'IPv4 is silent as well: nothing gets out',
      world: world({
        ...base,
        backendConnects: [connectAddress('198.51.100.10', 80, SILENT)],
        outsideConnects: [connectAddress('2001:db8::7', 80, SILENT)],
      }),
      flow: outside,
      outcome: 'clear',
    },
    { when: 'it was not tried', world: world(base), flow: outside, outcome: 'unsure', needs: 'source' },
    { when: 'the destination is a Service', world: world({ ipv6Lookup: aaaa }), outcome: 'not-applicable' },
  ],
});
