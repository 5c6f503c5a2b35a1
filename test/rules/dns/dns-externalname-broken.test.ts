import rule from '../../../src/rules/dns/dns-externalname-broken.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  apiOnly,
  dnsAnswer,
  found,
  NO_ANSWER,
  NXDOMAIN,
  service,
  world,
} from '../../support/world.ts';

const alias = (externalName: string) =>
  found(service({ selector: null, clusterIP: '', spec: { type: 'ExternalName', externalName, clusterIPs: [] } }));
const ENDPOINTS = { endpoints: { slices: [], selected: [], stray: [] } };
const control = dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' });

ruleCases(rule, {
  fires: [
    {
      when: 'its target does not exist',
      world: world({
        ...ENDPOINTS,
        service: alias('db.invalid.test'),
        nameLookup: dnsAnswer(NXDOMAIN),
        controlLookup: control,
      }),
      says: 'api is an alias (ExternalName) of db.invalid.test, which does not resolve: db.invalid.test does not exist.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['spec.externalName: db.invalid.test', 'NXDOMAIN', 'NOERROR 10.96.0.1: DNS itself works'],
      run: ['kubectl -n shop edit service api'],
    },
    {
      when: 'its target is an address, which needs no lookup to be wrong',
      world: apiOnly({ ...ENDPOINTS, service: alias('10.1.2.3') }),
      says: 'api is an alias (ExternalName) of 10.1.2.3, which does not resolve: 10.1.2.3 is an address, and DNS takes it for a name, which does not exist.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'the destination is another kind of Service', world: world(), outcome: 'not-applicable' },
    {
      when: 'its target resolves: an alias has no endpoints, and needs none',
      world: world({
        ...ENDPOINTS,
        service: alias('www.example.com'),
        nameLookup: dnsAnswer(answered('198.51.100.10')),
      }),
      outcome: 'clear',
      because: 'www.example.com was answered with NOERROR 198.51.100.10',
    },
    {
      when: 'no server answers: that is the upstream',
      world: world({ ...ENDPOINTS, service: alias('www.example.com'), nameLookup: dnsAnswer(NO_ANSWER) }),
      outcome: 'clear',
    },
    {
      when: 'the name was not looked up',
      world: world({ ...ENDPOINTS, service: alias('www.example.com'), nameLookup: ABSENT }),
      outcome: 'unsure',
      needs: 'source',
    },
  ],
});
