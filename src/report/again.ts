import type { Flow } from '../ladder/flow.ts';
import { shellWord } from '../probes/probe.ts';
import type { Climb } from '../session/session.ts';

/** The command line that asks the same question again without a question back: the same Pod, the same access. */
export function commandAgain({ flow, access }: Pick<Climb, 'flow' | 'access'>): string {
  const { namespace, name } = flow.source;
  const words = ['-n', namespace, `pod/${name}`, destinationWord(flow), '--access', access ?? 'api'];
  const protocol = flow.protocol === null ? [] : ['--protocol', flow.protocol.toLowerCase()];
  return ['kubectl netdebug', ...[...words, ...protocol].map(shellWord)].join(' ');
}

/** The destination as it is typed, with its port. */
function destinationWord(flow: Flow): string {
  const port = flow.port === null ? '' : `:${flow.port}`;
  const to = flow.destination;
  if (flow.via !== undefined)
    return `${flow.scheme === null ? '' : `${flow.scheme}://`}${bracketed(flow.via.address)}:${flow.via.port}`;
  if (flow.scheme !== null) return `${flow.scheme}://${bracketed(flow.typed)}${port}`;
  if (to.kind === 'Address') return `${port === '' ? to.address : bracketed(to.address)}${port}`;
  if (to.kind === 'Absent') return `${flow.typed}${port}`;
  if (flow.byAddress) return `${port === '' ? flow.typed : bracketed(flow.typed)}${port}`;
  if (to.kind === 'Host' || flow.dnsName !== null) return `${flow.typed}${port}`;
  const kind = to.kind === 'Pod' ? 'pod' : 'svc';
  const namespace = to.namespace === flow.source.namespace ? '' : `.${to.namespace}`;
  return `${kind}/${to.name}${namespace}${port}`;
}

/** An IPv6 address in brackets, where a colon follows; RFC 3986 section 3.2.2. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
