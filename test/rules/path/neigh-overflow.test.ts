import rule from '../../../src/rules/path/neigh-overflow.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, HOST_UNREACHABLE, nodeState, world } from '../../support/world.ts';

const farIsLost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, HOST_UNREACHABLE)] };
const table = (entries: number, overflows: number) =>
  nodeState('n3', { neighbours: { entries, most: 1024, overflows } });

ruleCases(rule, {
  fires: [
    {
      when: 'more are refused while we look',
      world: world({ ...farIsLost, nodeStates: [table(1024, 80)], nodeStatesAfter: [table(1024, 83)] }),
      says: "n3's table of neighbours is full (1024 of 1024 entries, 3 new ones refused while we looked): it reaches no address that is not in it already.",
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: 1024 of 1024 neighbours, 83 refused so far'],
      run: [
        'sysctl -w net.ipv4.neigh.default.gc_thresh1=1024 net.ipv4.neigh.default.gc_thresh2=2048 net.ipv4.neigh.default.gc_thresh3=4096',
      ],
    },
    {
      when: 'it is full, and some were refused before',
      world: world({ ...farIsLost, nodeStates: [table(1020, 80)] }),
      says: "n3's table of neighbours is full (1020 of 1024 entries): it reaches no address that is not in it already.",
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'some were refused once, and there is room',
      world: world({ ...farIsLost, nodeStates: [table(300, 80)] }),
      outcome: 'clear',
    },
    {
      when: 'it is full and nothing was refused',
      world: world({ ...farIsLost, nodeStates: [table(1024, 0)] }),
      outcome: 'clear',
    },
    { when: 'everything answers', world: world({ nodeStates: [table(1024, 80)] }), outcome: 'clear' },
    {
      when: 'the limit could not be read',
      world: world({ ...farIsLost, nodeStates: [nodeState('n3', { neighbours: null })] }),
      outcome: 'clear',
    },
  ],
});
