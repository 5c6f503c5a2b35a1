import { nodeState } from '../../derive/node-states.ts';
import { internalAddress } from '../../derive/nodes.ts';
import { addressesOf } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { NodeState } from '../../evidence/readings.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'vxlan-vtep-stale',
  rung: 'P',
  title: "A node's tables of the overlay are wrong about another node",
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['nodes'],
  lookAlikes: ['underlay-blocked', 'route-missing', 'node-down'],
  explains: ['underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects, nodes }) {
    const source = found(sourcePod);
    const state = nodeState(nodeStates, source?.spec.nodeName);
    if (source === null || state === null) return notApplicable("the source's node was not looked at");
    if (state.overlays.length === 0) return notApplicable(`${state.node} has no VXLAN device`);
    const lost = lostAt(backendConnects, state.node, state.node);
    const addressOf = (name: string): string | null => {
      const node = nodes?.find(({ metadata }) => metadata.name === name);
      return node === undefined ? null : internalAddress(node);
    };
    const peers = [...new Set(lost.flatMap(({ owner }) => owner.node ?? []))];
    const all = peers.flatMap((name): readonly Fault[] => {
      const there = lost.filter(({ owner }) => owner.node === name);
      const peer = nodeState(nodeStates, name);
      const forth = there.flatMap(({ address }) => wrongHop(state, address, { name, peer, ip: addressOf(name) }) ?? []);
      const own = { name: state.node, peer: state, ip: addressOf(state.node) };
      const back = peer === null ? [] : addressesOf(source).flatMap((address) => wrongHop(peer, address, own) ?? []);
      const [first] = [...forth, ...back];
      if (first === undefined) return [];
      const { at, says, saw, command } = first;
      return [
        {
          subject: { kind: 'Node', name: at.node },
          summary: says,
          confidence: 'proven',
          blocks: 'path',
          addresses: there.map(({ address }) => address),
          evidence: [{ vantage: 'node', command, saw }, ...lostProof(there)],
          ruledOut: [
            { id: 'underlay-blocked', because: 'packets are wrapped for the wrong place before they leave the node' },
            { id: 'route-missing', because: `${at.node} has a route by its overlay` },
          ],
          fix: [
            {
              say: `Restart the network plugin's Pods on ${state.node} and ${name}, which write these tables`,
              run: `kubectl get pods -A -o wide --field-selector spec.nodeName=${at.node}`,
            },
            {
              say: 'Where the hardware address changes with every start of the device, have systemd leave it alone (MACAddressPolicy=none)',
            },
          ],
        },
      ];
    });
    return all.length === 0 ? clear('the tables of the overlay agree with the nodes') : faults(all, '');
  },
});

interface Peer {
  readonly name: string;
  readonly peer: NodeState | null;
  readonly ip: string | null;
}

interface WrongHop {
  readonly at: NodeState;
  readonly says: string;
  readonly saw: string;
  readonly command: string;
}

/** What is wrong with the way over the overlay to this address on another node; null when nothing is, or it takes another way. */
function wrongHop(at: NodeState, to: string, { name, peer, ip }: Peer): WrongHop | null {
  const hop = at.hops.find((candidate) => candidate.to === to);
  const device = at.overlays.find((overlay) => overlay.device === hop?.device);
  if (hop === undefined || device === undefined || device.learns) return null;
  const neighbours = `${at.command} -- ip neigh show dev ${hop.device}`;
  const table = `${at.command} -- bridge fdb show dev ${hop.device}`;
  const { hardwareAddress: mac, wrappedFor } = hop;
  if (mac === null)
    return {
      at,
      says: `${at.node} does not know the hardware address of ${hop.via}, the next hop to Pods on ${name}: nothing is sent to them.`,
      saw: `${at.node}: neighbour ${hop.via} on ${hop.device}: ${hop.state ?? 'no entry'}`,
      command: neighbours,
    };
  if (wrappedFor === null)
    return {
      at,
      says: `${at.node} does not know which node ${mac} is, the next hop to Pods on ${name}: ${hop.device} drops what is sent to them.`,
      saw: `${at.node}: no forwarding entry for ${mac} on ${hop.device}`,
      command: table,
    };
  const there = peer?.overlays.find(({ vni }) => vni === device.vni) ?? peer?.overlays[0] ?? null;
  const known = [ip, there?.local ?? null].filter((address) => address !== null);
  if (known.length > 0 && !known.includes(wrappedFor))
    return {
      at,
      says: `${at.node} wraps packets for Pods on ${name} for ${wrappedFor}, and ${name} is ${known[0]}.`,
      saw: `${at.node}: ${mac} on ${hop.device} is at ${wrappedFor}`,
      command: table,
    };
  if (there === null) return null;
  if (there.hardwareAddress !== null && there.hardwareAddress.toLowerCase() !== mac.toLowerCase())
    return {
      at,
      says: `${at.node} sends packets for Pods on ${name} to ${mac}; the VXLAN device of ${name} is ${there.hardwareAddress}.`,
      saw: `${at.node}: neighbour ${hop.via} is ${mac}; ${name}: ${there.device} is ${there.hardwareAddress}`,
      command: neighbours,
    };
  if (device.vni !== null && there.vni !== null && device.vni !== there.vni)
    return {
      at,
      says: `The VXLAN devices of ${at.node} and ${name} have different network identifiers (${device.vni} and ${there.vni}): each throws away what the other sends.`,
      saw: `${at.node}: ${device.device} has id ${device.vni}; ${name}: ${there.device} has id ${there.vni}`,
      command: `${at.command} -- ip -d link show ${device.device}`,
    };
  if (device.udpPort !== null && there.udpPort !== null && device.udpPort !== there.udpPort)
    return {
      at,
      says: `The VXLAN devices of ${at.node} and ${name} use different UDP ports (${device.udpPort} and ${there.udpPort}).`,
      saw: `${at.node}: ${device.device} sends to port ${device.udpPort}; ${name}: ${there.device} listens on ${there.udpPort}`,
      command: `${at.command} -- ip -d link show ${device.device}`,
    };
  return null;
}
