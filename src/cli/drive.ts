/** Shows a run from its first event to its exit code: on the screen, as text, as data. Whether it happens now or was recorded is no matter here. */
import type { DebugOptions } from '../adapters/debug-container.ts';
import { ENDING_SIGNALS, findTerminal } from '../adapters/terminal.ts';
import type { Diagnosis } from '../diagnose/diagnose.ts';
import { cleanAll } from '../report/clean.ts';
import { mendedLines } from '../report/mended.ts';
import { render } from '../report/outputs.ts';
import type { ReportProposal } from '../report/proposal.ts';
import { buildReport, type Report } from '../report/report.ts';
import type { Effect, Problem, RunEvent } from '../session/event.ts';
import { type Climb, climbOf, type Session } from '../session/session.ts';
import type { Driver } from '../ui/App.tsx';
import type { Root } from '../ui/root.tsx';
import type { Screen } from '../ui/screen.tsx';
import type { Arguments } from './args.ts';
import { copy } from './copy.ts';
import { EXIT } from './exit-code.ts';
import { judgeClimb } from './judge.ts';
import { commandWith, planFor } from './plan.ts';
import type { RunLog } from './run-log.ts';
import { untilContinued } from './suspend.ts';

/** What makes a run happen. */
export interface RunDriver extends Driver {
  start(): Promise<void>;
  /** @returns when nothing of the run is left that can be taken away */
  stop(): Promise<void>;
}

/** What a run may use of the place it is shown in. */
export interface Stage {
  readonly onChange: (session: Session, event: RunEvent, effects: readonly Effect[]) => void;
  /** A line on standard error; it waits while a screen is up. */
  readonly say: (text: string) => void;
  /** Hands the terminal to `work` and takes it back when that has ended. */
  readonly lend: (work: () => Promise<void>) => Promise<void>;
  /** Nobody waits any more. */
  readonly over: AbortSignal;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
}

export interface DriveOptions {
  readonly args: Arguments;
  /** The terminal, where a screen is drawn; null: text or data is printed. */
  readonly root: Root | null;
  /** As typed, for the time before they have been looked up. */
  readonly wanted: { readonly source: string; readonly destination: string };
  readonly debug: DebugOptions;
  /** Of the tool that runs, or that ran when this was recorded. */
  readonly version: string;
  readonly startedAt: Date;
  /** The command line that would ask the same. */
  readonly question: string;
  readonly log: RunLog | null;
  /** Whether a verdict is the last one, without a screen. */
  readonly isLast: (driver: RunDriver) => boolean;
  readonly make: (stage: Stage) => RunDriver;
  /** Whether all this has happened before, and is played. */
  readonly isRecorded?: boolean;
  /** Whether another flow can be asked about from the screen. */
  readonly canAskAgain: boolean;
  /** Whether what was asked had been chosen: names that cannot be looked up are told on the screen, with a way back. */
  readonly wasChosen?: boolean;
  /** What policies that are not in the cluster would make of the flow. */
  readonly proposal?: (climb: Climb) => ReportProposal;
  /** Told of the report of a run that has come to its end, after it was shown. */
  readonly done?: (report: Report) => Promise<void>;
}

/** Somebody wants to ask about another flow; the screen is still open. */
export interface Another {
  /** Whether only the last step is taken back: the source stays as it is. */
  readonly isBack: boolean;
}

/** Reports of flows that were left for another one, printed when the screen is gone. */
const unprinted: string[] = [];

/** Prints what could not be printed while a screen was up. */
export function printWhatWaited(): void {
  process.stdout.write(unprinted.splice(0).join(''));
}

