/**
 * A whole run without a cluster: the real reducer asks, a world answers its reads and a network its probes. What comes out
 * is what a real run leaves behind, raw output and times included.
 */
import { type Diagnosis, diagnose } from '../../src/diagnose/diagnose.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import type { Access } from '../../src/ladder/access.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import type { ProbeOutput, ProbeSpec } from '../../src/probes/probe.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { RULES } from '../../src/rules/index.ts';
import type { Effect, RunEvent } from '../../src/session/event.ts';
import { type Climb, climbOf, type Session, START, update } from '../../src/session/session.ts';
import { API_VIP, NOW, WEB_TO_API, world } from './world.ts';

/** What happens to packets to this address and port. */
export type Fate = 'answered' | 'refused' | 'lost';

export interface RunOptions {
  readonly evidence?: Evidence;
  readonly flow?: Flow;
  readonly access?: Access;
  /** Absent: everything answers. */
  readonly network?: (address: string, port: number) => Fate;
  /** Whether a Pod on a node can be taken away again; absent: yes. */
  readonly canRemove?: boolean;
  /** Every probe's output through this, for hostile or left out texts. */
  readonly print?: (text: string, spec: ProbeSpec) => string;
}

export interface Run {
  readonly climb: Climb;
  readonly diagnosis: Diagnosis;
  readonly report: Report;
}

/** Reads take 20 ms, the container 900 ms, a probe what its tool says plus 5 ms on the way. */
export function runOf(options: RunOptions = {}): Run {
  const { evidence = world(), flow = WEB_TO_API, access = 'source' } = options;
  const resolved: RunEvent = {
    type: 'resolved',
    atMs: 40,
    flow,
    cluster: { context: 'lab', serverTimeMs: NOW },
    evidence: evidence.sourcePod === undefined ? {} : { sourcePod: timed(evidence.sourcePod, 15) },
  };
  let queue: readonly RunEvent[] = [resolved, { type: 'access-granted', atMs: 40, access }];
  let session: Session = START;
  while (session.phase !== 'verdict') {
    const [next, ...rest] = [...queue].sort((a, b) => a.atMs - b.atMs);
    if (next === undefined) throw new Error('the run waits for something that nobody answers');
    const step = update(session, next);
    session = step.session;
    queue = [...rest, ...step.effects.flatMap((effect) => answer(effect, next.atMs, evidence, options))];
  }
  const climb = climbOf(session);
  if (climb === null) throw new Error('a verdict without a climb');
  const diagnosis = diagnose(climb.evidence, RULES, { flow, access, now: NOW, settled: true });
  const facts = { version: '0.1.0', startedAt: new Date(NOW), durationMs: (climb.endedMs ?? 0) - climb.sinceMs };
  return { climb, diagnosis, report: buildReport(climb, diagnosis, facts) };
}

function answer(effect: Effect, nowMs: number, evidence: Evidence, options: RunOptions): RunEvent[] {
  switch (effect.type) {
    case 'read': {
      const collected = evidence[effect.kind] ?? {
        status: 'missing' as const,
        gap: { reason: 'forbidden' as const, detail: `this world has no ${effect.kind}` },
        command: '',
        atMs: 0,
      };
      const event = {
        type: 'evidence-settled',
        atMs: nowMs + 20,
        kind: effect.kind,
        collected: timed(collected, nowMs),
      };
      return [event as RunEvent];
    }
    case 'attach': {
      const running = { state: 'running', name: 'netdebug', created: true, image: 'nicolaka/netshoot:v0.16' } as const;
      const container = { ...running, tookMs: 900, profile: 'netadmin' };
      return [{ type: 'container-changed', atMs: nowMs + 900, at: effect.at, container }];
    }
    case 'remove': {
      const isGone = options.canRemove ?? true;
      const container = { state: 'removed', name: 'netdebug', created: true, isGone } as const;
      return [{ type: 'container-changed', atMs: nowMs + 20, at: effect.at, container }];
    }
    case 'probe': {
      const capture: ProbeOutput = { exitCode: 1, text: '', tookMs: 0 };
      const captures = effect.captureId === null ? [] : [{ id: effect.captureId, output: capture }];
      const outputs = effect.specs.map((spec) => ({ id: spec.id, output: print(spec, options) }));
      return [...outputs, ...captures].map(({ id, output }) => ({
        type: 'probe-settled',
        atMs: nowMs + output.tookMs + 5,
        id,
        output,
      }));
    }
    case 'wait':
      return [{ type: 'waited', atMs: nowMs + effect.ms, isOver: false }];
    default:
      return [];
  }
}

