import { endpoint, works } from '../../derive/connects.ts';
import { proxyReplacement } from '../../derive/data-plane.ts';
import { type RuleSet, viewRules } from '../../derive/service-rules.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { someNames } from '../support/backends.ts';
import { asProof, flowProof, rulesCommand } from '../support/nodes.ts';

export default defineRule({
  id: 'kube-proxy-mode-conflict',
  rung: 'P',
  title: 'Two sets of Service rules on the source node contradict each other',
  needs: ['sourcePod', 'service', 'endpoints', 'nodeStates'],
  uses: ['nodes', 'serviceConnects', 'backendConnects', 'daemonSets', 'kubeProxyPods'],
  lookAlikes: ['kube-proxy-stale', 'udp-conntrack-stale'],
  explains: [],
  judge(facts, { flow, reach }) {
    const view = viewRules(facts, flow);
    if (view === null) return notApplicable('there is no Service address whose rules were looked at');
    const { node, state, sets, expected } = view;
    const other = proxyReplacement(facts.daemonSets, state);
    if (other !== null) return notApplicable(`${other} may serve Services here, without such rules`);
    const active = sets.find((set) => set.isActive) ?? sets.find(({ strangers }) => strangers.length === 0);
    if (active === undefined || sets.length < 2 || expected.length === 0)
      return clear(`${node} has one set of rules for this Service`);
    const foreign = sets.filter((set) => set !== active && set.strangers.length > 0);
    const [first] = foreign;
    if (first === undefined) return clear(`the sets of rules on ${node} agree`);
    const failed = (facts.serviceConnects ?? []).find((reading) => !works(reading));
    const direct = (facts.backendConnects ?? []).find(works);
    const proof = flowProof(state, view.flows, first.strangers);
    const name = view.service.metadata.name;
    return faults(
      [
        {
          subject: { kind: 'Node', name: node },
          summary: `${node} holds rules in ${first.by} that send ${name} to ${someNames(first.strangers)}, beside kube-proxy's own in ${active.by}, which have ${someNames(active.to)}: connections that meet the former are lost.`,
          confidence: failed !== undefined && direct !== undefined && proof !== null ? 'proven' : 'likely',
          blocks: reach.name === 'fails' && reach.service !== 'fails' ? 'name' : 'service',
          evidence: [
            {
              vantage: 'node' as const,
              command: rulesCommand(view, first.by),
              saw: `${node}: ${first.rule}`,
            },
            {
              vantage: 'node' as const,
              command: rulesCommand(view, active.by),
              saw: `${node}: ${active.by} leads ${endpoint(view.address, view.port)} to ${active.to.join(', ') || 'nothing'}`,
            },
            proof,
            asProof(failed),
            asProof(direct),
          ].filter((one) => one !== null),
          ruledOut:
            active.strangers.length === 0
              ? [{ id: 'kube-proxy-stale', because: "kube-proxy's own rules say what the EndpointSlices say" }]
              : [],
          fix: [
            { say: `On ${node}, take the other rules away`, run: remedy(first) },
            {
              say: 'Find who wrote them: a mode of kube-proxy that was changed without a reboot, another iptables in its image than on the node, a script',
            },
          ],
        },
      ],
      '',
    );
  },
});

function remedy({ by, rule }: RuleSet): string {
  if (by === 'nftables') return 'nft delete table ip kube-proxy';
  if (by === 'ipvs') return 'ipvsadm -C';
  return rule.startsWith('-A KUBE-')
    ? `${by}-save | grep -v KUBE- | ${by}-restore`
    : `${by} -t nat ${rule.replace(/^-A/, '-D')}`;
}
