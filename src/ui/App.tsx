import { useApp } from 'ink';
import { useEffect, useMemo, useReducer, useState, useSyncExternalStore } from 'react';
import { toYaml } from '../derive/yaml.ts';
import type { Diagnosis } from '../diagnose/diagnose.ts';
import type { Access } from '../ladder/access.ts';
import { cleanAll } from '../report/clean.ts';
import { waitingFor } from '../report/log.ts';
import { pathOf } from '../report/path.ts';
import { endsOf, type Report } from '../report/report.ts';
import { causeOf, destinationText } from '../report/words.ts';
import type { RunEvent } from '../session/event.ts';
import { type Climb, climbOf, type Session, shellPlace } from '../session/session.ts';
import { ClimbScreen } from './ClimbScreen.tsx';
import { type ConsentChoice, ConsentScreen } from './ConsentScreen.tsx';
import { type ExportForm, ExportScreen } from './ExportScreen.tsx';
import { FailedScreen } from './FailedScreen.tsx';
import type { Header } from './Frame.tsx';
import { keyTable, type ScreenName } from './keys.ts';
import { BLANK, commandLines, type Line, line, type Size, widthOf, wrap } from './lines.ts';
import { ProbeLog, quiet } from './log-lines.ts';
import { PageScreen } from './PageScreen.tsx';
import { nextAccess, type Plan } from './plan.ts';
import { ResolvingScreen } from './ResolvingScreen.tsx';
import type { Theme } from './theme.ts';
import { unlessOf } from './unless.ts';
import { useKeys } from './use-keys.ts';
import { useScreenSize } from './use-size.ts';
import { type VerdictChoice, VerdictScreen } from './VerdictScreen.tsx';
import { type Watched, WatchScreen } from './WatchScreen.tsx';
import { CLOCK_MS } from './whole-screen.ts';

/** What drives the session; the runner, or a fake in a test. */
export interface Driver {
  readonly session: Session;
  nowMs(): number;
  serverTimeMs(): number;
  send(event: RunEvent): void;
}

export interface AppProps {
  readonly runner: Driver;
  /** Calls back on every new session, and returns how to end that. */
  readonly subscribe: (watcher: () => void) => () => void;
  readonly theme: Theme;
  /** As typed, for the time before they have been looked up. */
  readonly wanted: { readonly source: string; readonly destination: string };
  readonly judge: (climb: Climb, settled: boolean) => Diagnosis;
  readonly report: (climb: Climb) => Report;
  readonly plan: (climb: Climb) => Plan | null;
  readonly commandFor: (access: Access) => string;
  /** The page of a finding, drawn for so many columns; as Markdown where that is null. */
  readonly explain: (id: string, width: number | null) => Promise<string>;
  /** The Roles that give what is missing, with how to bind them. */
  readonly rightsYaml: () => Promise<string>;
  /** Puts a text into the clipboard of the terminal, where it has one for us. @returns the sentence that says so */
  readonly copy: (text: string) => string;
  /** Begin to watch with the first verdict. */
  readonly isWatching: boolean;
  /** Writes the report of the present climb to a new file. @returns its path @throws {Error} with a sentence */
  readonly exportAs: (form: ExportForm) => Promise<string>;
  /** Ctrl-C: over at once. */
  readonly interrupt: () => void;
  /** Asks about another flow, or takes the last step back; null where that cannot be. */
  readonly onAnother: ((isBack: boolean) => void) | null;
  /** Ctrl-Z: the terminal goes back to the shell until it calls again. */
  readonly suspend: () => void;
  /** Told how to hand the terminal to somebody else for a while. */
  readonly onLender: (lend: (work: () => Promise<void>) => Promise<void>) => void;
}

type Page =
  | { readonly name: 'keys' }
  | { readonly name: 'log' }
  | { readonly name: 'yaml' }
  | { readonly name: 'rights'; readonly text: string }
  | { readonly name: 'deeper' }
  | { readonly name: 'export' }
  | { readonly name: 'explain'; readonly id: string; readonly text: string };

const SCREENS = {
  resolving: 'resolving',
  'asking-access': 'consent',
  climbing: 'climb',
  verdict: 'verdict',
  'in-shell': 'verdict',
  failed: 'failed',
  ended: 'resolving',
} as const satisfies Record<Session['phase'], ScreenName>;

