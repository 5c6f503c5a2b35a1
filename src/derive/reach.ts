import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { DnsOutcome } from '../evidence/readings.ts';
import type { Flow } from '../ladder/flow.ts';
import { isHeadless, serviceAddresses } from './backends.ts';
import { works } from './connects.ts';
import { routedBackends, sourcePlace } from './routing.ts';
import { viewService } from './service-view.ts';

/** How one stage of the flow did when it was tried from the source Pod. */
export type StageResult = 'works' | 'partly' | 'fails' | 'not-measured' | 'not-applicable';

/**
 * Where a request can get stuck, in the order in which it does: finding the address, the Service's own address, the way to
 * the backend, the application's answer.
 */
export const STAGES = ['name', 'service', 'path', 'application'] as const;
export type Stage = (typeof STAGES)[number];

export interface Reach {
  readonly name: StageResult;
  /** The Service address; not-applicable for headless Services, Pods and plain addresses. */
  readonly service: StageResult;
  /** Backends that are in use, each tried directly. */
  readonly path: StageResult;
  readonly application: StageResult;
  /** Addresses of backends that did not work when tried directly. */
  readonly failing: readonly string[];
}

/** What the probes measured, stage by stage, without any judgement of why. */
export function measuredReach(evidence: Evidence, flow: Flow): Reach {
  const service = found(factOf(evidence, 'service'));
  const backends = factOf(evidence, 'backendConnects') ?? [];
  const elsewhere = leftOut(evidence, flow);
  const inUse = backends.filter(
    (reading) =>
      reading.owner.kind !== 'Pod' || !(isSpare(evidence, reading.address) || elsewhere.includes(reading.address)),
  );
  const connects = factOf(evidence, 'serviceConnects') ?? [];
  const connected = (reading: (typeof inUse)[number]): boolean => reading.outcome.kind === 'connected';
  // A try that was lost on our side is no success: all the others together still prove nothing about it.
  const whole = (kind: 'serviceConnects' | 'backendConnects', result: StageResult): StageResult => {
    const item = evidence[kind];
    return result === 'works' && item?.status === 'collected' && item.lost !== undefined ? 'not-measured' : result;
  };
  return {
    name: nameResult(evidence, flow),
    service:
      flow.destination.kind !== 'Service' || (service !== null && isHeadless(service))
        ? 'not-applicable'
        : whole('serviceConnects', share(connects.map(works))),
    path: whole('backendConnects', share(inUse.map(connected))),
    application: share(inUse.filter(connected).map(works)),
    failing: inUse.filter((reading) => !works(reading)).map((reading) => reading.address),
  };
}

/** A backend that is probed for information only: its Pod is not ready, so nothing is sent to it. */
function isSpare(evidence: Evidence, address: string): boolean {
  const endpoints = factOf(evidence, 'endpoints');
  if (endpoints === null) return false;
  const all = endpoints.slices.flatMap((slice) => slice.endpoints ?? []);
  const own = all.filter((item) => item.addresses.includes(address));
  if (own.length === 0)
    return endpoints.selected.some((pod) => pod.status?.podIPs?.some(({ ip }) => ip === address) ?? false);
  if (own.some((item) => item.conditions?.ready ?? true)) return false;
  const anyReady = all.some((item) => item.conditions?.ready ?? true);
  return anyReady || !own.some((item) => item.conditions?.serving === true && item.conditions.terminating === true);
}

/** Backends that serve other nodes or zones only; they are probed for comparison. Empty where none is left, which is a fault of its own. */
function leftOut(evidence: Evidence, flow: Flow): readonly string[] {
  const view = viewService(factOf(evidence, 'service'), factOf(evidence, 'endpoints'), flow);
  if (view === null) return [];
  const { backends } = routedBackends(view.used, view.service, sourcePlace(evidence));
  if (backends.length === 0) return [];
  return view.used.filter((backend) => !backends.includes(backend)).map((backend) => backend.address);
}

function nameResult(evidence: Evidence, flow: Flow): StageResult {
  if (flow.byAddress || (flow.dnsName === null && flow.destination.kind !== 'Service')) return 'not-applicable';
  const lookup = factOf(evidence, 'nameLookup');
  if (lookup === null) return 'not-measured';
  if (!isRightAnswer(lookup.outcome, evidence)) return 'fails';
  const search = factOf(evidence, 'searchLookup');
  if (flow.dnsName === null || search === null) return 'works';
  return isRightAnswer(search.outcome, evidence) ? 'works' : 'fails';
}

/** An answer with an address, and for a Service the Service's own. */
export function isRightAnswer(outcome: DnsOutcome, evidence: Evidence): boolean {
  if (outcome.kind !== 'answered' || outcome.rcode !== 'NOERROR') return false;
  const service = found(factOf(evidence, 'service'));
  if (service === null || isHeadless(service) || service.spec.type === 'ExternalName')
    return outcome.addresses.length > 0;
  return outcome.addresses.some((address) => serviceAddresses(service).includes(address));
}

function share(results: readonly boolean[]): StageResult {
  if (results.length === 0) return 'not-measured';
  const good = results.filter(Boolean).length;
  return good === results.length ? 'works' : good === 0 ? 'fails' : 'partly';
}

/** `NOERROR 10.96.114.140`, `NXDOMAIN`, `no answer`: a DNS outcome in a few words. */
export function sawDns(outcome: DnsOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return [outcome.rcode, ...outcome.addresses].join(' ');
    case 'timed-out':
      return 'no answer';
    case 'refused':
      return 'connection refused';
    case 'unreachable':
      return outcome.text;
  }
}
