import rule from '../../../src/rules/path/forward-drop.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, nodeState, REFUSED, SILENT, world } from '../../support/world.ts';

const farIsLost = [connect(apiA), connect(apiB), connect(apiC, SILENT)];
const chain = (defaultAction: string, policyPackets: number, drops: { rule: string; packets: number }[] = []) => ({
  forward: [{ variant: 'nft' as const, defaultAction, policyPackets, drops }],
});

ruleCases(rule, {
  fires: [
    {
      when: 'its policy is DROP and has met packets',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), nodeState('n3', chain('DROP', 17))] }),
      says: 'n3 drops forwarded packets in its chain FORWARD (its policy is DROP, 17 packets so far): what others send to its Pods is lost there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: :FORWARD DROP, 17 packets'],
      run: ['iptables-nft -P FORWARD ACCEPT'],
    },
    {
      when: 'a rule rejects',
      world: world({
        backendConnects: [connect(apiA, SILENT), connect(apiB), connect(apiC, SILENT)],
        nodeStates: [
          nodeState('n2', chain('ACCEPT', 900, [{ rule: '-A FORWARD -s 10.244.0.0/16 -j REJECT', packets: 4 }])),
        ],
      }),
      says: 'n2 drops forwarded packets in its chain FORWARD (-A FORWARD -s 10.244.0.0/16 -j REJECT, 4 packets so far): what its Pods send to others is lost there.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.3.11'],
      run: ['iptables-nft -D FORWARD -s 10.244.0.0/16 -j REJECT'],
    },
  ],
  silent: [
    {
      when: 'the policy is DROP and no packet met it: rules before it let Pods through',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n3', chain('DROP', 0))] }),
      outcome: 'clear',
    },
    {
      when: 'the backends of that node answer',
      world: world({ nodeStates: [nodeState('n3', chain('DROP', 17))] }),
      outcome: 'clear',
    },
    {
      when: 'the backend itself refuses',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, REFUSED)],
        nodeStates: [nodeState('n3', chain('DROP', 17))],
      }),
      outcome: 'clear',
    },
    {
      when: 'the kernel does not forward at all',
      world: world({
        backendConnects: farIsLost,
        nodeStates: [nodeState('n3', { ...chain('DROP', 17), forwards: false })],
      }),
      outcome: 'clear',
    },
  ],
});
