import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'ip-forward-off',
  rung: 'P',
  title: 'A node does not forward packets',
  needs: ['sourcePod', 'nodeStates'],
  uses: ['backendConnects'],
  lookAlikes: ['forward-drop', 'route-missing', 'underlay-blocked'],
  explains: ['underlay-blocked', 'forward-drop', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects }, { reach }) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      if (state.forwards !== false) return [];
      const isOwn = state.node === own;
      const lost = lostAt(backendConnects ?? [], state.node, own);
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} does not forward packets (net.ipv4.ip_forward=0): nothing ${isOwn ? 'leaves it from its Pods' : 'from other nodes gets to its Pods'}.`,
          confidence: 'proven',
          blocks: isOwn && reach.name === 'fails' ? 'name' : 'path',
          ...(lost.length > 0 && !(isOwn && reach.name === 'fails')
            ? { addresses: lost.map(({ address }) => address) }
            : {}),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- sysctl net.ipv4.ip_forward`,
              saw: `${state.node}: net.ipv4.ip_forward is 0`,
            },
            ...lostProof(lost),
          ],
          ruledOut: [{ id: 'route-missing', because: 'a node that does not forward uses no route for Pods' }],
          fix: [
            {
              say: `On ${state.node}, switch it on and keep it on across reboots`,
              run: "sysctl -w net.ipv4.ip_forward=1 && echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-kubernetes.conf",
            },
          ],
        },
      ];
    });
    const checked = nodeStates.filter(({ forwards }) => forwards === true);
    return all.length === 0
      ? clear(`${checked.map(({ node }) => node).join(', ') || 'no node that was looked at'} forwards`)
      : faults(all, '');
  },
});
