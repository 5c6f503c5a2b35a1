/** What was measured differently in two runs: another outcome, or a time that moved by more than noise. */

import { duration, endpoint, sawConnect, works } from '../derive/connects.ts';
import { sawRoute } from '../derive/node-states.ts';
import { sawDns } from '../derive/reach.ts';
import { sawUdp } from '../derive/udp.ts';
import { type Evidence, factOf, PROBE_VANTAGES, type ProbeKind } from '../evidence/evidence.ts';
import type { ConnectReading, DnsOutcome, DnsReading, NodeState, SystemLookups } from '../evidence/readings.ts';

export interface ReadingChange {
  /** What was asked: `api.shop.svc.cluster.local.`, `Pod api-a port 8080`. */
  readonly what: string;
  readonly change: 'outcome' | 'time';
  readonly before: string;
  readonly after: string;
}

interface Measured {
  readonly what: string;
  /** Equal for what came out the same, whatever the time it took. */
  readonly outcome: string;
  readonly says: string;
  /** Null where nothing was waited for with success. */
  readonly ms: number | null;
  readonly isConnect: boolean;
}

/**
 * One measurement easily takes twice as long as the one before, and some milliseconds more where a scheduler was late. On a
 * busy node all of them scatter: what moved by less than the others lie apart in one of the runs has not moved.
 */
const NOISE = { factor: 2, ms: 20 };

/** What listens inside a backend is no measurement of the path. */
const KINDS = (Object.keys(PROBE_VANTAGES) as ProbeKind[]).filter((kind) => kind !== 'listeners');

/** In the order of the path. What was asked in one run only is not compared: Pods that came and went are told as such. */
export function changedReadings(before: Evidence, after: Evidence): readonly ReadingChange[] {
  const [olds, news] = [before, after].map((evidence) => KINDS.flatMap((kind) => measured(evidence, kind)));
  const now = new Map(news?.map((item) => [item.what, item]));
  return (olds ?? []).flatMap((old): readonly ReadingChange[] => {
    const item = now.get(old.what);
    if (item === undefined) return [];
    const { what } = old;
    if (item.outcome !== old.outcome) return [{ what, change: 'outcome', before: old.says, after: item.says }];
    if (old.ms === null || item.ms === null) return [];
    const scatter = Math.max(scatterBeside(what, olds ?? []), scatterBeside(what, news ?? []));
    if (!hasMoved(old.ms, item.ms, scatter)) return [];
    return [{ what, change: 'time', before: duration(old.ms), after: duration(item.ms) }];
  });
}

function hasMoved(before: number, after: number, scatter: number): boolean {
  const [less, more] = before < after ? [before, after] : [after, before];
  return more - less >= Math.max(NOISE.ms, scatter) && more >= NOISE.factor * less;
}

