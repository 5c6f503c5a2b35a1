/** What the two rules about a Pod's own DNS settings have in common. */
import { ownerOf, podRef } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import type { DnsReading } from '../../evidence/readings.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import type { FixStep, Proof } from '../rule.ts';

/** The lookup as the Pod does it, and the cluster DNS asked directly: that one answers shows where the fault is not. */
export function lookupProofs(lookup: DnsReading | null, direct: DnsReading | undefined): readonly Proof[] {
  const proof = (reading: DnsReading, saw: string): Proof => ({ vantage: 'source', command: reading.command, saw });
  return [
    ...(lookup === null ? [] : [proof(lookup, sawDns(lookup.outcome))]),
    ...(direct === undefined
      ? []
      : [proof(direct, `${sawDns(direct.outcome)}: the cluster DNS itself answers this Pod`)]),
  ];
}

/** The answer of the cluster DNS address, when it gave one. */
export function directAnswer(
  servers: readonly DnsReading[] | null,
  addresses: readonly string[],
): DnsReading | undefined {
  return servers?.find(
    (reading) => reading.server !== null && addresses.includes(reading.server) && reading.outcome.kind === 'answered',
  );
}

/** The field cannot be changed on a Pod: its workload has to be, or the Pod made again. */
export function setDnsPolicy(pod: PodSnapshot, dnsPolicy: string, more: Readonly<Record<string, null>> = {}): FixStep {
  const owner = ownerOf(pod);
  const { kind, name } = owner ?? podRef(pod);
  const say = `Set dnsPolicy: ${dnsPolicy} in ${kind} ${name}`;
  if (owner === null) return { say: `${say} and create the Pod again (the field cannot be changed on a Pod)` };
  const patch = JSON.stringify({ spec: { template: { spec: { dnsPolicy, ...more } } } });
  return { say, run: `kubectl -n ${owner.namespace} patch ${kind.toLowerCase()} ${name} -p '${patch}'` };
}
