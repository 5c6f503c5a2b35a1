import { endpoint, isSilent } from '../../derive/connects.ts';
import { dropsBetween, stillLost } from '../../derive/node-counters.ts';
import { nodeState } from '../../derive/node-states.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { asProof, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'snat-port-collision',
  rung: 'P',
  title: 'Masquerading on the node runs out of ports for this destination',
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['fromNode', 'lostAgain', 'nodeStatesAfter'],
  lookAlikes: ['client-port-exhaustion', 'masquerade-wrong', 'conntrack-full', 'packet-loss'],
  explains: ['packet-loss'],
  judge({ sourcePod, nodeStates, backendConnects, fromNode, lostAgain, nodeStatesAfter }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const state = nodeState(nodeStates, own);
    if (own === null || state === null || state.drops === null)
      return notApplicable("the source's node was not looked at");
    const lost = backendConnects.filter((reading) => reading.owner.kind === 'Address' && isSilent(reading));
    const [first] = lost;
    if (first === undefined) return clear('no connection to an address outside was lost');
    const moved = dropsBetween(nodeStates, nodeStatesAfter, own)?.insertFailed ?? null;
    const again = stillLost(lost, lostAgain);
    const isProven = moved !== null && again.length > 0 && moved >= again.length;
    if (!isProven && (moved === 0 || state.drops.insertFailed === 0))
      return clear(`${own} could enter every connection into its table`);
    // One that was answered is of before.
    const entered = state.flows.some(
      (flow) => flow.destination === first.address && flow.destinationPort === first.port && !flow.isReplied,
    );
    if (entered) return clear(`${own} has entered the connection to ${endpoint(first.address, first.port)}`);
    const node = fromNode?.find(({ address, port }) => address === first.address && port === first.port);
    return faults(
      [
        {
          subject: { kind: 'Node', name: own },
          summary: `${own} finds no free port to masquerade a connection to ${endpoint(first.address, first.port)}: ${isProven ? `${moved} attempts could not be entered into its table while the lost connection was tried again` : `${state.drops.insertFailed} attempts could not be entered into its table so far`}.`,
          confidence: isProven ? 'proven' : 'likely',
          blocks: 'path',
          addresses: [...new Set(lost.map(({ address }) => address))],
          evidence: [
            {
              vantage: 'node' as const,
              command: `${state.command} -- conntrack -S`,
              saw: `${own}: insert_failed ${state.drops.insertFailed}${isProven ? `, then ${state.drops.insertFailed + moved}` : ''}, and no entry for this connection`,
            },
            ...[asProof(node)].flatMap((proof) =>
              proof === null ? [] : [{ ...proof, vantage: 'node' as const, saw: `${own} itself: ${proof.saw}` }],
            ),
            ...lostProof(lost),
          ],
          ruledOut: [{ id: 'client-port-exhaustion', because: 'the Pod has ports: its packets leave it' }],
          fix: [
            {
              say: `See which rule of ${own} masquerades, with which ports; --random-fully and a wide range help, as do more addresses`,
              run: `${state.command} -- iptables -t nat -nvL POSTROUTING`,
            },
            {
              say: 'Find who holds the connections to this destination, and have clients reuse theirs',
              run: `${state.command} -- conntrack -L -d ${first.address}`,
            },
          ],
        },
      ],
      '',
    );
  },
});
