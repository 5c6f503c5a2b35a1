import { endpoint, sawConnect, works } from '../../derive/connects.ts';
import { isReady, stoppedBecause } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'kube-proxy-down',
  rung: 'P',
  title: 'kube-proxy does not run on the source node',
  needs: ['sourcePod', 'kubeProxyPods', 'daemonSets'],
  uses: ['serviceConnects', 'backendConnects', 'proxyHealth', 'service', 'nameLookup', 'dnsServers'],
  lookAlikes: ['kube-proxy-stale', 'proxy-rules-flushed', 'vip-or-port-undefined', 'node-down'],
  explains: [],
  judge(
    {
      sourcePod,
      kubeProxyPods,
      daemonSets,
      serviceConnects,
      backendConnects,
      proxyHealth,
      service,
      nameLookup,
      dnsServers,
    },
    { reach, seen },
  ) {
    const node = found(sourcePod)?.spec.nodeName ?? null;
    if (node === null) return notApplicable('the source Pod is on no node');
    const daemonSet = daemonSets.find((candidate) => candidate.metadata.name === 'kube-proxy');
    if (daemonSet === undefined)
      return notApplicable('this cluster has no kube-proxy DaemonSet; something else may serve Services');
    const ready = kubeProxyPods.filter(
      (pod) => isReady(pod) && stoppedBecause(pod) === null && pod.metadata.deletionTimestamp === undefined,
    );
    if (ready.length > 0) return clear(`${ready[0]?.metadata.name} is Ready on ${node}`);
    // Its Pods may carry other labels, or it is no Pod at all: whoever answers the health port is alive.
    if (proxyHealth?.outcome.kind === 'connected') return clear(`the health port of kube-proxy on ${node} answers`);
    const broken = kubeProxyPods
      .map((pod) => ({ pod, because: stoppedBecause(pod) }))
      .find(({ because }) => because !== null);
    const state =
      kubeProxyPods.length === 0
        ? `no kube-proxy Pod on ${node}`
        : `${kubeProxyPods[0]?.metadata.name} is ${broken?.because?.reason ?? 'not Ready'}`;
    const serviceFails = reach.service === 'fails' || reach.service === 'partly';
    const failed = (serviceConnects ?? []).find((reading) => !works(reading));
    const direct = (backendConnects ?? []).find(works);
    const refused = proxyHealth !== null && proxyHealth.outcome.kind === 'refused';
    const name = found(service)?.metadata.name ?? 'the Service';
    const blocks = serviceFails && direct !== undefined;
    // After a reboot no Service address works from there, that of the cluster DNS least of all, while its Pods answer.
    const dnsPod = (dnsServers ?? []).find(
      (reading) => reading.pod !== undefined && reading.outcome.kind === 'answered',
    );
    const dnsFails =
      reach.name === 'fails' && nameLookup !== null && nameLookup.outcome.kind !== 'answered' && dnsPod !== undefined;
    const stops = blocks || dnsFails;
    return faults(
      [
        {
          subject: { kind: 'Node', name: node },
          summary: dnsFails
            ? `kube-proxy is not running on ${node} (${state}): the address of the cluster DNS does not work from there, while its Pods answer directly.`
            : blocks
              ? `kube-proxy is not running on ${node} (${state}): the address of ${name} does not work from there, while the Pods behind it answer directly.`
              : `kube-proxy is not running on ${node} (${state}): Services that change from now on will not be reachable from there.`,
          confidence: stops && refused ? 'proven' : 'likely',
          blocks: dnsFails ? 'name' : blocks ? 'service' : null,
          evidence: [
            seen('kubeProxyPods', state),
            ...(proxyHealth === null
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: proxyHealth.command,
                    saw: `health port of kube-proxy on ${node}: ${sawConnect(proxyHealth)}`,
                  },
                ]),
            ...(dnsFails
              ? [nameLookup, dnsPod].map((reading) => ({
                  vantage: 'source' as const,
                  command: reading.command,
                  saw: `DNS at ${reading.pod ?? 'the cluster DNS address'}: ${sawDns(reading.outcome)}`,
                }))
              : []),
            ...(failed === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: failed.command,
                    saw: `Service address ${endpoint(failed.address, failed.port)}: ${sawConnect(failed)}`,
                  },
                ]),
            ...(direct === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: direct.command,
                    saw: `${direct.owner.name} ${endpoint(direct.address, direct.port)}: ${sawConnect(direct)}`,
                  },
                ]),
          ],
          ruledOut: [
            { id: 'kube-proxy-stale', because: 'there is no running kube-proxy whose rules could be late' },
            { id: 'proxy-rules-flushed', because: 'kube-proxy itself is not running, so nothing writes rules' },
          ],
          fix: [
            {
              say: 'See why its DaemonSet has no Ready Pod there',
              run: `kubectl -n ${daemonSet.metadata.namespace ?? 'kube-system'} get pods -o wide -l k8s-app=kube-proxy --field-selector spec.nodeName=${node}`,
            },
            kubeProxyPods.length === 0
              ? {
                  say: 'Look for labels, taints or an affinity that keep it away',
                  run: `kubectl describe node ${node}`,
                }
              : {
                  say: 'Read why it ended',
                  run: `kubectl -n ${daemonSet.metadata.namespace ?? 'kube-system'} logs ${kubeProxyPods[0]?.metadata.name} --previous`,
                },
          ],
        },
      ],
      '',
    );
  },
});
