/** `check -f FILE`: every flow of the files in one run, with shared reads and containers, against what is expected of it. */
import { DEFAULT_IMAGE } from '../adapters/debug-container.ts';
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { findTerminal } from '../adapters/terminal.ts';
import type { CheckedFlow } from '../check/checks.ts';
import { junitSuite, junitText } from '../check/junit.ts';
import { changeLines, flowLine, labelOf, problemLines, summaryText } from '../check/lines.ts';
import { type FileProblem, parseChecks } from '../check/parse.ts';
import {
  buildCheckReport,
  commonProblem,
  type Ending,
  endingOf,
  type FlowResult,
  failedResult,
  settledResult,
} from '../check/result.ts';
import { shellWord } from '../probes/probe.ts';
import { buildReport } from '../report/report.ts';
import { RULES } from '../rules/index.ts';
import { runOnce } from '../runner/once.ts';
import { SharedContainers, SharedReads } from '../runner/shared.ts';
import { climbOf, type Session } from '../session/session.ts';
import { type Arguments, UsageError } from './args.ts';
import { complain, nothingReadable } from './drive.ts';
import { EXIT } from './exit-code.ts';
import { readNamed } from './files.ts';
import { judgeClimb } from './judge.ts';

declare const __VERSION__: string;

/** Flows that are asked about side by side: enough to share what they wait for, few enough not to look like an attack. */
const SIDE_BY_SIDE = 4;

const OUTPUTS: readonly string[] = ['text', 'json', 'junit'];

const EXITS = {
  'as-expected': EXIT.healthy,
  mismatch: EXIT.fault,
  usage: EXIT.usage,
  inconclusive: EXIT.inconclusive,
  'could-not-run': EXIT['could-not-run'],
} as const satisfies Record<Ending, number>;

