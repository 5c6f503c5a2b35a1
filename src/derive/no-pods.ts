/** Why Pods are not made, not placed or do not stay, read from what Kubernetes says about it. */

/** Why the API server refuses the Pods of a workload. */
export type Refusal =
  | { readonly kind: 'quota'; readonly quota: string; readonly rows: readonly QuotaRow[] }
  | { readonly kind: 'webhook'; readonly webhook: string; readonly isDown: boolean; readonly detail: string }
  | { readonly kind: 'pod-security'; readonly level: string; readonly detail: string }
  | { readonly kind: 'service-account'; readonly account: string }
  | { readonly kind: 'other'; readonly detail: string };

export interface QuotaRow {
  /** `pods`, `requests.cpu`. */
  readonly resource: string;
  readonly requested: string;
  readonly used: string;
  readonly limit: string;
}

/**
 * What stands behind `pods "…" is forbidden: …`, as kube-controller-manager reports it in the event FailedCreate and the condition
 * ReplicaFailure.
 *
 * @returns `other` with the whole message for what is not known
 */
export function refusalOf(message: string): Refusal {
  const quota = /exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+?)\.?$/.exec(message);
  if (quota !== null) {
    const [, name = '', requested = '', used = '', limit = ''] = quota;
    const [has, most] = [amounts(used), amounts(limit)];
    const rows = [...amounts(requested)].map(([resource, amount]) => ({
      resource,
      requested: amount,
      used: has.get(resource) ?? '?',
      limit: most.get(resource) ?? '?',
    }));
    return { kind: 'quota', quota: name, rows };
  }
  const denied = /admission webhook "([^"]+)" denied the request:?\s*(.*)$/s.exec(message);
  if (denied !== null)
    return { kind: 'webhook', webhook: denied[1] ?? '', isDown: false, detail: oneLine(denied[2] ?? '') };
  const failed = /failed calling webhook "([^"]+)":\s*(.*)$/s.exec(message);
  if (failed !== null)
    return { kind: 'webhook', webhook: failed[1] ?? '', isDown: true, detail: oneLine(failed[2] ?? '') };
  const security = /violates PodSecurity "([^":]+)[^"]*":\s*(.*)$/s.exec(message);
  if (security !== null) return { kind: 'pod-security', level: security[1] ?? '', detail: oneLine(security[2] ?? '') };
  const account = /serviceaccount "([^"]+)" not found/.exec(message);
  if (account !== null) return { kind: 'service-account', account: account[1] ?? '' };
  return { kind: 'other', detail: oneLine(message) };
}

/** `pods=1,requests.cpu=500m` */
function amounts(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').flatMap((pair) => {
      const [resource = '', amount] = pair.trim().split('=');
      return amount === undefined ? [] : [[resource, amount] as const];
    }),
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** What keeps a Pod off some of the nodes. */
export interface Unfit {
  /** Nodes it is true of; null where the scheduler gives no number. */
  readonly nodes: number | null;
  readonly why: 'resources' | 'taint' | 'labels' | 'spread' | 'cordoned' | 'volume' | 'host-port' | 'full' | 'other';
  /** In words that follow a number of nodes: `have too little cpu left`. */
  readonly text: string;
}

const UNFIT: readonly (readonly [RegExp, Unfit['why'], (match: RegExpExecArray) => string])[] = [
  [/^Insufficient (\S+)$/, 'resources', ([, what]) => `too little ${what} left`],
  [/^Too many pods$/, 'full', () => 'as many Pods as a node may have'],
  [
    /untolerated taint(?:\(s\))?(?: \{([^}]*)\})?/,
    'taint',
    ([, taint]) => `a taint that it does not tolerate${taint === undefined ? '' : ` (${taint.replace(/: *$/, '')})`}`,
  ],
  [
    /didn't match Pod's node affinity|didn't match node selector/,
    'labels',
    () => 'none of the labels that its nodeSelector or affinity asks for',
  ],
  [
    /anti-affinity|topology spread|pod affinity/,
    'spread',
    () => 'Pods that its affinity or spread constraint keeps apart',
  ],
  [/unschedulable$/, 'cordoned', () => 'been cordoned'],
  [/volume node affinity|volume zone|max volume count/, 'volume', () => 'no way to its volume'],
  [/free ports/, 'host-port', () => 'its host port taken'],
];

