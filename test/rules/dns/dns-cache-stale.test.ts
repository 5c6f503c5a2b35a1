import rule from '../../../src/rules/dns/dns-cache-stale.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  apiOnly,
  dnsAnswer,
  found,
  NO_ANSWER,
  NXDOMAIN,
  searchAnswer,
  secondsAgo,
  service,
  world,
} from '../../support/world.ts';

const CACHING = found('.:53 {\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n    cache 30\n}\n');
const made = (seconds: number) => {
  const api = service();
  return found({ ...api, metadata: { ...api.metadata, creationTimestamp: secondsAgo(seconds) } });
};
const old = { ...dnsAnswer(answered('10.96.7.7')), ttlS: 21 };
const gone = { ...dnsAnswer(NXDOMAIN), ttlS: 4 };

/** What the search list ended with. */
const searched = (name: string, address: string) => ({
  ...searchAnswer('api', answered(address)),
  steps: [{ name, rcode: 'NOERROR', addresses: [address] }],
});

ruleCases(rule, {
  fires: [
    {
      when: 'the Service was made anew and DNS still gives the address of the one before',
      world: world({ service: made(8), nameLookup: old, dnsServers: [], corefile: CACHING }),
      says: 'DNS still answers 10.96.7.7 for api for 21 seconds more: a cached address from before the Service, now 10.96.114.140, which was created 8 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'name',
      saw: [
        'NOERROR 10.96.7.7',
        'clusterIP 10.96.114.140, created 8 seconds ago',
        'answers for this name may be kept 30 seconds',
      ],
      run: ['kubectl -n kube-system rollout restart deployment/coredns'],
    },
    {
      when: 'another CoreDNS Pod knows better',
      world: world({
        service: made(8),
        nameLookup: old,
        dnsServers: [dnsAnswer(answered(API_VIP), { server: '10.244.3.2', pod: 'coredns-b' })],
        corefile: CACHING,
      }),
      says: 'DNS still answers 10.96.7.7 for api for 21 seconds more: a cached address from before the Service, now 10.96.114.140, which was created 8 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['NOERROR 10.96.114.140: coredns-b knows the new one'],
    },
    {
      when: 'one CoreDNS Pod has forgotten the old address and the other has not',
      world: world({
        service: made(8),
        dnsServers: [
          dnsAnswer(answered(API_VIP), { server: '10.244.3.2', pod: 'coredns-b' }),
          { ...dnsAnswer(answered('10.96.7.7'), { server: '10.244.1.2', pod: 'coredns-a' }), ttlS: 9 },
        ],
        corefile: CACHING,
      }),
      says: 'coredns-a still answers 10.96.7.7 for api for 9 seconds more: a cached address from before the Service, now 10.96.114.140, which was created 8 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['NOERROR 10.96.7.7', 'NOERROR 10.96.114.140: coredns-b knows the new one'],
    },
    {
      when: 'one lookup got the new address and the next one the old',
      world: world({
        service: made(8),
        dnsServers: [],
        searchLookup: searched('api.shop.svc.cluster.local.', '10.96.7.7'),
        corefile: CACHING,
      }),
      says: 'DNS still answers 10.96.7.7 now and then for api: a cached address from before the Service, now 10.96.114.140, which was created 8 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['NOERROR 10.96.7.7', 'NOERROR 10.96.114.140: another lookup knows the new one'],
    },
    {
      when: 'the Service was asked for before it was made',
      world: world({ service: made(3), nameLookup: gone, dnsServers: [], corefile: CACHING }),
      says: 'DNS still says that api does not exist for 4 seconds more: an answer cached from before the Service, which was created 3 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the Corefile may not be read',
      world: world({ service: made(8), nameLookup: old, dnsServers: [], corefile: ABSENT }),
      says: 'DNS still answers 10.96.7.7 for api for 21 seconds more: a cached address from before the Service, now 10.96.114.140, which was created 8 seconds ago.',
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'name',
    },
  ],
  silent: [
    {
      when: 'the search list ends at another name: that is a wildcard',
      world: world({
        service: made(8),
        searchLookup: searched('api.example.com.', '10.9.9.9'),
        corefile: CACHING,
      }),
      outcome: 'clear',
    },
    { when: 'DNS gives the address', world: world({ corefile: CACHING }), outcome: 'clear' },
    {
      when: 'CoreDNS caches no cluster names',
      world: world({ service: made(8), nameLookup: old }),
      outcome: 'clear',
      because: 'CoreDNS caches no answer for this name',
    },
    {
      when: 'the Service is older than any answer: CoreDNS has lost the API',
      world: world({ service: made(400), nameLookup: gone, corefile: CACHING }),
      outcome: 'clear',
      because: 'the Service is 400 seconds old, and no answer is kept longer than 30 seconds',
    },
    {
      when: 'a line of the Corefile pins the name',
      world: world({
        service: made(8),
        nameLookup: dnsAnswer(answered('10.9.9.9')),
        corefile: found(
          '.:53 {\n hosts {\n 10.9.9.9 api.shop.svc.cluster.local\n }\n kubernetes cluster.local\n cache 30\n}\n',
        ),
      }),
      outcome: 'clear',
      because: 'the Corefile pins the name',
    },
    {
      when: 'nobody answers at all',
      world: world({ service: made(8), nameLookup: dnsAnswer(NO_ANSWER), corefile: CACHING }),
      outcome: 'clear',
    },
    {
      when: 'no probe ran',
      world: apiOnly({ service: made(8), corefile: CACHING, nameLookup: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
    {
      when: 'the Service is headless',
      world: world({
        service: found(service({ spec: { clusterIP: 'None', clusterIPs: ['None'] } })),
        nameLookup: gone,
      }),
      outcome: 'not-applicable',
    },
  ],
});
