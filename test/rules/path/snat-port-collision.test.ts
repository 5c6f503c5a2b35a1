import rule from '../../../src/rules/path/snat-port-collision.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { connectAddress, nodeState, SILENT, tracked, world } from '../../support/world.ts';

const OUT = '198.51.100.10';
const lost = { backendConnects: [connectAddress(OUT, 80, SILENT)] };
const failed = (insertFailed: number) =>
  nodeState('n2', { drops: { tableFull: 0, insertFailed, invalid: 0, reversePath: 0 } });

ruleCases(rule, {
  fires: [
    {
      when: 'an attempt could not be entered while the connection was tried again',
      world: world({
        ...lost,
        nodeStates: [failed(7)],
        lostAgain: [connectAddress(OUT, 80, SILENT)],
        nodeStatesAfter: [failed(9)],
      }),
      says: 'n2 finds no free port to masquerade a connection to 198.51.100.10:80: 2 attempts could not be entered into its table while the lost connection was tried again.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'path',
      addresses: [OUT],
      saw: ['n2: insert_failed 7, then 9, and no entry for this connection'],
    },
    {
      when: 'an older connection to the same address was answered',
      world: world({
        ...lost,
        nodeStates: [{ ...failed(7), flows: [tracked({ destination: OUT, destinationPort: 80, isReplied: true })] }],
      }),
      says: 'n2 finds no free port to masquerade a connection to 198.51.100.10:80: 7 attempts could not be entered into its table so far.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: [OUT],
    },
    {
      when: 'some could not be entered before, and nobody looked again',
      world: world({ ...lost, nodeStates: [failed(7)] }),
      says: 'n2 finds no free port to masquerade a connection to 198.51.100.10:80: 7 attempts could not be entered into its table so far.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: [OUT],
    },
  ],
  silent: [
    {
      when: 'the counter stands still',
      world: world({
        ...lost,
        nodeStates: [failed(7)],
        lostAgain: [connectAddress(OUT, 80, SILENT)],
        nodeStatesAfter: [failed(7)],
      }),
      outcome: 'clear',
    },
    {
      when: 'the connection was entered',
      world: world({
        ...lost,
        nodeStates: [{ ...failed(7), flows: [tracked({ destination: OUT, destinationPort: 80 })] }],
      }),
      outcome: 'clear',
    },
    { when: 'nothing outside was lost', world: world({ nodeStates: [failed(7)] }), outcome: 'clear' },
    {
      when: 'the counters of the node could not be read',
      world: world({ ...lost, nodeStates: [nodeState('n2', { drops: null })] }),
      outcome: 'not-applicable',
    },
  ],
});
