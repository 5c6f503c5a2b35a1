/** What was done so far, line by line: for a person who watches, or who wants to know what an answer rests on. */

import { isOverflowing, sawQueue } from '../derive/accept-queue.ts';
import { duration, endpoint, sawConnect, works } from '../derive/connects.ts';
import { forgottenIn, sawIdle } from '../derive/idle.ts';
import { sawRoute } from '../derive/node-states.ts';
import { sawDns } from '../derive/reach.ts';
import { isBlackHole, sawSizes } from '../derive/sizes.ts';
import { badTries, lostPings, sawPing, sawTries } from '../derive/tries.ts';
import { sawUdp } from '../derive/udp.ts';
import type { ProbeKind } from '../evidence/evidence.ts';
import type {
  AcceptQueue,
  ConnectReading,
  DnsPairs,
  DnsReading,
  FlowCapture,
  HostsEntry,
  IdleReading,
  Listener,
  NodeState,
  PingReading,
  PodNetwork,
  ResolvConf,
  SearchReading,
  SizeReading,
  SystemLookups,
  TriesReading,
  UdpCounters,
  UdpReading,
} from '../evidence/readings.ts';
import { limitMsOf } from '../probes/probe.ts';
import { type Climb, runTimeMs } from '../session/session.ts';

export interface LogLine {
  /** When it ended, in milliseconds of the run. */
  readonly atMs: number;
  readonly vantage: Climb['containers'][string]['at']['vantage'];
  readonly what: string;
  readonly saw: string;
  /** `unknown`: it could not be run or read. `not-applicable`: what did not work lies beside the path, and only helps to tell causes apart. */
  readonly result: 'ok' | 'faulty' | 'unknown' | 'not-applicable';
  /** What a person can paste; null when it did not run. */
  readonly command: string | null;
}

type Spec = Climb['probes'][string]['spec'];
type Result = Climb['results'][string];

/** Probes that have ended, in the order in which they did. */
export function logOf(climb: Climb): readonly LogLine[] {
  return Object.keys(climb.results).flatMap((id) => logLineOf(climb, id) ?? []);
}

/** One probe; null when it has not ended. */
export function logLineOf(climb: Climb, id: string): LogLine | null {
  const [spec, result] = [climb.probes[id]?.spec, climb.results[id]];
  if (spec === undefined || result === undefined) return null;
  const { saw, result: was } = sawInProbe(spec, result);
  return {
    atMs: runTimeMs(climb, result.endedMs),
    vantage: spec.at.vantage,
    what: whatOf(spec),
    command: 'command' in result ? result.command : null,
    saw,
    result: was === 'faulty' && BESIDE.includes(spec.kind) ? 'not-applicable' : was,
  };
}

/** Controls, and names and ports that need not be there: a person who reads a ✘ looks for what is broken. */
const BESIDE: readonly ProbeKind[] = ['nodeConnects', 'controlConnects', 'wildcardLookup', 'otherPorts'];

