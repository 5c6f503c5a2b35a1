import rule from '../../../src/rules/path/route-return-missing.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, found, nodeState, pod, routeTo, SILENT, world } from '../../support/world.ts';

const farIsLost = [connect(apiA), connect(apiB), connect(apiC, SILENT)];
const back = (device: string | null) => nodeState('n3', { routes: [routeTo('10.244.2.10', device)] });
const astray = nodeState('n2', { routes: [routeTo('10.244.1.11', 'vxlan0'), routeTo('10.244.3.11', 'eth0')] });

ruleCases(rule, {
  fires: [
    {
      when: 'the kernel there has none',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), back(null)] }),
      says: 'n3 has no route back to web (10.244.2.10): packets get to its Pods, their replies are lost.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: route to 10.244.2.10: RTNETLINK answers: Network is unreachable'],
    },
    {
      when: 'the default route takes the replies',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), back('eth0')] }),
      says: 'n3 sends replies for web (10.244.2.10) out by eth0, while requests come by vxlan0: its route back is missing.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'the route back is the usual one',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), back('vxlan0')] }),
      outcome: 'clear',
    },
    {
      when: 'the way there is missing already: that is route-missing',
      world: world({ backendConnects: farIsLost, nodeStates: [astray, back('vxlan0')] }),
      outcome: 'clear',
    },
    {
      when: 'its backends answer',
      world: world({ nodeStates: [nodeState('n2'), back('eth0')] }),
      outcome: 'clear',
    },
    {
      when: 'the source Pod is on no node',
      world: world({ sourcePod: found(pod({ name: 'web', node: null })), nodeStates: [back(null)] }),
      outcome: 'not-applicable',
    },
  ],
});
