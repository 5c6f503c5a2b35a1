import { endpoint, isReset } from '../../derive/connects.ts';
import { droppings, stillLost } from '../../derive/node-counters.ts';
import { internalAddress } from '../../derive/nodes.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostProof, movedProof, undoDrop } from '../support/nodes.ts';

export default defineRule({
  id: 'host-firewall-input',
  rung: 'P',
  title: "A node's firewall drops what Pods send to the node itself",
  needs: ['nodeStates', 'backendConnects', 'nodes'],
  uses: ['lostAgain', 'nodeStatesAfter'],
  lookAlikes: ['netpol-hostnetwork-peer', 'forward-drop', 'node-down', 'app-loopback-only'],
  explains: ['underlay-blocked'],
  judge({ nodeStates, backendConnects, nodes, lostAgain, nodeStatesAfter }) {
    const addresses = new Map(nodes.map((node) => [internalAddress(node), node.metadata.name]));
    const onNodes = backendConnects.filter(({ address }) => addresses.has(address));
    if (onNodes.length === 0) return notApplicable("no backend uses its node's own address");
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const lost = onNodes.filter(
        (reading) =>
          addresses.get(reading.address) === state.node && reading.outcome.kind !== 'connected' && !isReset(reading),
      );
      if (lost.length === 0) return [];
      const again = stillLost(lost, lostAgain);
      const drops = droppings(nodeStates, nodeStatesAfter, { node: state.node, hook: 'input' });
      const ports = lost.map(({ port }) => port);
      const moved = drops.find((drop) => again.length > 0 && (drop.moved ?? 0) >= again.length);
      // Without a second look, only a rule that names the port and has met packets is believed.
      const drop =
        moved ??
        drops.find(
          ({ rule, packets, moved: by }) =>
            by === null && (packets ?? 0) > 0 && ports.some((port) => new RegExp(`dport ${port}\\b`).test(rule)),
        );
      const [first] = lost;
      if (drop === undefined || first === undefined) return [];
      const count =
        moved === undefined
          ? `${drop.packets} packets so far`
          : `${drop.moved} packets while the lost connections were tried again`;
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} drops what Pods send to ${endpoint(first.address, first.port)}, its own address, in ${drop.where} (${drop.isPolicy ? 'its policy is DROP' : drop.rule}, ${count}).`,
          confidence: moved === undefined ? 'likely' : 'proven',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [movedProof(state, drop), ...lostProof(lost)],
          fix: [
            {
              say: `On ${state.node}, let the Pods' range in on port ${first.port}, or take the rule away; find out who set it`,
              ...undoDrop(drop),
            },
          ],
        },
      ];
    });
    return all.length === 0 ? clear('no INPUT chain has dropped packets for these nodes') : faults(all, '');
  },
});
