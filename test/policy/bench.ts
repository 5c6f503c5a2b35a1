// `npm run bench:policy`: one verdict with its explanation in a large cluster, in memory and from JSON. Ends with 1 when an aim is missed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyEnd } from '../../src/derive/policy.ts';
import { type NamespaceSnapshot, PodSnapshot, PolicySnapshot } from '../../src/evidence/snapshots.ts';
import { evaluateFlow } from '../../src/netpol/evaluate.ts';
import { policySet } from '../../src/netpol/policy-set.ts';
import { becauseText, walkLines } from '../../src/netpol/verdict.ts';

const POLICIES = 1000;
const NAMESPACES = 100;
const SIZES = [1000, 3000, 10_000];
const AIMS = { memoryMs: 50, jsonMs: 1000, megabytes: 300, growth: 10 };

interface Measured {
  readonly inMemoryMs: number;
  readonly fromJsonMs: number;
  readonly megabytes: number;
  readonly explained: string;
}

const [mode, file] = process.argv.slice(2);
if (mode === '--measure' && file !== undefined) console.log(JSON.stringify(measure(file)));
else process.exitCode = compare();

function compare(): number {
  const folder = mkdtempSync(join(tmpdir(), 'netdebug-bench-'));
  try {
    const results = SIZES.map((pods) => {
      const path = join(folder, `${pods}.json`);
      writeFileSync(path, JSON.stringify(cluster(pods)));
      // A process of its own for each size: what one leaves in memory does not count for the next.
      const runs = Array.from({ length: 3 }, () =>
        JSON.parse(execFileSync(process.execPath, [import.meta.filename, '--measure', path], { encoding: 'utf8' })),
      ) as Measured[];
      const least = (pick: (run: Measured) => number): number => Math.min(...runs.map(pick));
      return {
        pods,
        inMemoryMs: least((run) => run.inMemoryMs),
        fromJsonMs: least((run) => run.fromJsonMs),
        megabytes: least((run) => run.megabytes),
        explained: runs[0]?.explained,
      };
    });
    for (const { pods, inMemoryMs, fromJsonMs, megabytes } of results)
      console.log(
        `${String(pods).padStart(6)} Pods, ${POLICIES} policies: in memory ${inMemoryMs.toFixed(2)} ms, from JSON ${fromJsonMs.toFixed(0)} ms, ${megabytes.toFixed(0)} MB`,
      );
    const [small, large] = [results[0], results.at(-1)];
    if (small === undefined || large === undefined) return 1;
    console.log(large.explained);
    const growth = large.fromJsonMs / small.fromJsonMs;
    const aims: readonly (readonly [string, number, number])[] = [
      ['in memory, ms', large.inMemoryMs, AIMS.memoryMs],
      ['from JSON, ms', large.fromJsonMs, AIMS.jsonMs],
      ['growth from 1,000 to 10,000 Pods', growth, AIMS.growth],
      ['memory, MB', large.megabytes, AIMS.megabytes],
    ];
    for (const [what, is, aim] of aims)
      console.log(`${is <= aim ? 'ok    ' : 'MISSED'} ${what}: ${is.toFixed(1)}, aim at most ${aim}`);
    return aims.every(([, is, aim]) => is <= aim) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Time that this thread was running: what else the machine does is not counted. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function measure(path: string): Measured {
  const text = readFileSync(path, 'utf8');
  const before = cpuMs();
  const objects = JSON.parse(text) as { pods: unknown[]; policies: unknown[]; namespaces: NamespaceSnapshot[] };
  const pods = objects.pods.map((pod) => PodSnapshot.parse(pod));
  const networkPolicies = objects.policies.map((policy) => PolicySnapshot.parse(policy));
  const set = policySet({ networkPolicies });
  const explain = (from: number, to: number): string => {
    const [source, destination] = [pods[from % pods.length], pods[to % pods.length]];
    if (source === undefined || destination === undefined) return '';
    const ends = {
      source: policyEnd(source, objects.namespaces),
      destination: policyEnd(destination, objects.namespaces),
    };
    const { egress, ingress } = evaluateFlow({ ...ends, port: 8080, protocol: 'TCP' }, set);
    return [becauseText(egress), becauseText(ingress), ...walkLines(egress.walk), ...walkLines(ingress.walk)].join(
      '\n',
    );
  };
  const explained = explain(1, 2);
  const fromJsonMs = cpuMs() - before;
  // Other Pods each time: nothing that was worked out for one is there for the next.
  const took = Array.from({ length: 200 }, (_, index) => {
    const since = cpuMs();
    explain(index * 37, index * 41 + 5);
    return cpuMs() - since;
  }).sort((a, b) => a - b);
  return {
    inMemoryMs: took[Math.floor(took.length * 0.95)] ?? Number.POSITIVE_INFINITY,
    fromJsonMs,
    megabytes: process.resourceUsage().maxRSS / 1024,
    explained,
  };
}

/** Pods as an API server gives them, with much that is dropped; half of the policies select every Pod of their namespace. */
function cluster(pods: number): object {
  const namespace = (index: number): string => `team-${index % NAMESPACES}`;
  return {
    namespaces: Array.from({ length: NAMESPACES }, (_, index) => ({
      metadata: {
        name: namespace(index),
        labels: { 'kubernetes.io/metadata.name': namespace(index), zone: `z${index % 7}` },
      },
    })),
    pods: Array.from({ length: pods }, (_, index) => ({
      metadata: {
        name: `app-${index}`,
        namespace: namespace(index),
        uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        labels: { app: `app-${index % 50}`, tier: `t${index % 5}`, 'pod-template-hash': '5c69dbb7bd' },
        ownerReferences: [{ kind: 'ReplicaSet', name: `app-${index % 50}-5c69dbb7bd`, controller: true }],
      },
      spec: {
        nodeName: `node-${index % 200}`,
        containers: [
          {
            name: 'app',
            image: 'registry.example/app:1.27.3',
            env: Array.from({ length: 12 }, (_, at) => ({ name: `SETTING_${at}`, value: `value of setting ${at}` })),
            ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
            resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          },
        ],
      },
      status: {
        phase: 'Running',
        podIPs: [{ ip: `10.${128 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}` }],
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'app', ready: true, restartCount: 0 }],
      },
    })),
    policies: Array.from({ length: POLICIES }, (_, index) => ({
      metadata: { name: `policy-${index}`, namespace: namespace(index) },
      spec: {
        podSelector: index % 2 === 0 ? {} : { matchLabels: { tier: `t${index % 5}` } },
        policyTypes: index % 3 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
        ingress: Array.from({ length: 10 }, (_, at) => ({
          from: [
            {
              namespaceSelector: { matchLabels: { zone: `z${(index + at) % 7}` } },
              podSelector: { matchLabels: { app: `app-${at}` } },
            },
            { ipBlock: { cidr: `192.0.${at}.0/24` } },
          ],
          ports: [{ protocol: 'TCP', port: 8000 + at }],
        })),
        egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }] }],
      },
    })),
  };
}
