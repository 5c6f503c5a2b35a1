/** `cleanup [-n NAMESPACE] [--yes]`: what earlier runs left in the cluster; with --yes it is taken away. */
import { type ClusterConfig, loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { openExec } from '../adapters/kube-exec.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { removeNodePod } from '../adapters/node-pod.ts';
import { type Leftover, readLeftovers } from '../collect/leftovers.ts';
import type { Reading } from '../collect/read.ts';
import { ageText } from '../derive/nodes.ts';
import type { Gap } from '../evidence/collected.ts';
import { shellWord } from '../probes/probe.ts';
import { LAST_USE } from '../probes/script.ts';
import { type Arguments, UsageError } from './args.ts';
import { complain } from './drive.ts';
import { EXIT } from './exit-code.ts';

declare const __VERSION__: string;

const OUTPUTS: readonly string[] = ['text', 'json'];
/** The container looks every 15 s whether it is still wanted. */
const END_WITHIN = 'ends within 15 s';

/** A leftover and what became of it. */
export interface Fate extends Leftover {
  readonly fate: 'left' | 'removed' | 'ending' | 'failed';
  /** Why it could not be removed. */
  readonly because: string | null;
}

/** @returns the exit code: 0 when nothing is left, 1 when something is, 4 when nobody may look; everything has been printed */
export async function cleanup(args: Arguments): Promise<number> {
  const [, extra] = args.positionals;
  if (extra !== undefined)
    throw new UsageError(`cleanup takes no "${extra}": say a namespace with -n.`, [
      `kubectl netdebug cleanup -n ${extra}`,
    ]);
  if (args.output !== null && !OUTPUTS.includes(args.output))
    throw new UsageError(`-o ${args.output}: cleanup takes one of ${OUTPUTS.join(', ')}.`);
  let config: ClusterConfig;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  const rest = new KubeRest(config, undefined, args.requestTimeoutMs);
  try {
    const reading: Reading = { api: rest, signal: new AbortController().signal, nowMs: () => performance.now() };
    const looked = await look(reading, args.namespace ?? null, config.namespace);
    if ('gap' in looked) {
      complain({ kind: 'environment', message: looked.gap.detail, tryThis: [looked.gap.unlock ?? 'kubectl get pods'] });
      return EXIT['could-not-run'];
    }
    const fates: Fate[] = [];
    for (const leftover of looked.leftovers)
      fates.push(
        args.yes ? await remove(leftover, rest, config) : { ...leftover, fate: 'left' as const, because: null },
      );
    process.stdout.write(
      args.output === 'json'
        ? `${JSON.stringify({ schemaVersion: 1, tool: { version: __VERSION__ }, namespace: looked.namespace, leftovers: fates }, null, 2)}\n`
        : cleanupText(fates, { namespace: looked.namespace, serverTimeMs: rest.serverTime() }),
    );
    return fates.some(({ fate }) => fate === 'left' || fate === 'failed') ? EXIT.fault : EXIT.healthy;
  } finally {
    void rest.close();
  }
}

type Looked = { readonly leftovers: readonly Leftover[]; readonly namespace: string | null } | { readonly gap: Gap };

/** Everywhere, unless a namespace is named; who may not look everywhere looks in the namespace of the context. */
async function look(reading: Reading, named: string | null, own: string): Promise<Looked> {
  const found = await readLeftovers(reading, named);
  if (found.status === 'collected') return { leftovers: found.value, namespace: named };
  if (named !== null || found.gap.reason !== 'forbidden') return { gap: found.gap };
  const here = await readLeftovers(reading, own);
  return here.status === 'collected' ? { leftovers: here.value, namespace: own } : { gap: here.gap };
}

/** A Pod is deleted. A debug container cannot be: it is told that nobody has used it for long, and ends. */
async function remove(leftover: Leftover, rest: KubeRest, config: ClusterConfig): Promise<Fate> {
  const { kind, namespace, pod, name } = leftover;
  if (kind === 'Pod') {
    const isGone = await removeNodePod(rest, { namespace, pod });
    return isGone
      ? { ...leftover, fate: 'removed', because: null }
      : { ...leftover, fate: 'failed', because: 'the API server did not delete it' };
  }
  try {
    const command = ['sh', '-c', UNUSED];
    const session = await openExec(config, { namespace, pod, container: name, command }, () => undefined);
    const end = await session.ended;
    if (end.kind === 'exited' && end.code === 0) return { ...leftover, fate: 'ending', because: null };
    const because = end.kind === 'lost' ? end.reason : `its shell ended with ${end.code}`;
    return { ...leftover, fate: 'failed', because };
  } catch (error) {
    return { ...leftover, fate: 'failed', because: error instanceof Error ? error.message : String(error) };
  }
}

/** Never a signal to process 1: where a Pod shares its processes, that is the Pod itself. */
const UNUSED = `touch -d @0 ${LAST_USE} 2>/dev/null || touch -t 197001010000 ${LAST_USE}`;

/** One line each, and what to type next. */
export function cleanupText(
  fates: readonly Fate[],
  { namespace, serverTimeMs }: { readonly namespace: string | null; readonly serverTimeMs: number },
): string {
  const where = namespace === null ? '' : ` in namespace ${namespace}`;
  if (fates.length === 0) return `Nothing of kubectl netdebug is left${where}.\n`;
  const lines = fates.map((fate) => {
    const { kind, name, pod, isRunning, since } = fate;
    const what = kind === 'Pod' ? `Pod ${name}` : `container ${name} in Pod ${pod}`;
    const age = since === null ? '' : ` for ${ageText(serverTimeMs - Date.parse(since))}`;
    const until = kind === 'Pod' ? 'ends ten minutes after it began' : 'ends by itself when unused for 15 minutes';
    const state = isRunning ? `runs${age}; ${until}` : 'has ended';
    return `  ${fate.namespace}  ${what}  ${FATES[fate.fate](fate, state)}`;
  });
  const left = fates.filter(({ fate }) => fate === 'left').length;
  const next =
    left === 0
      ? ''
      : `To remove ${left === 1 ? 'it' : 'them'}, when nobody is using ${left === 1 ? 'it' : 'them'}:\n  kubectl netdebug cleanup${namespace === null ? '' : ` -n ${shellWord(namespace)}`} --yes\n`;
  return `Left by kubectl netdebug${where}:\n${lines.join('\n')}\n${next}`;
}

const FATES: Readonly<Record<Fate['fate'], (fate: Fate, state: string) => string>> = {
  left: (_fate, state) => state,
  removed: () => 'removed',
  ending: () => END_WITHIN,
  failed: ({ because }) => `not removed: ${because}`,
};
