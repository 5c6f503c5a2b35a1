import { endpoint, isReset } from '../../derive/connects.ts';
import { nodeState } from '../../derive/node-states.ts';
import { addressesOf } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { asProof, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'masquerade-wrong',
  rung: 'P',
  title: "Packets leave the cluster with the Pod's own address",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['fromNode'],
  lookAlikes: ['snat-port-collision', 'cidr-overlap', 'netpol-default-deny-egress'],
  explains: [],
  judge({ sourcePod, nodeStates, backendConnects, fromNode }) {
    const source = found(sourcePod);
    const state = nodeState(nodeStates, source?.spec.nodeName);
    if (source === null || state === null) return notApplicable("the source's node was not looked at");
    if (source.spec.hostNetwork === true) return notApplicable('the source uses the host network');
    const own = addressesOf(source);
    const outside = backendConnects.filter(({ owner }) => owner.kind === 'Address');
    if (outside.length === 0) return notApplicable('the destination is inside the cluster');
    const all = outside.flatMap((reading): readonly Fault[] => {
      if (reading.outcome.kind === 'connected' || isReset(reading)) return [];
      const entries = state.flows.filter(
        (flow) => flow.destination === reading.address && flow.destinationPort === reading.port && !flow.isReplied,
      );
      const bare = entries.find((flow) => own.includes(flow.answersTo));
      if (bare === undefined || entries.some((flow) => !own.includes(flow.answersTo))) return [];
      const node = fromNode?.find(({ address, port }) => address === reading.address && port === reading.port);
      // Where the node itself gets no answer either, the source address is not what is in the way.
      if (node !== undefined && node.outcome.kind !== 'connected' && !isReset(node)) return [];
      const to = endpoint(reading.address, reading.port);
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} sends packets of ${source.metadata.name} to ${to} out with the Pod's address ${bare.source}, no rule masquerades them: replies do not find back${node === undefined ? '' : ', while the node itself is answered'}.`,
          confidence: node === undefined ? 'likely' : 'proven',
          blocks: 'path',
          addresses: [reading.address],
          evidence: [
            {
              vantage: 'node' as const,
              command: `${state.command} -- conntrack -L -s ${bare.source} -d ${reading.address}`,
              saw: `${state.node}: connection to ${to} expects its answers at ${bare.answersTo}, and has none`,
            },
            ...[asProof(node)].flatMap((proof) =>
              proof === null ? [] : [{ ...proof, vantage: 'node' as const, saw: `${state.node} itself: ${proof.saw}` }],
            ),
            ...lostProof([reading]),
          ],
          ruledOut: [
            { id: 'snat-port-collision', because: 'the connection was entered, without another source address' },
            ...(node === undefined ? [] : [{ id: 'egress-filtered', because: `${state.node} itself gets through` }]),
          ],
          fix: [
            {
              say: `See which rule should masquerade on ${state.node}, and for which ranges`,
              run: `${state.command} -- iptables -t nat -nvL POSTROUTING`,
            },
            {
              say: "Restore it: the network plugin's ipMasq, the ranges of ip-masq-agent, kube-proxy's clusterCIDR; or give the Pods' range a way back (NAT gateway, routes)",
              run: 'kubectl -n kube-system get configmaps',
            },
          ],
        },
      ];
    });
    return all.length === 0 ? clear(`${state.node} puts its own address on what leaves the cluster`) : faults(all, '');
  },
});
