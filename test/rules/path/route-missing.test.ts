import rule from '../../../src/rules/path/route-missing.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, HOST_UNREACHABLE, nodeState, routeTo, SILENT, world } from '../../support/world.ts';

const farIsLost = [connect(apiA), connect(apiB), connect(apiC, SILENT)];
const routes = (toC: string | null, toA = 'vxlan0') => ({
  routes: [routeTo('10.244.1.11', toA), routeTo('10.244.2.11', 'cni0'), routeTo('10.244.3.11', toC)],
});

ruleCases(rule, {
  fires: [
    {
      when: 'the kernel has none',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, HOST_UNREACHABLE)],
        nodeStates: [nodeState('n2', routes(null))],
      }),
      says: 'n2 has no route to Pods on n3 (10.244.3.11).',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n2: route to 10.244.3.11: RTNETLINK answers: Network is unreachable'],
    },
    {
      when: 'the default route takes the packets',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2', routes('eth0')), nodeState('n3')] }),
      says: 'n2 sends packets for Pods on n3 out by eth0, and those for other nodes by vxlan0: its route to them is missing.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'the route is the usual one: what was sent is lost between the nodes',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), nodeState('n3')] }),
      outcome: 'clear',
    },
    {
      when: 'no backend on another node answers, so nothing shows which device is right',
      world: world({
        backendConnects: [connect(apiA, SILENT), connect(apiB), connect(apiC, SILENT)],
        nodeStates: [nodeState('n2', routes('eth0'))],
      }),
      outcome: 'clear',
    },
    {
      when: 'only the other node was looked at',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n3')] }),
      outcome: 'not-applicable',
    },
  ],
});
