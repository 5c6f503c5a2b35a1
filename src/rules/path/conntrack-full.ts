import { works } from '../../derive/connects.ts';
import { dropsBetween } from '../../derive/node-counters.ts';
import { found } from '../../evidence/collected.ts';
import { defineRule, type Fault, faults } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

/** From here on new connections push out old ones or are dropped: entries come and go while they are counted. */
const FULL = 0.95;

export default defineRule({
  id: 'conntrack-full',
  rung: 'P',
  title: "A node's connection table is full",
  needs: ['sourcePod', 'nodeStates'],
  uses: ['serviceConnects', 'backendConnects', 'nodeStatesAfter'],
  lookAlikes: ['packet-loss', 'snat-port-collision', 'dns-conntrack-race'],
  explains: [
    'dns-conntrack-race',
    'dns-replica-partial',
    'dns-coredns-overloaded',
    'packet-loss',
    'underlay-blocked',
    'listen-overflow',
    'snat-port-collision',
  ],
  judge({ sourcePod, nodeStates, serviceConnects, backendConnects, nodeStatesAfter }, { reach }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const { conntrack } = state;
      if (conntrack === null || conntrack.most <= 0 || conntrack.entries < conntrack.most * FULL) return [];
      const moved = dropsBetween(nodeStates, nodeStatesAfter, state.node)?.tableFull ?? null;
      const isProven = moved !== null && moved > 0;
      if (!isProven && conntrack.dropped === 0) return [];
      const isOwn = state.node === own;
      const lost = isOwn
        ? [...(backendConnects ?? []), ...(serviceConnects ?? [])].filter((reading) => !works(reading))
        : lostAt(backendConnects ?? [], state.node, own);
      if (lost.length === 0) return [];
      const stopsName = isOwn && (reach.name === 'fails' || reach.name === 'partly');
      const share = Math.round((100 * conntrack.entries) / conntrack.most);
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node}'s connection table is full (${conntrack.entries} of ${conntrack.most} entries${isProven ? `, ${moved} packets dropped while we looked` : `, ${conntrack.dropped} packets dropped so far`}): new connections through it are lost.`,
          confidence: isProven ? 'proven' : 'likely',
          blocks: stopsName
            ? 'name'
            : isOwn && reach.service !== 'works' && reach.path === 'works'
              ? 'service'
              : 'path',
          ...(isOwn ? {} : { addresses: lost.map(({ address }) => address) }),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- sh -c 'conntrack -C; sysctl net.netfilter.nf_conntrack_max; conntrack -S'`,
              saw: `${state.node}: ${conntrack.entries} of ${conntrack.most} entries (${share} %), dropped ${isProven ? `${moved} more` : conntrack.dropped}`,
            },
            ...lostProof(lost),
          ],
          ruledOut: [
            { id: 'dns-conntrack-race', because: 'packets are dropped for want of room, not for a collision' },
            { id: 'packet-loss', because: 'connections that are in the table already lose nothing' },
          ],
          fix: [
            {
              say: `Give ${state.node} a larger table now, and for good by conntrack.maxPerCore of kube-proxy`,
              run: `sysctl -w net.netfilter.nf_conntrack_max=${conntrack.most * 2}`,
            },
            {
              say: 'Find who opens so many connections',
              run: `${state.command} -- sh -c "conntrack -L | grep -o 'src=[0-9.]*' | sort | uniq -c | sort -rn | head"`,
            },
          ],
        },
      ];
    });
    return faults(all, 'there is room in the connection tables of the nodes on the path');
  },
});
