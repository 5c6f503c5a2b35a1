import { describe, expect, it } from 'vitest';
import type { FlowTrace } from '../../src/derive/flow-trace.ts';
import { diagnose, type Finding } from '../../src/diagnose/diagnose.ts';
import { traced } from '../../src/diagnose/traced.ts';
import type { FlowPacket } from '../../src/evidence/readings.ts';
import { RULES } from '../../src/rules/index.ts';
import { apiA, apiB, apiC, connect, connectNode, flow, NOW, SILENT, world } from '../support/world.ts';

const trace: FlowTrace = {
  ...{ what: 'SYN', way: 'there', lastSeen: { kind: 'node', name: 'n3' }, nodes: ['n3'] },
  ...{ said: 'It was last seen on n3.', address: '10.244.3.11', command: 'tcpdump at n3', hasCrossed: true },
};
const finding: Finding = {
  ...{ id: 'forward-drop', rung: 'P', title: '', role: 'cause', explainedBy: null, explains: [], summary: '' },
  ...{ subject: { kind: 'Node', name: 'n3' }, confidence: 'proven', blocks: 'path', addresses: ['10.244.3.11'] },
  ...{ evidence: [], ruledOut: [], notRuledOut: [], fix: [] },
};
const { addresses: _addresses, ...anywhere } = finding;
const policy = { ...finding, rung: 'N', subject: { kind: 'NetworkPolicy', namespace: 'shop', name: 'deny' } } as const;
const linesOf = (one: Finding, told: FlowTrace | null = trace) => traced([one], told)[0]?.evidence;

describe('where packets were last seen', () => {
  it('supports what blames the place', () =>
    expect(linesOf(finding)).toEqual([{ vantage: 'node', command: 'tcpdump at n3', saw: 'It was last seen on n3.' }]));

  it('supports a policy that drops what opens a connection', () => expect(linesOf(policy)).toHaveLength(1));

  it('supports what stops lookups as well', () => expect(linesOf({ ...policy, blocks: 'name' })).toHaveLength(1));

  it.each<[string, Finding, FlowTrace | null]>([
    ['nothing without captures', finding, null],
    ['no consequence', { ...finding, role: 'consequence' }, trace],
    ['nothing about another backend', { ...finding, addresses: ['10.244.1.11'] }, trace],
    ['nothing that blames another node', { ...finding, subject: { kind: 'Node', name: 'n1' } }, trace],
    ['nothing about lookups alone', { ...anywhere, blocks: 'name' }, trace],
    ['nothing about objects', { ...finding, rung: 'E' }, trace],
    ['no policy where an answer is lost', policy, { ...trace, what: 'SYN-ACK', way: 'back' }],
  ])('supports %s', (_what, one, told) => expect(linesOf(one, told)).toEqual([]));
});

function unexplainedLoss(onN3: Partial<FlowPacket> | null): Finding | undefined {
  const FLAGS = { syn: true, ack: false, rst: false, fin: false };
  const sent = {
    ...{ atMs: 0, device: 'eth0', isOut: true, isWrapped: false, sequence: 1, acknowledged: 0, bytes: 0, flags: FLAGS },
    ...{ source: '10.244.2.10', sourcePort: 20_007, destination: '10.244.3.11', destinationPort: 8080 },
  };
  const common = { isWhole: true, errors: [], tunnels: [] };
  const evidence = world({
    backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)],
    nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3')],
    captureShot: { ...connect(apiC, SILENT), localPort: 20_007 },
    flowCaptures: [
      { ...common, place: { kind: 'source', name: 'web' }, packets: [sent], command: 'tcpdump in web' },
      { ...common, place: { kind: 'backend', name: 'api-c' }, packets: [], command: 'tcpdump in api-c' },
      ...(onN3 === null
        ? []
        : [
            {
              ...common,
              place: { kind: 'node', name: 'n3' } as const,
              packets: [{ ...sent, ...onN3 }],
              command: 'tcpdump on n3',
            },
          ]),
    ],
  });
  return diagnose(evidence, RULES, { flow: flow(), access: 'backend', now: NOW, settled: true }).findings[0];
}

it('is said of what nothing explains', () => {
  const first = unexplainedLoss(null);
  expect(first?.id).toBe('unexplained');
  expect(first?.summary).toMatch(
    / The SYN left web and was never seen in api-c: lost on the way, on n2 or n3 or between them\.$/,
  );
  expect(first?.evidence[0]).toEqual({
    vantage: 'source',
    command: 'tcpdump in web',
    saw: 'The SYN left web and was never seen in api-c: lost on the way, on n2 or n3 or between them.',
  });
});

it('leads to the rules of the node that loses it', () => {
  const first = unexplainedLoss({ device: 'cni0', isOut: false });
  expect(first?.summary).toMatch(/ which did not send it on to api-c: lost on n3, between cni0 and api-c\.$/);
  expect(first?.fix[0]).toEqual({
    say: 'Read the rules of n3 for what drops it there',
    run: 'kubectl debug node/n3 -it --profile=netadmin --image=nicolaka/netshoot:v0.16 -- nft list ruleset',
  });
});
