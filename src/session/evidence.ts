/** Turns what probes printed into evidence. Pure, so that a recorded run gives the same evidence again. */

import { PROBE_PLANS } from '../collect/probes.ts';
import type { Collected, Gap } from '../evidence/collected.ts';
import { type Evidence, PROBE_VANTAGES, type ProbeEvidence, type ProbeKind } from '../evidence/evidence.ts';
import type {
  AcceptQueue,
  CaptureStart,
  ConnectReading,
  DnsPairs,
  DnsReading,
  FlowCapture,
  HostsEntry,
  IdleReading,
  Listener,
  NodeState,
  Packet,
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
import { permits } from '../ladder/access.ts';
import { readAcceptQueue } from '../probes/accept-queue.ts';
import { readHttp, readTcp } from '../probes/connect.ts';
import { readDig, readDigSearch } from '../probes/dig.ts';
import { readDnsPairs } from '../probes/dns-pairs.ts';
import { readCaptureStart, readFlowCapture } from '../probes/flow-capture.ts';
import { readGetent } from '../probes/getent.ts';
import { readHosts } from '../probes/hosts.ts';
import { readIdle } from '../probes/idle.ts';
import { readListeners } from '../probes/listeners.ts';
import { readNodeState } from '../probes/node-state.ts';
import { countSynRetransmits, findRefusal, findStrayAnswer, findUdpRefusal, readPcap } from '../probes/pcap.ts';
import { readPing } from '../probes/ping.ts';
import { plainArgv, readPlain } from '../probes/plain.ts';
import { readPodNetwork } from '../probes/pod-network.ts';
import {
  commandOf,
  NotAllowed,
  type ProbeOutput,
  type ProbeSpec,
  ToolMissing,
  UnreadableOutput,
} from '../probes/probe.ts';
import { readResolvConf } from '../probes/resolv-conf.ts';
import { readSizes } from '../probes/sizes.ts';
import { readTries } from '../probes/tries.ts';
import { readUdp, readUdpCounters } from '../probes/udp.ts';
import type { Climb, EndedProbe } from './session.ts';

export type Reading =
  | ResolvConf
  | DnsReading
  | SearchReading
  | SystemLookups
  | DnsPairs
  | ConnectReading
  | readonly Listener[]
  | readonly HostsEntry[]
  | NodeState
  | SizeReading
  | TriesReading
  | IdleReading
  | PingReading
  | PodNetwork
  | AcceptQueue
  | UdpReading
  | UdpCounters
  | CaptureStart
  | FlowCapture;

/** One probe after it has ended: what it says, or why it says nothing; always with its raw text. */
export type ReadProbe =
  | { readonly reading: Reading; readonly command: string; readonly tookMs: number; readonly text: string }
  | { readonly gap: Gap; readonly tookMs: number; readonly text: string };

export const readOne = {
  probe(spec: ProbeSpec, output: ProbeOutput, container: string): ReadProbe {
    const command = commandOf(spec, container, plainArgv(spec, output));
    try {
      return {
        reading: readPlain(spec, output, command) ?? read(spec, output, command),
        command,
        tookMs: output.tookMs,
        text: output.text,
      };
    } catch (error) {
      return { gap: gapFor(error, command), tookMs: output.tookMs, text: output.text };
    }
  },
  /** Packets of one batch; none when the capture could not run, for want of NET_RAW or of tcpdump. */
  capture(output: ProbeOutput): readonly Packet[] {
    if (output.exitCode === 1) return [];
    try {
      return readPcap(Uint8Array.from(atob(output.text), (char) => char.charCodeAt(0)));
    } catch {
      // Cut off on the way: who refused stays unknown, which is no more than a missing detail.
      return [];
    }
  },
};

function read(spec: ProbeSpec, output: ProbeOutput, command: string): Reading {
  switch (spec.tool) {
    case 'resolv-conf':
      return readResolvConf(output);
    case 'hosts':
      return readHosts(output);
    case 'getent':
      return readGetent(spec, output, command);
    case 'dns-pairs':
      return readDnsPairs(spec, output, command);
    case 'dig':
      return readDig(spec, output, command);
    case 'dig-search':
      return readDigSearch(spec, output, command);
    case 'http':
      return readHttp(spec, output, command);
    case 'tcp':
      return readTcp(spec, output, command);
    case 'listeners':
      return readListeners(output);
    case 'node-state':
      return readNodeState(spec, output, command);
    case 'sizes':
      return readSizes(spec, output, command);
    case 'ping':
      return readPing(spec, output, command);
    case 'tries':
      return readTries(spec, output, command);
    case 'idle':
      return readIdle(spec, output, command);
    case 'pod-network':
      return readPodNetwork(spec, output, command);
    case 'accept-queue':
      return readAcceptQueue(spec, output, command);
    case 'udp':
      return readUdp(spec, output, command);
    case 'udp-counters':
      return readUdpCounters(spec, output, command);
    case 'capture-start':
      return readCaptureStart(spec, output);
    case 'capture-end':
      return readFlowCapture(spec, output, command);
  }
}

function gapFor(error: unknown, command: string): Gap {
  if (error instanceof ToolMissing)
    return { reason: 'tool-missing', detail: error.message, unlock: '--image nicolaka/netshoot:v0.16' };
  if (error instanceof NotAllowed)
    return {
      reason: 'forbidden',
      detail: error.message,
      unlock: '--profile netadmin, where the Pod Security of the namespace admits it',
    };
  if (error instanceof UnreadableOutput) return { reason: 'unreadable', detail: `${command}: ${error.message}` };
  throw error;
}

/** API evidence as it came, and each kind of probe evidence once all its probes have ended. */
export function assemble(climb: Climb): Evidence {
  const evidence: Record<string, Collected<unknown>> = { ...climb.api } as Record<string, Collected<unknown>>;
  if (climb.access === null) return evidence as Evidence;
  for (const kind of Object.keys(PROBE_PLANS) as ProbeKind[]) {
    const item = assembleKind(kind, climb);
    if (item !== undefined) evidence[kind] = item;
  }
  return evidence as Evidence;
}

function assembleKind(kind: ProbeKind, climb: Climb): Collected<unknown> | undefined {
  const access = PROBE_VANTAGES[kind];
  if (climb.access !== null && !permits(climb.access, access)) {
    const places = { source: 'in the source Pod', backend: 'in a backend Pod', node: 'on a node' };
    const detail = `nothing was run ${places[access]}`;
    return {
      status: 'missing',
      gap: { reason: 'not-permitted', detail, unlock: `--access ${access}` },
      command: '',
      atMs: 0,
    };
  }
  const ids = climb.planned[kind];
  if (ids === undefined || ids.length === 0) return undefined;
  const ended = ids.flatMap((id) => climb.results[id] ?? []);
  if (ended.length < ids.length) return undefined;
  // Who refused is only known once the capture beside the probes has come in.
  if (ids.some((id) => climb.capturing.includes(climb.probes[id]?.captureId ?? ''))) return undefined;
  const last = made.get(ids);
  if (last?.packets === climb.packets && ended.every((result, index) => result === last.ended[index])) return last.item;
  const item = itemOf(kind, { ids, ended, climb });
  made.set(ids, { packets: climb.packets, ended, item });
  return item;
}

/** What was made of the probes of a kind, as long as they and the captured packets are the same: every event puts all evidence together. */
const made = new WeakMap<
  readonly string[],
  { readonly packets: Climb['packets']; readonly ended: readonly EndedProbe[]; readonly item: Collected<unknown> }
>();

function itemOf(
  kind: ProbeKind,
  {
    ids,
    ended,
    climb,
  }: { readonly ids: readonly string[]; readonly ended: readonly EndedProbe[]; readonly climb: Climb },
): Collected<unknown> {
  const good = ended.flatMap((result) => ('reading' in result ? [result] : []));
  const atMs = Math.min(...ids.map((id) => climb.probes[id]?.launchedMs ?? 0));
  const [first] = good;
  if (first === undefined) {
    const failed = ended.find((result) => 'gap' in result);
    return {
      status: 'missing',
      gap: failed !== undefined && 'gap' in failed ? failed.gap : { reason: 'unreadable', detail: 'no output' },
      command: '',
      atMs,
    };
  }
  const tookMs = Math.max(...good.map((result) => result.tookMs));
  const [lost] = ended.flatMap((result) => ('gap' in result ? [result.gap] : []));
  return {
    status: 'collected',
    value: valueFor(kind, ids, climb),
    command: first.command,
    atMs,
    tookMs,
    ...(lost === undefined ? {} : { lost }),
  };
}

function valueFor(kind: ProbeKind, ids: readonly string[], climb: Climb): ProbeEvidence[ProbeKind] {
  const readings = ids.flatMap((id) => {
    const result = climb.results[id];
    return result !== undefined && 'reading' in result ? [{ id, reading: result.reading }] : [];
  });
  switch (kind) {
    case 'resolvConf':
    case 'nameLookup':
    case 'searchLookup':
    case 'hostsFile':
    case 'systemLookups':
    case 'moreLookups':
    case 'controlLookup':
    case 'freshLookup':
    case 'wildcardLookup':
    case 'ipv6Lookup':
      return readings[0]?.reading as ResolvConf;
    case 'proxyHealth':
    case 'captureShot':
      return withRefusal(readings[0]?.reading as ConnectReading, climb.packets);
    case 'dnsServers':
    case 'dnsOverTcp':
    case 'dnsRetries':
    case 'upstreamLookups':
      return readings.map(({ reading }) => reading as DnsReading);
    case 'dnsPairs':
      return readings.map(({ reading }) => reading as DnsPairs);
    case 'serviceConnects':
    case 'backendConnects':
    case 'outsideConnects':
    case 'nodeConnects':
    case 'controlConnects':
    case 'otherPorts':
    case 'tlsRetries':
    case 'largeRequests':
    case 'fromNode':
    case 'lostAgain':
      return readings.map(({ reading }) => withRefusal(reading as ConnectReading, climb.packets));
    case 'listeners':
      return Object.fromEntries(
        readings.map(({ id, reading }) => {
          const spec = climb.probes[id]?.spec;
          return [spec?.tool === 'listeners' ? spec.pod : id, reading as readonly Listener[]];
        }),
      );
    case 'nodeStates':
    case 'nodeStatesAfter':
      return readings.map(({ reading }) => reading as NodeState);
    case 'sizeTests':
      return readings.map(({ reading }) => reading as SizeReading);
    case 'backendPings':
      return readings.map(({ reading }) => reading as PingReading);
    case 'manyConnects':
      return readings.map(({ reading }) => reading as TriesReading);
    case 'idleTests':
      return readings.map(({ reading }) => reading as IdleReading);
    case 'podNetwork':
      return readings[0]?.reading as PodNetwork;
    case 'acceptQueues':
      return readings.map(({ reading }) => reading as AcceptQueue);
    case 'udpProbes':
      return readings.map(({ reading }) => withUdpRefusal(reading as UdpReading, climb.packets));
    case 'udpBefore':
    case 'udpAfter':
      return readings.map(({ reading }) => reading as UdpCounters);
    case 'captureStarts':
      return readings.map(({ reading }) => reading as CaptureStart);
    case 'flowCaptures':
      return readings.map(({ reading }) => reading as FlowCapture);
  }
}

function withUdpRefusal(reading: UdpReading, packets: readonly Packet[]): UdpReading {
  return { ...reading, refusal: findUdpRefusal(packets, reading.address, reading.port) };
}

/** Adds who refused, from the packets of the run. */
function withRefusal(reading: ConnectReading, packets: readonly Packet[]): ConnectReading {
  if (packets.length === 0) return reading;
  const synRetransmits = countSynRetransmits(packets, reading.address, reading.port);
  const counted = synRetransmits === null ? reading : { ...reading, synRetransmits };
  if (reading.outcome.kind === 'connected') return counted;
  const stray = reading.owner.kind === 'Service' ? findStrayAnswer(packets, reading.address, reading.port) : null;
  return {
    ...counted,
    refusal: findRefusal(packets, reading.address, reading.port, reading.localPort),
    ...(stray === null ? {} : { strayAnswer: stray }),
  };
}
