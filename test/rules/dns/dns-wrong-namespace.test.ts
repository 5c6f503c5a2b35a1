import rule from '../../../src/rules/dns/dns-wrong-namespace.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { ABSENT, apiOnly, dnsAnswer, flow, NOT_FOUND, NXDOMAIN, searchAnswer, world } from '../../support/world.ts';

const name = (service: string, namespace: string) => ({ metadata: { name: service, namespace } });

const elsewhere = {
  service: NOT_FOUND,
  endpoints: ABSENT,
  otherServices: [name('api', 'backend'), name('cart', 'shop')],
  nameLookup: dnsAnswer(NXDOMAIN),
  searchLookup: searchAnswer('api', NXDOMAIN),
} as const;

ruleCases(rule, {
  fires: [
    {
      when: 'the short name is used from another namespace',
      world: world(elsewhere),
      says: "web looks for api in shop, but the Service is in backend: a short name is only completed with the Pod's own namespace.",
      subject: 'Service backend/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['404: services "api" not found in shop', 'api exists in backend', 'NXDOMAIN'],
      run: ['kubectl netdebug -n shop web api.backend'],
    },
    {
      when: 'no probe ran',
      world: apiOnly(elsewhere),
      says: "web looks for api in shop, but the Service is in backend: a short name is only completed with the Pod's own namespace.",
      subject: 'Service backend/api',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'the wrong namespace was typed',
      world: world(elsewhere),
      flow: flow({ typed: 'api.shop', dnsName: 'api.shop' }),
      says: 'web looks for api in shop, but the Service is in backend.',
      subject: 'Service backend/api',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'several namespaces have one',
      world: world({ ...elsewhere, otherServices: [name('api', 'backend'), name('api', 'staging')] }),
      says: "web looks for api in shop, but the Service is in backend, staging: a short name is only completed with the Pod's own namespace.",
      subject: 'Service backend/api',
      confidence: 'proven',
      blocks: 'name',
    },
  ],
  silent: [
    {
      when: 'the Service is where it is looked for',
      world: world({ otherServices: [name('api', 'staging')] }),
      outcome: 'clear',
    },
    {
      when: 'no namespace has one: that is dns-name-not-found',
      world: world({ ...elsewhere, otherServices: [name('cart', 'shop'), name('apis', 'backend')] }),
      outcome: 'clear',
      because: 'no namespace has a Service api',
    },
    {
      when: 'the destination is an outside name',
      world: world({ otherServices: [] }),
      flow: flow({ destination: { kind: 'Host', host: 'example.com' }, typed: 'example.com', dnsName: 'example.com' }),
      outcome: 'not-applicable',
    },
  ],
});