/** `DNS 10.96.0.10 api.shop.svc.cluster.local.`, `HTTP api-7fmjh 10.244.3.2:8080`: a probe in a few words, what tells it apart first. */
export function whatOf(spec: Spec): string {
  switch (spec.tool) {
    case 'resolv-conf':
      return 'read /etc/resolv.conf';
    case 'hosts':
      return 'read /etc/hosts';
    case 'getent':
      return `resolve ${spec.name}, ${spec.times} times at once`;
    case 'dns-pairs':
      return `DNS ${spec.pod ?? spec.server} A and AAAA, ${spec.atOnce} times at once and ${spec.inTurn} in turn`;
    case 'dig': {
      const server = spec.server === null ? '' : `${spec.pod ?? spec.server} `;
      return `DNS${spec.transport === 'tcp' ? '/TCP' : ''} ${server}${spec.name}${spec.type === undefined ? '' : ` ${spec.type}`}`;
    }
    case 'dig-search':
      return `DNS ${spec.name}, as typed`;
    case 'http':
    case 'tcp': {
      const verb = spec.tool === 'tcp' ? 'connect' : spec.scheme === 'https' ? 'HTTPS' : 'HTTP';
      const owner = spec.owner.kind === 'Address' ? '' : `${spec.owner.name} `;
      return `${verb} ${owner}${endpoint(spec.address, spec.port)}`;
    }
    case 'listeners':
      return `listening sockets of ${spec.pod}`;
    case 'node-state':
      return `kernel settings, routes and rules of ${spec.node}`;
    case 'sizes':
      return `packet sizes to ${spec.owner.name} ${endpoint(spec.address, spec.port)}`;
    case 'ping':
      return `ping ${spec.times} times ${spec.owner.name} ${spec.address}`;
    case 'tries':
      return `connect ${spec.times} times ${spec.owner.name} ${endpoint(spec.address, spec.port)}`;
    case 'udp':
      return `UDP ${spec.owner.name} ${endpoint(spec.address, spec.port)}`;
    case 'idle':
      return `idle for up to ${Math.max(...spec.holdsS)} s ${spec.owner.name} ${endpoint(spec.address, spec.port)}`;
    case 'pod-network':
      return 'links, routes, neighbours and ports';
    case 'accept-queue':
      return `accept queue of ${spec.pod}`;
    case 'udp-counters':
      return `UDP counters of ${spec.pod}`;
    case 'capture-start':
      return `begin to capture ${spec.at.node === undefined ? 'in' : 'on'} ${spec.at.node ?? spec.at.pod}`;
    case 'capture-end':
      return `packets captured ${spec.at.node === undefined ? 'in' : 'on'} ${spec.at.node ?? spec.at.pod}`;
  }
}

