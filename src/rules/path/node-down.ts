import { endpoint, isSilent, reachable, sawConnect, works } from '../../derive/connects.ts';
import { ageText, nodeHealth } from '../../derive/nodes.ts';
import { POLICY_USES, policyEnd, policySetOf } from '../../derive/policy.ts';
import { found } from '../../evidence/collected.ts';
import { isolating } from '../../netpol/evaluate.ts';
import { defineRule, type Fault, faults } from '../rule.ts';

export default defineRule({
  id: 'node-down',
  rung: 'P',
  title: 'A node of the backends is down',
  needs: ['nodes'],
  uses: [
    'backendConnects',
    'nodeConnects',
    'controlConnects',
    'dnsServers',
    'dnsPods',
    'endpoints',
    'sourcePod',
    'policies',
    'namespaces',
    ...POLICY_USES,
  ],
  lookAlikes: ['underlay-blocked', 'cni-sandbox-fails'],
  explains: [
    'underlay-blocked',
    'kube-proxy-down',
    'readiness-failing',
    'backend-not-running',
    'endpointslice-stale',
    'dns-coredns-down',
  ],
  judge(
    {
      nodes,
      backendConnects,
      nodeConnects,
      controlConnects,
      dnsServers,
      dnsPods,
      endpoints,
      sourcePod,
      policies,
      namespaces,
      ...others
    },
    { now, seen, reach },
  ) {
    // Behind an egress policy a node is silent whether it lives or not.
    const pod = found(sourcePod);
    const confined =
      policies === null ||
      pod === null ||
      isolating('egress', policyEnd(pod, namespaces ?? []), policySetOf({ policies, ...others })).length > 0;
    // A node whose firewall closes the kubelet's port to Pods is silent as well; one whose Pods answer is alive.
    const answers = (name: string): boolean =>
      [...(backendConnects ?? []), ...(controlConnects ?? [])].some(
        (reading) => reading.owner.node === name && reachable(reading),
      ) ||
      (dnsServers ?? []).some(
        (reading) =>
          reading.outcome.kind === 'answered' &&
          (dnsPods ?? []).some(
            (candidate) => candidate.metadata.name === reading.pod && candidate.spec.nodeName === name,
          ),
      );
    const all = nodes.flatMap((node): readonly Fault[] => {
      const health = nodeHealth(node, now);
      const name = node.metadata.name;
      const there = (backendConnects ?? []).filter((reading) => reading.owner.node === name);
      const lost = there.filter((reading) => !works(reading) && reading.outcome.kind !== 'refused');
      const itself = nodeConnects?.find((reading) => reading.owner.name === name);
      const gone =
        !confined &&
        !answers(name) &&
        itself !== undefined &&
        (isSilent(itself) || itself.outcome.kind === 'host-unreachable');
      const reported = health.ready !== 'True' || health.isLate;
      // A dead node is silent at its own address too; that is visible before anyone has noticed the missing heartbeats.
      if (!reported && !(gone && lost.length > 0)) return [];
      if (!reported && lost.length < there.length) return [];
      const here = (endpoints?.slices ?? [])
        .flatMap((slice) => slice.endpoints ?? [])
        .filter((item) => item.nodeName === name).length;
      const total = (endpoints?.slices ?? []).flatMap((slice) => slice.endpoints ?? []).length;
      const since = health.leaseAgeMs === null ? 'not known when' : `${ageText(health.leaseAgeMs)} ago`;
      const verb = gone
        ? 'does not answer'
        : health.isLate || health.ready === 'Unknown'
          ? 'stopped reporting'
          : 'is not well';
      const told =
        health.ready === 'True' ? `last reported ${since}` : `is Ready=${health.ready}, last reported ${since}`;
      // With endpoints known, a node without any is in nobody's way.
      const isOnPath = total === 0 || here > 0;
      const addresses = lost.map((reading) => reading.address);
      return [
        {
          subject: { kind: 'Node', name },
          summary: `Node ${name} ${verb} (${told})${total === 0 ? '' : `; ${here} of ${total} endpoints live there`}.`,
          confidence:
            gone && (health.ready !== 'True' || health.isLate)
              ? 'proven'
              : gone || health.ready !== 'True'
                ? 'likely'
                : 'possible',
          blocks:
            addresses.length > 0 || (backendConnects === null && isOnPath)
              ? 'path'
              : reach.path === 'not-measured' && isOnPath
                ? 'service'
                : null,
          ...(addresses.length > 0 ? { addresses } : {}),
          evidence: [
            seen('nodes', `${name}: Ready=${health.ready}, Lease renewed ${since}`),
            ...(itself === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: itself.command,
                    saw: `kubelet of ${name}: ${sawConnect(itself)}`,
                  },
                ]),
            ...lost.slice(0, 3).map((reading) => ({
              vantage: 'source' as const,
              command: reading.command,
              saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
            })),
          ],
          ...(gone
            ? {
                ruledOut: [
                  {
                    id: 'underlay-blocked',
                    because: `the node itself is silent at ${itself.address}, not only its Pods`,
                  },
                ],
              }
            : {}),
          fix: [
            { say: `Bring ${name} back, or find out what happened to it`, run: `kubectl describe node ${name}` },
            {
              say: 'If it stays away, let its Pods be replaced elsewhere',
              run: `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data --force`,
            },
          ],
        },
      ];
    });
    return faults(all, 'the nodes on the path report and answer');
  },
});
