/** One run in a cluster. */
import { DEFAULT_IMAGE, type DebugOptions } from '../adapters/debug-container.ts';
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { openShell } from '../adapters/shell.ts';
import { Runner } from '../runner/runner.ts';
import type { Root } from '../ui/root.tsx';
import type { Arguments } from './args.ts';
import { type Another, complain, drive } from './drive.ts';
import { EXIT } from './exit-code.ts';
import { questionOf } from './plan.ts';
import { openProposal } from './proposed.ts';
import { keepRecent, recentFile } from './recent.ts';
import { openRunLog } from './run-log.ts';

declare const __VERSION__: string;

export type Live = typeof live;

/** @returns the exit code, everything has been printed; or that another flow is wanted, on a screen that is still open */
export async function live(
  args: Arguments,
  { source, destination }: { readonly source: string; readonly destination: string },
  root: Root | null,
  chosen: { readonly question: string } | null = null,
): Promise<number | Another> {
  const question = chosen?.question ?? questionOf(process.argv.slice(2));
  const save = args.saveCheck === null ? null : await (await import('./save-check.ts')).openChecks(args.saveCheck);
  const startedAt = new Date();
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    await root?.close();
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  const debug: DebugOptions = {
    image: args.image ?? DEFAULT_IMAGE,
    imagePullPolicy: args.imagePullPolicy,
    profile: args.profile,
  };
  const log = openRunLog(args, {
    version: __VERSION__,
    startedAt,
    request: { source, destination, command: question, ...debug },
  });
  const proposal = await proposalFor(args, config);
  const wanted = {
    source,
    destination,
    namespace: config.namespace,
    port: args.port,
    protocol: args.protocol,
    tries: args.tries,
    idle: args.idle,
  };
  // Each climb has the whole time: what a person took to decide is none of it.
  let limit: NodeJS.Timeout | null = null;
  return drive({
    args,
    root,
    wanted: { source, destination },
    ...(proposal === undefined ? {} : { proposal }),
    ...(save === null ? {} : { done: (report) => save(wanted, report) }),
    debug,
    version: __VERSION__,
    startedAt,
    question,
    log,
    isLast: () => true,
    // A file that is written holds one run.
    wasChosen: chosen !== null,
    canAskAgain: args.record === undefined && args.saveCheck === null,
    make: ({ onChange, say, lend, over, interactive }) => {
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
      const limitClimb = (isClimbing: boolean): void => {
        if (isClimbing === (limit !== null)) return;
        if (limit !== null) clearTimeout(limit);
        const end = (): void => runner.send({ type: 'time-is-up', atMs: runner.nowMs(), afterMs: args.timeoutMs });
        limit = isClimbing ? setTimeout(end, args.timeoutMs) : null;
        limit?.unref();
      };
      const runner = new Runner({
        wanted,
        access: args.access ?? (interactive ? null : 'api'),
        config,
        rest,
        debug,
        shell: (at, container) =>
          lend(async () => {
            process.stdout.write(
              `\nThe network of Pod ${at.pod}, in container ${container}. Ctrl-D or exit goes back.\n\n`,
            );
            await openShell(args.connection, at, container, over);
          }),
        onChange: (session, event, effects) => {
          limitClimb(session.phase === 'climbing');
          if (event.type === 'resolved' && interactive)
            keepRecent(recentFile(process.env), {
              context: config.getCurrentContext(),
              source: { namespace: config.namespace, word: source },
              destination: { namespace: config.namespace, word: destination },
              port: args.port,
              at: startedAt.toISOString(),
            });
          onChange(session, event, effects);
        },
      });
      return runner;
    },
  });
}

/** The files are read before the run: what is wrong with them is said at once. */
async function proposalFor(
  args: Arguments,
  config: ReturnType<typeof loadClusterConfig>,
): ReturnType<typeof openProposal> {
  if (args.with.length === 0) return undefined;
  const rest = new KubeRest(config, undefined, args.requestTimeoutMs);
  try {
    const reading = { api: rest, signal: new AbortController().signal, nowMs: () => performance.now() };
    return await openProposal(args.with, config.namespace, reading);
  } finally {
    await rest.close();
  }
}