/**
 * Reads the scheduler's `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {…}. preemption: …`.
 *
 * @returns null for any other message, such as that of a missing PersistentVolumeClaim
 */
export function unfitNodes(message: string): { readonly nodes: number; readonly unfit: readonly Unfit[] } | null {
  const found = /^0\/(\d+) nodes are available: (.*?)\.?(?: preemption: .*|\.? No preemption .*)?$/s.exec(message);
  if (found === null) return null;
  const unfit = (found[2] ?? '').split(/, (?=\d)|\. (?=\d)/).map((part): Unfit => {
    const [, count, text = part] = /^(\d+) (?:node\(s\) )?(.*)$/.exec(part.trim()) ?? [];
    const nodes = count === undefined ? null : Number(count);
    for (const [pattern, why, words] of UNFIT) {
      const match = pattern.exec(text);
      if (match !== null) return { nodes, why, text: words(match) };
    }
    return { nodes, why: 'other', text: `said: ${oneLine(text)}` };
  });
  return { nodes: Number(found[1]), unfit };
}

/** `none of 3 nodes fits: 1 has too little cpu left, 2 have a taint that it does not tolerate`; null for another message. */
export function sayUnfit(message: string): string | null {
  const found = unfitNodes(message);
  if (found === null) return null;
  const each = found.unfit.map(({ nodes, text }) =>
    nodes === null ? text : `${nodes} ${nodes === 1 ? 'has' : 'have'} ${text}`,
  );
  return `none of ${found.nodes} node${found.nodes === 1 ? '' : 's'} fits: ${each.join(', ')}`;
}

/** Escape sequences of terminals, which begin with ESC. */
const COLOUR = /\p{Cc}\[[0-9;?]*[A-Za-z]/gu;
/** Longest line that is quoted. */
const LONGEST_LINE = 160;
const SECRET =
  /\b((?:password|passwd|secret|token|api[-_]?key|authorization)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|(?:bearer\s+)?\S+)/gi;

const COMPLAINT = /\b(fatal|panic|error|exception|failed|failure|cannot|denied|refused|not found|no such)\b/i;

/**
 * The last words of a log that mean something, in one line, without colours and without what looks like a password. Null when the
 * log is empty.
 */
export function lastWords(log: string): string | null {
  const lines = log
    .replaceAll(COLOUR, '')
    .split('\n')
    .map((line) => line.replaceAll(/\p{Cc}+/gu, ' ').trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  // What goes to standard output and to standard error stands in the log in any order.
  const last = lines.findLast((line) => COMPLAINT.test(line)) ?? lines.at(-1);
  if (last === undefined) return null;
  const safe = last.replaceAll(SECRET, '$1…').replaceAll(/(\/\/[^\s:/@]+):[^\s@/]+@/g, '$1:…@');
  return safe.length > LONGEST_LINE ? `${safe.slice(0, LONGEST_LINE)}…` : safe;
}

/** What an exit status means, where the number alone says it; null otherwise. See the exit status of bash(1), signal(7). */
export function exitMeaning(exitCode: number | undefined, reason: string | undefined): string | null {
  if (reason === 'OOMKilled') return 'it used more memory than its limit';
  switch (exitCode) {
    case 0:
      return 'it ended by itself, without an error';
    case 126:
      return 'its command cannot be run';
    case 127:
      return 'its command does not exist in the image';
    case 134:
      return 'it aborted';
    case 137:
      return 'it was killed';
    case 139:
      return 'it crashed with a segmentation fault';
    case 143:
      return 'it was told to end';
    default:
      return null;
  }
}
