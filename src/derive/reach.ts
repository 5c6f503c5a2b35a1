import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { DnsOutcome, DnsPairs, DnsReading, SystemLookup, UdpReading } from '../evidence/readings.ts';
import type { Flow } from '../ladder/flow.ts';
import { isHeadless, isIpv6Only, serviceAddresses } from './backends.ts';
import { works } from './connects.ts';
import { clusterDomain, strangeDomain } from './dns.ts';
import { routedBackends, sourcePlace } from './routing.ts';
import { viewService } from './service-view.ts';
import { sizeLimited } from './sizes.ts';
import { isServiceLossy, lossyBackends } from './tries.ts';
import { udpArrived } from './udp.ts';

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
  // Without any IPv6 the system says so at once and clients go on; only a silent way makes them wait.
  const outside = (factOf(evidence, 'outsideConnects') ?? []).filter(
    ({ address, outcome }) => !address.includes(':') || outcome.kind === 'timed-out',
  );
  const inUse = [...backends, ...outside].filter(
    (reading) =>
      reading.owner.kind !== 'Pod' || !(isSpare(evidence, reading.address) || elsewhere.includes(reading.address)),
  );
  const connects = factOf(evidence, 'serviceConnects') ?? [];
  // One connection that worked is no proof for those that lose packets, or for packets that are larger.
  const lossy = lossyBackends(evidence);
  const limited = sizeLimited(evidence);
  const connected = (reading: (typeof inUse)[number]): boolean =>
    reading.outcome.kind === 'connected' && !lossy.includes(reading.address);
  const answered = (reading: (typeof inUse)[number]): boolean =>
    works(reading) && connected(reading) && !limited.includes(reading.address);
  const udp = factOf(evidence, 'udpProbes') ?? [];
  const datagrams = {
    toService: udp.filter(({ owner }) => owner.kind === 'Service'),
    toBackends: udp.filter(({ owner }) => owner.kind !== 'Service'),
  };
  // A try that was lost on our side is no success: all the others together still prove nothing about it.
  const whole = (kind: 'serviceConnects' | 'backendConnects', result: StageResult): StageResult => {
    const item = evidence[kind];
    return result === 'works' && item?.status === 'collected' && item.lost !== undefined ? 'not-measured' : result;
  };
  // Through a node's port the backends see another client: what they say to this one by itself decides nothing.
  // Nor are there backends to be tried of a Service that may not be read.
  const isUnread = evidence.service?.status === 'missing';
  const enters = (flow.via !== undefined || isUnread) && connects.length > 0 && connects.every(works);
  if (enters) {
    const served = whole('serviceConnects', 'works');
    return { name: nameResult(evidence, flow), service: served, path: served, application: served, failing: [] };
  }
  return {
    name: nameResult(evidence, flow),
    service:
      flow.destination.kind !== 'Service' ||
      (service !== null && (isHeadless(service) || service.spec.type === 'ExternalName'))
        ? 'not-applicable'
        : isServiceLossy(evidence)
          ? 'partly'
          : whole('serviceConnects', share([...connects.map(works), ...known(datagrams.toService, evidence)])),
    path: whole('backendConnects', share([...inUse.map(connected), ...known(datagrams.toBackends, evidence)])),
    application: share([
      ...inUse.filter(connected).map(answered),
      ...known(datagrams.toBackends, evidence).filter((arrived) => arrived),
    ]),
    failing: [
      ...inUse.filter((reading) => !answered(reading)).map((reading) => reading.address),
      ...datagrams.toBackends
        .filter((reading) => udpArrived(reading, evidence) === false)
        .map((reading) => reading.address),
    ],
  };
}

