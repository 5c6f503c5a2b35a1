import rule from '../../../src/rules/path/masquerade-wrong.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { CONNECTED, connectAddress, nodeState, REFUSED, SILENT, tracked, world } from '../../support/world.ts';

const OUT = '198.51.100.10';
const lost = { backendConnects: [connectAddress(OUT, 80, SILENT)] };
const bare = tracked({ destination: OUT, destinationPort: 80, answersFrom: OUT, answersTo: '10.244.2.10' });
const masked = { ...bare, answersTo: '172.18.0.12' };
const state = nodeState('n2', { flows: [bare] });

ruleCases(rule, {
  fires: [
    {
      when: "the connection expects answers at the Pod's address, and the node itself is answered",
      world: world({ ...lost, nodeStates: [state], fromNode: [connectAddress(OUT, 80, CONNECTED)] }),
      says: "n2 sends packets of web to 198.51.100.10:80 out with the Pod's address 10.244.2.10, no rule masquerades them: replies do not find back, while the node itself is answered.",
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'path',
      addresses: [OUT],
      saw: [
        'n2: connection to 198.51.100.10:80 expects its answers at 10.244.2.10, and has none',
        'n2 itself: 198.51.100.10 198.51.100.10:80: connected in 0.8 ms',
      ],
    },
    {
      when: 'the node itself was not tried',
      world: world({ ...lost, nodeStates: [state] }),
      says: "n2 sends packets of web to 198.51.100.10:80 out with the Pod's address 10.244.2.10, no rule masquerades them: replies do not find back.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: [OUT],
    },
  ],
  silent: [
    {
      when: 'it is masqueraded, and lost further out',
      world: world({ ...lost, nodeStates: [nodeState('n2', { flows: [masked] })] }),
      outcome: 'clear',
    },
    {
      when: 'the node itself gets no answer either: filtered on the way',
      world: world({ ...lost, nodeStates: [state], fromNode: [connectAddress(OUT, 80, SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'there is an answer, a refusal',
      world: world({ backendConnects: [connectAddress(OUT, 80, REFUSED)], nodeStates: [state] }),
      outcome: 'clear',
    },
    {
      when: 'no connection was entered',
      world: world({ ...lost, nodeStates: [nodeState('n2')] }),
      outcome: 'clear',
    },
    { when: 'the destination is a Service', world: world({ nodeStates: [state] }), outcome: 'not-applicable' },
  ],
});
