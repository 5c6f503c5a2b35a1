import { type FlowTrace, fitsNode } from '../derive/flow-trace.ts';
import type { Proof } from '../rules/rule.ts';
import type { Finding } from './diagnose.ts';

/** Where packets were last seen, as a line of proof. */
export function traceProof({ lastSeen, command, said }: FlowTrace): Proof {
  return { vantage: lastSeen.kind, command, saw: said };
}

/** Findings with the sentence of the captures where it supports them; the others as they are. */
export function traced(findings: readonly Finding[], trace: FlowTrace | null): readonly Finding[] {
  if (trace === null) return findings;
  return findings.map((finding) =>
    supports(trace, finding) ? { ...finding, evidence: [...finding.evidence, traceProof(trace)] } : finding,
  );
}

/** The same connection, lost at a place that the finding can answer for. A policy drops what opens a connection, on its way there. */
function supports(trace: FlowTrace, { role, rung, blocks, addresses, subject }: Finding): boolean {
  if (role !== 'cause' && role !== 'next-blocker') return false;
  // What stops lookups stops this connection as well only where it says so.
  if (blocks === null || (blocks === 'name' && addresses === undefined)) return false;
  if (addresses?.includes(trace.address) === false) return false;
  if (rung === 'N') return trace.way === 'there' && trace.what === 'SYN';
  return rung === 'P' && fitsNode(trace, subject.kind === 'Node' ? subject.name : null);
}
