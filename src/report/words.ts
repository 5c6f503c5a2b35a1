import type { Report } from './report.ts';

/** The answer in one sentence. */
export function headline(report: Report): string {
  const cause = report.findings.find((finding) => finding.role === 'cause');
  if (cause !== undefined) return cause.summary;
  if (report.verdict === 'healthy')
    return `${report.flow.source.name} reaches ${destinationText(report.flow.destination)}: every step works.`;
  return `Nothing wrong was seen between ${report.flow.source.name} and ${destinationText(report.flow.destination)}, but something that matters could not be looked at.`;
}

/** `svc/api:80`, `pod/db:5432`, `10.1.2.3:443`. */
export function destinationText(to: Report['flow']['destination']): string {
  const kind = to.kind === 'Service' ? 'svc/' : to.kind === 'Pod' ? 'pod/' : '';
  return `${kind}${to.name}${to.port === null ? '' : `:${to.port}`}`;
}

/** `shop/web on n2 → shop/svc/api:80 TCP`. */
export function flowText({ flow }: Report): string {
  const { source, destination } = flow;
  const node = source.node === null ? '' : ` on ${source.node}`;
  const namespace = destination.namespace === undefined ? '' : `${destination.namespace}/`;
  return `${source.namespace}/${source.name}${node} to ${namespace}${destinationText(destination)} ${destination.protocol}`;
}