/** @returns the exit code; everything has been printed */
export async function check(args: Arguments): Promise<number> {
  const [, ...more] = args.positionals;
  if (args.filenames.length === 0 || more.length > 0) {
    const why = more.length > 0 ? `"${more.join(' ')}" is left over` : 'none was named';
    throw new UsageError(`check takes its flows from files, and ${why}. A Pod of that name is written pod/check.`, [
      'kubectl netdebug check -f flows.yaml',
      'kubectl netdebug SOURCE DESTINATION --save-check flows.yaml',
    ]);
  }
  if (args.output !== null && !OUTPUTS.includes(args.output))
    throw new UsageError(`-o ${args.output}: check takes one of ${OUTPUTS.join(', ')}.`);
  for (const [flag, value] of Object.entries({
    'save-check': args.saveCheck,
    record: args.record,
    replay: args.replay,
  }))
    if (typeof value === 'string') throw new UsageError(`--${flag} is for a run of one flow; check asks about many.`);
  if (args.redact) throw new UsageError('--redact is for a run of one flow; check asks about many.');
  const flows = await readFlows(args.filenames);
  if (flows === null) return EXIT.usage;
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }

  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const asText = args.output === null || args.output === 'text';
  const access = args.access ?? 'api';
  const startedAt = new Date();
  const startedMs = performance.now();
  const over = new AbortController();
  const rest = new KubeRest(
    config,
    ({ method, path, status, tookMs, bytes }) => {
      if (args.verbosity >= 6)
        process.stderr.write(`${method} ${path} ${status} in ${Math.round(tookMs)} ms, ${bytes} bytes\n`);
    },
    args.requestTimeoutMs,
  );
  const reads = new SharedReads(rest, over.signal);
  const containers = new SharedContainers(rest, over.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => over.abort());

  const ask = async (flow: CheckedFlow): Promise<FlowResult | null> => {
    const flowStartedMs = performance.now();
    const flowStartedAt = new Date();
    const session = await runOnce({
      wanted: {
        source: flow.from,
        destination: flow.to,
        namespace: flow.namespace ?? config.namespace,
        port: flow.port,
        protocol: flow.protocol,
      },
      access,
      config,
      rest: {
        get: reads.ofOneFlow().get,
        request: (request) => rest.request(request),
        open: (request) => rest.open(request),
        serverTime: () => rest.serverTime(),
        // The connections are those of all flows.
        close: () => Promise.resolve(),
      },
      attach: containers.attach,
      debug: { image: args.image ?? DEFAULT_IMAGE, imagePullPolicy: args.imagePullPolicy, profile: args.profile },
      timeoutMs: args.timeoutMs,
      signal: over.signal,
    });
    return resultOf(flow, session, { seconds: (performance.now() - flowStartedMs) / 1000, startedAt: flowStartedAt });
  };

  const results = new Map<CheckedFlow, FlowResult>();
  const columns = Math.max(...flows.map((flow) => labelOf(flow, terminal).length));
  const unsaid: FlowResult[] = [];
  const tell = (result: FlowResult): void => {
    // That the cluster does not answer is said once, not once for every flow.
    unsaid.push(result);
    if (commonProblem(unsaid) !== null) return;
    const stream = asText ? process.stdout : process.stderr.isTTY ? process.stderr : null;
    for (const waiting of unsaid.splice(0)) stream?.write(flowLine(waiting, columns, terminal));
  };
  const queue = [...flows];
  const work = async (): Promise<void> => {
    for (let flow = queue.shift(); flow !== undefined && !over.signal.aborted; flow = queue.shift()) {
      const result = await ask(flow);
      if (result === null) continue;
      results.set(flow, result);
      if (!over.signal.aborted) tell(result);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const interrupted = over.signal.aborted;
  over.abort();
  void rest.close();

  const settled = flows.flatMap((flow) => results.get(flow) ?? []);
  if (interrupted) {
    process.stderr.write(changeLines(settled).concat('').join('\n').trimStart());
    return EXIT.interrupted;
  }
  const common = commonProblem(settled);
  if (common !== null) {
    complain(common);
    return EXIT['could-not-run'];
  }
  const durationMs = performance.now() - startedMs;
  if (args.output === 'json') {
    const facts = { version: __VERSION__, startedAt, durationMs, access, requests: rest.requests.length };
    process.stdout.write(`${JSON.stringify(buildCheckReport(settled, facts), null, 2)}\n`);
  } else if (args.output === 'junit') {
    process.stdout.write(junitText([junitSuite(settled, durationMs / 1000)]));
  } else {
    const facts = { access, seconds: durationMs / 1000, connection: connectionWords(args) };
    process.stdout.write(`\n${summaryText(settled, facts, terminal)}`);
  }
  return EXITS[endingOf(settled)];
}

/** Null when the flow was interrupted before anything was there to tell. */
function resultOf(
  flow: CheckedFlow,
  session: Session,
  { seconds, startedAt }: { readonly seconds: number; readonly startedAt: Date },
): FlowResult | null {
  const problem = 'problem' in session ? session.problem : null;
  if (problem !== null) {
    // Whose problem it is decides what the user does; a bug is nothing the user can mend.
    if (problem.kind === 'bug') throw new Error(problem.message);
    return failedResult(flow, problem, seconds);
  }
  const climb = climbOf(session);
  if (climb === null) return null;
  const nothing = climb.endedMs === null ? null : nothingReadable(climb);
  if (nothing !== null) return failedResult(flow, nothing, seconds);
  const durationMs = (climb.endedMs ?? seconds * 1000) - climb.sinceMs;
  return settledResult(
    flow,
    buildReport(climb, judgeClimb(climb, true), { version: __VERSION__, startedAt, durationMs }),
    seconds,
  );
}

/** All flows of all files in their order; null when a file was refused, which has been told. */
async function readFlows(files: readonly string[]): Promise<readonly CheckedFlow[] | null> {
  const ids = RULES.map(({ id }) => id);
  const flows: CheckedFlow[] = [];
  const problems: FileProblem[] = [];
  for (const file of files) {
    const text = await readNamed(file, `kubectl netdebug SOURCE DESTINATION --save-check ${shellWord(file)}`);
    const parsed = parseChecks(text, file === '-' ? '<stdin>' : file, ids);
    if (parsed.ok) flows.push(...parsed.flows);
    else problems.push(...parsed.problems);
  }
  if (problems.length === 0) return flows;
  process.stderr.write(problemLines(problems));
  return null;
}

/** What of this command line says which cluster, for a command that can be pasted. */
function connectionWords({ connection }: Arguments): string {
  const { kubeconfig, context, cluster, user, namespace } = connection;
  return Object.entries({ kubeconfig, context, cluster, user, namespace })
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${shellWord(value)} `]))
    .join('');
}
