/** What the rules of rung D have in common. */
import { duration } from '../../derive/connects.ts';
import { sawDns } from '../../derive/reach.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { cachedFor, serversFor } from '../../dns/plugins.ts';
import type { DnsLogLine, DnsReading, SearchReading } from '../../evidence/readings.ts';
import type { ObjectRef } from '../../ladder/flow.ts';
import type { FixStep, Proof } from '../rule.ts';

/** Where CoreDNS's configuration is kept. */
export const COREDNS_CONFIG: ObjectRef = { kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' };

/** A lookup as a line of proof; how long it took where that is worth saying. */
export function proofOfLookup(reading: DnsReading | SearchReading, note = ''): Proof {
  const slow = reading.outcome.kind === 'answered' && reading.tookMs >= 300 ? ` after ${duration(reading.tookMs)}` : '';
  const saw = `${sawDns(reading.outcome)}${slow}`;
  return { vantage: 'source', command: reading.command, saw: note === '' ? saw : `${saw}: ${note}` };
}

/** A complaint of CoreDNS as a line of proof. */
export function proofOfLog({ pod, previous, text, times }: DnsLogLine): Proof {
  return {
    vantage: 'api',
    command: `kubectl -n kube-system logs ${pod}${previous ? ' --previous' : ''}`,
    saw: `${text}${times > 1 ? ` (${times} times)` : ''}`,
  };
}

/** Corefile and restart: CoreDNS takes a while to see a new ConfigMap, and a Pod that has ended does not look again. */
export const EDIT_COREFILE: readonly FixStep[] = [
  { say: 'Correct the Corefile', run: 'kubectl -n kube-system edit configmap coredns' },
  {
    say: 'Start CoreDNS with it',
    run: 'kubectl -n kube-system rollout restart deployment/coredns',
  },
];

/** `1 second`, `20 seconds`. */
export function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}

/** How long the last step of a lookup took: the name that was answered, without those of the search list before it. */
export function lastStepMs({ stepsMs, tookMs }: SearchReading): number {
  return stepsMs?.at(-1) ?? tookMs;
}

/** What CoreDNS takes to hear of a change, and a run to ask. */
export const CACHE_SLACK_S = 15;

/** How long CoreDNS may keep an answer for this name, in seconds; 0 also where its configuration is not known. */
export function keptS(corefile: string | null, name: string): { readonly successS: number; readonly denialS: number } {
  const kept =
    corefile === null ? [] : serversFor(parseCorefile(corefile), name).map((server) => cachedFor(server, name));
  return {
    successS: Math.max(0, ...kept.map(({ successS }) => successS)),
    denialS: Math.max(0, ...kept.map(({ denialS }) => denialS)),
  };
}