function timed<T extends NonNullable<Evidence[keyof Evidence]>>(item: T, atMs: number): T {
  return { ...item, atMs };
}

function print(spec: ProbeSpec, options: RunOptions): ProbeOutput {
  const output = printed(spec, options.network ?? (() => 'answered'));
  return options.print === undefined ? output : { ...output, text: options.print(output.text, spec) };
}

/** What the tools of netshoot print; see test/probes for the recordings. */
function printed(spec: ProbeSpec, network: (address: string, port: number) => Fate): ProbeOutput {
  switch (spec.tool) {
    case 'resolv-conf':
      return {
        exitCode: 0,
        tookMs: 2,
        text: 'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
      };
    case 'hosts':
      return { exitCode: 0, tookMs: 2, text: '127.0.0.1 localhost\n10.244.2.10 web\n' };
    case 'getent': {
      const fate = network('10.96.0.10', 53);
      const line = fate === 'answered' ? `0 100.000 100.004 ${API_VIP}\n` : '124 100.000 102.001\n';
      return { exitCode: 0, tookMs: fate === 'answered' ? 8 : 2003, text: line.repeat(spec.times) };
    }
    case 'dns-pairs': {
      const answers = network(spec.server, spec.port) === 'answered' ? 2 : 0;
      return {
        exitCode: 0,
        tookMs: 40,
        text: `pair ${answers}\n`.repeat(spec.atOnce) + `single ${answers}\n`.repeat(spec.inTurn),
      };
    }
    case 'dig':
    case 'dig-search': {
      const lost = { exitCode: 9, tookMs: 2003, text: ';; connection timed out; no servers could be reached\n' };
      if (network(spec.tool === 'dig' ? (spec.server ?? '10.96.0.10') : '10.96.0.10', 53) !== 'answered') return lost;
      const name = spec.name.endsWith('.') ? spec.name : `${spec.name}.shop.svc.cluster.local.`;
      return {
        exitCode: 0,
        tookMs: 8,
        text: `
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 62980
;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;${name}\tIN\tA

;; ANSWER SECTION:
${name} 30\tIN\tA\t${API_VIP}

;; Query time: 1 msec
;; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)
`,
      };
    }
    case 'tcp': {
      const { address, port } = spec;
      const fate = network(address, port);
      if (fate === 'answered')
        return { exitCode: 0, tookMs: 3, text: `Connection to ${address} ${port} port [tcp/*] succeeded!\n` };
      return fate === 'refused'
        ? { exitCode: 1, tookMs: 3, text: `nc: connect to ${address} port ${port} (tcp) failed: Connection refused\n` }
        : {
            exitCode: 1,
            tookMs: 4000,
            text: `nc: connect to ${address} port ${port} (tcp) timed out: Operation now in progress\n`,
          };
    }
    case 'http':
      return curl(spec, network(spec.address, spec.port));
    case 'listeners':
      return { exitCode: 0, tookMs: 2, text: 'LISTEN 0 4096 127.0.0.1:8080 0.0.0.0:*\n' };
    case 'node-state':
      return { exitCode: 0, tookMs: 40, text: '@@sysctl\nnet/ipv4/ip_forward 1\n' };
    case 'sizes':
      return { exitCode: 0, tookMs: 4000, text: 'mtu 1450\nusual 0 124\nsmall 0 124\n' };
    case 'ping':
      return {
        exitCode: 0,
        tookMs: 200,
        text: `${spec.times} packets transmitted, ${spec.times} received, 0% packet loss, time 190ms\n`,
      };
    case 'tries': {
      const fate = network(spec.address, spec.port);
      const line = fate === 'answered' ? 'try 0 100.000 100.003 succeeded!\n' : 'try 1 100.000 103.000 timed out\n';
      return { exitCode: 0, tookMs: fate === 'answered' ? 20 : 3000, text: line.repeat(fate === 'answered' ? 20 : 5) };
    }
    case 'udp':
      return network(spec.address, spec.port) === 'refused'
        ? { exitCode: 0, tookMs: 510, text: 'closed\n' }
        : { exitCode: 0, tookMs: 1510, text: 'silent 100.000 101.500\n' };
    case 'pod-network':
      return {
        exitCode: 0,
        tookMs: 600,
        text: `@@link
2: eth0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT group default
@@route
default via 10.244.2.1 dev eth0
@@get
${spec.address} via 10.244.2.1 dev eth0 src 10.244.2.10 uid 0
@@gateway
default via 10.244.2.1 dev eth0
@@ping
3 3
@@neigh
10.244.2.1 dev eth0 lladdr 3e:21:5a:c9:11:02 REACHABLE
@@range
32768 60999
`,
      };
    case 'idle':
      return {
        exitCode: 0,
        tookMs: Math.max(...spec.holdsS) * 1000,
        text: spec.holdsS.map((seconds) => `hold ${seconds} answered yes\n`).join(''),
      };
    case 'accept-queue': {
      const counters = 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 0 0\n';
      return {
        exitCode: 0,
        tookMs: 60,
        text: `@@before\n${counters}@@socket\nLISTEN 0 4096 *:8080 *:*\n@@inside\ntry 0\ntry 0\ntry 0\n@@after\n${counters}`,
      };
    }
    case 'udp-counters':
      return {
        exitCode: 0,
        tookMs: 8,
        text: 'Udp: InDatagrams NoPorts InErrors OutDatagrams\nUdp: 12 0 0 12\nUNCONN 0 0 *:8125 *:*\n',
      };
    case 'capture-start':
      return { exitCode: 0, tookMs: 60, text: 'listening\n' };
    case 'capture-end':
      return { exitCode: 0, tookMs: 60, text: '@@link\n2 eth0\n@@pcap\n' };
  }
}

