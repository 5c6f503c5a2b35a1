/** One run from the command line: loads the cluster's configuration, drives the session, prints the result, gives the exit code. */
import { DEFAULT_IMAGE } from '../adapters/debug-container.ts';
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { openShell } from '../adapters/shell.ts';
import { findTerminal } from '../adapters/terminal.ts';
import { type Diagnosis, diagnose } from '../diagnose/diagnose.ts';
import { buildReport, type Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import { RULES } from '../rules/index.ts';
import { Runner } from '../runner/runner.ts';
import type { Problem } from '../session/event.ts';
import { type Climb, climbOf, type Session } from '../session/session.ts';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';

declare const __VERSION__: string;

/** @returns the exit code; everything has been printed */
export async function run(args: Arguments): Promise<number> {
  const [source, destination, ...more] = args.positionals;
  if (more.length > 0)
    throw new UsageError(`One source and one destination are asked about at a time; "${more.join(' ')}" is left over.`);
  if (source === undefined || destination === undefined) {
    throw new UsageError(
      source === undefined ? 'Say which Pod cannot reach what.' : `Say what ${source} should reach.`,
      [`kubectl netdebug ${source ?? 'POD'} SERVICE`, 'kubectl get pods,services'],
    );
  }
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const startedAt = new Date();
  const startedMs = performance.now();
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  const rest = new KubeRest(
    config,
    (request) => {
      if (args.verbosity >= 6)
        process.stderr.write(
          `${request.method} ${request.path} ${request.status} in ${Math.round(request.tookMs)} ms, ${request.bytes} bytes\n`,
        );
    },
    args.requestTimeoutMs,
  );
  const interactive = terminal.interactive && args.output === null;

  let settle: (session: Session) => void = () => undefined;
  const ended = new Promise<Session>((resolve) => {
    settle = resolve;
  });
  const runner = new Runner({
    wanted: { source, destination, namespace: config.namespace, port: args.port, protocol: args.protocol },
    access: args.access ?? (interactive ? null : 'api'),
    config,
    rest,
    debug: { image: args.image ?? DEFAULT_IMAGE, imagePullPolicy: args.imagePullPolicy, profile: args.profile },
    shell: (at, container) => openShell(args.connection, at, container),
    onChange: (session) => {
      for (const watch of watchers) watch(session);
      if (!interactive && (session.phase === 'verdict' || session.phase === 'failed')) settle(session);
      if (session.phase === 'ended') settle(session);
    },
  });
  const watchers = new Set<(session: Session) => void>();
  const limit = setTimeout(
    () => runner.send({ type: 'time-is-up', atMs: runner.nowMs(), afterMs: args.timeoutMs }),
    args.timeoutMs,
  );
  limit.unref();
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    runner.send({ type: 'quit', atMs: runner.nowMs() });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);

  const judge = (climb: Climb, settled: boolean): Diagnosis =>
    diagnose(climb.evidence, RULES, {
      flow: climb.flow,
      access: climb.access ?? 'api',
      now: climb.cluster.serverTimeMs,
      settled,
    });
  const report = (climb: Climb): Report =>
    buildReport(climb, judge(climb, climb.endedMs !== null), {
      version: __VERSION__,
      startedAt,
      durationMs: climb.endedMs ?? performance.now() - startedMs,
    });

  if (interactive) {
    const { showScreen } = await import('../ui/screen.tsx');
    const screen = showScreen({ runner, judge, watch: (watcher) => void watchers.add(watcher), dark: terminal.dark });
    void runner.start();
    const last = await ended;
    await screen.close();
    const climb = climbOf(last);
    if (last.phase === 'failed') complain(last.problem);
    else if (climb !== null && climb.endedMs !== null)
      process.stdout.write(
        renderText(report(climb), { width: terminal.columns, color: terminal.color, unicode: terminal.unicode }),
      );
    runner.stop();
    return exitCodeOf(last, interrupted, report);
  }

  if (args.output !== 'json' && process.stderr.isTTY === true) watchers.add(narrate());
  void runner.start();
  const last = await ended;
  runner.stop();
  if (last.phase === 'failed') complain(last.problem);
  const climb = climbOf(last);
  if (climb !== null && !interrupted) {
    const result = report(climb);
    const nothing = nothingReadable(climb);
    if (nothing !== null) {
      complain(nothing);
      return EXIT['could-not-run'];
    }
    process.stdout.write(
      args.output === 'json'
        ? `${JSON.stringify(result, null, 2)}\n`
        : renderText(result, { width: terminal.columns, color: terminal.color, unicode: terminal.unicode }),
    );
  }
  return exitCodeOf(last, interrupted, report);
}

function exitCodeOf(session: Session, interrupted: boolean, report: (climb: Climb) => Report): number {
  if (session.phase === 'failed') return session.problem.kind === 'usage' ? EXIT.usage : EXIT['could-not-run'];
  const climb = climbOf(session);
  if (interrupted || climb === null || climb.endedMs === null) return EXIT.interrupted;
  return EXIT[report(climb).verdict];
}

/** Rights to nothing at all are no diagnosis. */
function nothingReadable(climb: Climb): Problem | null {
  const items = Object.values(climb.api);
  const [first] = items;
  if (first === undefined || items.some((item) => item.status === 'collected')) return null;
  const gap = first.status === 'missing' ? first.gap : null;
  return {
    kind: 'environment',
    message: `Nothing at all may be read in this cluster: ${gap?.detail ?? ''}`,
    tryThis: [`kubectl auth can-i --list -n ${climb.flow.source.namespace}`, 'kubectl auth whoami'],
  };
}

/** What could not be done, because of what, and what to try; on stderr. */
export function complain(problem: Problem): void {
  const head = problem.kind === 'bug' ? 'netdebug failed; this is a bug. Please report it with the lines below.\n' : '';
  const tries =
    problem.tryThis.length === 0 ? '' : `\n${problem.tryThis.map((command) => `  Try  ${command}`).join('\n')}`;
  process.stderr.write(`${head}${problem.message}${tries}\n`);
}

/** A line on stderr when something is waited for, so that a silent terminal is never a riddle. */
function narrate(): (session: Session) => void {
  let last = '';
  return (session) => {
    const climb = climbOf(session);
    const waiting =
      climb === null ? undefined : Object.values(climb.containers).find((container) => container.state === 'waiting');
    const line =
      waiting?.state === 'waiting'
        ? `Waiting for the debug container ${waiting.name} in Pod ${waiting.at.pod}: ${waiting.detail}`
        : '';
    if (line !== '' && line !== last) process.stderr.write(`${line}\n`);
    last = line;
  };
}
