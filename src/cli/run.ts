/** One run from the command line: loads the cluster's configuration, drives the session, prints the result, gives the exit code. */
import { DEFAULT_IMAGE, type DebugOptions } from '../adapters/debug-container.ts';
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { openShell } from '../adapters/shell.ts';
import { findTerminal } from '../adapters/terminal.ts';
import { type Diagnosis, diagnose } from '../diagnose/diagnose.ts';
import { cleanAll } from '../report/clean.ts';
import { buildReport, type Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import { RULES } from '../rules/index.ts';
import { Runner } from '../runner/runner.ts';
import type { Problem } from '../session/event.ts';
import { type Climb, climbOf, type Session } from '../session/session.ts';
import type { Screen } from '../ui/screen.tsx';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';
import { commandWith, planFor } from './plan.ts';

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
  const save = args.saveCheck === null ? null : await (await import('./save-check.ts')).openChecks(args.saveCheck);
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const startedAt = new Date();
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  // A line on stderr in the middle of a screen would spoil both: it waits until the screen is gone.
  const unsaid: string[] = [];
  const say = (text: string): void => void (screen === null ? process.stderr.write(text) : unsaid.push(text));
  let screen: Screen | null = null;
  const rest = new KubeRest(
    config,
    (request) => {
      if (args.verbosity >= 6)
        say(
          `${request.method} ${request.path} ${request.status} in ${Math.round(request.tookMs)} ms, ${request.bytes} bytes\n`,
        );
    },
    args.requestTimeoutMs,
  );
  const interactive = terminal.interactive && args.output === null;

  let settle: (session: Session) => void = () => undefined;
  let crash: (error: unknown) => void = () => undefined;
  const ended = new Promise<Session>((resolve, reject) => {
    settle = resolve;
    crash = reject;
  });
  const over = new AbortController();
  const debug: DebugOptions = {
    image: args.image ?? DEFAULT_IMAGE,
    imagePullPolicy: args.imagePullPolicy,
    profile: args.profile,
  };
  let lastPhase: Session['phase'] = 'resolving';
  const watchers = new Set<(session: Session) => void>();
  // Each climb has the whole time: what a person took to decide is none of it.
  let limit: NodeJS.Timeout | null = null;
  const limitClimb = (isClimbing: boolean): void => {
    if (isClimbing === (limit !== null)) return;
    if (limit !== null) clearTimeout(limit);
    const end = (): void => runner.send({ type: 'time-is-up', atMs: runner.nowMs(), afterMs: args.timeoutMs });
    limit = isClimbing ? setTimeout(end, args.timeoutMs) : null;
    limit?.unref();
  };
  const wanted = { source, destination, namespace: config.namespace, port: args.port, protocol: args.protocol };
  const runner = new Runner({
    wanted,
    access: args.access ?? (interactive ? null : 'api'),
    config,
    rest,
    debug,
    shell: async (at, container) => {
      const open = async (): Promise<void> => {
        process.stdout.write(
          `\nThe network of Pod ${at.pod}, in container ${container}. Ctrl-D or exit goes back.\n\n`,
        );
        await openShell(args.connection, at, container, over.signal);
      };
      await (screen === null ? open() : screen.lend(open));
    },
    onChange: (session) => {
      limitClimb(session.phase === 'climbing');
      for (const watch of watchers) watch(session);
      // Nothing was shown yet that a screen should explain: the next thing is another command line.
      const isOver = session.phase === 'failed' && lastPhase === 'resolving';
      lastPhase = session.phase;
      if (!interactive && (session.phase === 'verdict' || session.phase === 'failed')) settle(session);
      if (isOver || session.phase === 'ended') settle(session);
    },
  });
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    runner.send({ type: 'quit', atMs: runner.nowMs() });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Ctrl-C in a shell is for what runs in the shell.
      if (signal !== 'SIGINT' || runner.session.phase !== 'in-shell') interrupt();
    });
  }

  // One frame, the report and the exit code ask about the same climb; a climb never changes, every event makes a new one.
  const judged = { settled: new WeakMap<Climb, Diagnosis>(), open: new WeakMap<Climb, Diagnosis>() };
  const judge = (climb: Climb, settled: boolean): Diagnosis => {
    const known = judged[settled ? 'settled' : 'open'];
    const diagnosis =
      known.get(climb) ??
      diagnose(climb.evidence, RULES, {
        flow: climb.flow,
        access: climb.access ?? 'api',
        now: climb.cluster.serverTimeMs,
        settled,
      });
    known.set(climb, diagnosis);
    return diagnosis;
  };
  const report = (climb: Climb): Report =>
    buildReport(climb, judge(climb, climb.endedMs !== null), {
      version: __VERSION__,
      startedAt,
      durationMs: (climb.endedMs ?? runner.nowMs()) - climb.sinceMs,
    });

  if (interactive) {
    // Ink's colours know FORCE_COLOR only, and read it while they are loaded.
    if (!terminal.color) process.env.FORCE_COLOR = '0';
    const { showScreen } = await import('../ui/screen.tsx');
    screen = showScreen({
      runner,
      judge,
      report,
      wanted: { source, destination },
      plan: (climb) => planFor(climb, debug),
      commandFor: (access) => commandWith(access, process.argv.slice(2)),
      explain: async (id) => {
        const { explain } = await import('./explain.ts');
        try {
          return explain(id);
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      },
      interrupt,
      watch: (watcher) => void watchers.add(watcher),
      dark: terminal.dark,
      unicode: terminal.unicode,
      onCrash: crash,
    });
    void runner.start();
    let last: Session;
    try {
      last = await ended;
    } finally {
      over.abort();
      await screen.close();
      runner.stop();
      process.stderr.write(unsaid.join(''));
    }
    const problem = problemOf(last);
    const climb = climbOf(last);
    if (problem !== null) complain(problem);
    else if (climb !== null && climb.endedMs !== null)
      process.stdout.write(
        renderText(report(climb), { width: terminal.columns, color: terminal.color, unicode: terminal.unicode }),
      );
    else if (climb !== null) process.stderr.write(leftBehind(report(climb)));
    if (problem === null && climb !== null && climb.endedMs !== null) await save?.(wanted, report(climb));
    return exitCodeOf(last, interrupted, report);
  }

  if (args.output !== 'json' && process.stderr.isTTY === true) watchers.add(narrate());
  void runner.start();
  const last = await ended;
  runner.stop();
  if (last.phase === 'failed') complain(last.problem);
  const climb = climbOf(last);
  if (climb !== null && interrupted) process.stderr.write(leftBehind(report(climb)));
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
    await save?.(wanted, result);
  }
  return exitCodeOf(last, interrupted, report);
}

function exitCodeOf(session: Session, interrupted: boolean, report: (climb: Climb) => Report): number {
  const problem = problemOf(session);
  if (problem !== null) return problem.kind === 'usage' ? EXIT.usage : EXIT['could-not-run'];
  const climb = climbOf(session);
  if (interrupted || climb === null || climb.endedMs === null) return EXIT.interrupted;
  return EXIT[report(climb).verdict];
}

function problemOf(session: Session): Problem | null {
  return session.phase === 'failed' || session.phase === 'ended' ? session.problem : null;
}

/** Who leaves before the answer is told what stays in the cluster. */
function leftBehind({ changes }: Report): string {
  return changes
    .map(
      ({ kind, name, in: place, namespace }) =>
        `Added ${kind} ${name} to ${place} in ${namespace}. Its process ends 15 minutes after its last use.\n`,
    )
    .join('');
}

/** Rights to nothing at all are no diagnosis. */
export function nothingReadable(climb: Climb): Problem | null {
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
export function complain(raw: Problem): void {
  const problem = cleanAll(raw);
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
