import rule from '../../../src/rules/dns/dns-tcp-fallback-blocked.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { ABSENT, answered, dnsAnswer, flow, NO_ANSWER, policy, world } from '../../support/world.ts';

const udpOnly = policy('web-egress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, { to: [{ ipBlock: { cidr: '198.51.100.0/24' } }] }],
});
const both = policy('web-egress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [
    {
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ],
});
const cut = { ...dnsAnswer(NO_ANSWER), truncated: true as const };
const noTcp = [dnsAnswer(NO_ANSWER, { server: '10.244.1.2', pod: 'coredns-a', transport: 'tcp' })];

ruleCases(rule, {
  fires: [
    {
      when: 'a policy admits UDP 53 only',
      world: world({ nameLookup: cut, dnsOverTcp: noTcp, policies: [udpOnly] }),
      says: 'The answer for api.shop.svc.cluster.local. is too large for UDP, and over TCP there is none (no answer): web-egress lets web ask the cluster DNS over UDP 53 only.',
      subject: 'NetworkPolicy shop/web-egress',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'no answer: cut off over UDP, then asked over TCP',
        'no answer: coredns-a over TCP',
        'admits UDP 53 to the cluster DNS, and not TCP 53',
      ],
      run: [
        `kubectl -n shop patch networkpolicy web-egress --type=json -p '[{"op":"add","path":"/spec/egress/0/ports/-","value":{"protocol":"TCP","port":53}}]'`,
      ],
    },
    {
      when: 'no policy is to blame: a firewall',
      world: world({ nameLookup: cut, dnsOverTcp: noTcp, policies: [both] }),
      says: 'The answer for api.shop.svc.cluster.local. is too large for UDP, and over TCP there is none (no answer).',
      subject: 'Service kube-system/kube-dns',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'the answer fits', world: world({ policies: [udpOnly] }), outcome: 'clear' },
    {
      when: 'the answer came over TCP',
      world: world({ nameLookup: { ...dnsAnswer(answered('10.96.114.140')), truncated: true } }),
      outcome: 'clear',
      because: 'the answer came over TCP',
    },
    { when: 'no answer at all is another fault', world: world({ nameLookup: dnsAnswer(NO_ANSWER) }), outcome: 'clear' },
    { when: 'nothing was asked', world: world({ nameLookup: ABSENT }), outcome: 'unsure', needs: 'source' },
    {
      when: 'an address was asked for',
      world: world({ nameLookup: cut }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
