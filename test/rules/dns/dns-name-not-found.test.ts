import rule from '../../../src/rules/dns/dns-name-not-found.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  apiOnly,
  dnsAnswer,
  flow,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  NXDOMAIN,
  searchAnswer,
  world,
} from '../../support/world.ts';

const name = (service: string, namespace: string) => ({ metadata: { name: service, namespace } });

const nxdomain = (authoritative: boolean) =>
  ({ kind: 'answered', rcode: 'NXDOMAIN', addresses: [], cnames: [], authoritative }) as const;
const toApii = flow({
  destination: { kind: 'Service', namespace: 'shop', name: 'apii' },
  typed: 'apii',
  dnsName: 'apii',
});
const noService = {
  service: NOT_FOUND,
  endpoints: ABSENT,
  otherServices: [name('api', 'shop'), name('cart', 'shop'), name('api', 'staging')],
  nameLookup: dnsAnswer(NXDOMAIN, { name: 'apii.shop.svc.cluster.local.' }),
  searchLookup: searchAnswer('apii', NXDOMAIN),
} as const;

const host = 'stats.example.com';
const toHost = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });

ruleCases(rule, {
  fires: [
    {
      when: 'the Service may not be read, and the cluster DNS does not know it',
      world: world({
        ...noService,
        service: missing('forbidden'),
        otherServices: missing('forbidden'),
        nameLookup: dnsAnswer(nxdomain(true), { name: 'apii.shop.svc.cluster.local.' }),
      }),
      flow: toApii,
      says: 'The cluster DNS knows no Service apii in shop; the Service itself may not be read.',
      subject: 'Service shop/apii',
      confidence: 'possible',
      blocks: 'name',
      saw: ['NXDOMAIN'],
      run: ['kubectl -n shop get service apii -o wide'],
    },
    {
      when: 'the name has a letter too many',
      world: world(noService),
      flow: toApii,
      says: 'There is no Service apii in shop; the closest name is api.',
      subject: 'Service shop/apii',
      confidence: 'proven',
      blocks: 'name',
      saw: ['404: services "apii" not found', 'NXDOMAIN'],
      run: ['kubectl -n shop get service api', 'kubectl netdebug -n shop web api.shop'],
    },
    {
      when: 'no name is near',
      world: world({ ...noService, otherServices: [name('cart', 'shop'), name('billing', 'shop')] }),
      flow: toApii,
      says: 'There is no Service apii in shop; shop has 2 other Services.',
      subject: 'Service shop/apii',
      confidence: 'proven',
      blocks: 'name',
      run: ['kubectl -n shop get services'],
    },
    {
      when: 'the namespace has no Services, and no probe ran',
      world: apiOnly({ ...noService, otherServices: [] }),
      flow: toApii,
      says: 'There is no Service apii in shop; shop has no Services.',
      subject: 'Service shop/apii',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'the other Services may not be listed: unread is not none',
      world: world({ ...noService, otherServices: missing('forbidden') }),
      flow: toApii,
      says: 'There is no Service apii in shop; which others exist could not be read.',
      subject: 'Service shop/apii',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'an outside name does not exist',
      world: world({
        nameLookup: dnsAnswer(NXDOMAIN, { name: `${host}.` }),
        searchLookup: searchAnswer(host, NXDOMAIN),
      }),
      flow: toHost,
      says: 'No DNS server knows the name stats.example.com: the answer is NXDOMAIN.',
      subject: 'Host stats.example.com',
      confidence: 'likely',
      blocks: 'name',
      saw: ['NXDOMAIN'],
    },
    {
      when: 'a workload that was named is not there',
      world: apiOnly(),
      flow: flow({
        destination: {
          kind: 'Absent',
          object: { kind: 'StatefulSet', namespace: 'data', name: 'dv' },
          near: ['db', 'dw'],
        },
        typed: 'sts/dv.data',
        dnsName: null,
      }),
      says: 'There is no StatefulSet dv in data; the closest names are db, dw.',
      subject: 'StatefulSet data/dv',
      confidence: 'proven',
      blocks: 'path',
      saw: ['404: statefulsets "dv" not found'],
      run: ['kubectl netdebug -n shop web statefulset/db.data', 'kubectl netdebug -n shop web statefulset/dw.data'],
    },
    {
      when: 'a Node that was named is not there, and no name is near',
      world: apiOnly(),
      flow: flow({
        destination: { kind: 'Absent', object: { kind: 'Node', name: 'n9' }, near: [] },
        typed: 'node/n9',
        dnsName: null,
      }),
      says: 'There is no Node n9.',
      subject: 'Node n9',
      confidence: 'proven',
      blocks: 'path',
      run: ['kubectl get nodes'],
    },
  ],
  silent: [
    {
      when: 'the Service may not be read, and the NXDOMAIN is not of the one who has to know',
      world: world({
        service: missing('forbidden'),
        nameLookup: dnsAnswer(nxdomain(false), { name: 'apii.shop.svc.cluster.local.' }),
      }),
      flow: toApii,
      outcome: 'unsure',
      needs: 'api',
    },
    { when: 'the Service exists', world: world(), outcome: 'clear', because: 'Service api exists in shop' },
    {
      when: 'it exists in another namespace: that is dns-wrong-namespace',
      world: world({ ...noService, otherServices: [name('apii', 'staging')] }),
      flow: toApii,
      outcome: 'clear',
      because: 'Service apii exists in staging',
    },
    {
      when: 'an outside name is found after NXDOMAINs on the search path, which are normal',
      world: world({
        nameLookup: dnsAnswer(answered('93.184.216.34'), { name: `${host}.` }),
        searchLookup: {
          ...searchAnswer(host, answered('93.184.216.34')),
          steps: [
            { name: `${host}.shop.svc.cluster.local.`, rcode: 'NXDOMAIN', addresses: [] },
            { name: `${host}.`, rcode: 'NOERROR', addresses: ['93.184.216.34'] },
          ],
        },
      }),
      flow: toHost,
      outcome: 'clear',
    },
    {
      when: 'nobody answered: that says nothing about the name',
      world: world({ nameLookup: dnsAnswer(NO_ANSWER), searchLookup: ABSENT }),
      flow: toHost,
      outcome: 'clear',
    },
    { when: 'an outside name could not be asked', world: apiOnly(), flow: toHost, outcome: 'unsure', needs: 'source' },
    {
      when: 'the Service may not be read',
      world: world({ service: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
    {
      when: 'the destination is an address',
      world: world(),
      flow: flow({ destination: { kind: 'Address', address: '10.96.114.140' }, typed: '10.96.114.140', dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});
