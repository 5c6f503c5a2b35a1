import rule from '../../../src/rules/path/client-port-exhaustion.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiC, connect, connectService, podNetwork, SILENT, world } from '../../support/world.ts';

const NONE = {
  outcome: { kind: 'failed', text: 'Cannot assign requested address' },
  exchange: { kind: 'none' },
} as const;
const MUSL = { outcome: { kind: 'failed', text: 'Address not available' }, exchange: { kind: 'none' } } as const;
const DENIED = { outcome: { kind: 'failed', text: 'Operation not permitted' }, exchange: { kind: 'none' } } as const;

ruleCases(rule, {
  fires: [
    {
      when: 'all ports towards the Service are in use',
      world: world({
        serviceConnects: [connectService(NONE), connectService(NONE)],
        podNetwork: podNetwork({
          ports: { first: 40_000, last: 40_063, used: [{ to: '10.96.114.140:80', sockets: 64 }] },
        }),
      }),
      says: 'web has no source port left towards 10.96.114.140:80: 64 of 64 are in use there.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        '10.96.114.140:80: Cannot assign requested address, at once and without a packet',
        'ports 40000 to 40063 may be used; 64 sockets towards 10.96.114.140:80',
      ],
    },
    {
      when: 'towards one backend, and nobody counted',
      world: world({ backendConnects: [connect(apiC, MUSL)] }),
      says: 'web has no source port left towards 10.244.3.11:8080.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    { when: 'every connection got a port', world: world(), outcome: 'clear' },
    {
      when: 'packets leave and are lost: that is snat-port-collision, or a policy',
      world: world({ serviceConnects: [connectService(SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'the Pod itself forbids it (EPERM)',
      world: world({ serviceConnects: [connectService(DENIED)] }),
      outcome: 'clear',
    },
  ],
});
