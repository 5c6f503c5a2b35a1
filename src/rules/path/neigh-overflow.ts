import { nodeState } from '../../derive/node-states.ts';
import { found } from '../../evidence/collected.ts';
import { defineRule, type Fault, faults } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

/** The kernel takes no new neighbour at the limit, and clears old ones in the background shortly below. */
const FULL = 0.98;

export default defineRule({
  id: 'neigh-overflow',
  rung: 'P',
  title: "A node's table of neighbours is full",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['nodeStatesAfter'],
  lookAlikes: ['endpointslice-stale', 'vxlan-vtep-stale', 'conntrack-full'],
  explains: ['underlay-blocked', 'vxlan-vtep-stale'],
  judge({ sourcePod, nodeStates, backendConnects, nodeStatesAfter }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const { neighbours } = state;
      const lost = lostAt(backendConnects, state.node, own);
      if (neighbours === null || lost.length === 0 || neighbours.most <= 0) return [];
      const later = nodeState(nodeStatesAfter, state.node)?.neighbours ?? null;
      const moved = later === null ? 0 : Math.max(0, later.overflows - neighbours.overflows);
      const isFull = neighbours.entries >= neighbours.most * FULL;
      if (moved === 0 && !(isFull && neighbours.overflows > 0)) return [];
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node}'s table of neighbours is full (${neighbours.entries} of ${neighbours.most} entries${moved > 0 ? `, ${moved} new ones refused while we looked` : ''}): it reaches no address that is not in it already.`,
          confidence: moved > 0 ? 'proven' : 'likely',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- sh -c 'ip neigh | wc -l; sysctl net.ipv4.neigh.default.gc_thresh3; cat /proc/net/stat/arp_cache'`,
              saw: `${state.node}: ${neighbours.entries} of ${neighbours.most} neighbours, ${neighbours.overflows + moved} refused so far`,
            },
            ...lostProof(lost),
          ],
          fix: [
            {
              say: `On ${state.node}, raise the three limits, and keep them across reboots`,
              run: `sysctl -w net.ipv4.neigh.default.gc_thresh1=${neighbours.most} net.ipv4.neigh.default.gc_thresh2=${neighbours.most * 2} net.ipv4.neigh.default.gc_thresh3=${neighbours.most * 4}`,
            },
          ],
        },
      ];
    });
    return faults(all, 'there is room in the tables of neighbours of the nodes on the path');
  },
});
