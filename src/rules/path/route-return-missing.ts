import { isReset } from '../../derive/connects.ts';
import { nodeState } from '../../derive/node-states.ts';
import { addressesOf } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'route-return-missing',
  rung: 'P',
  title: "A backend's node has no route back to the source Pod",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: [],
  lookAlikes: ['route-missing', 'underlay-blocked', 'netpol-default-deny-ingress'],
  explains: ['underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects }) {
    const source = found(sourcePod);
    const own = source?.spec.nodeName ?? null;
    if (source === null || own === null) return notApplicable('the source Pod is on no node');
    const addresses = addressesOf(source);
    const routeBack = (node: string) =>
      nodeState(nodeStates, node)?.routes.find(({ to }) => addresses.includes(to)) ?? null;
    const there = nodeState(nodeStates, own);
    // The device by which this source talks to Pods of other nodes that answer; an overlay has one name on all nodes.
    const proper = backendConnects.flatMap((reading) =>
      (reading.outcome.kind === 'connected' || isReset(reading)) && reading.owner.node !== own
        ? (there?.routes.find(({ to }) => to === reading.address)?.device ?? [])
        : [],
    );
    const goesOut = (address: string): boolean => {
      const device = there?.routes.find(({ to }) => to === address)?.device;
      return device != null && proper.includes(device);
    };
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const lost = lostAt(backendConnects, state.node, own);
      const route = routeBack(state.node);
      if (state.node === own || lost.length === 0 || route === null) return [];
      const isAstray =
        route.device !== null &&
        proper.length > 0 &&
        !proper.includes(route.device) &&
        lost.every(({ address }) => goesOut(address));
      if (!route.isRefused && !isAstray) return [];
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: route.isRefused
            ? `${state.node} has no route back to ${source.metadata.name} (${route.to}): packets get to its Pods, their replies are lost.`
            : `${state.node} sends replies for ${source.metadata.name} (${route.to}) out by ${route.device}, while requests come by ${proper[0]}: its route back is missing.`,
          confidence: route.isRefused ? 'proven' : 'likely',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- ip route get ${route.to}`,
              saw: `${state.node}: route to ${route.to}: ${route.text}`,
            },
            ...lostProof(lost),
          ],
          ruledOut: [{ id: 'route-missing', because: `${own} has its route to these Pods` }],
          fix: [
            {
              say: `Restart the network plugin's Pod on ${state.node}, which sets this route`,
              run: `kubectl get pods -A -o wide --field-selector spec.nodeName=${state.node}`,
            },
          ],
        },
      ];
    });
    return all.length === 0 ? clear('the nodes of the backends have a route back') : faults(all, '');
  },
});
