import rule from '../../../src/rules/path/app-wrong-family.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  apiA,
  apiB,
  apiC,
  connect,
  flow,
  found,
  listener,
  pod,
  REFUSED,
  reset,
  SILENT,
  world,
} from '../../support/world.ts';

const cRefuses = [connect(apiA), connect(apiB), connect(apiC, reset('10.244.3.11'))];
const six = pod({ name: 'db', node: 'n3', ip: 'fd00:244:3::5' });

ruleCases(rule, {
  fires: [
    {
      when: 'one of three takes IPv6 only',
      world: world({ backendConnects: cRefuses, listeners: { 'api-c': [listener('::', 8080)] } }),
      says: 'api-c listens on IPv6 only ([::]:8080); IPv4 clients are refused at 10.244.3.11:8080.',
      subject: 'Pod shop/api-c',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['api-c listens on [::]:8080'],
      run: ['kubectl -n shop edit deployment api'],
    },
    {
      when: 'it takes IPv4 only, and is asked with IPv6',
      world: world({
        service: ABSENT,
        endpoints: ABSENT,
        destinationPod: found(six),
        backendConnects: [connect(six, REFUSED)],
        listeners: { db: [listener('0.0.0.0', 8080), listener('127.0.0.1', 8080)] },
      }),
      flow: flow({ destination: { kind: 'Pod', namespace: 'shop', name: 'db' }, typed: 'pod/db', dnsName: null }),
      says: 'db listens on IPv4 only (0.0.0.0:8080); IPv6 clients are refused at [fd00:244:3::5]:8080.',
      subject: 'Pod shop/db',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['fd00:244:3::5'],
    },
  ],
  silent: [
    {
      when: 'it takes both families',
      world: world({ backendConnects: cRefuses, listeners: { 'api-c': [listener('*', 8080)] } }),
      outcome: 'clear',
    },
    {
      when: 'it listens on loopback: that is app-loopback-only',
      world: world({ backendConnects: cRefuses, listeners: { 'api-c': [listener('::1', 8080)] } }),
      outcome: 'clear',
    },
    {
      when: 'it has a socket of the right family as well',
      world: world({
        backendConnects: cRefuses,
        listeners: { 'api-c': [listener('::', 8080), listener('10.244.3.11', 8080)] },
      }),
      outcome: 'clear',
    },
    {
      when: 'the sockets were read from /proc, which does not tell IPv6 only from both',
      world: world({
        backendConnects: cRefuses,
        listeners: { 'api-c': [{ address: '::', port: 8080, queued: 0, backlog: 0 }] },
      }),
      outcome: 'clear',
    },
    {
      when: 'nothing comes back',
      world: world({ backendConnects: [connect(apiC, SILENT)], listeners: {} }),
      outcome: 'clear',
      because: 'no backend refuses the connection',
    },
  ],
});
