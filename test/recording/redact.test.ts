import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { NodeState } from '../../src/evidence/readings.ts';
import type { RunLine } from '../../src/recording/line.ts';
import { Redactor } from '../../src/recording/redact.ts';
import { LINES } from '../../src/recording/schema.ts';
import { nodeSpec, recording } from '../probes/recording.ts';

const seed = () => 0.1;
const redact = (...lines: readonly unknown[]): readonly RunLine[] => {
  const redactor = new Redactor(seed);
  return lines.map((line) => redactor.line(line as RunLine));
};
const settled = (kind: string, value: unknown): unknown => ({
  type: 'evidence-settled',
  atMs: 5,
  kind,
  collected: {
    status: 'collected',
    value,
    command: 'kubectl -n payments get pod ledger-0 -o yaml',
    atMs: 1,
    tookMs: 4,
  },
});
const valueIn = (line: RunLine | undefined): never =>
  (line as unknown as { collected: { value: never } }).collected.value;

describe('Redactor', () => {
  it('gives the same word the same token everywhere, and keeps what Kubernetes says', () => {
    const [line] = redact(
      settled('endpoints', {
        slices: [],
        stray: [],
        selected: [
          {
            metadata: {
              name: 'ledger-0',
              namespace: 'payments',
              uid: '0f-11',
              labels: { 'acme.com/team': 'ledger-0' },
            },
            spec: { nodeName: 'ip-10-1-2-3.acme.internal', containers: [{ name: 'app', image: 'acme.io/ledger:7' }] },
            status: {
              phase: 'Running',
              conditions: [
                {
                  type: 'Ready',
                  status: 'False',
                  reason: 'ContainersNotReady',
                  message: 'containers with unready status: [app]',
                },
              ],
            },
          },
        ],
      }),
    );
    const [pod] = (valueIn(line) as { selected: never[] }).selected as unknown as [
      {
        metadata: { name: string; labels: Record<string, string> };
        status: { phase: string; conditions: { type: string; status: string; reason: string; message: string }[] };
      },
    ];
    expect(pod.metadata.name).toMatch(/^name-\d+$/);
    expect(Object.values(pod.metadata.labels)).toEqual([pod.metadata.name]);
    expect(pod.status.phase).toBe('Running');
    expect(pod.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'ContainersNotReady' });
    expect(pod.status.conditions[0]?.message).toMatch(/^containers with unready status: \[name-\d+\]$/);
    expect(JSON.stringify(line)).not.toMatch(/ledger|payments|acme|10-1-2-3|0f-11/);
    expect((line as { collected: { command: string } }).collected.command).toBe(
      `kubectl -n ${JSON.stringify(line).match(/"namespace":"(name-\d+)"/)?.[1]} get pod ${pod.metadata.name} -o yaml`,
    );
  });

  it('keeps a DNS name a DNS name of the same cluster, with its parts as elsewhere', () => {
    const [line] = redact(
      settled('service', {
        found: true,
        object: {
          metadata: { name: 'ledger', namespace: 'payments' },
          spec: { externalName: 'ledger.payments.svc.cluster.local' },
        },
      }),
    );
    const { object } = valueIn(line) as {
      object: { metadata: { name: string; namespace: string }; spec: { externalName: string } };
    };
    expect(object.spec.externalName).toBe(`${object.metadata.name}.${object.metadata.namespace}.svc.cluster.local`);
  });

  it('keeps what a port name says about its protocol', () => {
    const ports = ['http', 'https-admin', 'grpc', 'metrics', 'http'].map((name, index) => ({ name, port: 80 + index }));
    const [line] = redact(settled('service', { found: true, object: { metadata: { name: 'a' }, spec: { ports } } }));
    const { object } = valueIn(line) as { object: { spec: { ports: { name: string }[] } } };
    expect(object.spec.ports.map(({ name }) => name)).toEqual([
      'http-port-1',
      'https-port-2',
      'tcp-port-3',
      'port-4',
      'http-port-1',
    ]);
  });

  it('leaves a Corefile one that means the same', () => {
    const corefile = `.:53 {
    errors
    forward . 10.1.0.2 /etc/resolv.conf {
       max_concurrent 1000
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       ttl 30
    }
}
acme.intra:53 { forward . 10.1.0.3 }
`;
    const [line] = redact(settled('corefile', { found: true, object: corefile }));
    const { object } = valueIn(line) as { object: string };
    expect(object).toMatch(
      /^\.:53 \{\n {4}errors\n {4}forward \. 10\.\d+\.\d+\.\d+ \/etc\/resolv\.conf \{\n {7}max_concurrent 1000\n {4}\}\n {4}kubernetes cluster\.local in-addr\.arpa ip6\.arpa \{\n {7}pods insecure\n {7}ttl 30\n {4}\}\n\}\nname-\d+\.name-\d+:53 \{ forward \. 10\.\d+\.\d+\.\d+ \}\n$/,
    );
    expect(object).not.toContain('10.1.0.2');
  });

  it('reads what a probe printed and lets the text go', () => {
    const at = { vantage: 'source', namespace: 'payments', pod: 'ledger-0' };
    const lines = redact(
      {
        type: 'probes-launched',
        atMs: 10,
        at,
        captureId: null,
        probes: [
          {
            spec: { id: 'resolv-conf', kind: 'resolvConf', at, tool: 'resolv-conf' },
            command: 'kubectl exec ledger-0 -- cat /etc/resolv.conf',
          },
        ],
      },
      {
        type: 'probe-settled',
        atMs: 20,
        id: 'resolv-conf',
        output: {
          exitCode: 0,
          tookMs: 3,
          text: 'nameserver 10.96.0.10\nsearch payments.svc.cluster.local acme.internal\noptions ndots:5\n',
        },
      },
    );
    const read = lines[1] as unknown as {
      type: string;
      result: { reading: { search: string[]; ndots: number; text: string }; text: string };
    };
    expect(read.type).toBe('probe-read');
    expect(read.result.text).toBe('');
    expect(read.result.reading.ndots).toBe(5);
    expect(read.result.reading.search[0]).toMatch(/^name-\d+\.svc\.cluster\.local$/);
    expect(JSON.stringify(lines)).not.toMatch(/payments|ledger|acme|10\.96\.0\.10/);
    for (const line of lines) {
      const { type } = line as { type: string };
      expect(LINES[type]?.safeParse(line).success, type).toBe(true);
    }
  });

  it('has no name in its first line either', () => {
    const [line] = redact({
      type: 'run',
      schemaVersion: 1,
      tool: { version: '0.1.0' },
      startedAt: '2026-03-02T10:00:00.000Z',
      redacted: false,
      request: {
        source: 'ledger-0',
        destination: 'https://shop.acme.com:8443/x',
        command:
          'kubectl netdebug --kubeconfig /home/kim/acme.yaml -n payments ledger-0 https://shop.acme.com:8443/x --access source',
        image: 'registry.acme.com/netshoot:9',
        imagePullPolicy: 'IfNotPresent',
        profile: 'auto',
      },
    });
    expect(line).toMatchObject({ redacted: true, startedAt: '2026-03-02T10:00:00.000Z', tool: { version: '0.1.0' } });
    expect(JSON.stringify(line)).not.toMatch(/ledger|acme|kim|payments/);
    expect((line as { request: { command: string } }).request.command).toMatch(
      /^kubectl netdebug --kubeconfig .* --access source$/,
    );
  });

  it('takes an address in a name for a name, and one in a sentence for an address', () => {
    const [line] = redact({
      type: 'problem',
      atMs: 1,
      problem: { kind: 'environment', message: 'dial tcp 10.0.0.7:6443: connect: connection refused', tryThis: [] },
    });
    const { message } = (line as { problem: { message: string } }).problem;
    expect(message).toMatch(/^dial tcp 10\.\d+\.\d+\.\d+:6443: connect: connection refused$/);
    expect(message).not.toContain('10.0.0.7');
  });

  it('tells the user what became of what', () => {
    const redactor = new Redactor(seed);
    redactor.line(settled('serviceCidrs', ['10.96.0.0/16']) as RunLine);
    const summary = redactor.summary();
    expect(summary).toMatch(/^Redacted: \d+ words, 1 addresses; 0 raw outputs left out\./);
    expect(summary).toMatch(/\n {2}ledger-0 → name-\d+\n/);
    expect(summary).toMatch(/\n {2}10\.96\.0\.0\/16 → 10\.\d+\.\d+\.\d+\/16\n/);
  });
});

