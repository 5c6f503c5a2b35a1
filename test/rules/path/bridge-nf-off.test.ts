import rule from '../../../src/rules/path/bridge-nf-off.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, connectService, daemonSet, nodeState, SILENT, world } from '../../support/world.ts';

const stray = { ...connectService(SILENT), strayAnswer: '10.244.2.11' };
const off = nodeState('n2', { bridgeCallsIptables: false });

ruleCases(rule, {
  fires: [
    {
      when: 'a backend on the same node was seen to answer by itself, and the setting is off',
      world: world({ serviceConnects: [connectService(), stray], nodeStates: [off] }),
      says: "api-b on the same node answers web by its own address instead of the Service's (net.bridge.bridge-nf-call-iptables=0 on n2), so the connection is thrown away.",
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'asked 10.96.114.140:80, the SYN-ACK came from 10.244.2.11:8080',
        'n2: net.bridge.bridge-nf-call-iptables is 0',
      ],
    },
    {
      when: 'it was seen, and the node was not looked at',
      world: world({ serviceConnects: [connectService(), stray] }),
      says: "api-b on the same node answers web by its own address instead of the Service's, so the connection is thrown away.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
    },
    {
      when: 'nothing could be captured, and the setting is off',
      world: world({ serviceConnects: [connectService(), connectService(SILENT)], nodeStates: [off] }),
      says: "n2 does not let iptables see what passes its bridge (net.bridge.bridge-nf-call-iptables=0): backends on the same node, such as api-b, answer web by their own address instead of the Service's.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
    },
  ],
  silent: [
    { when: 'the Service address works', world: world({ nodeStates: [off] }), outcome: 'clear' },
    {
      when: 'the setting is on: it came back another way',
      world: world({ serviceConnects: [stray], nodeStates: [nodeState('n2')] }),
      outcome: 'clear',
    },
    {
      when: 'no backend on this node answers',
      world: world({
        serviceConnects: [stray],
        backendConnects: [connect(apiA), connect(apiB, SILENT), connect(apiC)],
        nodeStates: [off],
      }),
      outcome: 'clear',
    },
    {
      when: 'the Service address is lost, and nobody answered in its place',
      world: world({ serviceConnects: [connectService(SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'Cilium serves Services',
      world: world({ serviceConnects: [stray], daemonSets: [daemonSet('cilium')], nodeStates: [off] }),
      outcome: 'not-applicable',
    },
  ],
});
