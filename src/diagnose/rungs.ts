import { backendsOf, isHeadless, usedBackends } from '../derive/backends.ts';
import { duration, endpoint, works } from '../derive/connects.ts';
import { deadDnsPods, sawDns, stalledLookups, systemLookupsOf } from '../derive/reach.ts';
import { chooseServicePort, portName } from '../derive/service-port.ts';
import { badTries } from '../derive/tries.ts';
import { sawUdp, udpArrived } from '../derive/udp.ts';
import { found } from '../evidence/collected.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { ConnectReading, UdpReading } from '../evidence/readings.ts';
import { type Flow, typedPort } from '../ladder/flow.ts';
import type { Rung } from '../ladder/rung.ts';
import type { Context } from '../rules/rule.ts';
import type { Finding } from './diagnose.ts';

export type RungState = 'ok' | 'faulty' | 'unknown' | 'not-applicable';

export interface RungReading {
  readonly state: RungState;
  /** One line: what this rung saw, with the user's names; why it is unknown otherwise. */
  readonly summary: string;
}

export interface RungInput {
  readonly evidence: Evidence;
  readonly context: Context;
  readonly findings: readonly Finding[];
  readonly settled: boolean;
}

/** What one rung has seen so far. */
export function readRung(rung: Rung, input: RungInput): RungReading {
  switch (rung) {
    case 'D':
      return readNames(input);
    case 'E':
      return readEndpoints(input);
    case 'P':
      return readPath(input);
    case 'N':
      return readPolicy(input);
    case 'X':
      return { state: 'not-applicable', summary: 'not on this path' };
  }
}

const state = (reading: RungState, summary: string): RungReading => ({ state: reading, summary });

function inTheWay(rung: Rung, findings: readonly Finding[]): Finding | undefined {
  return findings.find(
    (finding) => finding.rung === rung && (finding.role === 'cause' || finding.role === 'next-blocker'),
  );
}

function readNames({ evidence, context, findings, settled }: RungInput): RungReading {
  if (context.reach.name === 'not-applicable')
    return state('not-applicable', 'an address was given, no name to resolve');
  const fault = inTheWay('D', findings);
  const lookup = factOf(evidence, 'nameLookup');
  const search = factOf(evidence, 'searchLookup');
  if (lookup === null) {
    if (fault !== undefined) return state('faulty', fault.title);
    const gap = evidence.nameLookup;
    if (gap?.status === 'missing') return state('unknown', brief(gap.gap.detail));
    return state('unknown', settled ? 'not asked' : 'asking from the source Pod');
  }
  const answer = lookup.outcome;
  if (context.reach.name === 'works') {
    const address = answer.kind === 'answered' ? answer.addresses.join(', ') : '';
    return state('ok', `${lookup.name} is ${address} (${duration(lookup.tookMs)})`);
  }
  if (context.reach.name === 'partly') return state('faulty', `${lookup.name}: ${partly(evidence)}`);
  const asTyped =
    search !== null && answer.kind === 'answered' && answer.rcode === 'NOERROR'
      ? `${context.flow.typed}: ${sawDns(search.outcome)}`
      : `${lookup.name}: ${sawDns(answer)}`;
  return state('faulty', asTyped);
}

/** What makes a lookup that gets its answer a bad one. */
function partly(evidence: Evidence): string {
  const dead = deadDnsPods(evidence);
  if (dead.length > 0) return `no answer from ${dead.map(({ pod, server }) => pod ?? server).join(', ')}`;
  const stalled = stalledLookups(evidence);
  if (stalled > 1) return `${stalled} of ${systemLookupsOf(evidence).length} lookups stall for 2 s or more`;
  return `a lookup takes ${duration(factOf(evidence, 'searchLookup')?.tookMs ?? 0)}`;
}

function readEndpoints({ evidence, context, findings, settled }: RungInput): RungReading {
  if (context.flow.destination.kind !== 'Service') return state('not-applicable', 'the destination is no Service');
  const fault = inTheWay('E', findings);
  const lookup = factOf(evidence, 'service');
  if (lookup?.found === false)
    return state(
      'faulty',
      `there is no Service ${context.flow.destination.name} in ${context.flow.destination.namespace}`,
    );
  const service = found(lookup);
  const endpoints = factOf(evidence, 'endpoints');
  if (service === null || endpoints === null) {
    const missing = [evidence.service, evidence.endpoints].find((item) => item?.status === 'missing');
    if (missing?.status === 'missing') return state('unknown', brief(missing.gap.detail));
    return state('unknown', settled ? 'not read' : 'reading');
  }
  if (service.spec.type === 'ExternalName')
    return state('not-applicable', `an alias of ${service.spec.externalName ?? '?'}, without endpoints`);
  const choice = chooseServicePort(service, context.flow);
  if (choice.kind !== 'chosen') return state('faulty', fault?.title ?? 'the Service does not publish this port');
  const backends = backendsOf(endpoints.slices, [...endpoints.selected, ...endpoints.stray], choice.port);
  const used = usedBackends(backends);
  const count = `${used.length} of ${backends.length} ready`;
  if (fault !== undefined)
    return state('faulty', backends.length === 0 ? 'no endpoints' : `${count}: ${fault.title.toLowerCase()}`);
  if (used.length === 0) return state('faulty', backends.length === 0 ? 'no endpoints' : count);
  const ports = [...new Set(used.map((backend) => backend.port))].join(', ');
  return state(
    'ok',
    `${count}, ${isHeadless(service) ? 'headless, ' : ''}port ${portName(choice.port)} is ${ports} in the Pods`,
  );
}

