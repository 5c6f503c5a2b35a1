import { endpoint, sawConnect, works } from '../derive/connects.ts';
import { type FlowTrace, traceOf } from '../derive/flow-trace.ts';
import { hiddenBlockers } from '../derive/hidden-blockers.ts';
import { type Stage, sawDns } from '../derive/reach.ts';
import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { ConnectReading } from '../evidence/readings.ts';
import type { ObjectRef } from '../ladder/flow.ts';
import type { Context, Proof, Rule } from '../rules/rule.ts';
import type { Finding, RuleResult } from './diagnose.ts';
import { traceProof } from './traced.ts';

/** The one id that is not in the catalogue: the flow was seen to fail, and no known cause fits. */
export const UNEXPLAINED = 'unexplained';

/**
 * A finding for what failed and nothing explains; none when every measured failure has a cause or a next blocker.
 *
 * It lists all that was seen and every rule that was ruled out, and never guesses.
 */
export function unexplained(
  findings: readonly Finding[],
  evidence: Evidence,
  context: Context,
  rules: readonly Rule[],
  results: readonly RuleResult[],
): readonly Finding[] {
  const open = whatIsOpen(findings, context);
  if (open === null) return [];
  const { stage, addresses } = open;
  const whole = stage === 'name' ? null : traceOf(evidence);
  const trace = whole !== null && (addresses.length === 0 || addresses.includes(whole.address)) ? whole : null;
  const seen = [...(trace === null ? [] : [traceProof(trace)]), ...whatFailed(evidence)];
  const ruledOut = results.flatMap(({ id, judgement }) =>
    judgement.outcome === 'clear' ? [{ id, because: judgement.because }] : [],
  );
  return [
    {
      id: UNEXPLAINED,
      rung: stage === 'name' ? 'D' : stage === 'service' ? 'E' : 'P',
      title: 'The flow fails and no known cause fits',
      subject: subjectOf(context),
      summary: `${context.flow.source.name} cannot reach ${context.flow.typed}: ${stage === 'service' && context.reach.path === 'not-measured' ? 'the Service address fails and no backend could be tried' : SENTENCES[stage]}, and ${howManyFit(ruledOut.length, rules.length)}.${trace === null ? '' : ` ${trace.said}`}`,
      confidence: 'possible',
      blocks: stage,
      ...(addresses.length > 0 ? { addresses } : {}),
      role: 'cause',
      explainedBy: null,
      explains: [],
      evidence: seen,
      ruledOut,
      notRuledOut: results.flatMap(({ id, judgement }) => {
        if (judgement.outcome === 'unsure') return [{ id, needs: `access ${judgement.needs}` }];
        if (judgement.outcome === 'inconclusive')
          return [
            { id, needs: judgement.missing[0]?.gap.unlock ?? judgement.missing[0]?.gap.detail ?? 'more evidence' },
          ];
        return [];
      }),
      fix: [...traceSteps(trace), ...blockerSteps(stage, evidence, context), ...NEXT[stage]],
    },
  ];
}

function howManyFit(ruledOut: number, known: number): string {
  if (ruledOut === known) return `none of the ${known} known causes fits`;
  return `${ruledOut} of ${known} known causes are ruled out, which leaves ${known - ruledOut} that could not be`;
}

const SENTENCES: Readonly<Record<Stage, string>> = {
  name: 'its name does not resolve from the Pod',
  service: 'the Service address fails although every backend answers',
  path: 'connections to backends fail',
  application: 'connections stand but the application does not answer',
};

const NEXT: Readonly<Record<Stage, Finding['fix']>> = {
  name: [
    {
      say: 'Read what the cluster DNS logged meanwhile',
      run: 'kubectl -n kube-system logs -l k8s-app=kube-dns --tail=50',
    },
  ],
  service: [
    {
      say: 'Read what kube-proxy on the source node logged meanwhile',
      run: 'kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=50',
    },
  ],
  path: [{ say: 'Look at the network plugin on both nodes', run: 'kubectl get daemonsets -A' }],
  application: [{ say: 'Read what the application logged meanwhile' }],
};

