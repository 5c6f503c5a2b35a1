import { droppings, dropsBetween, stillLost } from '../../derive/node-counters.ts';
import { nodeState } from '../../derive/node-states.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'vxlan-csum-offload',
  rung: 'P',
  title: 'Packets come out of the overlay with a wrong checksum',
  needs: ['sourcePod', 'nodeStates', 'backendConnects', 'lostAgain', 'nodeStatesAfter'],
  uses: ['nodeConnects'],
  lookAlikes: ['underlay-blocked', 'mtu-blackhole', 'conntrack-invalid-rst', 'vxlan-vtep-stale'],
  explains: ['underlay-blocked'],
  judge({ sourcePod, nodeStates, backendConnects, lostAgain, nodeStatesAfter }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const state = nodeState(nodeStates, own);
    if (own === null || state === null || state.overlays.length === 0)
      return notApplicable('the source Pod is on no node with a VXLAN device');
    // Counted where they come in: a packet with a wrong checksum belongs to no connection, whatever the application would say.
    const counted = nodeStates.flatMap((peer) => {
      const lost = peer.node === own ? [] : lostAt(backendConnects, peer.node, own);
      const again = stillLost(lost, lostAgain);
      const moved = dropsBetween(nodeStates, nodeStatesAfter, peer.node)?.invalid ?? 0;
      const isDropped = droppings(nodeStates, nodeStatesAfter, { node: peer.node, hook: 'forward' }).some(
        (drop) => (drop.moved ?? 0) > 0,
      );
      return again.length > 0 && moved >= again.length && !isDropped ? [{ peer, lost, moved }] : [];
    });
    const [first] = counted;
    if (first === undefined) return clear('no node on the path has counted invalid packets meanwhile');
    const device = state.overlays[0]?.device ?? 'vxlan0';
    const lost = counted.flatMap((one) => one.lost);
    return faults(
      [
        {
          subject: { kind: 'Node', name: first.peer.node },
          summary: `What ${own} sends to Pods on ${first.peer.node} arrives there by ${first.peer.overlays[0]?.device ?? device} and is invalid (${first.moved} packets while the lost connections were tried again), as with a checksum that was left to hardware which does not fill it in.`,
          confidence: 'likely',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [
            {
              vantage: 'node',
              command: `${first.peer.command} -- conntrack -S`,
              saw: `${first.peer.node}: ${first.moved} packets were invalid while the lost connections were tried again`,
            },
            ...lostProof(lost),
          ],
          ruledOut: [
            { id: 'mtu-blackhole', because: 'the lost packets are the smallest there are' },
            { id: 'underlay-blocked', because: 'the packets come out of the overlay' },
          ],
          fix: [
            {
              say: `On ${own} and ${first.peer.node}, compute checksums in software before packets are wrapped; a newer kernel does so by itself`,
              run: `ethtool -K ${device} tx-checksum-ip-generic off`,
            },
          ],
        },
      ],
      '',
    );
  },
});
