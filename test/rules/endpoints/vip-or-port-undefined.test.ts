import rule from '../../../src/rules/endpoints/vip-or-port-undefined.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  apiOnly,
  type Changes,
  connectAddress,
  connectService,
  flow,
  found,
  missing,
  NOT_FOUND,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const toPort = (port: number | string) => flow({ typed: `api:${port}`, port });
const toAddress = (address: string) =>
  flow({ destination: { kind: 'Address', address }, typed: address, dnsName: null, port: 80 });
const address = '10.96.200.7';
const ranges: Changes = {
  service: ABSENT,
  endpoints: ABSENT,
  serviceCidrs: ['10.96.0.0/16'],
  otherServices: [{ metadata: { name: 'api', namespace: 'shop' } }],
  backendConnects: [connectAddress(address, 80, SILENT)],
};

ruleCases(rule, {
  fires: [
    {
      when: "the client uses the Pods' port, which the Service targets by name",
      world: world({ serviceConnects: [connectService({ port: 8080, ...SILENT })] }),
      flow: toPort(8080),
      says: "Service api publishes 80, but web uses 8080, which is the Pods' own port.",
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['spec.ports: 80', 'no answer in 4 s'],
      run: ['kubectl netdebug -n shop web api.shop:80'],
    },
    {
      when: "the client uses the Pods' port, which the Service targets by number, and no probe ran",
      world: apiOnly({
        service: found(
          service({
            ports: [
              { name: 'http', port: 80, targetPort: 8080 },
              { name: 'https', port: 443, targetPort: 8443 },
            ],
          }),
        ),
      }),
      flow: toPort(8443),
      says: "Service api publishes http (80), https (443), but web uses 8443, which is the Pods' own port.",
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl netdebug -n shop web api.shop:443'],
    },
    {
      when: 'the port is of no kind',
      world: apiOnly(),
      flow: toPort(9999),
      says: 'Service api publishes 80, but web uses 9999.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'a port name is asked for that is not published',
      world: apiOnly({
        service: found(
          service({
            ports: [
              { name: 'http', port: 80, targetPort: 8080 },
              { name: 'stats', port: 8125, targetPort: 8125, protocol: 'UDP' },
            ],
          }),
        ),
      }),
      flow: toPort('grpc'),
      says: 'Service api publishes http (80), UDP stats (8125), but web uses grpc.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop get service api'],
    },
    {
      when: 'a hard-coded address belongs to no Service any more',
      world: world(ranges),
      flow: toAddress(address),
      says: 'No Service owns 10.96.200.7, although it lies in the range of Service addresses 10.96.0.0/16: web uses an address that was given away or never given.',
      subject: 'Address 10.96.200.7',
      confidence: 'proven',
      blocks: 'service',
      saw: ['No resources found', 'no answer in 4 s'],
      run: ['kubectl get services -A'],
    },
  ],
  silent: [
    { when: 'the port is published', world: world(), outcome: 'clear', because: 'api publishes port 80' },
    {
      when: 'the port is published and does not answer: that is not for this rule',
      world: world({ serviceConnects: [connectService(SILENT)] }),
      flow: toPort(80),
      outcome: 'clear',
    },
    {
      when: 'an address outside the ranges of Services',
      world: world({ ...ranges, backendConnects: [connectAddress('192.0.2.7', 80, SILENT)] }),
      flow: toAddress('192.0.2.7'),
      outcome: 'clear',
    },
    {
      when: 'the ranges could not be read',
      world: world({ ...ranges, serviceCidrs: missing('forbidden') }),
      flow: toAddress(address),
      outcome: 'unsure',
      needs: 'api',
    },
    {
      when: 'a headless Service has no address of its own: its port is not translated',
      world: world({ service: found(service({ clusterIP: 'None' })) }),
      flow: toPort(8080),
      outcome: 'not-applicable',
    },
    {
      when: 'an ExternalName ignores ports',
      world: world({
        service: found(service({ selector: null, spec: { type: 'ExternalName', externalName: 'api.example.com' } })),
      }),
      flow: toPort(8443),
      outcome: 'not-applicable',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});
