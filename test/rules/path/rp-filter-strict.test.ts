import rule from '../../../src/rules/path/rp-filter-strict.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, nodeState, overlay, routeTo, SILENT, world } from '../../support/world.ts';

const lost = connect(apiC, SILENT);
const farIsLost = { backendConnects: [connect(apiA), connect(apiB), lost] };
const strict = (reversePath: number, mode = 1) =>
  nodeState('n3', {
    routes: [routeTo('10.244.2.10', 'eth1')],
    overlays: [overlay('n3')],
    reversePath: [{ device: 'all', mode }],
    drops: { tableFull: 0, insertFailed: 0, invalid: 0, reversePath },
  });

ruleCases(rule, {
  fires: [
    {
      when: 'the counter moves while the connection is tried again',
      world: world({ ...farIsLost, nodeStates: [strict(9)], lostAgain: [lost], nodeStatesAfter: [strict(10)] }),
      says: 'n3 drops packets of web that come in by vxlan0, because its route back to 10.244.2.10 goes by eth1 and its reverse path filter is strict (rp_filter=1).',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: 1 packets failed the reverse path filter while the lost connections were tried again'],
    },
    {
      when: 'it has moved before, and nobody looked again',
      world: world({ ...farIsLost, nodeStates: [strict(9)] }),
      says: 'n3 drops packets of web that come in by vxlan0, because its route back to 10.244.2.10 goes by eth1 and its reverse path filter is strict (rp_filter=1).',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'the counter stands still',
      world: world({ ...farIsLost, nodeStates: [strict(9)], lostAgain: [lost], nodeStatesAfter: [strict(9)] }),
      outcome: 'clear',
    },
    { when: 'the filter is loose', world: world({ ...farIsLost, nodeStates: [strict(9, 2)] }), outcome: 'clear' },
    {
      when: 'it would answer by the overlay',
      world: world({
        ...farIsLost,
        nodeStates: [
          {
            ...strict(9),
            routes: [routeTo('10.244.2.10', 'vxlan0')],
            reversePath: [{ device: 'vxlan0', mode: 1 }],
          },
        ],
      }),
      outcome: 'clear',
    },
    { when: 'the backends of that node answer', world: world({ nodeStates: [strict(9)] }), outcome: 'clear' },
  ],
});
