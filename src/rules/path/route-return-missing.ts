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
    const proper = nodeStates
      .filter(({ node }) => node !== own && lostAt(backendConnects, node, own).length === 0)
      .flatMap(({ node }) => routeBack(node)?.device ?? []);
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const lost = lostAt(backendConnects, state.node, own);
      const route = routeBack(state.node);
      if (state.node === own || lost.length === 0 || route === null) return [];
      const isAstray = route.device !== null && proper.length > 0 && !proper.includes(route.device);
      // Towards this node the source's own node uses some device; the way back uses the same one on an overlay.
      const there = nodeState(nodeStates, own)?.routes.find(({ to }) => lost.some(({ address }) => address === to));
      const isOther = route.device !== null && there?.device != null && there.device !== route.device;
      if (!route.isRefused && !isAstray && !isOther) return [];
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: route.isRefused
            ? `${state.node} has no route back to ${source.metadata.name} (${route.to}): packets get to its Pods, their replies are lost.`
            : `${state.node} sends replies for ${source.metadata.name} (${route.to}) out by ${route.device}, while requests come by ${proper[0] ?? there?.device}: its route back is missing.`,
          confidence: route.isRefused ? 'proven' : 'likely',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [
            { vantage: 'node', command: state.command, saw: `${state.node}: route to ${route.to}: ${route.text}` },
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