it('keeps what a node says about its rules and devices, and takes the names out of them', () => {
  const spec = nodeSpec('n2');
  const text = [
    '@@forward-nft',
    ':FORWARD ACCEPT [0:0]',
    '[7:420] -A FORWARD -p tcp -m comment --comment "acme ledger" -j DROP',
    '@@proxy-nft',
    '1 1',
    '-A KUBE-SERVICES -d 10.96.114.140/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-A',
    '-A KUBE-SVC-A -j KUBE-SEP-A',
    '-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.1.11:8080',
    '@@hop',
    'way 10.244.2.10 cni0 vethledger -',
    '@@device',
    'device vethledger 7 1450 - 1',
    '@@kube-proxy',
    'iptables',
    '1700000000',
  ].join('\n');
  const at = { type: 'probes-launched', atMs: 1, at: spec.at, captureId: null, probes: [{ spec, command: '' }] };
  const output = { exitCode: 0, text, tookMs: 40 };
  const [, line] = redact(at, { type: 'probe-settled', atMs: 2, id: spec.id, output });
  expect(z.safeParse(LINES['probe-read'] as z.ZodMiniType, line).error).toBeUndefined();
  const { reading } = (line as unknown as { result: { reading: NodeState } }).result;
  expect(reading.proxy?.mode).toBe('iptables');
  expect(reading.serviceTargets[0]?.by).toBe('iptables-nft');
  expect(reading.serviceTargets[0]?.rule).toMatch(/^-A KUBE-SERVICES -d \S+ -p tcp -m tcp --dport 80 -j /);
  expect(reading.serviceTargets[0]?.to[0]).toMatch(/^[\d.]+:8080$/);
  expect(reading.forward[0]?.drops[0]?.rule).toMatch(/^-A FORWARD .* -j DROP$/);
  expect(reading.ways[0]?.bridgePort).toBe(reading.devices[0]?.name);
  expect(JSON.stringify(line)).not.toMatch(/ledger|acme/);
});

