/** Where the rules of the source's node send the Service address, held against the EndpointSlices. */
import { found, type Lookup } from '../evidence/collected.ts';
import type { Endpoints } from '../evidence/evidence.ts';
import type { NodeState, ServiceTargets, TrackedFlow } from '../evidence/readings.ts';
import type { NodeSnapshot, PodSnapshot, ServiceSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { isHeadless, serviceAddresses } from './backends.ts';
import { endpoint } from './connects.ts';
import { nodeState } from './node-states.ts';
import { clientPlace, routedBackends } from './routing.ts';
import { viewService } from './service-view.ts';

export interface RuleFacts {
  readonly sourcePod: Lookup<PodSnapshot> | null;
  readonly service: Lookup<ServiceSnapshot> | null;
  readonly endpoints: Endpoints | null;
  readonly nodes: readonly NodeSnapshot[] | null;
  readonly nodeStates: readonly NodeState[];
}

export interface RuleSet extends ServiceTargets {
  /** Addresses with ports that no slice gives this client. */
  readonly strangers: readonly string[];
  /** Those that a slice gives it and the rules do not have. */
  readonly missing: readonly string[];
  /** Of kube-proxy in the mode it says it is in, as far as the rule shows it. */
  readonly isActive: boolean;
}

export interface RuleView {
  readonly node: string;
  readonly state: NodeState;
  readonly service: ServiceSnapshot;
  readonly address: string;
  readonly port: number;
  /** What the slices say, addresses with ports. */
  readonly expected: readonly string[];
  readonly sets: readonly RuleSet[];
  /** Connections of the source to the Service address and port. */
  readonly flows: readonly TrackedFlow[];
}

/** Null when the flow has no Service address, or the rules of the source's node were not read. */
export function viewRules(facts: RuleFacts, flow: Flow): RuleView | null {
  const source = found(facts.sourcePod);
  const view = viewService(facts.service, facts.endpoints, flow);
  const state = nodeState(facts.nodeStates, source?.spec.nodeName);
  if (source === null || view === null || state === null || state.serviceRules === null) return null;
  const address = serviceAddresses(view.service).find((one) => !one.includes(':'));
  if (isHeadless(view.service) || address === undefined) return null;
  const place = clientPlace(source, facts.nodes ?? []);
  const expected = routedBackends(view.used, view.service, place)
    .backends.filter((backend) => !backend.address.includes(':'))
    .map((backend) => endpoint(backend.address, backend.port ?? 0));
  const protocol = view.protocol.toLowerCase();
  const sets = state.serviceTargets
    .filter((targets) => targets.protocol === protocol && targets.port === view.port.port)
    .map(
      (targets): RuleSet => ({
        ...targets,
        strangers: targets.to.filter((to) => !expected.includes(to)),
        missing: expected.filter((to) => !targets.to.includes(to)),
        isActive: isOfProxy(targets) && fitsMode(targets, state.proxy?.mode ?? null),
      }),
    );
  return {
    node: state.node,
    state,
    service: view.service,
    address,
    port: view.port.port,
    expected,
    sets,
    flows: state.flows.filter(
      (one) => one.protocol === protocol && one.destination === address && one.destinationPort === view.port.port,
    ),
  };
}

/** Rules of others, such as a DNAT written by hand, stand in other chains than kube-proxy's. */
function isOfProxy({ by, rule }: ServiceTargets): boolean {
  return by === 'nftables' || by === 'ipvs' || rule.startsWith('-A KUBE-SERVICES ');
}

function fitsMode({ by }: ServiceTargets, mode: string | null): boolean {
  return mode === null || by.startsWith(mode);
}