/** Picks the screen of the session's phase, or a page that was opened above it. */
export function App(props: AppProps) {
  const { runner, subscribe, onLender, interrupt } = props;
  const session = useSyncExternalStore(subscribe, () => runner.session);
  const size = useScreenSize();
  const { suspendTerminal } = useApp();
  useEffect(() => onLender(suspendTerminal), [onLender, suspendTerminal]);
  useClock(session.phase === 'climbing');

  const [pages, setPages] = useState<readonly Page[]>([]);
  const page = pages.at(-1);
  const open = (next: Page): void => setPages([...pages, next]);
  const back = (): void => setPages(pages.slice(0, -1));
  const { phase } = session;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page belongs to the phase it was opened in
  useEffect(() => setPages([]), [phase]);

  const { checks, stopWatching, watch } = useWatch(props, session);
  const [before, setBefore] = useState<Report | null>(null);
  const unless = useUnless(props, session);
  const [probeLog] = useState(() => new ProbeLog());

  const quit = (): void => runner.send({ type: 'quit', atMs: runner.nowMs() });
  const { onAnother } = props;
  // A page above the screen has keys of its own.
  const isFree = page === undefined && checks === null;
  useKeys({
    interrupt,
    suspend: props.suspend,
    ...(isFree && onAnother !== null ? { 'step-back': () => onAnother(true) } : {}),
    ...(isFree ? { quit, keys: () => open({ name: 'keys' }) } : {}),
  });

  const climb = climbOf(session);
  if (checks !== null && page === undefined && climb !== null && (phase === 'climbing' || phase === 'verdict'))
    return (
      <WatchScreen
        size={size}
        theme={props.theme}
        header={headerOf({ ...props, session })}
        checks={checks}
        report={phase === 'verdict' ? cleanAll(props.report(climb)) : before}
        nowMs={runner.nowMs()}
        onStop={stopWatching}
      />
    );
  if (page !== undefined)
    return (
      <OpenPage
        setBefore={setBefore}
        probeLog={probeLog}
        {...props}
        page={page}
        session={session}
        size={size}
        open={open}
        onBack={back}
      />
    );
  return (
    <PhaseScreen
      {...props}
      session={session}
      size={size}
      open={open}
      quit={quit}
      {...{ before, setBefore, unless, watch, probeLog }}
    />
  );
}

/** Draws the screen again a second after it was drawn, for the time in its header; what draws it sooner shows the time as well. */
function useClock(isOn: boolean): void {
  const [, tick] = useReducer((ticks: number) => ticks + 1, 0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(tick, CLOCK_MS);
    return () => clearTimeout(timer);
  });
}

/** Between the end of a check and the next. */
const WATCH_EVERY_MS = 2000;

/** Asks again and again; null while nobody wants that. */
function useWatch(
  { runner, report, isWatching }: AppProps,
  session: Session,
): { readonly checks: readonly Watched[] | null; readonly watch: () => void; readonly stopWatching: () => void } {
  const [checks, setChecks] = useState<readonly Watched[] | null>(isWatching ? [] : null);
  const isOn = checks !== null;
  const ended = session.phase === 'verdict' ? session : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one entry for each check that ends
  useEffect(() => {
    if (!isOn || ended === null) return;
    const { verdict, findings } = report(ended);
    const [first] = findings;
    const blamed = verdict === 'fault' && first !== undefined ? `${first.subject.kind} ${first.subject.name}` : null;
    const watched: Watched = { verdict, atMs: runner.nowMs(), blamed };
    setChecks((before) => [...(before ?? []), watched].slice(-MOST_WATCHED));
    const next = setTimeout(
      () => runner.send({ type: 'check-again', atMs: runner.nowMs(), serverTimeMs: runner.serverTimeMs() }),
      WATCH_EVERY_MS,
    );
    return () => clearTimeout(next);
  }, [isOn, ended?.results]);
  return { checks, watch: () => setChecks([]), stopWatching: () => setChecks(null) };
}

/** Longer lines are hard to read. */
const WIDEST_PAGE = 100;

/** Half an hour of them and more. */
const MOST_WATCHED = 1000;

/** What the page of the cause says about when it is wrong; nothing while that is loaded. */
function useUnless({ report, explain }: AppProps, session: Session): readonly string[] {
  const [unless, setUnless] = useState<readonly string[]>([]);
  const id = session.phase === 'verdict' ? causeOf(report(session))?.id : undefined;
  useEffect(() => {
    let isGone = false;
    setUnless([]);
    if (id !== undefined)
      void explain(id, null).then((text) => {
        if (!isGone) setUnless(cleanAll(unlessOf(text)));
      });
    return () => {
      isGone = true;
    };
  }, [id, explain]);
  return unless;
}

