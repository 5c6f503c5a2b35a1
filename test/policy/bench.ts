// `npm run bench:policy`: one verdict with its explanation in a large cluster, in memory and from JSON. Ends with 1 when an aim is missed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyEnd } from '../../src/derive/policy.ts';
import { NamespaceSnapshot, PodSnapshot, PolicySnapshot } from '../../src/evidence/snapshots.ts';
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
      writeFileSync(
        path,
        pagesOf(cluster(pods))
          .map((page) => `${JSON.stringify(page)}\n`)
          .join(''),
      );
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
  const bytes = readFileSync(path);
  const before = cpuMs();
  const pods: PodSnapshot[] = [];
  const networkPolicies: PolicySnapshot[] = [];
  const namespaces: NamespaceSnapshot[] = [];
  for (const { kind, items } of read(bytes))
    for (const item of items) {
      if (kind === 'pods') pods.push(PodSnapshot.parse(item));
      else if (kind === 'policies') networkPolicies.push(PolicySnapshot.parse(item));
      else namespaces.push(NamespaceSnapshot.parse(item));
    }
  const set = policySet({ networkPolicies });
  const explain = (from: number, to: number): string => {
    const [source, destination] = [pods[from % pods.length], pods[to % pods.length]];
    if (source === undefined || destination === undefined) return '';
    const ends = {
      source: policyEnd(source, namespaces),
      destination: policyEnd(destination, namespaces),
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

/** As the API server gives long lists: 500 objects at a time. */
interface Page {
  readonly kind: string;
  readonly items: readonly unknown[];
}

function pagesOf(objects: Readonly<Record<string, readonly unknown[]>>): readonly Page[] {
  return Object.entries(objects).flatMap(([kind, items]) =>
    Array.from({ length: Math.ceil(items.length / 500) }, (_, page) => ({
      kind,
      items: items.slice(page * 500, (page + 1) * 500),
    })),
  );
}

function* read(bytes: Buffer): Generator<Page> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\n', start);
    yield JSON.parse(bytes.toString('utf8', start, end)) as Page;
    start = end + 1;
  }
}

/** Pods as an API server gives them, with much that is dropped; half of the policies select every Pod of their namespace. */
function cluster(pods: number): Readonly<Record<string, readonly unknown[]>> {
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
