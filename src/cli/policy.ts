/** `policy [POD]`: what may reach this Pod and what it may reach, by the policies that are there, or by proposed ones. */
import { loadClusterConfig, NoCluster } from '../adapters/kube-config.ts';
import { KubeRest } from '../adapters/kube-rest.ts';
import { policyLists, readPolicies, readPolicyApis } from '../collect/policies.ts';
import { type Reading, readList } from '../collect/read.ts';
import { nearNames } from '../derive/names.ts';
import { isFinished } from '../derive/pods.ts';
import { policyEnd, policySetOf } from '../derive/policy.ts';
import { withProposed } from '../derive/policy-files.ts';
import { type PolicyRow, policyTable } from '../derive/policy-table.ts';
import type { Collected } from '../evidence/collected.ts';
import {
  DaemonSetSnapshot,
  NamespaceSnapshot,
  type OtherPolicySnapshot,
  PodSnapshot,
  PolicySnapshot,
} from '../evidence/snapshots.ts';
import { type Arguments, UsageError } from './args.ts';
import { complain } from './drive.ts';
import { EXIT } from './exit-code.ts';
import { readProposed } from './proposed.ts';

declare const __VERSION__: string;

const OUTPUTS: readonly string[] = ['text', 'json'];

/** @returns the exit code; everything has been printed */
export async function policy(args: Arguments): Promise<number> {
  const [, typed, extra] = args.positionals;
  if (extra !== undefined)
    throw new UsageError(`policy takes one Pod, not also "${extra}".`, ['kubectl netdebug policy web']);
  if (args.output !== null && !OUTPUTS.includes(args.output))
    throw new UsageError(`-o ${args.output}: policy takes one of ${OUTPUTS.join(', ')}.`);
  let config: ReturnType<typeof loadClusterConfig>;
  try {
    config = loadClusterConfig(args.connection);
  } catch (error) {
    if (!(error instanceof NoCluster)) throw error;
    complain({ kind: 'environment', message: error.message, tryThis: error.tryThis });
    return EXIT['could-not-run'];
  }
  const proposed = await readProposed(args.with, config.namespace);
  const rest = new KubeRest(config, undefined, args.requestTimeoutMs);
  const reading: Reading = { api: rest, signal: new AbortController().signal, nowMs: () => performance.now() };
  const read = await readCluster(reading);
  void rest.close();
  if (typeof read === 'string') {
    complain({
      kind: 'environment',
      message: read,
      tryThis: ['kubectl auth can-i list pods -A', 'kubectl auth can-i list networkpolicies -A'],
    });
    return EXIT['could-not-run'];
  }
  for (const problem of proposed.problems) process.stderr.write(`${problem}\n`);
  const facts = {
    policies: withProposed(read.policies, proposed.policies),
    vendorPolicies: withProposed(read.others, proposed.others),
    daemonSets: read.daemonSets,
  };
  const set = policySetOf(facts);
  const running = read.pods.filter((pod) => !isFinished(pod));
  const name = typed?.replace(/^(pod|po|pods)\//, '');
  const mine = running.filter(
    ({ metadata }) => metadata.namespace === config.namespace && (name === undefined || metadata.name === name),
  );
  if (mine.length === 0) {
    const here = running.filter(({ metadata }) => metadata.namespace === config.namespace);
    const near = nearNames(
      name ?? '',
      here.map(({ metadata }) => metadata.name),
    );
    throw new UsageError(
      name === undefined
        ? `No Pod runs in namespace ${config.namespace}.`
        : `There is no Pod ${name} in namespace ${config.namespace}${near.length === 0 ? '' : `; near names: ${near.join(', ')}`}.`,
      [`kubectl -n ${config.namespace} get pods`],
    );
  }
  const ends = new Map(running.map((pod) => [pod, policyEnd(pod, read.namespaces)]));
  const tables = mine.map((pod) => ({
    pod: { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
    // Without a Pod only who is closed by what: a table of everybody would be read by nobody.
    ...policyTable(
      ends.get(pod) ?? policyEnd(pod, read.namespaces),
      name === undefined ? [] : running.flatMap((other) => (other === pod ? [] : (ends.get(other) ?? []))),
      set,
    ),
  }));
  process.stdout.write(
    args.output === 'json'
      ? `${JSON.stringify({ schemaVersion: 1, tool: { version: __VERSION__ }, proposed: args.with, problems: set.problems, tables }, null, 2)}\n`
      : tables.map((table) => tableText(table, name === undefined)).join(name === undefined ? '' : '\n'),
  );
  return EXIT.healthy;
}

interface Table extends ReturnType<typeof policyTable> {
  readonly pod: { readonly namespace: string; readonly name: string };
}

/** Peers of one verdict, reason and port are one line. */
export function tableText({ pod, closedBy, rows }: Table, brief: boolean): string {
  const closed = (names: readonly string[]): string =>
    names.length === 0 ? 'open to all' : `closed by ${names.join(', ')}`;
  if (brief)
    return `${pod.namespace}/${pod.name}: ingress ${closed(closedBy.ingress)}; egress ${closed(closedBy.egress)}\n`;
  const groups = Map.groupBy(rows, ({ direction, state, port, protocol, because }: PolicyRow) =>
    [direction, state, `${protocol} ${port}`, because].join('\t'),
  );
  const lines = [...groups].map(([key, own]) => {
    const [direction = '', state = '', port = '', because = ''] = key.split('\t');
    const peers = own.map(({ peer }) => `${peer.namespace}/${peer.name}`);
    const who = peers.length <= 3 ? peers.join(', ') : `${peers.slice(0, 3).join(', ')} and ${peers.length - 3} more`;
    return `  ${direction === 'ingress' ? 'from' : 'to  '}  ${state.padEnd(9)}  ${port.padEnd(9)}  ${who}\n${' '.repeat(31)}${because}\n`;
  });
  return `${pod.namespace}/${pod.name}\n  ingress ${closed(closedBy.ingress)}\n  egress ${closed(closedBy.egress)}\n${lines.join('')}`;
}

interface Cluster {
  readonly pods: readonly PodSnapshot[];
  readonly namespaces: readonly NamespaceSnapshot[];
  readonly policies: readonly PolicySnapshot[];
  readonly others: readonly OtherPolicySnapshot[];
  readonly daemonSets: readonly DaemonSetSnapshot[] | null;
}

/** Everything a table needs, of all namespaces; a sentence when something that decides could not be read. */
async function readCluster(reading: Reading): Promise<Cluster | string> {
  const [pods, namespaces, policies, daemonSets, apis] = await Promise.all([
    readList(reading, '/api/v1/pods', PodSnapshot, 'kubectl get pods -A'),
    readList(reading, '/api/v1/namespaces', NamespaceSnapshot, 'kubectl get namespaces'),
    readList(reading, '/apis/networking.k8s.io/v1/networkpolicies', PolicySnapshot, 'kubectl get networkpolicies -A'),
    readList(reading, '/apis/apps/v1/daemonsets', DaemonSetSnapshot, 'kubectl get daemonsets -A'),
    readPolicyApis(reading),
  ]);
  if (pods.status === 'missing') return unread('Pods', pods);
  if (namespaces.status === 'missing') return unread('namespaces', namespaces);
  if (policies.status === 'missing') return unread('NetworkPolicies', policies);
  if (apis.status === 'missing') return unread('the API groups', apis);
  const names = namespaces.value.map(({ metadata }) => metadata.name);
  const lists = (['admin', 'vendor'] as const).flatMap((whose) => policyLists(whose, apis.value, names));
  const others = await readPolicies(reading, lists, apis.value, names);
  if (others.status === 'missing') return unread('policies of other kinds', others);
  return {
    pods: pods.value,
    namespaces: namespaces.value,
    policies: policies.value,
    others: others.value,
    daemonSets: daemonSets.status === 'collected' ? daemonSets.value : null,
  };
}

function unread(what: string, item: Extract<Collected<unknown>, { status: 'missing' }>): string {
  return `Cannot read ${what}, without which nobody can say who reaches whom: ${item.gap.detail}`;
}