/** Datagrams of which it is known what became of them; where it is not known of one, nothing is said of all. */
function known(readings: readonly UdpReading[], evidence: Evidence): readonly boolean[] {
  const results = readings.map((reading) => udpArrived(reading, evidence));
  return results.includes(null) && !results.includes(false)
    ? []
    : results.filter((result): result is boolean => result !== null);
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
/** A lookup that takes this long is not called working: clients give up, or make people wait. */
export const SLOW_LOOKUP_MS = 1000;

function nameResult(evidence: Evidence, flow: Flow): StageResult {
  if (flow.byAddress || (flow.dnsName === null && flow.destination.kind !== 'Service')) return 'not-applicable';
  const lookup = factOf(evidence, 'nameLookup');
  if (lookup === null) return 'not-measured';
  if (!isRightAnswer(secondTry(lookup, evidence).outcome, evidence)) return 'fails';
  const search = factOf(evidence, 'searchLookup');
  if (wildcardAnswer(evidence, flow) !== null) return 'fails';
  const system = isNotAskedFor(evidence) ? [] : systemLookupsOf(evidence);
  const good = system.filter((one) => isRightLookup(one, evidence));
  // A search list that lost a packet is measured again by the system's resolver.
  if (flow.dnsName !== null && search !== null && !isRightAnswer(search.outcome, evidence)) {
    if (search.outcome.kind === 'answered' || good.length === 0) return 'fails';
  }
  const settled = system.filter(({ outcome }) => outcome !== 'stalled');
  if (good.length === 0 && (settled.length > 0 || (system.length > 0 && lookup.truncated === true))) return 'fails';
  if (stalledLookups(evidence) > 1 || isSlow(evidence) || deadDnsPods(evidence).length > 0) return 'partly';
  return 'works';
}

/** A resolver asks for no IPv6 address where its Pod has none (getaddrinfo(3), AI_ADDRCONFIG): that it finds nothing says nothing about DNS. */
function isNotAskedFor(evidence: Evidence): boolean {
  const service = found(factOf(evidence, 'service'));
  const own = found(factOf(evidence, 'sourcePod'))?.status?.podIPs ?? [];
  return service !== null && isIpv6Only(service) && own.length > 0 && !own.some(({ ip }) => ip.includes(':'));
}

/**
 * The search domain that answers for every name, so that this one ends at an address that is not meant; null without one.
 * Its answer to a name that cannot exist is what shows it.
 */
export function wildcardAnswer(evidence: Evidence, flow: Flow): string | null {
  const outcome = factOf(evidence, 'wildcardLookup')?.outcome;
  if (outcome?.kind !== 'answered' || outcome.addresses.length === 0) return null;
  const resolvConf = factOf(evidence, 'resolvConf');
  const domain = clusterDomain(resolvConf, found(factOf(evidence, 'corefile')));
  return strangeDomain(factOf(evidence, 'searchLookup'), resolvConf, { flow, domain });
}

/** The same question asked once more, where the first try got no answer and the second did. */
export function secondTry(reading: DnsReading, evidence: Evidence): DnsReading {
  if (reading.outcome.kind === 'answered') return reading;
  const again = (factOf(evidence, 'dnsRetries') ?? []).find(
    (retry) => retry.name === reading.name && retry.server === reading.server && retry.transport === reading.transport,
  );
  return again?.outcome.kind === 'answered' ? again : reading;
}

/** Every lookup by the system's resolver; empty when none was made. */
export function systemLookupsOf(evidence: Evidence): readonly SystemLookup[] {
  return [...(factOf(evidence, 'systemLookups')?.lookups ?? []), ...(factOf(evidence, 'moreLookups')?.lookups ?? [])];
}

/** A name of the cluster that comes at once. */
const QUICK_MS = 500;
/** Half of what a stalled lookup takes: others beside it are much quicker, also on a busy machine. */
const BUSY_MS = 1000;

/**
 * How many lookups of the system's resolver lost a packet. Where the others were slow as well nothing was lost: the machine is
 * busy, and everything takes long; unless pairs of questions tell that only those get lost.
 */
export function stalledLookups(evidence: Evidence): number {
  const all = systemLookupsOf(evidence);
  const times = all.flatMap(({ outcome, ms }) => (outcome === 'stalled' ? [] : [ms])).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  const isBusy = median === undefined || median > BUSY_MS;
  return isBusy && !onlyPairsGetLost(factOf(evidence, 'dnsPairs')) ? 0 : all.length - times.length;
}

/** Found, and for a Service with an address of its own that address. */
function isRightLookup({ outcome, addresses }: SystemLookup, evidence: Evidence): boolean {
  if (outcome !== 'found') return false;
  const service = found(factOf(evidence, 'service'));
  const own = service === null || service.spec.type === 'ExternalName' ? [] : serviceAddresses(service);
  return own.length === 0 || addresses.some((address) => own.includes(address));
}

/** The slowest of the first lookups of the name, by dig or by the system: all that come after the first may be answered from a cache. */
export function lookupMs(evidence: Evidence): number {
  const bySystem = factOf(evidence, 'systemLookups')?.lookups ?? [];
  return Math.max(
    factOf(evidence, 'nameLookup')?.tookMs ?? 0,
    factOf(evidence, 'searchLookup')?.tookMs ?? 0,
    ...bySystem.filter(({ outcome }) => outcome === 'found').map(({ ms }) => ms),
  );
}

/** Slow twice: a name that was asked for, and one that nobody had asked for before; while a name of the cluster comes at once. */
function isSlow(evidence: Evidence): boolean {
  const fresh = factOf(evidence, 'freshLookup');
  const control = factOf(evidence, 'controlLookup');
  return (
    fresh !== null &&
    Math.min(lookupMs(evidence), fresh.tookMs) >= SLOW_LOOKUP_MS &&
    control?.outcome.kind === 'answered' &&
    control.tookMs <= QUICK_MS
  );
}

/** Pods of the cluster DNS that take queries and answered neither of two, while others answered. */
export function deadDnsPods(evidence: Evidence): readonly DnsReading[] {
  const asked = (factOf(evidence, 'dnsServers') ?? []).filter(({ pod }) => pod !== undefined);
  // Before the second try has come in nothing is called dead.
  if (factOf(evidence, 'dnsRetries') === null) return [];
  const dead = asked.filter(
    (reading) =>
      secondTry(reading, evidence).outcome.kind !== 'answered' && !answeredPairs(factOf(evidence, 'dnsPairs'), reading),
  );
  return dead.length < asked.length ? dead : [];
}

/** Below this, chance is not what makes the difference. */
const UNLIKELY = 0.06;

/**
 * Whether questions that are sent two at once to the cluster DNS address lose answers, and those sent one after the other do not, or
 * so much less often that chance does not explain it: neither plain loss nor a busy machine makes that difference.
 */
export function onlyPairsGetLost(pairs: readonly DnsPairs[] | null): boolean {
  const through = pairs?.find(({ pod }) => pod === undefined);
  if (through === undefined || through.inTurn.times === 0) return false;
  const { atOnce, inTurn } = through;
  return chanceOfFewer(atOnce.times - atOnce.both, atOnce.times, inTurn.times - inTurn.both, inTurn.times) < UNLIKELY;
}

/**
 * How likely it is that of all that was lost so few fall on the second kind of tries, if both kinds were lost alike: Fisher's exact
 * test, one-sided.
 */
function chanceOfFewer(lost: number, tries: number, lostOther: number, triesOther: number): number {
  const all = lost + lostOther;
  const ways = (of: number, take: number): number =>
    take > of
      ? 0
      : Array.from({ length: take }, (_, n) => (of - n) / (n + 1)).reduce((product, one) => product * one, 1);
  const fewer = Array.from({ length: lostOther + 1 }, (_, few) => ways(triesOther, few) * ways(tries, all - few));
  return fewer.reduce((sum, one) => sum + one, 0) / ways(tries + triesOther, all);
}

/** Whether a server that missed a question answered any of the many that followed: it loses packets, and is not dead. */
export function answeredPairs(pairs: readonly DnsPairs[] | null, { server }: DnsReading): boolean {
  return (pairs ?? []).some(
    ({ server: other, atOnce, inTurn }) => other === server && atOnce.both + atOnce.one + inTurn.both > 0,
  );
}

/** Whether a lookup went wrong in any way, or was slow: something to look into. */
export function lookupFailed(evidence: Evidence, flow: Flow): boolean {
  const lookup = factOf(evidence, 'nameLookup');
  if (lookup === null || flow.byAddress) return false;
  const servers = factOf(evidence, 'dnsServers') ?? [];
  return (
    !isRightAnswer(lookup.outcome, evidence) ||
    servers.some(({ outcome }) => outcome.kind !== 'answered') ||
    lookupMs(evidence) >= SLOW_LOOKUP_MS
  );
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
