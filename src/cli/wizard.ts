/** Asks what was not typed, runs it, and asks again when another flow is wanted. */
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { type Question, wordsOf } from '../choose/choose.ts';
import type { Named } from '../choose/row.ts';
import type { Root } from '../ui/root.tsx';
import type { Arguments } from './args.ts';
import { chooseFlow } from './choose.ts';
import { complain, printWhatWaited } from './drive.ts';
import { EXIT } from './exit-code.ts';
import type { Live } from './live.ts';
import { flagsOf, questionOf } from './plan.ts';
import { MOST_SHOWN, readRecent, recentFile } from './recent.ts';

export interface WizardOptions {
  /** Null: to be asked for. */
  readonly source: string | null;
  readonly destination: string | null;
  /** Where a step back from a run leads: its source stays, the destination is asked for. */
  readonly from?: Named;
}

/** @returns the exit code; everything has been printed */
export async function wizard(args: Arguments, options: WizardOptions, root: Root): Promise<number> {
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    await root.close();
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  const rest = new KubeRest(config, undefined, args.requestTimeoutMs);
  const flags = flagsOf(process.argv.slice(2));
  let asked = options;
  // Loaded while the first list is on its way and somebody reads it.
  const loading = import('./live.ts');
  try {
    for (;;) {
      const outcome = await chooseFlow({
        root,
        beginning: {
          source: asked.source,
          destination: asked.destination,
          context: config.getCurrentContext(),
          namespace: config.namespace,
          recent: readRecent(recentFile(process.env)).slice(0, MOST_SHOWN),
          ...(asked.from === undefined ? {} : { from: asked.from }),
        },
        config,
        rest,
        flags,
        limitMs: args.requestTimeoutMs,
      });
      if (outcome.kind === 'problem') {
        await root.close();
        complain(outcome.problem);
        return EXIT['could-not-run'];
      }
      if (outcome.kind === 'leave') {
        await root.close();
        printWhatWaited();
        return EXIT.interrupted;
      }
      const { live } = await loading;
      const ended = await ask(live, args, outcome.question, flags, root);
      if (typeof ended === 'number') return ended;
      const from = { namespace: outcome.question.namespace, word: outcome.question.source };
      asked = { source: null, destination: null, ...(ended.isBack ? { from } : {}) };
    }
  } finally {
    void rest.close();
  }
}

function ask(live: Live, args: Arguments, question: Question, flags: readonly string[], root: Root): ReturnType<Live> {
  const { namespace, source, destination, port, protocol } = question;
  const chosen: Arguments = {
    ...args,
    namespace,
    connection: { ...args.connection, namespace },
    port: port ?? args.port,
    protocol: protocol ?? args.protocol,
  };
  return live(chosen, { source, destination }, root, { question: questionOf([...flags, ...wordsOf(question)]) });
}
