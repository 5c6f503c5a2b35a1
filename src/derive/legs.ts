/** The two ways a flow looks to policies when it enters at a node's port: as it leaves the source, and as it arrives at a Pod. */
import type { NamespaceSnapshot, NodeSnapshot, PodSnapshot, ServiceSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { type Direction, evaluateDirection, type PolicyFlow } from '../netpol/evaluate.ts';
import { outsideEnd, type PolicyEnd } from '../netpol/flow.ts';
import type { PolicySet } from '../netpol/policy-set.ts';
import type { DirectionVerdict } from '../netpol/verdict.ts';
import { internalAddress } from './nodes.ts';
import { policyEnd } from './policy.ts';

export interface LegFacts {
  readonly namespaces: readonly NamespaceSnapshot[];
  readonly nodes: readonly NodeSnapshot[] | null;
  readonly service: ServiceSnapshot | null;
}

/** What policies are asked about, per direction; both the same unless a node's port lies between. */
export interface Legs extends Readonly<Record<Direction, PolicyFlow>> {
  /** As if the source asked the Pod itself. */
  readonly direct: PolicyFlow;
  /** The Pods see the address of a node in the place of the source's. */
  readonly replaced: boolean;
}

interface LegTarget {
  readonly pod: PodSnapshot;
  readonly port: number;
}

/**
 * The flow from the source to one Pod, as the policies of each end see it.
 *
 * A node that takes a connection at a node port sends it on in its own name, unless the Service keeps the client
 * (`externalTrafficPolicy: Local`). A Pod that asks another node leaves its own node in that node's name.
 *
 * @see https://kubernetes.io/docs/tutorials/services/source-ip/#source-ip-for-services-with-type-nodeport
 */
export function legsOf(source: PodSnapshot, target: LegTarget, protocol: string, flow: Flow, facts: LegFacts): Legs {
  const own = policyEnd(source, facts.namespaces);
  const destination = policyEnd(target.pod, facts.namespaces);
  const direct: PolicyFlow = { source: own, destination, port: target.port, protocol };
  const { via } = flow;
  if (via === undefined) return { egress: direct, ingress: direct, direct, replaced: false };
  const isHere = via.node === source.spec.nodeName;
  // On the source's own node the port is translated before policies are asked; to another node it goes as it was typed.
  const egress = isHere ? direct : { ...direct, destination: outsideEnd(via.address), port: via.port };
  const seen =
    facts.service?.spec.externalTrafficPolicy !== 'Local' ? via.node : isHere ? null : (source.spec.nodeName ?? null);
  if (seen === null) return { egress, ingress: direct, direct, replaced: false };
  return { egress, ingress: { ...direct, source: nodeEnd(seen, via, facts.nodes ?? []) }, direct, replaced: true };
}

export function evaluateLegs(legs: Legs, policies: PolicySet): Readonly<Record<Direction, DirectionVerdict>> {
  return {
    egress: evaluateDirection('egress', legs.egress, policies),
    ingress: evaluateDirection('ingress', legs.ingress, policies),
  };
}

/** A node as a client: no label names it, and Pods of its own it always reaches. */
function nodeEnd(
  name: string,
  via: { readonly node: string; readonly address: string },
  nodes: readonly NodeSnapshot[],
): PolicyEnd {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  const address = name === via.node ? via.address : node === undefined ? null : internalAddress(node);
  const addresses = [...(address === null ? [] : [address]), ...overlayAddresses(nodes, name)];
  return { ...outsideEnd(addresses.join(', ')), name: `node ${name}`, addresses, hostNetwork: true, node: name };
}

/**
 * The network address of each range of Pod addresses of a node: flannel and its like give it to the node's end of the overlay.
 *
 * @see https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md
 */
export function overlayAddresses(nodes: readonly NodeSnapshot[], name: string | null): readonly string[] {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  return (node?.spec.podCIDRs ?? []).flatMap((cidr) => cidr.split('/')[0] ?? []);
}
