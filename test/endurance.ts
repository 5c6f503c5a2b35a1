// npm run endurance: what many runs leave behind, on the lab that runs as P. 200 in a row, 20 at once on one Pod, 50 that are killed at any
// moment; containers, Pods, processes, sockets and files are counted before and after. Ends with 1 when something is left that should not be.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { apply, kubectl, netdebug, pod, stage, TOOL, unstage, until, workstation } from './cluster/stage.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    together: { type: 'string', default: '20' },
    kills: { type: 'string', default: '50' },
  },
});
const NS = 'endurance';
const LABEL = 'app.kubernetes.io/managed-by=kubectl-netdebug';
/** A killed run is ended at any moment of this. */
const LONGEST_MS = 8000;

interface Left {
  readonly containers: number;
  readonly pods: number;
  readonly processes: number;
  readonly sockets: number;
  readonly files: number;
}

const problems: string[] = [];
await stage(NS);
try {
  const one = await inARow(Number(values.runs));
  await atOnce(Number(values.together), one);
  await killed(Number(values.kills));
} finally {
  await unstage(NS);
}
for (const problem of problems) console.log(`LEFT: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What runs have left in a source Pod and its namespace. */
async function left(name: string): Promise<Left> {
  const inside = await kubectl(
    ...['-n', NS, 'exec', name, '-c', 'netdebug', '--', 'sh', '-c'],
    'ps -e --no-headers | grep -vc "ps$"; ss -Htan state all exclude time-wait | wc -l; ls -A /tmp | grep -c "^.netdebug"; true',
  );
  const [processes = 0, sockets = 0, files = 0] = inside.split('\n').map(Number);
  const containers = await kubectl('-n', NS, 'get', 'pod', name, '-o', 'jsonpath={.spec.ephemeralContainers[*].name}');
  const pods = await kubectl('-n', NS, 'get', 'pods', '-l', LABEL, '-o', 'name');
  return { containers: words(containers), pods: words(pods), processes, sockets, files };
}

function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Compared once the shells of the last run have ended. */
async function compare(what: string, name: string, before: Left): Promise<void> {
  let now = before;
  await until(`${what} leaves as much as one run`, async () => {
    now = await left(name);
    return (Object.keys(before) as (keyof Left)[]).every((key) => now[key] <= before[key]);
  }).catch((error: Error) => problems.push(error.message));
  const show = (one: Left): string =>
    Object.entries(one)
      .map(([key, count]) => `${key} ${count}`)
      .join(', ');
  console.log(`  after one run   ${show(before)}\n  after ${what}   ${show(now)}`);
}

/** @returns what the first of them left */
async function inARow(runs: number): Promise<Left> {
  const seconds: number[] = [];
  let before: Left | null = null;
  for (let index = 0; index < runs; index++) {
    const run = await netdebug('-n', NS, 'web', 'api', '--access', 'source');
    if (run.exitCode !== 0)
      problems.push(`run ${index + 1} of ${runs} ended with ${run.exitCode}: ${run.stdout.split('\n')[0]}`);
    seconds.push(run.seconds);
    before ??= await left('web');
  }
  const median = (all: readonly number[]): string =>
    ([...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0).toFixed(2);
  console.log(
    `${runs} runs in a row: the first ten ${median(seconds.slice(0, 10))} s each, the last ten ${median(seconds.slice(-10))} s`,
  );
  const first = before ?? (await left('web'));
  await compare(`${runs} runs`, 'web', first);
  return first;
}

/** @param one  what one run leaves */
async function atOnce(together: number, one: Left): Promise<void> {
  await apply(pod(NS, 'web-2', { labels: { app: 'web' } }));
  await kubectl('-n', NS, 'wait', '--for=condition=Ready', 'pod/web-2', '--timeout=60s');
  const runs = await Promise.all(
    Array.from({ length: together }, () => netdebug('-n', NS, 'web-2', 'api', '--access', 'source')),
  );
  const bad = runs.filter(({ exitCode }) => exitCode !== 0);
  for (const { exitCode, stdout } of bad)
    problems.push(`one of ${together} at once ended with ${exitCode}: ${stdout.split('\n')[0]}`);
  console.log(
    `${together} at once on one Pod: ${runs.length - bad.length} healthy, the slowest ${Math.max(...runs.map(({ seconds }) => seconds)).toFixed(1)} s`,
  );
  await compare(`${together} at once`, 'web-2', one);
}

/** Killed where most is going on: a policy denies the flow, so that Pods on nodes are made. */
async function killed(kills: number): Promise<void> {
  await apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: NS },
    spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
  });
  const moments: number[] = [];
  let pods = 0;
  for (let index = 0; index < kills; index++) {
    const afterMs = randomInt(LONGEST_MS);
    moments.push(afterMs);
    await workstation([
      'sh',
      '-c',
      `"${TOOL}" -n ${NS} web api --access node >/dev/null 2>&1 & p=$!; sleep ${afterMs / 1000}; kill -9 $p; wait $p`,
    ]);
    pods = Math.max(pods, words(await kubectl('-n', NS, 'get', 'pods', '-l', LABEL, '-o', 'name')));
  }
  const seen = await netdebug('cleanup', '-n', NS, '-o', 'json');
  const { leftovers } = JSON.parse(seen.stdout) as { readonly leftovers: readonly { readonly kind: string }[] };
  console.log(
    `${kills} runs killed after 0 to ${LONGEST_MS / 1000} s: at most ${pods} Pods on nodes at a time; cleanup finds ${leftovers.length}: ${[...new Set(leftovers.map(({ kind }) => kind))].join(', ')}`,
  );
  await netdebug('cleanup', '-n', NS, '--yes');
  await until('cleanup has left nothing', async () => (await netdebug('cleanup', '-n', NS)).exitCode === 0).catch(
    (error: Error) => problems.push(error.message),
  );
  console.log(`  after cleanup: ${(await netdebug('cleanup', '-n', NS)).stdout.trim()}`);
}