/** What a probe that has ended saw, in a few words, and whether that is good for the flow. */
export function sawInProbe(
  spec: Spec,
  result: Result,
): { readonly saw: string; readonly result: 'ok' | 'faulty' | 'unknown' } {
  if ('gap' in result) return { saw: result.gap.detail, result: 'unknown' };
  const { reading } = result;
  switch (spec.tool) {
    case 'resolv-conf': {
      const { nameservers, ndots } = reading as ResolvConf;
      return { saw: `nameserver ${nameservers.join(', ')}, ndots ${ndots}`, result: 'ok' };
    }
    case 'hosts': {
      const entries = reading as readonly HostsEntry[];
      return { saw: `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`, result: 'ok' };
    }
    case 'getent': {
      const { lookups } = reading as SystemLookups;
      const good = lookups.filter(({ outcome }) => outcome === 'found').length;
      const slowest = duration(Math.max(...lookups.map(({ ms }) => ms)));
      return {
        saw: `${good} of ${lookups.length} found, slowest ${slowest}`,
        result: good === lookups.length ? 'ok' : 'faulty',
      };
    }
    case 'dns-pairs': {
      const { atOnce, inTurn } = reading as DnsPairs;
      return {
        saw: `${atOnce.both} of ${atOnce.times} answered whole at once, ${inTurn.both} of ${inTurn.times} in turn`,
        result: atOnce.both === atOnce.times && inTurn.both === inTurn.times ? 'ok' : 'faulty',
      };
    }
    case 'dig':
    case 'dig-search': {
      const { outcome, tookMs } = reading as DnsReading | SearchReading;
      const isAnswer = outcome.kind === 'answered' && outcome.rcode === 'NOERROR';
      const time = outcome.kind === 'timed-out' ? 'in' : 'after';
      return {
        saw: isAnswer ? `${sawDns(outcome)}, ${duration(tookMs)}` : `${sawDns(outcome)} ${time} ${duration(tookMs)}`,
        result: isAnswer ? 'ok' : 'faulty',
      };
    }
    case 'http':
    case 'tcp': {
      const connect = reading as ConnectReading;
      return { saw: sawConnect(connect), result: works(connect) ? 'ok' : 'faulty' };
    }
    case 'listeners': {
      const sockets = reading as readonly Listener[];
      const saw = sockets.map(({ address, port }) => endpoint(address, port)).join(', ');
      return { saw: saw === '' ? 'none' : saw, result: 'ok' };
    }
    case 'node-state': {
      const { forwards, conntrack, routes } = reading as NodeState;
      const parts = [
        ...(forwards === null ? [] : [`ip_forward ${forwards ? 1 : 0}`]),
        ...routes.map(sawRoute),
        ...(conntrack === null ? [] : [`conntrack ${conntrack.entries} of ${conntrack.most}`]),
      ];
      return { saw: parts.join(', '), result: 'ok' };
    }
    case 'sizes': {
      const sizes = reading as SizeReading;
      return { saw: sawSizes(sizes), result: isBlackHole(sizes) ? 'faulty' : 'ok' };
    }
    case 'ping': {
      const { count } = reading as PingReading;
      // Nothing at all may be a filter that lets no ICMP through.
      return {
        saw: sawPing(count),
        result: lostPings(count) === 0 ? 'ok' : count.received === 0 ? 'unknown' : 'faulty',
      };
    }
    case 'tries': {
      const tries = reading as TriesReading;
      return { saw: sawTries(tries), result: badTries(tries) === 0 ? 'ok' : 'faulty' };
    }
    case 'udp': {
      const udp = reading as UdpReading;
      return {
        saw: sawUdp(udp),
        result: udp.outcome.kind === 'answered' ? 'ok' : udp.outcome.kind === 'silent' ? 'unknown' : 'faulty',
      };
    }
    case 'idle': {
      const idle = reading as IdleReading;
      return { saw: sawIdle(idle), result: forgottenIn(idle) === null ? 'ok' : 'faulty' };
    }
    case 'pod-network': {
      const { gateway, routeTo } = reading as PodNetwork;
      return {
        saw: `${gateway === null ? 'no default route' : `gateway ${gateway.address}`}, ${routeTo.to} ${routeTo.device === null ? 'has no route' : `by ${routeTo.device}`}`,
        result: 'ok',
      };
    }
    case 'accept-queue': {
      const queue = reading as AcceptQueue;
      return { saw: sawQueue(queue), result: isOverflowing(queue) ? 'faulty' : 'ok' };
    }
    case 'udp-counters': {
      const { delivered, noPort } = reading as UdpCounters;
      return { saw: `${delivered} datagrams delivered, ${noPort} for no port`, result: 'ok' };
    }
    case 'capture-start':
      return { saw: 'listens', result: 'ok' };
    case 'capture-end': {
      const { packets } = reading as FlowCapture;
      return { saw: `${packets.length} packets of the connection`, result: 'ok' };
    }
  }
}

/** What has been asked for and has not come in, and in seconds of the run when it is given up, the slowest kind of thing first; empty when nothing is awaited. */
export function waitingFor(climb: Climb): readonly string[] {
  const containers = Object.values(climb.containers).flatMap((container) => {
    if (container.state === 'looking') return [`a debug container in Pod ${container.at.pod}`];
    if (container.state === 'waiting')
      return [`debug container ${container.name} in Pod ${container.at.pod}: ${container.detail}`];
    return [];
  });
  const probes = Object.values(climb.probes)
    .filter(({ spec, launchedMs }) => launchedMs !== null && climb.results[spec.id] === undefined)
    .map(({ spec, launchedMs }) => {
      const limitMs = limitMsOf(spec);
      const until =
        limitMs === null ? '' : ` until ${(runTimeMs(climb, (launchedMs ?? 0) + limitMs) / 1000).toFixed(1)} s`;
      return whatOf(spec) + until;
    });
  const reads = climb.reading.length === 0 ? [] : [`the API server: ${climb.reading.join(', ')}`];
  return [...containers, ...probes, ...reads];
}
