import { isReset } from '../../derive/connects.ts';
import { nodeState } from '../../derive/node-states.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'route-missing',
  rung: 'P',
  title: "The source's node has no route to the Pods of another node",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: [],
  lookAlikes: ['underlay-blocked', 'ip-forward-off', 'route-return-missing', 'node-down'],
  explains: ['underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const state = nodeState(nodeStates, own);
    if (own === null || state === null) return notApplicable("the source's node was not looked at");
    const routeTo = (address: string) => state.routes.find(({ to }) => to === address);
    // Pods of other nodes that were reached show which way such packets go here.
    const proper = backendConnects.flatMap((reading) =>
      (reading.outcome.kind === 'connected' || isReset(reading)) && reading.owner.node !== own
        ? (routeTo(reading.address)?.device ?? [])
        : [],
    );
    const lost = lostAt(backendConnects, own, own);
    const peers = [...new Set(lost.map(({ owner }) => owner.node))];
    const all = peers.flatMap((peer): readonly Fault[] => {
      const there = lost.filter(({ owner }) => owner.node === peer);
      const routes = there.flatMap(({ address }) => routeTo(address) ?? []);
      const refused = routes.find(({ isRefused }) => isRefused);
      const astray = routes.find(({ device }) => device !== null && proper.length > 0 && !proper.includes(device));
      const route = refused ?? astray;
      if (route === undefined) return [];
      return [
        {
          subject: { kind: 'Node', name: own },
          summary:
            refused === undefined
              ? `${own} sends packets for Pods on ${peer ?? 'another node'} out by ${route.device}, and those for other nodes by ${proper[0]}: its route to them is missing.`
              : `${own} has no route to Pods on ${peer ?? 'another node'} (${route.to}).`,
          confidence: refused === undefined ? 'likely' : 'proven',
          blocks: 'path',
          addresses: there.map(({ address }) => address),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- ip route get ${route.to}`,
              saw: `${own}: route to ${route.to}: ${route.text}`,
            },
            ...lostProof(there),
          ],
          ruledOut: [
            { id: 'underlay-blocked', because: `packets for these Pods do not take the way between the nodes` },
          ],
          fix: [
            {
              say: `Restart the network plugin's Pod on ${own}; if the route goes missing again, something else manages routes there (systemd-networkd: ManageForeignRoutes=no)`,
              run: `kubectl get pods -A -o wide --field-selector spec.nodeName=${own}`,
            },
            {
              say: `See the routes of ${own}`,
              run: `${state.command} -- ip route`,
            },
          ],
        },
      ];
    });
    return all.length === 0 ? clear(`${own} has routes to all backends`) : faults(all, '');
  },
});
