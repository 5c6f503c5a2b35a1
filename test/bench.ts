// npm run bench: what a run costs, beside the classic five-step checklist scripted with kubectl, on a running lab. Everything in
// one go and in turn, so that the machine's moods hit both; medians and ratios are what to quote.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..');
const lab = join(root, 'test/lab/lab');
const tool = join(root, 'plugin/kubectl-netdebug');
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const NAMESPACE = 'bench';
/** A Service address that nobody has: packets to it get lost. */
const NO_DNS = '10.96.0.11';

/** What people type: DNS, ClusterIP, each Pod IP, endpoints, policies. One connection at a time, as by hand. */
const CHECKLIST = `set -e
n="-n ${NAMESPACE}"
kubectl $n exec web -c app -- nslookup api.${NAMESPACE}.svc.cluster.local >/dev/null
kubectl $n exec web -c app -- wget -q -O /dev/null -T 3 http://api/
ips=$(kubectl $n get pods -l app=api -o jsonpath='{.items[*].status.podIP}')
for ip in $ips; do kubectl $n exec web -c app -- wget -q -O /dev/null -T 3 http://$ip:8080/; done
kubectl $n get endpointslices -l kubernetes.io/service-name=api >/dev/null
kubectl $n get networkpolicies >/dev/null
kubectl $n get service api -o wide >/dev/null`;

const ws = (command: readonly string[], env: Record<string, string> = {}) =>
  execa(lab, ['ws', ...command], { env, reject: false });
const kubectl = async (...args: readonly string[]): Promise<string> => (await execa(lab, ['kubectl', ...args])).stdout;

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const spread = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

/** A line of a run file, as far as it is read here. */
interface Line {
  readonly type: string;
  readonly atMs: number;
  readonly id?: string;
  readonly kind?: string;
  readonly container?: { readonly state: string };
  readonly probes?: readonly { readonly spec: { readonly id: string; readonly kind: string } }[];
}

const OF_NAMES: readonly string[] = [
  'resolvConf',
  'hostsFile',
  'nameLookup',
  'searchLookup',
  'systemLookups',
  'dnsServers',
];
const OF_ENDPOINTS: readonly string[] = ['service', 'endpoints', 'workloads', 'events'];

/** From the moment the container runs until everything that rungs D and E are judged by has come in, in seconds. */
function namesAndEndpoints(lines: readonly Line[]): number {
  const running = lines.find(({ type, container }) => type === 'container-changed' && container?.state === 'running');
  if (running === undefined) throw new Error('no container in the run file');
  const probes = lines
    .flatMap(({ probes: launched }) => launched ?? [])
    .flatMap(({ spec }) => (OF_NAMES.includes(spec.kind) ? [spec.id] : []));
  const ends = lines.filter(
    ({ type, id = '', kind = '' }) =>
      (type === 'probe-settled' && probes.includes(id)) || (type === 'evidence-settled' && OF_ENDPOINTS.includes(kind)),
  );
  return Math.max(0, ...ends.map(({ atMs }) => atMs - running.atMs)) / 1000;
}