/** @returns the exit code, everything has been printed; or that another flow is wanted */
export async function drive(options: DriveOptions): Promise<number | Another> {
  const { args, wanted, debug, log } = options;
  const keep =
    args.pcap === undefined ? null : (await import('./captures.ts')).openCaptures(args.pcap, options.startedAt);
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const { root } = options;
  const interactive = root !== null;
  const look = { width: terminal.columns, color: terminal.color, unicode: terminal.unicode };
  // A line on stderr in the middle of a screen would spoil both: it waits until the screen is gone.
  const unsaid: string[] = [];
  let screen: Screen | null = null;

  let settle: (session: Session) => void = () => undefined;
  let crash: (error: unknown) => void = () => undefined;
  const ended = new Promise<Session>((resolve, reject) => {
    settle = resolve;
    crash = reject;
  });
  const over = new AbortController();
  let lastPhase: Session['phase'] = 'resolving';
  let lastFault: Report | null = null;
  const watchers = new Set<(session: Session) => void>();
  const driver = options.make({
    say: (text) => void (screen === null ? process.stderr.write(text) : unsaid.push(text)),
    lend: (work) => (screen === null ? work() : screen.lend(work)),
    over: over.signal,
    interactive,
    onChange: (session, event, effects) => {
      log?.step(session, event, effects);
      for (const watch of watchers) watch(session);
      // Nothing was shown yet that a screen should explain: the next thing is another command line.
      const isOver = session.phase === 'failed' && lastPhase === 'resolving' && options.wasChosen !== true;
      lastPhase = session.phase;
      if (session.phase === 'verdict' && report(session).verdict === 'fault') lastFault = report(session);
      if (!interactive && ((session.phase === 'verdict' && options.isLast(driver)) || session.phase === 'failed'))
        settle(session);
      if (isOver || session.phase === 'ended') settle(session);
    },
  });
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    driver.send({ type: 'quit', atMs: driver.nowMs() });
  };
  let another: Another | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl-C in a shell is for what runs in the shell.
    if (signal !== 'SIGINT' || driver.session.phase !== 'in-shell') interrupt();
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);

  // One frame, the report and the exit code ask about the same climb; a climb never changes, every event makes a new one.
  const judged = { settled: new WeakMap<Climb, Diagnosis>(), open: new WeakMap<Climb, Diagnosis>() };
  const judge = (climb: Climb, settled: boolean): Diagnosis => {
    const known = judged[settled ? 'settled' : 'open'];
    const diagnosis = known.get(climb) ?? judgeClimb(climb, settled);
    known.set(climb, diagnosis);
    return diagnosis;
  };
  const reports = new WeakMap<Climb, Report>();
  const report = (climb: Climb): Report => {
    const known = reports.get(climb);
    if (known !== undefined) return known;
    const built = buildReport(climb, judge(climb, climb.endedMs !== null), {
      version: options.version,
      startedAt: options.startedAt,
      // Of a climb that goes on nobody is told this.
      durationMs: (climb.endedMs ?? driver.nowMs()) - climb.sinceMs,
    });
    const kept = keep === null || climb.endedMs === null ? built : keep(built, climb);
    const whole = options.proposal === undefined ? kept : { ...kept, proposal: options.proposal(climb) };
    reports.set(climb, whole);
    return whole;
  };
  const exitCodeOf = (session: Session): number => {
    const problem = problemOf(session);
    if (problem !== null) return problem.kind === 'usage' ? EXIT.usage : EXIT['could-not-run'];
    const climb = climbOf(session);
    if (interrupted || climb === null || climb.endedMs === null) return EXIT.interrupted;
    return EXIT[report(climb).verdict];
  };
  const start = (): void => void driver.start().catch(crash);

  if (root !== null) {
    const { showScreen } = await import('../ui/screen.tsx');
    screen = showScreen({
      root,
      runner: driver,
      judge,
      report,
      wanted,
      plan: (climb) => planFor(climb, debug, options.isRecorded === true),
      commandFor: (access) => commandWith(access, options.question),
      explain: async (id, width) => {
        const { explain } = await import('./explain.ts');
        try {
          const markdown = explain(id);
          if (width === null) return markdown;
          const { drawPage } = await import('../pages/draw.ts');
          return drawPage(markdown, { width, color: false });
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      },
      isWatching: args.watch,
      rightsYaml: async () => {
        const { permissionsText } = await import('./permissions.ts');
        return permissionsText('backend', climbOf(driver.session)?.flow.source.namespace ?? null);
      },
      copy,
      exportAs: async (form) => {
        const climb = climbOf(driver.session);
        if (climb === null) throw new Error('There is nothing to write yet.');
        const { writeExport } = await import('./export.ts');
        const run = { report: report(climb), climb };
        return writeExport(form, (await log?.shown(run)) ?? run, look);
      },
      interrupt,
      onAnother: options.canAskAgain
        ? (isBack) => {
            another = { isBack };
            driver.send({ type: 'quit', atMs: driver.nowMs() });
          }
        : null,
      suspend: () => void screen?.lend(untilContinued),
      watch: (watcher) => void watchers.add(watcher),
      onCrash: crash,
    });
    start();
    let last: Session;
    try {
      last = await ended;
    } finally {
      over.abort();
      if (another === null) await screen.close();
      await driver.stop();
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
      if (another === null) {
        printWhatWaited();
        process.stderr.write(unsaid.join(''));
      }
    }
    if (another !== null) {
      const left = climbOf(last);
      if (left !== null && left.endedMs === null) unprinted.push(leftBehind(report(left)));
      else if (left !== null && !args.screenReader)
        unprinted.push(await render('text', { report: report(left), climb: left }, look));
      return another;
    }
    const problem = problemOf(last);
    const climb = climbOf(last);
    if (climb !== null && climb.endedMs !== null) await log?.end({ report: report(climb), climb });
    if (problem !== null) complain(problem);
    else if (climb !== null && climb.endedMs === null) process.stderr.write(leftBehind(report(climb)));
    // Who listened has heard it, and it stands in the terminal.
    else if (climb !== null && !args.screenReader) {
      process.stdout.write(await render('text', { report: report(climb), climb }, look));
      process.stdout.write(
        mendedLines(lastFault, report(climb))
          .map((text) => `${cleanAll(text)}\n`)
          .join(''),
      );
    }
    if (problem === null && climb !== null && climb.endedMs !== null) await options.done?.(report(climb));
    return exitCodeOf(last);
  }

  if (args.output === null || args.output === 'text') {
    if (process.stderr.isTTY === true) watchers.add(narrate());
  }
  start();
  const last = await ended;
  await driver.stop();
  if (last.phase === 'failed') complain(last.problem);
  const climb = climbOf(last);
  // The terminal has shown ^C; the shell's prompt belongs on a line of its own.
  if (interrupted && process.stderr.isTTY === true) process.stderr.write('\n');
  if (climb !== null && interrupted) process.stderr.write(leftBehind(report(climb)));
  if (climb !== null && !interrupted) {
    const nothing = nothingReadable(climb);
    if (nothing !== null) {
      complain(nothing);
      return EXIT['could-not-run'];
    }
    const own = { report: report(climb), climb };
    const shown = (await log?.end(own)) ?? own;
    // Its last line is the report, and is out already.
    if (args.output !== 'ndjson') process.stdout.write(await render(args.output ?? 'text', shown, look));
    await options.done?.(report(climb));
  }
  return exitCodeOf(last);
}

function problemOf(session: Session): Problem | null {
  return session.phase === 'failed' || session.phase === 'ended' ? session.problem : null;
}

/** Who leaves before the answer is told what stays in the cluster. */
function leftBehind({ changes }: Report): string {
  return changes
    .map(({ kind, name, in: place, namespace }) =>
      kind === 'Pod'
        ? `Pod ${name} on ${place} was asked to go again. Should it be there still, it ends by itself 10 minutes after it was made: kubectl -n ${namespace} delete pod ${name}\n`
        : `Added ${kind} ${name} to ${place} in ${namespace}. Its process ends 15 minutes after its last use.\n`,
    )
    .join('');
}

/** Everybody may ask which APIs there are, and lists of those that are not there are empty without a question. */
const WITHOUT_RIGHT: readonly string[] = ['policyApis', 'adminPolicies', 'vendorPolicies'];

/** Rights to nothing at all are no diagnosis. */
export function nothingReadable(climb: Climb): Problem | null {
  const items = Object.entries(climb.api).flatMap(([kind, item]) => (WITHOUT_RIGHT.includes(kind) ? [] : [item]));
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
