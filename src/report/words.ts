import { RUNGS } from '../ladder/rung.ts';
import type { Report, ReportFinding } from './report.ts';

/** What stops the flow first; undefined when nothing was found that does. */
export function causeOf({ findings }: Pick<Report, 'findings'>): ReportFinding | undefined {
  return findings.find(({ role }) => role === 'cause');
}

/** The command that mends the cause, the first of its fix; null when there is none. */
export function mendingCommand(report: Pick<Report, 'findings'>): string | null {
  return causeOf(report)?.fix.find(({ run }) => run !== undefined)?.run ?? null;
}

/** The answer in one sentence. */
export function headline(report: Report): string {
  const cause = causeOf(report);
  if (cause !== undefined) return cause.summary;
  if (report.verdict === 'healthy') {
    const isAllSeen = RUNGS.every((rung) => report.rungs[rung].state !== 'unknown');
    return `${report.flow.source.name} reaches ${destinationText(report.flow.destination)}: every step${isAllSeen ? '' : ' that could be looked at'} works.`;
  }
  const seen = RUNGS.flatMap((rung) => (report.rungs[rung].state === 'faulty' ? [report.rungs[rung].summary] : []));
  if (seen.length > 0)
    return `What stops ${report.flow.source.name} on its way to ${destinationText(report.flow.destination)} is not known: ${seen.join('; ')}, and something that matters could not be looked at.`;
  return `Nothing wrong was seen between ${report.flow.source.name} and ${destinationText(report.flow.destination)}, but something that matters could not be looked at.`;
}

/** `svc/api:80`, `pod/db:5432`, `10.1.2.3:443`. */
export function destinationText(to: Report['flow']['destination']): string {
  const kind = to.kind === 'Service' ? 'svc/' : to.kind === 'Pod' ? 'pod/' : '';
  return `${kind}${to.name}${to.port === null ? '' : `:${to.port}`}`;
}

/** `shop/web on n2 → shop/svc/api:80 TCP`. */
export function flowText(report: Report): string {
  const { node } = report.flow.source;
  return flowName(report, node === null ? '' : ` on ${node}`);
}

/** `shop/web to shop/svc/api:80 TCP`: the same wherever the Pod runs. */
export function flowName({ flow }: Report, node = ''): string {
  const { source, destination, via } = flow;
  const entry = via === undefined ? '' : ` by ${via.node}:${via.port}`;
  const namespace = destination.namespace === undefined ? '' : `${destination.namespace}/`;
  return `${source.namespace}/${source.name}${node} to ${namespace}${destinationText(destination)} ${destination.protocol}${entry}`;
}

/** What a finding means for this flow, for a reader who has not read about roles. */
export const ROLE_WORDS: Readonly<Record<ReportFinding['role'], string>> = {
  cause: 'cause',
  'next-blocker': 'next blocker: stops the flow once the cause is gone',
  consequence: 'consequence',
  risk: 'risk: does not stop this flow today',
  note: 'note',
};

/** What a rung, a hop or a probe came to, in a word: signs and colours are not seen by everybody. */
export const STATE_WORDS: Readonly<Record<Report['rungs']['D']['state'], string>> = {
  ok: 'ok',
  faulty: 'faulty',
  unknown: 'unknown',
  'not-applicable': 'does not apply',
};

export const STATE_SIGNS: typeof STATE_WORDS = { ok: '✔', faulty: '✘', unknown: '?', 'not-applicable': '·' };

/** What stays in the cluster after the run, one sentence for each object. */
export function changeText(change: Report['changes'][number]): string {
  const { kind, name, in: place, namespace, left } = change;
  return left
    ? `${kind} ${name} was added to ${place} in ${namespace}. Its process ends 15 minutes after its last use; its name stays in the Pod's spec as long as the Pod lives.`
    : `${kind} ${name} was added to ${place} in ${namespace}, and removed again.`;
}

export const VERDICT_SIGNS: Readonly<Record<Report['verdict'], string>> = {
  healthy: STATE_SIGNS.ok,
  fault: STATE_SIGNS.faulty,
  inconclusive: STATE_SIGNS.unknown,
};
