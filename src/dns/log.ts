/** The few lines of CoreDNS's log that say what is wrong with it. Everything else is passed over, so that no log text is kept. */
import type { DnsLogLine } from '../evidence/readings.ts';

type Kind = DnsLogLine['kind'];

/** Nearest meaning first: a line is counted once. */
const PATTERNS: readonly (readonly [Kind, RegExp])[] = [
  ['loop', /plugin\/loop: Loop \((?<address>[^ )]+).*\) detected/],
  ['reload-failed', /Restart failed: .*|reload failed.*/],
  ['syntax-error', /Corefile:\d+ - Error during parsing: .*|Error during parsing: .*/],
  ['too-many-queries', /concurrent queries exceeded maximum \d+/],
  ['api-forbidden', /(?:endpointslices\.discovery\.k8s\.io|services|namespaces|pods) is forbidden: .*/],
  [
    'api-unreachable',
    /unsynced Kubernetes API|waiting for Kubernetes API.*|(?:Plugins not ready|Still waiting on): "kubernetes".*|dial tcp \S+: (?:connect: .*|i\/o timeout)/,
  ],
  [
    'upstream-failed',
    /plugin\/errors: .*->\[?(?<address>[0-9a-f.:]+?)\]?:\d+: .*|plugin\/errors: .*dial \w+ \[?(?<other>[0-9a-f.:]+?)\]?:\d+: .*/,
  ],
];

/** What its Pod complains about, each complaint once with how often it came; empty when it has none. */
export function readDnsLog(text: string, pod: string, previous: boolean): readonly DnsLogLine[] {
  const found = new Map<string, DnsLogLine>();
  for (const line of text.split('\n')) {
    for (const [kind, pattern] of PATTERNS) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const address = match.groups?.address ?? match.groups?.other;
      const corefileLine = Number(/Corefile:(\d+)/.exec(line)?.[1]);
      // The same complaint about another name or from another port is the same complaint.
      const key = `${kind} ${address ?? ''} ${Number.isInteger(corefileLine) ? corefileLine : ''}`;
      const before = found.get(key);
      found.set(key, {
        pod,
        previous,
        kind,
        ...(Number.isInteger(corefileLine) ? { corefileLine } : {}),
        ...(address === undefined ? {} : { address }),
        text: before?.text ?? match[0].slice(0, 300),
        times: (before?.times ?? 0) + 1,
      });
      break;
    }
  }
  return [...found.values()];
}
