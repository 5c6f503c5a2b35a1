import rule from '../../../src/rules/path/forward-drop.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, HOST_UNREACHABLE, nodeState, REFUSED, SILENT, world } from '../../support/world.ts';

const farIsLost = [connect(apiA), connect(apiB), connect(apiC, SILENT)];
const chain = (defaultAction: string, policyPackets: number, drops: { rule: string; packets: number }[] = []) => ({
  forward: [{ variant: 'nft' as const, defaultAction, policyPackets, drops }],
});

const nft = (packets: number | null, rule = 'tcp dport 8080 counter drop') => ({
  nftables: [
    {
      table: 'inet firewall',
      chain: 'through',
      hook: 'forward' as const,
      defaultAction: 'accept',
      drops: [{ rule, packets }],
    },
  ],
});
const prohibited = {
  ...HOST_UNREACHABLE,
  refusal: { kind: 'icmp', from: '10.244.3.0', ttl: 63, type: 3, code: 13 },
} as const;

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
    {
      when: 'its counter moves while the connection is tried again',
      world: world({
        backendConnects: farIsLost,
        nodeStates: [nodeState('n3', chain('DROP', 17))],
        lostAgain: [connect(apiC, SILENT)],
        nodeStatesAfter: [nodeState('n3', chain('DROP', 18))],
      }),
      says: 'n3 drops forwarded packets in its chain FORWARD (its policy is DROP, 1 packets while the lost connections were tried again): what others send to its Pods is lost there.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: :FORWARD DROP, 17 packets, then 18'],
    },
    {
      when: 'a chain of nftables counts it',
      world: world({
        backendConnects: farIsLost,
        nodeStates: [nodeState('n3', nft(4))],
        lostAgain: [connect(apiC, SILENT)],
        nodeStatesAfter: [nodeState('n3', nft(5))],
      }),
      says: 'n3 drops forwarded packets in its chain through (tcp dport 8080 counter drop, 1 packets while the lost connections were tried again): what others send to its Pods is lost there.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      run: ['nft -a list table inet firewall'],
    },
    {
      when: 'a rule of nftables rejects without counting, and ICMP says so',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, prohibited)],
        nodeStates: [nodeState('n3', nft(null, 'reject with icmpx admin-prohibited'))],
      }),
      says: 'n3 drops forwarded packets in its chain through (reject with icmpx admin-prohibited, it does not count): what others send to its Pods is lost there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'its counter stands still while the packet is lost',
      world: world({
        backendConnects: farIsLost,
        nodeStates: [nodeState('n3', chain('DROP', 17))],
        lostAgain: [connect(apiC, SILENT)],
        nodeStatesAfter: [nodeState('n3', chain('DROP', 17))],
      }),
      outcome: 'clear',
    },
    {
      when: 'packets may pass by eBPF, and nobody looked twice',
      world: world({
        backendConnects: farIsLost,
        nodeStates: [nodeState('n3', { ...chain('DROP', 17), marks: ['cilium_host'] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'a rule of nftables drops without counting: nobody knows what',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n3', nft(null))] }),
      outcome: 'clear',
    },
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