/** Packets are lost on one node that is known: its rules are the next thing to read. */
function traceSteps(trace: FlowTrace | null): Finding['fix'] {
  const [node, ...others] = trace?.nodes ?? [];
  if (node === undefined || others.length > 0) return [];
  const shell = `kubectl debug node/${node} -it --profile=netadmin --image=nicolaka/netshoot:v0.16`;
  return [{ say: `Read the rules of ${node} for what drops it there`, run: `${shell} -- nft list ruleset` }];
}

/** Policies allow it and packets are lost: who else may drop them. */
function blockerSteps(stage: Stage, evidence: Evidence, { flow }: Context): Finding['fix'] {
  if (stage !== 'path') return [];
  return hiddenBlockers(evidence, flow).map(({ who, because }) => ({ say: `It may be ${who}: ${because}` }));
}

/** The first stage that fails without a finding in its way, and the backends it is about. */
function whatIsOpen(
  findings: readonly Finding[],
  { reach }: Context,
): { readonly stage: Stage; readonly addresses: readonly string[] } | null {
  const blocking = findings.filter(
    (finding) => finding.role === 'cause' || finding.role === 'next-blocker' || finding.role === 'consequence',
  );
  const at = (...stages: readonly Stage[]): readonly Finding[] =>
    blocking.filter((finding) => finding.blocks !== null && stages.includes(finding.blocks));
  if (reach.name === 'fails' && at('name').length === 0) return { stage: 'name', addresses: [] };
  // A policy that is met at the lookup already may close the backends too: then it names their addresses.
  const explains = (finding: Finding, address: string): boolean =>
    finding.addresses?.includes(address) ?? (at('path', 'application').includes(finding) || isNodeWide(finding));
  const open = reach.failing.filter((address) => !blocking.some((finding) => explains(finding, address)));
  if (open.length > 0) return { stage: reach.path === 'works' ? 'application' : 'path', addresses: open };
  const serviceFails = reach.service === 'fails' || reach.service === 'partly';
  if (serviceFails && reach.failing.length === 0 && at('service').length === 0 && !blocking.some(isNodeWide))
    return { stage: 'service', addresses: [] };
  return null;
}

/** A node that stops the lookup on its way out stops what comes after it as well; so does the Pod's own link. */
function isNodeWide({ rung, blocks, subject }: Finding): boolean {
  return rung === 'P' && blocks === 'name' && (subject.kind === 'Node' || subject.kind === 'Pod');
}

function whatFailed(evidence: Evidence): readonly Proof[] {
  const lookup = factOf(evidence, 'nameLookup');
  const search = factOf(evidence, 'searchLookup');
  const lookups: readonly Proof[] = [lookup, search].flatMap((reading) =>
    reading === null ? [] : [{ vantage: 'source' as const, command: reading.command, saw: sawDns(reading.outcome) }],
  );
  const connects: readonly ConnectReading[] = [
    ...(factOf(evidence, 'serviceConnects') ?? []),
    ...(factOf(evidence, 'backendConnects') ?? []),
    ...(factOf(evidence, 'controlConnects') ?? []),
  ];
  const failed = connects.filter((reading) => !works(reading));
  return [
    ...lookups,
    ...(failed.length > 0 ? failed : connects).slice(0, 12).map((reading) => ({
      vantage: 'source' as const,
      command: reading.command,
      saw: `${endpoint(reading.address, reading.port)} (${reading.owner.name}): ${sawConnect(reading)}`,
    })),
  ];
}

function subjectOf({ flow }: Context): ObjectRef {
  const to = flow.destination;
  switch (to.kind) {
    case 'Service':
    case 'Pod':
      return { kind: to.kind, namespace: to.namespace, name: to.name };
    case 'Address':
      return { kind: 'Address', name: to.address };
    case 'Host':
      return { kind: 'Host', name: to.host };
    case 'Absent':
      return to.object;
  }
}
