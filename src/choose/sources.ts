/** Pods as sources: below their workloads, those in trouble first. */
import type { TableRow } from '../collect/table.ts';
import { ownerOf } from '../derive/pods.ts';
import type { Row, RowState } from './row.ts';

/** Kinds that can be named as a source, by the word they are typed with. */
const WORKLOAD_WORDS: Readonly<Record<string, string>> = {
  Deployment: 'deploy',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
  ReplicaSet: 'rs',
  Job: 'job',
};

/** Words of the STATUS column in which nothing runs any more, and nothing is wrong. */
const FINISHED = ['Completed', 'Succeeded'];

interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly state: RowState;
  readonly facts: readonly string[];
}

/**
 * One row for each Pod, and one for each workload that has several: choosing that leaves the Pod to the tool.
 *
 * @param namespace  of Pods whose row does not say; Pods of other namespaces are shown with theirs
 */
export function sourceRows(rows: readonly TableRow[], namespace: string): readonly Row[] {
  const groups = new Map<string, Pod[]>();
  for (const row of rows) {
    const pod = podOf(row, namespace);
    const key = pod.owner === null ? `Pod ${pod.namespace}/${pod.name}` : ownerKey(pod);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  return [...groups.values()]
    .map((pods) => [...pods].sort(byTrouble))
    .sort((a, b) => compare(a[0], b[0]))
    .flatMap((pods) => groupRows(pods, namespace));
}

function groupRows(pods: readonly Pod[], here: string): readonly Row[] {
  const [first] = pods;
  if (first === undefined) return [];
  const word = first.owner === null ? undefined : WORKLOAD_WORDS[first.owner.kind];
  if (pods.length === 1 || first.owner === null || word === undefined)
    return pods.map((pod) => podRow(pod, here, pod.owner === null ? '' : ownerWord(pod.owner), 0));
  const good = pods.filter(({ state }) => state === 'ok').length;
  const workload: Row = {
    id: ownerKey(first),
    section: '',
    indent: 0,
    label: shown(ownerWord(first.owner), first.namespace, here),
    facts: [`${good} of ${pods.length} Pods ready`],
    state: good === pods.length ? 'ok' : 'faulty',
    chosen: { kind: 'source', pick: { namespace: first.namespace, word: ownerWord(first.owner) } },
  };
  return [workload, ...pods.map((pod) => podRow(pod, here, '', 1))];
}

function podRow(pod: Pod, here: string, owner: string, indent: 0 | 1): Row {
  const isOver = pod.state === 'not-applicable';
  return {
    id: `Pod ${pod.namespace}/${pod.name}`,
    section: '',
    indent,
    label: shown(pod.name, pod.namespace, here),
    facts: isOver ? [...pod.facts, 'has ended: nothing can be measured from it'] : [...pod.facts, owner],
    state: pod.state,
    chosen: isOver ? null : { kind: 'source', pick: { namespace: pod.namespace, word: `pod/${pod.name}` } },
  };
}

function podOf({ metadata, cells }: TableRow, here: string): Pod {
  const { Name = '', Ready = '', Status = '', Restarts = '', Node = '' } = cells;
  const namespace = metadata.namespace ?? here;
  const isFinished = FINISHED.includes(Status);
  const [ready, wanted] = Ready.split('/');
  const isWell = Status === 'Running' && ready === wanted;
  const owner = ownerOf({ metadata });
  return {
    name: Name,
    namespace,
    owner: owner === null ? null : { kind: owner.kind, name: owner.name },
    state: isFinished ? 'not-applicable' : isWell ? 'ok' : 'faulty',
    facts: [
      `${Status} ${Ready}`.trim(),
      Node === '' || Node === '<none>' ? 'on no node' : Node,
      // `3 (2m ago)`; none is not worth a word.
      Restarts === '' || Restarts.startsWith('0') ? '' : `restarts ${Restarts}`,
    ],
  };
}

function ownerWord({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${WORKLOAD_WORDS[kind] ?? kind.toLowerCase()}/${name}`;
}

function ownerKey({ namespace, owner }: Pod): string {
  return `${owner?.kind ?? ''} ${namespace}/${owner?.name ?? ''}`;
}

const ORDER: Readonly<Record<RowState, number>> = { faulty: 0, unknown: 1, ok: 2, 'not-applicable': 3 };

function byTrouble(a: Pod, b: Pod): number {
  return ORDER[a.state] - ORDER[b.state] || compareText(a.name, b.name);
}

function compare(a: Pod | undefined, b: Pod | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return (
    ORDER[a.state] - ORDER[b.state] ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.owner?.name ?? a.name, b.owner?.name ?? b.name)
  );
}

/** As the API server sorts; comparing by language takes a hundred times as long, and names are ASCII. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** With the namespace, where that is not the one the list is about. */
export function shown(name: string, namespace: string, here: string): string {
  return namespace === here ? name : `${name}.${namespace}`;
}
