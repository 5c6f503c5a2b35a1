import rule from '../../../src/rules/endpoints/protocol-mismatch.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiOnly, connectService, flow, found, NOT_FOUND, SILENT, service, world } from '../../support/world.ts';

const udp = (name?: string) =>
  found(service({ ports: [{ port: 80, targetPort: 8080, protocol: 'UDP', ...(name === undefined ? {} : { name }) }] }));

ruleCases(rule, {
  fires: [
    {
      when: 'a URL meets a UDP port',
      world: world({ service: udp(), serviceConnects: [connectService(SILENT)] }),
      flow: flow({ scheme: 'http' }),
      says: 'Service api publishes port 80 for UDP, but web connects with TCP.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['spec.ports[0]: port 80, protocol UDP', 'api 10.96.114.140:80: no answer in 4 s'],
      run: [
        `kubectl -n shop patch service api --type=json -p '[{"op":"replace","path":"/spec/ports/0/protocol","value":"TCP"}]'`,
      ],
    },
    {
      when: 'the port has a name, and only objects were read',
      world: apiOnly({ service: udp('feed') }),
      flow: flow({ protocol: 'TCP', port: 'feed' }),
      says: 'Service api publishes port feed (80) for UDP, but web connects with TCP.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: [
        `kubectl -n shop patch service api --type=json -p '[{"op":"add","path":"/spec/ports/-","value":{"name":"feed-tcp","port":80,"protocol":"TCP","targetPort":8080}}]'`,
      ],
    },
  ],
  silent: [
    {
      when: 'both protocols have the number',
      world: world({
        service: found(
          service({
            ports: [
              { name: 'dns', port: 53, protocol: 'UDP' },
              { name: 'dns-tcp', port: 53, protocol: 'TCP' },
            ],
          }),
        ),
      }),
      flow: flow({ port: 53, protocol: 'TCP' }),
      outcome: 'clear',
    },
    {
      when: 'nobody said which protocol the client uses',
      world: world({ service: udp() }),
      outcome: 'not-applicable',
    },
    {
      when: 'no protocol has the number',
      world: world(),
      flow: flow({ port: 8080, protocol: 'TCP' }),
      outcome: 'clear',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Service is headless',
      world: world({ service: found(service({ clusterIP: 'None' })) }),
      flow: flow({ protocol: 'UDP' }),
      outcome: 'not-applicable',
    },
  ],
});
