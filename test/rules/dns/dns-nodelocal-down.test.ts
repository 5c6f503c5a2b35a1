import rule from '../../../src/rules/dns/dns-nodelocal-down.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  askEveryServer,
  daemonSet,
  dnsAnswer,
  flow,
  NO_ANSWER,
  resolvConf,
  world,
} from '../../support/world.ts';

const local = { ...resolvConf, nameservers: ['169.254.20.10'] };
const refused = dnsAnswer({ kind: 'refused' });

ruleCases(rule, {
  fires: [
    {
      when: 'the cache refuses and CoreDNS answers directly',
      world: world({
        resolvConf: local,
        nameLookup: refused,
        daemonSets: [{ ...daemonSet('node-local-dns'), status: { desiredNumberScheduled: 3, numberReady: 2 } }],
      }),
      says: 'The DNS cache of n2 (NodeLocal DNSCache, 169.254.20.10) refuses the connection, while coredns-a answers web directly: every Pod of that node is without DNS.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'name',
      saw: [
        'nameserver 169.254.20.10',
        'connection refused',
        'NOERROR 10.96.114.140: coredns-a asked directly',
        'node-local-dns: 2 of 3 Ready',
      ],
      run: [
        'kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=n2',
        'kubectl -n kube-system rollout restart daemonset/node-local-dns',
      ],
    },
    {
      when: 'it gives no answer, twice',
      world: world({ resolvConf: local, nameLookup: dnsAnswer(NO_ANSWER), dnsRetries: [dnsAnswer(NO_ANSWER)] }),
      says: 'The DNS cache of n2 (NodeLocal DNSCache, 169.254.20.10) does not answer, while coredns-a answers web directly: every Pod of that node is without DNS.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'the Pod asks no cache', world: world({ nameLookup: refused }), outcome: 'not-applicable' },
    { when: 'the cache answers', world: world({ resolvConf: local }), outcome: 'clear' },
    {
      when: 'it answers the second time',
      world: world({ resolvConf: local, nameLookup: dnsAnswer(NO_ANSWER), dnsRetries: [dnsAnswer(answered(API_VIP))] }),
      outcome: 'clear',
    },
    {
      when: 'no CoreDNS Pod answers either',
      world: world({ resolvConf: local, nameLookup: refused, dnsServers: askEveryServer(NO_ANSWER) }),
      outcome: 'clear',
      because: 'no CoreDNS Pod answers either',
    },
    {
      when: 'nothing was asked',
      world: world({ resolvConf: local, nameLookup: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'an address was asked for',
      world: world({ resolvConf: local, nameLookup: refused }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
