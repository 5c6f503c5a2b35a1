import rule from '../../../src/rules/path/listen-overflow.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { acceptQueue, apiA, apiB, apiC, connect, MUTE, manyConnects, SILENT, world } from '../../support/world.ts';

const cSilent = [connect(apiA), connect(apiB), connect(apiC, SILENT)];
const FULL = {
  queued: 10,
  before: { overflows: 6, drops: 6 },
  after: { overflows: 12, drops: 12 },
  inside: { tried: 3, connected: 0 },
};

ruleCases(rule, {
  fires: [
    {
      when: 'nobody is let in, not even from inside',
      world: world({ backendConnects: cSilent, acceptQueues: [acceptQueue('api-c', FULL)] }),
      says: 'The accept queue of api-c port 8080 is full (10 wait, at most 9 may): its application does not accept connections fast enough, and new ones are dropped.',
      subject: 'Pod shop/api-c',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        '10.244.3.11:8080: no answer in 4 s',
        '10 wait for accept, at most 9 may; 6 dropped meanwhile; 0 of 3 connect from inside',
      ],
      run: ['kubectl -n shop scale deployment api --replicas=4'],
    },
    {
      when: 'some get in: the counter rose, and from inside all of them came through',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC)],
        manyConnects: [manyConnects(apiC, { late: 6 })],
        acceptQueues: [acceptQueue('api-c', { queued: 9, after: { overflows: 2, drops: 2 } })],
      }),
      says: 'The accept queue of api-c port 8080 is full (9 wait, at most 9 may): its application does not accept connections fast enough, and new ones are dropped.',
      subject: 'Pod shop/api-c',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['14 of 20 connect at once, 6 after a SYN was sent again; 20 of 20 pings answered'],
    },
  ],
  silent: [
    {
      when: 'connections are lost, and nobody looked inside',
      world: world({ manyConnects: [manyConnects(apiC, { late: 6 })] }),
      outcome: 'unsure',
      needs: 'backend',
      because: 'api-c loses 6 of 20 connections and no ping: its accept queue is only visible inside it',
    },
    {
      when: 'pings are lost as well: that is packet-loss',
      world: world({ manyConnects: [manyConnects(apiC, { late: 6, ping: 14 })] }),
      outcome: 'clear',
    },
    {
      when: 'the queue has room: the packets are lost elsewhere',
      world: world({ backendConnects: cSilent, acceptQueues: [acceptQueue('api-c')] }),
      outcome: 'clear',
      because: 'no accept queue of the backends is full',
    },
    {
      when: 'the first connection stood and nobody spoke: that is app-hung, whose queue we have filled',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, MUTE)],
        acceptQueues: [acceptQueue('api-c', FULL)],
      }),
      outcome: 'clear',
    },
    {
      when: 'nothing listens on the port',
      world: world({ backendConnects: cSilent, acceptQueues: [acceptQueue('api-c', { queued: null, backlog: null })] }),
      outcome: 'clear',
    },
  ],
});