it('names our Pod on a node after the token of that node, as a replay does', () => {
  const place = { vantage: 'node', namespace: 'payments', pod: 'netdebug-ip-10-acme-mwr5s9wn', node: 'ip-10.acme' };
  const container = { state: 'removing', name: 'netdebug', created: true };
  const [line] = redact({ type: 'container-changed', atMs: 3, at: place, container });
  const { at } = line as unknown as { at: typeof place };
  expect(at.node).toMatch(/^name-\d+\.name-\d+$/);
  expect(at.pod).toBe(`netdebug-${at.node.replaceAll('.', '-')}-mwr5s9wn`);
  expect(at.namespace).toMatch(/^name-\d+$/);
});

it('leaves packets of a capture out, and the addresses in what was read of them', () => {
  const at = { vantage: 'node', namespace: 'payments', pod: 'netdebug-ip-10-1-2-3', node: 'ip-10-1-2-3' };
  const spec = { id: 'watched-ip-10-1-2-3', kind: 'flowCaptures', at, tool: 'capture-end' };
  const flow = { from: ['10.244.2.4'], to: ['10.244.3.3'], ports: [8080] };
  const probes = [{ spec: { ...spec, ...flow }, command: "tcpdump -i any 'host 10.244.2.4'" }];
  const { text } = recording('flow-capture/4.99-n3.txt').output;
  const lines = redact(
    { type: 'probes-launched', atMs: 1, at, captureId: null, probes },
    { type: 'probe-settled', atMs: 2, id: 'watched-ip-10-1-2-3', output: { exitCode: 0, text, tookMs: 80 } },
  );
  const said = JSON.stringify(lines);
  for (const secret of ['10.244.2.4', '10.244.3.3', 'ip-10-1-2-3', 'payments', '0x0af4', '1MOyoQ'])
    expect(said).not.toContain(secret);
  expect(lines.map((line) => LINES['type' in line ? line.type : '']?.safeParse(line).success)).toEqual([true, true]);
  const [launched, read] = lines as unknown as [
    { probes: [{ spec: typeof flow }] },
    { result: { reading: { packets: { source: string; sequence: number }[] } } },
  ];
  const { packets } = read.result.reading;
  expect(packets).toHaveLength(4);
  expect(packets[0]).toMatchObject({ source: launched.probes[0].spec.from[0], sequence: 2_804_213_721 });
});