interface PhaseProps extends AppProps {
  readonly probeLog: ProbeLog;
  readonly session: Session;
  readonly size: Size;
  readonly open: (page: Page) => void;
  readonly quit: () => void;
  readonly before: Report | null;
  readonly setBefore: (report: Report) => void;
  readonly unless: readonly string[];
  readonly watch: () => void;
}

function PhaseScreen(props: PhaseProps) {
  const { runner, session, theme, size, open, quit, judge, report, probeLog } = props;
  const header = headerOf(props);
  const climb = climbOf(session);
  const rungs = useMemo(
    () => (climb === null ? null : cleanAll(judge(climb, climb.endedMs !== null).rungs)),
    [climb, judge],
  );
  const isDrawn = session.phase === 'climbing' || session.phase === 'verdict' || session.phase === 'in-shell';
  // Between two events nothing of this changes, and most frames show no more than a step of the clock.
  const seen = useMemo(() => {
    if (climb === null || !isDrawn) return null;
    const told = report(climb);
    return {
      report: cleanAll(told),
      path: cleanAll(pathOf(told, climb)),
      log: probeLog.entries(climb),
      waiting: cleanAll(waitingFor(climb)),
    };
  }, [climb, isDrawn, report, probeLog]);
  const send = (event: RunEvent): void => runner.send(event);
  switch (session.phase) {
    case 'resolving':
      return <ResolvingScreen size={size} theme={theme} {...cleanAll(props.wanted)} />;
    case 'failed': {
      const leave = props.onAnother === null ? quit : () => props.onAnother?.(true);
      return (
        <FailedScreen size={size} theme={theme} header={header} problem={cleanAll(session.problem)} onQuit={leave} />
      );
    }
    case 'ended':
      return null;
    case 'asking-access': {
      const choose = (choice: ConsentChoice): void => {
        if (choice === 'yaml') open({ name: 'yaml' });
        else if (choice === 'rights') void props.rightsYaml().then((text) => open({ name: 'rights', text }));
        else if (choice !== 'back') send({ type: 'access-granted', atMs: runner.nowMs(), access: choice });
      };
      return <Consent {...props} climb={session} header={header} onChoose={choose} />;
    }
    case 'climbing':
      if (seen === null) return null;
      return (
        <ClimbScreen
          size={size}
          theme={theme}
          header={header}
          rungs={rungs as Diagnosis['rungs']}
          path={seen.path}
          log={seen.log}
          waiting={seen.waiting}
          onLog={() => open({ name: 'log' })}
        />
      );
    case 'verdict':
    case 'in-shell': {
      if (seen === null) return null;
      const { report } = seen;
      const choose = (choice: VerdictChoice): void => {
        const atMs = runner.nowMs();
        if (choice === 'again' || choice === 'watch') props.setBefore(report);
        if (choice === 'again') send({ type: 'check-again', atMs, serverTimeMs: runner.serverTimeMs() });
        else if (choice === 'shell') send({ type: 'shell-requested', atMs });
        else if (choice === 'deeper') open({ name: 'deeper' });
        else if (choice === 'export') open({ name: 'export' });
        else if (choice === 'watch') props.watch();
        else if (choice === 'another') props.onAnother?.(false);
        else if (choice === 'quit') quit();
        else {
          const id = (causeOf(report) ?? report.findings[0])?.id;
          if (id !== undefined)
            void props
              .explain(id, Math.min(size.columns - 2, WIDEST_PAGE))
              .then((text) => open({ name: 'explain', id, text }));
        }
      };
      return (
        <VerdictScreen
          size={size}
          theme={theme}
          header={header}
          report={report}
          before={props.before}
          unless={props.unless}
          path={seen.path}
          deeper={nextAccess(session.access, report.verdict)}
          hasShell={shellPlace(session) !== null}
          canAskAgain={props.onAnother !== null}
          onChoose={choose}
          onCopy={props.copy}
          onLog={() => open({ name: 'log' })}
        />
      );
    }
  }
}

interface ConsentOptions extends AppProps {
  readonly climb: Climb;
  readonly size: Size;
  readonly header: Header;
  readonly onChoose: (choice: ConsentChoice) => void;
}

function Consent({ climb, size, theme, header, judge, report, plan, commandFor, onChoose }: ConsentOptions) {
  const { rungs, findings } = cleanAll(judge(climb, false));
  return (
    <ConsentScreen
      size={size}
      theme={theme}
      header={header}
      source={cleanAll(report(climb).flow.source)}
      plan={cleanAll(plan(climb))}
      granted={climb.access}
      rights={cleanAll(climb.rights)}
      rungs={rungs}
      cause={findings.find((finding) => finding.role === 'cause')?.summary ?? null}
      reads={{ done: Object.keys(climb.api).length, open: climb.reading.length }}
      commandFor={commandFor}
      onChoose={onChoose}
    />
  );
}

