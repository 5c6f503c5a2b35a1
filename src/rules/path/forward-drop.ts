import { found } from '../../evidence/collected.ts';
import type { ForwardChain } from '../../evidence/readings.ts';
import { defineRule, type Fault, faults } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'forward-drop',
  rung: 'P',
  title: "A node's firewall drops what it should forward",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: [],
  lookAlikes: ['ip-forward-off', 'netpol-default-deny-egress', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: ['underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects }, { reach }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const isOwn = state.node === own;
      const lost = lostAt(backendConnects, state.node, own);
      const [drop] = state.forward.flatMap(droppedBy);
      if (drop === undefined || state.forwards === false || (lost.length === 0 && reach.name !== 'fails')) return [];
      const stopsName = isOwn && reach.name === 'fails';
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} drops forwarded packets in its chain FORWARD (${drop.what}, ${drop.packets} packets so far): ${isOwn ? 'what its Pods send to others' : 'what others send to its Pods'} is lost there.`,
          confidence: 'likely',
          blocks: stopsName ? 'name' : 'path',
          ...(lost.length > 0 && !stopsName ? { addresses: lost.map(({ address }) => address) } : {}),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- iptables -nvL FORWARD`,
              saw: `${state.node}: ${drop.rule}, ${drop.packets} packets`,
            },
            ...lostProof(lost),
          ],
          ruledOut: [{ id: 'ip-forward-off', because: `net.ipv4.ip_forward is on at ${state.node}` }],
          fix: [
            {
              say: `On ${state.node}, let Pods through, or set the policy back; find out who set it (Docker, ufw, firewalld)`,
              run: drop.isPolicy
                ? `iptables-${drop.variant} -P FORWARD ACCEPT`
                : `iptables-${drop.variant} ${drop.rule.replace('-A FORWARD', '-D FORWARD')}`,
            },
          ],
        },
      ];
    });
    return faults(all, 'no FORWARD chain of the nodes on the path has dropped a packet');
  },
});

interface Drop {
  readonly variant: ForwardChain['variant'];
  readonly what: string;
  readonly rule: string;
  readonly packets: number;
  readonly isPolicy: boolean;
}

/** What has dropped packets already; a policy or a rule that never met one is in nobody's way. */
function droppedBy({ variant, defaultAction, policyPackets, drops }: ForwardChain): readonly Drop[] {
  return [
    ...(defaultAction === 'DROP' && policyPackets > 0
      ? [{ variant, what: 'its policy is DROP', rule: ':FORWARD DROP', packets: policyPackets, isPolicy: true }]
      : []),
    ...drops
      .filter(({ packets }) => packets > 0)
      .map(({ rule, packets }) => ({ variant, what: rule, rule, packets, isPolicy: false })),
  ];
}