/** How far the other connections of a run lie apart, in milliseconds; lookups wait for other things. */
function scatterBeside(what: string, items: readonly Measured[]): number {
  const times = items.flatMap((item) => (item.isConnect && item.what !== what && item.ms !== null ? [item.ms] : []));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

function measured(evidence: Evidence, kind: (typeof KINDS)[number]): readonly Measured[] {
  switch (kind) {
    case 'resolvConf': {
      const conf = factOf(evidence, kind);
      if (conf === null) return [];
      const says = `nameserver ${conf.nameservers.join(' ')}, search ${conf.search.join(' ')}, ndots ${conf.ndots}`;
      return [{ what: '/etc/resolv.conf of the source', outcome: says, says, ms: null, isConnect: false }];
    }
    case 'nameLookup': {
      const lookup = factOf(evidence, kind);
      return lookup === null ? [] : [ofDns(lookup, lookup.name)];
    }
    case 'searchLookup': {
      const lookup = factOf(evidence, kind);
      return lookup === null ? [] : [ofDns(lookup, `${lookup.typed}, through the search list`)];
    }
    case 'hostsFile': {
      const entries = factOf(evidence, kind);
      if (entries === null) return [];
      const says = entries.map(({ address, names }) => `${address} ${names.join(' ')}`).join(', ');
      return [{ what: '/etc/hosts of the source', outcome: says, says, ms: null, isConnect: false }];
    }
    case 'systemLookups': {
      const found = factOf(evidence, kind);
      return found === null ? [] : [ofSystem(found)];
    }
    case 'ipv6Lookup': {
      const lookup = factOf(evidence, kind);
      return lookup === null ? [] : [ofDns(lookup, `${lookup.name} AAAA`)];
    }
    // Asked only when something failed: what failed is compared already.
    case 'dnsRetries':
    case 'moreLookups':
    case 'dnsPairs':
    case 'controlLookup':
    case 'freshLookup':
    case 'wildcardLookup':
    case 'sizeTests':
    case 'backendPings':
    case 'manyConnects':
    case 'idleTests':
    case 'podNetwork':
    case 'acceptQueues':
    case 'udpBefore':
    case 'udpAfter':
    case 'fromNode':
    case 'lostAgain':
    case 'nodeStatesAfter':
    case 'captureStarts':
    case 'captureShot':
    case 'flowCaptures':
      return [];
    case 'udpProbes':
      return (factOf(evidence, kind) ?? []).map((reading) => ({
        what: `UDP ${reading.owner.name} ${endpoint(reading.address, reading.port)}`,
        outcome: reading.outcome.kind,
        says: sawUdp(reading),
        ms: null,
        isConnect: false,
      }));
    case 'largeRequests':
      return (factOf(evidence, kind) ?? []).map((reading) => ({
        ...ofConnect(reading),
        what: `large request to ${reading.owner.name} ${endpoint(reading.address, reading.port)}`,
      }));
    case 'upstreamLookups':
    case 'dnsServers':
    case 'dnsOverTcp':
      return (factOf(evidence, kind) ?? []).map((reading) => ofDns(reading, `${reading.name} at ${serverOf(reading)}`));
    case 'serviceConnects':
      return ofMany(factOf(evidence, kind) ?? []);
    case 'proxyHealth': {
      const reading = factOf(evidence, kind);
      return reading === null ? [] : [ofConnect(reading)];
    }
    case 'nodeStates':
      return (factOf(evidence, kind) ?? []).map((state) => ({
        what: `kernel settings of ${state.node}`,
        outcome: sawNode(state),
        says: sawNode(state),
        ms: null,
        isConnect: false,
      }));
    default:
      return (factOf(evidence, kind) ?? []).map(ofConnect);
  }
}

/** Without what moves all the time, such as the number of tracked connections. */
function sawNode({ forwards, routes, forward, serviceRules }: NodeState): string {
  return [
    ...(forwards === null ? [] : [`ip_forward ${forwards ? 1 : 0}`]),
    ...routes.map(sawRoute),
    ...forward.map(({ variant, defaultAction }) => `FORWARD ${defaultAction} (iptables-${variant})`),
    ...(serviceRules === null ? [] : [`${serviceRules.here} Service rules`]),
  ].join(', ');
}

function serverOf({ pod, server, transport }: DnsReading): string {
  return `${pod === undefined ? (server ?? 'its nameserver') : `Pod ${pod}`}${transport === 'tcp' ? ' over TCP' : ''}`;
}

function ofDns({ outcome, tookMs }: { readonly outcome: DnsOutcome; readonly tookMs: number }, what: string): Measured {
  const sorted = outcome.kind === 'answered' ? { ...outcome, addresses: [...outcome.addresses].sort() } : outcome;
  const says = sawDns(sorted);
  return { what, outcome: says, says, ms: outcome.kind === 'answered' ? tookMs : null, isConnect: false };
}

/** All answers of the system's resolver as one: that all, some or none were found is the outcome. */
function ofSystem({ name, lookups }: SystemLookups): Measured {
  const good = lookups.filter(({ outcome }) => outcome === 'found');
  const addresses = [...new Set(good.flatMap((one) => one.addresses))].sort().join(' ');
  const share = good.length === lookups.length ? 'all' : good.length === 0 ? 'none' : 'some';
  return {
    what: `${name}, as the system resolves it`,
    outcome: `${share} ${addresses}`,
    says: `${good.length} of ${lookups.length} found${addresses === '' ? '' : ` ${addresses}`}`,
    ms: null,
    isConnect: false,
  };
}

/** By its name: a Pod that was made anew may have another address. */
function ofConnect(reading: ConnectReading): Measured {
  const { owner, address, port, outcome } = reading;
  return {
    what: owner.kind === 'Address' ? endpoint(address, port) : `${owner.kind} ${owner.name} port ${port}`,
    outcome: outcomeOf(reading),
    says: sawConnect(reading),
    ms: outcome.kind === 'connected' ? outcome.ms : null,
    isConnect: true,
  };
}

function outcomeOf({ outcome, exchange, refusal }: ConnectReading): string {
  const status = exchange.kind === 'http' ? ` ${exchange.status}` : '';
  const by = outcome.kind === 'connected' || refusal === null ? '' : ` by ${refusal.kind}`;
  return `${outcome.kind}${by}, ${exchange.kind}${status}`;
}

/** Many connections to one address land on one backend or the other: that all, some or none work is the outcome, not how many. */
function ofMany(readings: readonly ConnectReading[]): readonly Measured[] {
  const groups = Map.groupBy(readings, ({ address, port }) => endpoint(address, port));
  return [...groups].map(([at, group]) => {
    const good = group.filter(works).length;
    const bad = group.filter((reading) => !works(reading));
    const times = group
      .flatMap(({ outcome }) => (outcome.kind === 'connected' ? [outcome.ms] : []))
      .sort((a, b) => a - b);
    const owner = group[0]?.owner;
    const share = good === group.length ? 'all' : good === 0 ? 'none' : 'some';
    const failure = bad[0] === undefined ? '' : `; else ${sawConnect(bad[0])}`;
    return {
      what: owner?.kind === 'Service' ? `Service ${owner.name} at ${at}` : at,
      outcome: [share, ...new Set(bad.map(outcomeOf))].join(', '),
      says: `${good} of ${group.length} connections work${failure}`,
      ms: times[Math.floor(times.length / 2)] ?? null,
      isConnect: true,
    };
  });
}
