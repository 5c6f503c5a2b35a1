import { endpoint, isSilent, reachable, sawConnect } from '../../derive/connects.ts';
import { dnsBackends } from '../../derive/dns.ts';
import { TRACE_USES, traceFrom } from '../../derive/flow-trace.ts';
import { addressesOf, hasNetworkProbe, isReady, podsBehind } from '../../derive/pods.ts';
import { POLICY_USES, policyEnd, policySetOf } from '../../derive/policy.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import type { ConnectReading, DnsReading } from '../../evidence/readings.ts';
import { evaluateFlow, isolating } from '../../netpol/evaluate.ts';
import { clear, defineRule, faults, notApplicable, type Proof, unsure } from '../rule.ts';

/** One try from the source Pod to a Pod on some node: did a packet come back? */
interface Try {
  readonly node: string;
  readonly pod: string;
  readonly arrived: boolean;
  readonly silent: boolean;
  readonly proof: Proof;
  readonly backend: string | null;
}

export default defineRule({
  id: 'underlay-blocked',
  rung: 'P',
  title: 'Nothing crosses from one node to another',
  needs: ['sourcePod', 'backendConnects', 'nodeConnects'],
  uses: [
    'controlConnects',
    'dnsServers',
    'dnsService',
    'dnsSlices',
    'dnsPods',
    'endpoints',
    'destinationPod',
    'neighbours',
    'policies',
    'namespaces',
    ...TRACE_USES,
    ...POLICY_USES,
  ],
  lookAlikes: ['node-down', 'netpol-default-deny-ingress', 'netpol-default-deny-egress'],
  explains: ['dns-replica-partial'],
  judge(
    {
      sourcePod,
      backendConnects,
      nodeConnects,
      controlConnects,
      dnsServers,
      dnsService,
      dnsSlices,
      dnsPods,
      endpoints,
      destinationPod,
      neighbours,
      policies,
      namespaces,
      captureShot,
      flowCaptures,
      ...vendors
    },
    { flow, reach },
  ) {
    const pod = found(sourcePod);
    const own = pod?.spec.nodeName ?? null;
    if (pod === null || own === null) return notApplicable('the source Pod is on no node');
    if (pod.spec.hostNetwork === true) return notApplicable('the source uses the host network');
    const known = [...podsBehind(endpoints, destinationPod), ...(neighbours ?? []), ...(dnsPods ?? [])];
    // Policies nobody could read may drop anything; then silence says nothing about the network.
    if (policies === null) return unsure('api', 'NetworkPolicies could not be read');
    const readable = [
      flow.source.namespace,
      'namespace' in flow.destination ? flow.destination.namespace : '',
      'kube-system',
    ];
    const from = policyEnd(pod, namespaces ?? []);
    const all = policySetOf({ policies, ...vendors });
    // What a policy may have dropped says nothing about the network.
    const isOpen = (address: string, port: number, protocol: string): boolean => {
      const target = known.find((candidate) => addressesOf(candidate).includes(address));
      if (target !== undefined && !readable.includes(target.metadata.namespace ?? '')) return false;
      if (target === undefined) return isolating('egress', from, all).length === 0;
      const verdict = evaluateFlow(
        { source: from, destination: policyEnd(target, namespaces ?? []), port, protocol },
        all,
      );
      return verdict.egress.allows === 'yes' && verdict.ingress.allows === 'yes';
    };
    const [dnsTarget] =
      dnsService === null || !dnsService.found ? [] : dnsBackends(dnsService.object, dnsSlices ?? [], dnsPods ?? []);
    const dnsPort = dnsTarget?.port ?? 53;
    const tries: readonly Try[] = [
      ...backendConnects
        .filter((reading) => isOpen(reading.address, reading.port, flow.protocol ?? 'TCP'))
        .flatMap((reading) => asTry(reading, true)),
      ...(controlConnects ?? [])
        .filter((reading) => isOpen(reading.address, reading.port, 'TCP'))
        .flatMap((reading) => asTry(reading, false)),
      ...(dnsServers ?? [])
        .filter(
          (reading) => reading.server !== null && isOpen(reading.server, dnsPort, reading.transport.toUpperCase()),
        )
        .flatMap((reading) =>
          dnsTry(
            reading,
            (dnsPods ?? []).find((candidate) => candidate.metadata.name === reading.pod)?.spec.nodeName ?? null,
          ),
        ),
    ];
    const nodes = [...new Set(tries.map((attempt) => attempt.node))];
    const dark = nodes.filter((node) => node !== own && of(tries, node).every((attempt) => attempt.silent));
    const lit = nodes.filter((node) => of(tries, node).some((attempt) => attempt.arrived));
    if (dark.length === 0) return clear('packets cross to every node that was tried');
    const alive = dark.filter((node) =>
      nodeConnects.some((reading) => reading.owner.name === node && reachable(reading)),
    );
    const [first] = alive;
    if (first === undefined)
      return clear(`${dark.join(', ')} ${dark.length === 1 ? 'is' : 'are'} silent at the node address too`);
    const remoteLit = lit.filter((node) => node !== own);
    // Every other node is dark: then the source's own node is the one that is cut off.
    const cut = alive.length > 1 && remoteLit.length === 0 ? own : first;
    const involved = cut === own ? tries.filter((attempt) => attempt.node !== own) : of(tries, cut);
    const targets = [...new Set(involved.map((attempt) => attempt.pod))];
    if (targets.length < 2 && lit.length === 0)
      return unsure('node', 'only one Pod could be tried there and none elsewhere');
    // A readiness probe comes from the Pod's own node: a Pod that passes one is well, and only the way to it is not.
    const probed = (endpoints?.selected ?? []).filter(
      (candidate) => targets.includes(candidate.metadata.name) && isReady(candidate) && hasNetworkProbe(candidate),
    );
    const closed = reach.name === 'fails' && (dnsPods ?? []).some((candidate) => candidate.spec.nodeName === first);
    const nodeReading = nodeConnects.find((reading) => reading.owner.name === first);
    const tried = involved.flatMap((attempt) => (attempt.backend === null ? [] : [attempt.backend]));
    const there = backendConnects.filter(
      (reading) => isSilent(reading) && (cut === own ? reading.owner.node !== own : reading.owner.node === cut),
    );
    const silentBackends = tried.length > 0 ? tried : there.map((reading) => reading.address);
    if (silentBackends.length === 0 && !closed) return clear('no backend is behind the silence');
    // Packets were captured that had crossed: what keeps them from the Pod is on its node.
    const trace = traceFrom({ sourcePod, endpoints, destinationPod, captureShot, flowCaptures });
    if (trace?.hasCrossed === true && silentBackends.includes(trace.address))
      return clear(`what was sent to ${trace.address} crossed to the other node`);
    const others = cut === own ? 'any other node' : `node ${cut}`;
    const compare = tries.find((attempt) => attempt.arrived && attempt.node !== cut);
    return faults(
      [
        {
          subject: { kind: 'Node', name: cut },
          summary: `Nothing that Pods on ${own} send to Pods on ${others} comes back, while the ${cut === own ? 'nodes themselves answer' : `node itself answers at ${nodeReading?.address ?? 'its address'}`}: the network between the nodes drops Pod traffic.`,
          confidence: targets.length >= 2 || (lit.length > 0 && probed.length > 0) ? 'likely' : 'possible',
          blocks: closed ? 'name' : 'path',
          ...(silentBackends.length > 0 ? { addresses: silentBackends } : {}),
          evidence: [
            ...involved.slice(0, 4).map((attempt) => attempt.proof),
            ...(nodeReading === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: nodeReading.command,
                    saw: `node ${first} itself: ${sawConnect(nodeReading)}`,
                  },
                ]),
            ...(compare === undefined ? [] : [compare.proof]),
            ...probed.slice(0, 1).map(
              (candidate): Proof => ({
                vantage: 'api',
                command: `kubectl -n ${candidate.metadata.namespace} get pod ${candidate.metadata.name}`,
                saw: `${candidate.metadata.name} passes its readiness probe, which comes from its own node`,
              }),
            ),
          ],
          ruledOut: [
            {
              id: 'netpol-default-deny-ingress',
              because:
                targets.length >= 2
                  ? 'no policy denies these flows, and unrelated Pods on the node are silent too'
                  : 'no policy denies this flow',
            },
            { id: 'node-down', because: `${first} answers at its own address` },
          ],
          notRuledOut: [
            { id: 'vxlan-vtep-stale', needs: 'access node' },
            { id: 'route-missing', needs: 'access node' },
          ],
          fix: [
            {
              say: `Open the overlay's port between ${own} and ${first}, both ways: UDP 4789 or 8472 for VXLAN, 6081 for Geneve, IP protocol 4 for IPIP, UDP 51820 for WireGuard (security group, host firewall)`,
              run: 'kubectl get nodes -o wide',
            },
            {
              say: 'See whether the network plugin is well on both nodes',
              run: `kubectl get pods -A -o wide --field-selector spec.nodeName=${first}`,
            },
          ],
        },
      ],
      '',
    );
  },
});

const of = (tries: readonly Try[], node: string): readonly Try[] => tries.filter((attempt) => attempt.node === node);

function asTry(reading: ConnectReading, isBackend: boolean): readonly Try[] {
  if (reading.owner.node === null) return [];
  return [
    {
      node: reading.owner.node,
      pod: reading.owner.name,
      arrived: reachable(reading),
      silent: isSilent(reading),
      backend: isBackend ? reading.address : null,
      proof: {
        vantage: 'source',
        command: reading.command,
        saw: `${reading.owner.name} on ${reading.owner.node} (${endpoint(reading.address, reading.port)}): ${sawConnect(reading)}`,
      },
    },
  ];
}

function dnsTry(reading: DnsReading, node: string | null): readonly Try[] {
  if (reading.pod === undefined || node === null) return [];
  return [
    {
      node,
      pod: reading.pod,
      arrived: reading.outcome.kind === 'answered' || reading.outcome.kind === 'refused',
      silent: reading.outcome.kind === 'timed-out',
      backend: null,
      proof: {
        vantage: 'source',
        command: reading.command,
        saw: `${reading.pod} on ${node} (DNS over ${reading.transport.toUpperCase()}): ${sawDns(reading.outcome)}`,
      },
    },
  ];
}
