import { proxyReplacement } from '../../derive/data-plane.ts';
import { type Dropping, droppings, stillLost } from '../../derive/node-counters.ts';
import { found } from '../../evidence/collected.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import { defineRule, type Fault, faults } from '../rule.ts';
import { lostAt, lostProof, movedProof, undoDrop } from '../support/nodes.ts';

export default defineRule({
  id: 'forward-drop',
  rung: 'P',
  title: "A node's firewall drops what it should forward",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['lostAgain', 'nodeStatesAfter'],
  lookAlikes: ['ip-forward-off', 'netpol-default-deny-egress', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: ['underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects, lostAgain, nodeStatesAfter }, { reach }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const isOwn = state.node === own;
      const lost = lostAt(backendConnects, state.node, own);
      const again = stillLost(lost, lostAgain);
      const drop = inTheWay(droppings(nodeStates, nodeStatesAfter, { node: state.node, hook: 'forward' }), lost, again);
      if (drop === undefined || state.forwards === false || (lost.length === 0 && reach.name !== 'fails')) return [];
      // Where packets may pass by eBPF, a counter of iptables is believed only when it moved with ours.
      if (drop.moved === null && proxyReplacement(null, state) !== null) return [];
      const stopsName = isOwn && reach.name === 'fails';
      const isProven = drop.moved !== null && drop.moved >= Math.max(1, again.length) && again.length > 0;
      const what = drop.isPolicy ? 'its policy is DROP' : drop.rule;
      const count = isProven
        ? `${drop.moved} packets while the lost connections were tried again`
        : drop.packets === null
          ? 'it does not count'
          : `${drop.packets} packets so far`;
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} drops forwarded packets in its chain ${chainOf(drop)} (${what}, ${count}): ${isOwn ? 'what its Pods send to others' : 'what others send to its Pods'} is lost there.`,
          confidence: isProven ? 'proven' : 'likely',
          blocks: stopsName ? 'name' : 'path',
          ...(lost.length > 0 && !stopsName ? { addresses: lost.map(({ address }) => address) } : {}),
          evidence: [movedProof(state, drop), ...lostProof(lost)],
          ruledOut: [{ id: 'ip-forward-off', because: `net.ipv4.ip_forward is on at ${state.node}` }],
          fix: [
            {
              say: `On ${state.node}, let Pods through, or set the policy back; find out who set it (Docker, ufw, firewalld)`,
              ...undoDrop(drop),
            },
          ],
        },
      ];
    });
    return faults(all, 'no FORWARD chain of the nodes on the path has dropped a packet');
  },
});

/**
 * The drop that met our packets. Once the counters were read twice, one that stood still while a packet was lost is in nobody's way; before
 * that, one that has met packets is suspect. A rule that does not count is only believed where somebody said "prohibited" by ICMP.
 */
function inTheWay(
  drops: readonly Dropping[],
  lost: readonly ConnectReading[],
  again: readonly ConnectReading[],
): Dropping | undefined {
  const moved = drops.filter((drop) => drop.moved !== null && again.length > 0);
  const [most] = moved.filter(({ moved: by }) => (by ?? 0) > 0).sort((a, b) => (b.moved ?? 0) - (a.moved ?? 0));
  if (most !== undefined) return most;
  const prohibited = lost.some(
    ({ refusal }) => refusal?.kind === 'icmp' && refusal.type === 3 && [9, 10, 13].includes(refusal.code),
  );
  return drops.find((drop) =>
    drop.packets === null ? prohibited && drop.rule.includes('reject') : !moved.includes(drop) && drop.packets > 0,
  );
}

const chainOf = ({ table, where }: Dropping): string =>
  table === 'nftables' ? where.replace('nftables ', '').split(' ').slice(-1).join('') : 'FORWARD';