async function recorded(): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'netdebug-bench-'));
  try {
    const file = join(folder, 'run.ndjson');
    const { exitCode, stderr } = await ws([
      tool,
      '-n',
      NAMESPACE,
      'web',
      'api',
      '--access',
      'source',
      '--record',
      file,
    ]);
    if (exitCode !== 0) throw new Error(`not healthy: ${stderr}`);
    return (await readFile(file, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** One run from a Pod whose DNS never answers, in seconds. */
async function silentDns(): Promise<number> {
  let said = '';
  const took = await seconds(async () => {
    const { stdout } = await ws([tool, '-n', NAMESPACE, 'deaf', 'api', '--access', 'source', '-o', 'json']);
    said = (JSON.parse(stdout) as { findings: { id: string }[] }).findings[0]?.id ?? 'nothing';
  });
  if (said !== 'dns-nameserver-wrong') throw new Error(`a DNS that never answers is called ${said}`);
  return took;
}

function pod(name: string, spec: object = {}): object {
  const container = { name: 'app', image: 'localhost/app:1', imagePullPolicy: 'Never' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { app: 'web' } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...spec },
  };
}

async function apply(objects: readonly object[]): Promise<void> {
  await execa(lab, ['kubectl', 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
}

interface Result {
  readonly verdict: string;
  readonly durationMs: number;
  readonly changes: readonly { readonly readyAfterMs: number | null }[];
}

async function netdebug(source: string): Promise<Result> {
  const { stdout, stderr, exitCode } = await ws([
    tool,
    '-n',
    NAMESPACE,
    source,
    'api',
    '--access',
    'source',
    '-o',
    'json',
  ]);
  const result = stdout === '' ? null : (JSON.parse(stdout) as Result);
  if (result?.verdict !== 'healthy' || exitCode !== 0)
    throw new Error(`not healthy (exit ${exitCode}): ${stderr}\n${stdout}`);
  return result;
}

await execa(lab, ['kubectl', 'create', 'namespace', NAMESPACE], { reject: false });
try {
  const backend = {
    name: 'app',
    image: 'localhost/app:1',
    imagePullPolicy: 'Never',
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  };
  await apply([
    pod('web'),
    pod('deaf', {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: [NO_DNS], searches: [`${NAMESPACE}.svc.cluster.local`] },
    }),
    ...Array.from({ length: ROUNDS }, (_, index) => pod(`fresh-${index}`)),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: NAMESPACE },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'api' } },
        template: {
          metadata: { labels: { app: 'api' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [backend] },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api', namespace: NAMESPACE },
      spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  ]);
  await kubectl('rollout', 'status', '-n', NAMESPACE, 'deployment/api', '--timeout=60s');
  await kubectl('wait', '-n', NAMESPACE, '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  await netdebug('web');

  const reused: number[] = [];
  const checklist: number[] = [];
  const ratios: number[] = [];
  const first: number[] = [];
  const beyond: number[] = [];
  const rungs: number[] = [];
  const deaf: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const script = await seconds(async () => {
      const { exitCode, stderr } = await ws(['bash', '-c', CHECKLIST]);
      if (exitCode !== 0) throw new Error(`the checklist failed: ${stderr}`);
    });
    const again = await seconds(() => netdebug('web'));
    checklist.push(script);
    reused.push(again);
    ratios.push(again / script);
    let result: Result | null = null;
    const fresh = await seconds(async () => {
      result = await netdebug(`fresh-${round}`);
    });
    const started = ((result as Result | null)?.changes[0]?.readyAfterMs ?? 0) / 1000;
    rungs.push(namesAndEndpoints(await recorded()));
    deaf.push(await silentDns());
    first.push(fresh);
    beyond.push(fresh - started);
  }
  console.log(`Healthy verdict, ${ROUNDS} rounds in turn, whole processes:`);
  console.log(`  scripted checklist               ${spread(checklist)}`);
  console.log(
    `  netdebug, container reused       ${spread(reused)}   ${median(ratios).toFixed(2)} x the checklist (aim 0.50)`,
  );
  console.log(`  netdebug, first run in a Pod     ${spread(first)}`);
  // The aim of 0.50 s was set on a machine whose checklist takes 1.1 s: as a ratio it holds on any.
  console.log(
    `    beyond the container's start   ${spread(beyond)}   ${(median(beyond) / median(checklist)).toFixed(2)} x the checklist (aim ${(0.5 / 1.1).toFixed(2)}: 0.50 s where that takes 1.1 s)`,
  );
  const share = median(rungs) / median(checklist);
  console.log(
    `Rungs D and E of it, once the container runs   ${spread(rungs)}   ${share.toFixed(2)} x the checklist (aim ${(0.3 / 1.1).toFixed(2)}: 0.30 s where that takes 1.1 s)`,
  );
  console.log(`A DNS that never answers, whole process        ${spread(deaf.slice(1))}   (aim 6.00 s)`);

  const { stderr } = await ws([tool, '-n', NAMESPACE, 'web', 'api', '--access', 'source', '-o', 'json', '-v', '6']);
  const requests = stderr.split('\n').filter((line) => /^(GET|PATCH|POST|DELETE) /.test(line));
  const bytes = requests.reduce((sum, line) => sum + Number(line.match(/, (\d+) bytes/)?.[1] ?? 0), 0);
  console.log(
    `API requests of one run, container reused: ${requests.length}, ${Math.round(bytes / 1024)} KiB, and one exec:`,
  );
  for (const line of requests) console.log(`  ${line.replace(/ \d+ in .*/, '')}`);
} finally {
  await execa(lab, ['kubectl', 'delete', 'namespace', NAMESPACE, '--wait=false'], { reject: false });
}
