import rule from '../../../src/rules/path/packet-loss.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { acceptQueue, apiA, apiB, apiC, apiPod, manyConnects, world } from '../../support/world.ts';

const besideC = apiPod('a', { name: 'api-d', node: 'n3', ip: '10.244.3.12' });

ruleCases(rule, {
  fires: [
    {
      when: 'a third of the connections to one node loses a packet, elsewhere none',
      world: world({
        manyConnects: [manyConnects(apiA), manyConnects(apiB), manyConnects(apiC, { late: 5, lost: 1, ping: 14 })],
      }),
      says: 'Packets are lost between n2 and n3: 6 of 20 connections there lost one, and 6 of 20 pings; elsewhere none.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'api-c 10.244.3.11:8080: 14 of 20 connect at once, 5 after a SYN was sent again, 1 not at all; 14 of 20 pings answered',
        '6 of 20: between 15 % and 52 % of all connections, 95 times in 100',
        'own gateway: 20 of 20 pings answered',
      ],
    },
    {
      when: 'another Pod of the same node loses nothing: a bandwidth limit of this one',
      world: world({ manyConnects: [manyConnects(besideC), manyConnects(apiC, { late: 6, ping: 15 })] }),
      says: 'Packets are lost between web and api-c: 6 of 20 connections there lost one, and 5 of 20 pings.',
      subject: 'Pod api-c',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'nobody answers pings: an accept queue may be full as well',
      world: world({ manyConnects: [manyConnects(apiC, { late: 6, ping: 0 })] }),
      says: 'Packets are lost between n2 and n3: 6 of 20 connections there lost one.',
      subject: 'Node n3',
      confidence: 'possible',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'no connection waits',
      world: world({ manyConnects: [manyConnects(apiC)] }),
      outcome: 'clear',
      because: 'connections are made at once, or never',
    },
    {
      when: 'one of twenty waited: that is no pattern',
      world: world({ manyConnects: [manyConnects(apiC, { late: 1, ping: 19 })] }),
      outcome: 'clear',
    },
    {
      when: 'pings are not lost: that is listen-overflow',
      world: world({ manyConnects: [manyConnects(apiC, { late: 6 })] }),
      outcome: 'clear',
      because: 'pings to the same Pods are not lost',
    },
    {
      when: 'the accept queue is full, and nobody answers pings',
      world: world({
        manyConnects: [manyConnects(apiC, { late: 6, ping: null })],
        acceptQueues: [acceptQueue('api-c', { queued: 10 })],
      }),
      outcome: 'clear',
    },
    {
      when: 'nothing gets through at all',
      world: world({ manyConnects: [manyConnects(apiC, { lost: 20, ping: 0 })] }),
      outcome: 'clear',
    },
    {
      when: 'the machine is busy: some connections are slow, and no SYN was sent again',
      world: world({ manyConnects: [{ ...manyConnects(apiC, { late: 6, ping: 15 }), synRetransmits: 0 }] }),
      outcome: 'clear',
    },
    {
      when: 'the machine is busy: every connection is slow',
      world: world({ manyConnects: [manyConnects(apiC, { late: 6, ms: 600, ping: 15 })] }),
      outcome: 'clear',
    },
  ],
});