/** Of a Service that may not be read only its address can be tried. */
function readUnread(viaService: readonly ConnectReading[], flow: Flow): RungReading {
  if (viaService.length === 0)
    return state(
      'unknown',
      typedPort(flow) === null ? `which port is not known: name it, ${flow.typed}:PORT` : 'no backend to try',
    );
  const good = viaService.filter(works).length;
  return state(
    good === viaService.length ? 'ok' : 'faulty',
    `Service address ${good} of ${viaService.length}; its backends may not be read`,
  );
}

function readPath({ evidence, context, settled }: RungInput): RungReading {
  const datagrams = factOf(evidence, 'udpProbes');
  if (datagrams !== null) return readDatagrams(datagrams, evidence);
  const readings = factOf(evidence, 'backendConnects');
  const viaService = factOf(evidence, 'serviceConnects') ?? [];
  if (readings === null || context.reach.path === 'not-measured' || evidence.service?.status === 'missing') {
    const gap = evidence.backendConnects;
    if (gap?.status === 'missing') return state('unknown', brief(gap.gap.detail));
    if (!settled) return state('unknown', 'trying from the source Pod');
    if (evidence.service?.status === 'missing') return readUnread(viaService, context.flow);
    return state('unknown', 'no backend to try');
  }
  const failing = context.reach.failing;
  const total = readings.filter((reading) => failing.includes(reading.address) || works(reading)).length;
  const more = `${triedText(evidence)}${sizeText(evidence)}`;
  const tried =
    viaService.length === 0 ? '' : `; Service address ${viaService.filter(works).length} of ${viaService.length}`;
  if (failing.length === 0) {
    const slowest = Math.max(
      ...readings.map((reading) => (reading.outcome.kind === 'connected' ? reading.outcome.ms : 0)),
    );
    const serviceFails = context.reach.service === 'fails' || context.reach.service === 'partly';
    return state(
      serviceFails ? 'faulty' : 'ok',
      `${total === 1 ? `the backend answers in ${duration(slowest)}` : `all ${total} backends answer, slowest ${duration(slowest)}`}${tried}${more}`,
    );
  }
  const names = readings
    .filter((reading) => failing.includes(reading.address))
    .map((reading) => `${reading.owner.name}${reading.owner.node === null ? '' : ` on ${reading.owner.node}`}`);
  const list = names.slice(0, 2).join(', ') + (names.length > 2 ? ` and ${names.length - 2} more` : '');
  return state('faulty', `${total - failing.length} of ${total} backends answer; not ${list}${tried}`);
}

/** A green ladder has carried whole packets, or says that it has not. */
function sizeText(evidence: Evidence): string {
  const large = factOf(evidence, 'largeRequests') ?? [];
  const good = large.filter(works).length;
  if (evidence.backendConnects === undefined) return '';
  if (large.length === 0) return evidence.largeRequests?.status === 'missing' ? '' : '; large packets not tried';
  return good === large.length ? '; large packets pass' : '';
}

/** What many connections in a row came to, when they were made. */
function triedText(evidence: Evidence): string {
  const many = factOf(evidence, 'manyConnects') ?? [];
  const all = many.reduce((sum, { tries }) => sum + tries.length, 0);
  const bad = many.reduce((sum, reading) => sum + badTries(reading), 0);
  return many.length === 0 ? '' : `; ${bad} of ${all} connections lost a packet`;
}

function readDatagrams(datagrams: readonly UdpReading[], evidence: Evidence): RungReading {
  const results = datagrams.map((reading) => ({ reading, arrived: udpArrived(reading, evidence) }));
  const bad = results.find(({ arrived }) => arrived === false);
  if (bad !== undefined)
    return state(
      'faulty',
      `${bad.reading.owner.name} ${endpoint(bad.reading.address, bad.reading.port)}: ${sawUdp(bad.reading)}`,
    );
  const good = results.filter(({ arrived }) => arrived === true).length;
  return good === results.length
    ? state('ok', `UDP: datagrams arrive at all ${good} addresses`)
    : state('unknown', `UDP: ${results.length} addresses sent to, no ICMP error; that proves no receipt`);
}

function readPolicy({ evidence, findings, settled }: RungInput): RungReading {
  const policies = factOf(evidence, 'policies');
  if (policies === null) {
    const gap = evidence.policies;
    if (gap?.status === 'missing') return state('unknown', brief(gap.gap.detail));
    return state('unknown', settled ? 'not read' : 'reading');
  }
  const fault = inTheWay('N', findings);
  const others = [...(factOf(evidence, 'adminPolicies') ?? []), ...(factOf(evidence, 'vendorPolicies') ?? [])];
  const all = policies.length + others.filter(({ kind }) => kind.endsWith('Policy')).length;
  const count = all === 1 ? '1 policy' : `${all} policies`;
  if (fault !== undefined) return state('faulty', `${fault.subject.name}: ${fault.title.toLowerCase()}`);
  const risk = findings.find((finding) => finding.rung === 'N' && finding.role === 'risk');
  if (risk !== undefined) return state('ok', `${count}; ${risk.subject.name} would deny this flow, but it passes`);
  return state('ok', all === 0 ? 'no NetworkPolicy in these namespaces' : `${count} read, none in the way`);
}

/** The beginning of a long explanation; all of it stands among the gaps of the report. */
function brief(text: string): string {
  const [sentence = ''] = text.split(/(?<=[a-z)]): |\. /);
  return sentence.length <= 90 ? sentence : `${sentence.slice(0, 89)}…`;
}
