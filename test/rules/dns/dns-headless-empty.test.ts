import rule from '../../../src/rules/dns/dns-headless-empty.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  answered,
  apiA,
  apiOnly,
  apiPod,
  dnsAnswer,
  endpointsOf,
  found,
  NXDOMAIN,
  service,
  world,
} from '../../support/world.ts';

const headless = found(service({ spec: { clusterIP: 'None', clusterIPs: ['None'] } }));
const unready = apiPod('a', { ready: false });
const says =
  'api is headless and has no ready endpoint (0 of its 1 Pod is Ready), so DNS rightly says that its name does not exist.';

ruleCases(rule, {
  fires: [
    {
      when: 'its only Pod is not Ready',
      world: world({ service: headless, endpoints: endpointsOf([unready]), nameLookup: dnsAnswer(NXDOMAIN) }),
      says,
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      saw: ['spec.clusterIP: None', '0 of 1 endpoints ready, 1 Pod selected', 'NXDOMAIN'],
      run: ['kubectl -n shop describe pods -l app=api'],
    },
    {
      when: 'no probe ran: the objects are enough',
      world: apiOnly({ service: headless, endpoints: endpointsOf([unready]) }),
      says,
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'its selector matches nothing',
      world: world({ service: headless, endpoints: endpointsOf([]), nameLookup: dnsAnswer(NXDOMAIN) }),
      says: 'api is headless and has no ready endpoint (no Pod has the labels app=api), so DNS rightly says that its name does not exist.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'name',
      run: ['kubectl -n shop get pods --show-labels'],
    },
  ],
  silent: [
    {
      when: 'a Service with an address of its own resolves without any endpoint',
      world: world({ endpoints: endpointsOf([]) }),
      outcome: 'not-applicable',
    },
    {
      when: 'a headless Service has a ready Pod',
      world: world({
        service: headless,
        endpoints: endpointsOf([apiA]),
        nameLookup: dnsAnswer(answered('10.244.1.11')),
      }),
      outcome: 'clear',
      because: 'api has 1 ready endpoints',
    },
  ],
});
