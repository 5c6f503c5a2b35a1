/** `kubectl_complete-netdebug`: reads the words so far, asks the cluster in what little time a key press has, prints what may follow. */
import { AS_TABLE, readTable } from '../collect/table.ts';
import {
  answer,
  DIRECTIVE,
  type Known,
  type Listing,
  listingsFor,
  protocolText,
  type Row,
  readWords,
  type Typed,
} from './completion.ts';

/** From the start of the process until what has come is printed. A person waits for this with a finger on the Tab key. */
const LIMIT_MS = 250;
/** More would not fit a screen, and the rest shows once another letter is typed. */
const MOST_ROWS = 500;

/**
 * What cobra's scripts read. Whatever goes wrong, wrong words, no cluster, no rights, no answer in time, there is nothing to
 * offer and nothing is said: the line that is being typed belongs to the user.
 *
 * @param limitMs  for everything that is asked; by default what is left of 250 ms since the process started
 */
export async function complete(
  words: readonly string[],
  limitMs = Math.max(0, LIMIT_MS - performance.now()),
): Promise<string> {
  const over = new AbortController();
  try {
    const typed = readWords(words);
    const known: Learnt = {};
    const late = new Promise<void>((resolve) => setTimeout(resolve, limitMs));
    // Each part arrives by itself: Services are offered even when the Pods take too long.
    await Promise.race([learn(typed, known, over.signal).catch(() => undefined), late]);
    return protocolText(answer(typed, known));
  } catch {
    return `:${DIRECTIVE.noFiles}\n`;
  } finally {
    over.abort();
  }
}

type Learnt = { -readonly [K in keyof Known]: Known[K] };

async function learn(typed: Typed, known: Learnt, signal: AbortSignal): Promise<void> {
  const { asks } = typed.question;
  if (asks === 'finding') {
    const { rulePages } = await import('virtual:rule-pages');
    known.findings = Object.fromEntries(
      Object.entries(rulePages).map(([id, page]) => [id, /^# (.*)$/m.exec(page)?.[1] ?? '']),
    );
  }
  if (asks === 'context' || asks === 'cluster' || asks === 'user') {
    const { kubeConfigNames } = await import('../adapters/kube-config.ts');
    Object.assign(known, kubeConfigNames(typed.before.connection));
  }
  if (listingsFor(typed, '').length === 0) return;
  const [{ loadClusterConfig }, { KubeRest }] = await Promise.all([
    import('../adapters/kube-config.ts'),
    import('../adapters/kube-rest.ts'),
  ]);
  const config = loadClusterConfig(typed.before.connection);
  const rest = new KubeRest(config);
  await Promise.allSettled(
    listingsFor(typed, config.namespace).map(async (listing) => {
      const { status, body } = await rest.request({
        method: 'GET',
        path: pathOf(listing),
        accept: AS_TABLE,
        signal,
      });
      if (status === 200) known.rows = { ...known.rows, [listing.kind]: rowsOf(body) };
    }),
  );
}

const LISTS: Readonly<Record<string, readonly [api: string, resource: string]>> = {
  Pod: ['/api/v1', 'pods'],
  Service: ['/api/v1', 'services'],
  Node: ['/api/v1', 'nodes'],
  Namespace: ['/api/v1', 'namespaces'],
  Deployment: ['/apis/apps/v1', 'deployments'],
  StatefulSet: ['/apis/apps/v1', 'statefulsets'],
  DaemonSet: ['/apis/apps/v1', 'daemonsets'],
  ReplicaSet: ['/apis/apps/v1', 'replicasets'],
  Job: ['/apis/batch/v1', 'jobs'],
};

function pathOf({ kind, namespace }: Listing): string {
  const [api, resource] = LISTS[kind] ?? ['', ''];
  const place = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  // Only a list over namespaces has to say where each row is from.
  const detail = namespace === null ? 'Metadata' : 'None';
  return `${api}${place}/${resource}?limit=${MOST_ROWS}&includeObject=${detail}`;
}

function rowsOf(body: unknown): readonly Row[] {
  return readTable(body).rows.map(({ metadata, cells }) => ({ namespace: metadata.namespace ?? '', cells }));
}
