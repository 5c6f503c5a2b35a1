import { endpoint, sawConnect, works } from '../../derive/connects.ts';
import { proxyReplacement } from '../../derive/data-plane.ts';
import { nodeState } from '../../derive/node-states.ts';
import { isReady } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'proxy-rules-flushed',
  rung: 'P',
  title: "The rules for Services are gone from the source's node",
  needs: ['sourcePod', 'nodeStates', 'kubeProxyPods'],
  uses: ['serviceConnects', 'backendConnects', 'proxyHealth', 'service', 'daemonSets'],
  lookAlikes: ['kube-proxy-down', 'kube-proxy-stale'],
  explains: [],
  judge(
    { sourcePod, nodeStates, kubeProxyPods, serviceConnects, backendConnects, proxyHealth, service, daemonSets },
    { reach },
  ) {
    const own = found(sourcePod)?.spec.nodeName ?? null;
    const state = nodeState(nodeStates, own);
    if (own === null || state === null || state.serviceRules === null)
      return notApplicable("the rules of the source's node were not looked at");
    const proxy = kubeProxyPods.find(isReady);
    // Others do this work with rules of their own, which are not looked for.
    if (proxy === undefined) return notApplicable(`no kube-proxy is Ready on ${own}`);
    const other = proxyReplacement(daemonSets, state);
    if (other !== null) return notApplicable(`${other} may serve Services here, without such rules`);
    // The cluster DNS has a Service address as well: a name that resolves was not lost here.
    if (found(service) === null && reach.name !== 'fails' && reach.name !== 'partly')
      return notApplicable('no Service address is on this path, or the one of the cluster DNS answers');
    if (state.serviceRules.all > 0) return clear(`${own} has rules for Services`);
    const failed = (serviceConnects ?? []).find((reading) => !works(reading));
    const direct = (backendConnects ?? []).find(works);
    const name = found(service)?.metadata.name ?? 'the Service';
    return faults(
      [
        {
          subject: { kind: 'Node', name: own },
          summary: `${own} has no rules for Services although ${proxy.metadata.name} is Ready there: something removed them, and the address of ${name} leads nowhere.`,
          confidence: direct === undefined ? 'likely' : 'proven',
          blocks: reach.name === 'fails' ? 'name' : 'service',
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- sh -c 'iptables-save -t nat | grep -c ^:KUBE-SVC; nft list tables'`,
              saw: `${own}: no KUBE-SVC chain and no kube-proxy table`,
            },
            ...[failed, direct].flatMap((reading) =>
              reading === undefined
                ? []
                : [
                    {
                      vantage: 'source' as const,
                      command: reading.command,
                      saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
                    },
                  ],
            ),
          ],
          ruledOut: [
            {
              id: 'kube-proxy-down',
              because:
                proxyHealth?.outcome.kind === 'connected'
                  ? `kube-proxy's health port on ${own} answers`
                  : `${proxy.metadata.name} is Ready`,
            },
            { id: 'kube-proxy-stale', because: 'its rules are not old, there are none' },
          ],
          fix: [
            {
              say: 'Have kube-proxy write them again',
              run: `kubectl -n ${proxy.metadata.namespace ?? 'kube-system'} delete pod ${proxy.metadata.name}`,
            },
            {
              say: `Find what flushes them on ${own}: a reload of firewalld (FlushAllOnReload=no), a hardening job; Pods with hostPort have to be made anew`,
            },
          ],
        },
      ],
      '',
    );
  },
});
