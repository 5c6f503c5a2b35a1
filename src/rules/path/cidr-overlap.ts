import { endpoint, isReset } from '../../derive/connects.ts';
import { nodeState, sawRoute } from '../../derive/node-states.ts';
import { addressesOf } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { NodeState } from '../../evidence/readings.ts';
import type { NodeSnapshot } from '../../evidence/snapshots.ts';
import { inCidr } from '../../netpol/cidr.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'cidr-overlap',
  rung: 'P',
  title: 'Two networks use the same range of addresses',
  needs: ['sourcePod', 'backendConnects'],
  uses: ['nodes', 'nodeStates', 'serviceCidrs'],
  lookAlikes: ['masquerade-wrong', 'route-missing', 'node-down'],
  explains: ['route-missing', 'route-return-missing', 'underlay-blocked'],
  judge({ sourcePod, backendConnects, nodes, nodeStates, serviceCidrs }) {
    const source = found(sourcePod);
    const own = source?.spec.nodeName ?? null;
    if (source === null || own === null) return notApplicable('the source Pod is on no node');
    const lost = backendConnects.filter((reading) => reading.outcome.kind !== 'connected' && !isReset(reading));
    if (lost.length === 0) return clear('nothing was lost on the way');
    const state = nodeState(nodeStates, own);
    const shared = sharedRanges(nodes ?? []);
    const all = lost.flatMap((reading): readonly Fault[] => {
      const { address, owner } = reading;
      const twice = shared.find(({ names }) => owner.node !== null && names.includes(owner.node));
      if (twice !== undefined)
        return [
          {
            subject: { kind: 'Node', name: owner.node ?? '' },
            summary: `${twice.names.join(' and ')} both give their Pods addresses of ${twice.range}: packets for ${address} go to one of them, whoever has it.`,
            confidence: 'proven',
            blocks: 'path',
            addresses: [address],
            evidence: [
              {
                vantage: 'api',
                command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR',
                saw: `${twice.range}: ${twice.names.join(', ')}`,
              },
              ...lostProof([reading]),
            ],
            fix: [
              {
                say: 'Take one of them out of the cluster and let it join again, so that it gets a range of its own',
                run: `kubectl drain ${owner.node} --ignore-daemonsets`,
              },
            ],
          },
        ];
      if (owner.kind !== 'Address' || address.includes(':')) return [];
      const route = state?.routes.find(({ to }) => to === address);
      const inside = state === null ? null : insideDevice(state, address, addressesOf(source));
      const range = [
        ...(nodes ?? []).flatMap(({ spec }) => (spec?.podCIDRs ?? []).map((cidr) => ({ cidr, of: 'Pods' }))),
        ...(serviceCidrs ?? []).map((cidr) => ({ cidr, of: 'Services' })),
      ].find(({ cidr }) => inCidr(address, cidr));
      if (inside === null && range === undefined) return [];
      const uses = range === undefined ? `${inside} of ${own}` : `the cluster's ${range.of} (${range.cidr})`;
      return [
        {
          subject: { kind: 'Node', name: own },
          summary: `${endpoint(address, reading.port)} lies in a range that is used inside, by ${uses}: ${own} never sends packets for it out.`,
          confidence: inside === null ? 'likely' : 'proven',
          blocks: 'path',
          addresses: [address],
          evidence: [
            ...(route === undefined || state === null
              ? []
              : [
                  {
                    vantage: 'node' as const,
                    command: `${state.command} -- ip route get ${address}`,
                    saw: `${own}: ${sawRoute(route)}`,
                  },
                ]),
            ...(range === undefined
              ? []
              : [
                  {
                    vantage: 'api' as const,
                    command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR',
                    saw: `${range.cidr} is the range of ${range.of}`,
                  },
                ]),
            ...lostProof([reading]),
          ],
          ruledOut: [{ id: 'egress-filtered', because: 'packets do not leave the node' }],
          fix: [
            {
              say: 'See which device has that range, and who set it up',
              run: state === null ? 'kubectl get nodes -o wide' : `${state.command} -- ip -br addr`,
            },
            { say: 'Give one of the two another range; docker0 and its like can be removed or moved' },
          ],
        },
      ];
    });
    return faults(all, 'no range of addresses on this path is used twice');
  },
});

/** Ranges that more than one node gives to its Pods. */
function sharedRanges(
  nodes: readonly NodeSnapshot[],
): readonly { readonly range: string; readonly names: readonly string[] }[] {
  const ranges = [...new Set(nodes.flatMap(({ spec }) => spec?.podCIDRs ?? []))];
  return ranges
    .map((range) => ({
      range,
      names: nodes.filter(({ spec }) => spec?.podCIDRs?.includes(range)).map(({ metadata }) => metadata.name),
    }))
    .filter(({ names }) => names.length > 1);
}

/** The device for Pods or containers that the node would use for an address outside; null when it sends it out. */
function insideDevice(state: NodeState, address: string, source: readonly string[]): string | null {
  const device = state.routes.find(({ to }) => to === address)?.device ?? null;
  if (device === null) return null;
  const forPods = state.routes.filter(({ to }) => source.includes(to)).map((route) => route.device);
  const isInside =
    forPods.includes(device) ||
    state.overlays.some((overlay) => overlay.device === device) ||
    /^(docker\d|br-[0-9a-f]{12}|virbr\d|cni\d|podman\d)/.test(device);
  return isInside ? device : null;
}