interface OpenPageProps extends AppProps {
  readonly probeLog: ProbeLog;
  readonly page: Page;
  readonly session: Session;
  readonly size: Size;
  readonly open: (page: Page) => void;
  readonly onBack: () => void;
  readonly setBefore: (report: Report) => void;
}

function OpenPage(props: OpenPageProps) {
  const { page, session, size, theme, runner, open, onBack } = props;
  const header = headerOf(props);
  const climb = climbOf(session);
  const { columns } = size;
  // Drawn anew with every turn of the clock; the log of a long run has many lines.
  // biome-ignore lint/correctness/useExhaustiveDependencies: all else that a page shows does not change while it is open
  const lines = useMemo(() => pageLines(props), [page, climb, columns]);
  if (page.name === 'deeper' && climb !== null) {
    const choose = (choice: ConsentChoice): void => {
      if (choice === 'yaml') open({ name: 'yaml' });
      else if (choice === 'rights') void props.rightsYaml().then((text) => open({ name: 'rights', text }));
      else if (choice === 'back') onBack();
      else {
        props.setBefore(props.report(climb));
        runner.send({ type: 'access-granted', atMs: runner.nowMs(), access: choice });
      }
    };
    return <Consent {...props} climb={climb} header={header} onChoose={choose} />;
  }
  if (page.name === 'export')
    return <ExportScreen size={size} theme={theme} header={header} exportAs={props.exportAs} onBack={onBack} />;
  return (
    <PageScreen
      size={size}
      theme={theme}
      header={header}
      lines={lines}
      follow={page.name === 'log' && session.phase === 'climbing'}
      onBack={onBack}
    />
  );
}

function pageLines({ page, session, size, theme, plan, probeLog }: OpenPageProps): readonly Line[] {
  const columns = size.columns - 1;
  const climb = climbOf(session);
  switch (page.name) {
    case 'keys':
      return [
        line(' Keys of this screen', 'strong'),
        BLANK,
        ...keyTable(SCREENS[session.phase], theme.signs).map((row) => line(`   ${row}`)),
      ];
    case 'explain':
      return [
        line(` kubectl netdebug explain ${page.id}`, 'strong'),
        BLANK,
        // Drawn to fit, with indents of its own; only a terminal that has become narrower breaks it again.
        ...page.text
          .split('\n')
          .flatMap((row) => (widthOf(row) < columns ? [row] : wrap(row, columns - 1)))
          .map((row) => line(` ${row}`)),
      ];
    case 'rights':
      return [
        line(' kubectl netdebug permissions', 'strong'),
        BLANK,
        ...page.text.split('\n').flatMap((row) => commandLines(cleanAll(row), { indent: 3, columns }).lines.map(quiet)),
      ];
    case 'yaml': {
      const container = climb === null ? null : (cleanAll(plan(climb))?.container ?? null);
      if (container?.kind !== 'add') return [line(' There is nothing to be added.')];
      return [
        line(
          ` One more item below spec.ephemeralContainers of Pod ${cleanAll(climb?.flow.source.name ?? '')}:`,
          'strong',
        ),
        BLANK,
        ...toYaml([container.spec])
          .split('\n')
          .flatMap((row) => commandLines(row, { indent: 3, columns }).lines),
      ];
    }
    case 'log':
    case 'deeper':
    case 'export':
      return climb === null ? [] : probeLog.lines(climb, theme, columns);
  }
}

/** `web → svc/api:80` and `shop · lab   1.2 s`. */
function headerOf({ runner, session, theme, wanted }: AppProps & { readonly session: Session }): Header {
  const climb = climbOf(session);
  const { arrow, dot } = theme.signs;
  if (climb === null) return cleanAll({ left: `${wanted.source} ${arrow} ${wanted.destination}`, right: '' });
  const { source, destination } = endsOf(climb);
  const tookMs = Math.max(0, (climb.endedMs ?? runner.nowMs()) - climb.sinceMs);
  const timed =
    climb.access === null
      ? ''
      : climb.endedMs === null
        ? `${Math.floor(tookMs / 1000)} s`
        : `${(tookMs / 1000).toFixed(1)} s`;
  const elsewhere =
    destination.namespace === undefined || destination.namespace === source.namespace
      ? ''
      : `${destination.namespace}/`;
  return cleanAll({
    left: `${source.name} ${arrow} ${elsewhere}${destinationText(destination)}`,
    right: `${source.namespace} ${dot} ${climb.cluster.context}`,
    time: timed,
  });
}