function curl(spec: Extract<ProbeSpec, { tool: 'http' }>, fate: Fate): ProbeOutput {
  const { address, port } = spec;
  const says = {
    answered: { exitcode: 0, errormsg: null, http_code: 200, time_connect: 0.0009, time_total: 0.004 },
    refused: { exitcode: 7, errormsg: 'Connection refused', http_code: 0, time_connect: 0, time_total: 0.0006 },
    lost: { exitcode: 28, errormsg: 'Connection timed out', http_code: 0, time_connect: 0, time_total: 4.002 },
  }[fate];
  const story = {
    answered: `* Connected to ${address} (${address}) port ${port}\n> GET / HTTP/1.1\r\n> Host: ${spec.host}\r\n> \r\n< HTTP/1.1 200 OK\r\n< Content-Type: text/plain\r\n< Set-Cookie: session=s3cr3t; Path=/\r\n< \r\n`,
    refused: `* connect to ${address} port ${port} from 10.244.2.10 port 33022 failed: Connection refused\n`,
    lost: '* Connection timed out after 4002 milliseconds\n',
  }[fate];
  const numbers = { local_port: 40112, size_download: 3, size_header: 64, time_starttransfer: says.time_total };
  return {
    exitCode: says.exitcode,
    tookMs: Math.ceil(says.time_total * 1000),
    text: `*   Trying ${address}:${port}...\n${story}\n${JSON.stringify({ ...says, ...numbers })}\n`,
  };
}
