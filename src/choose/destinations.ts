/** Services, Pods and Ingress hosts as destinations, and the ports of a Service. */
import * as z from 'zod/mini';
import type { TableRow } from '../collect/table.ts';
import { protocolOf } from '../derive/service-port.ts';
import type { ServiceSnapshot } from '../evidence/snapshots.ts';
import type { PortPick, Row } from './row.ts';
import { compareText, shown } from './sources.ts';

/** What an Ingress is known by outside: hosts, and which of them have a certificate. */
export const IngressHosts = z.object({
  metadata: z.object({ name: z.string(), namespace: z.optional(z.string()) }),
  spec: z.optional(
    z.object({
      rules: z.optional(z.nullable(z.array(z.object({ host: z.optional(z.string()) })))),
      tls: z.optional(z.nullable(z.array(z.object({ hosts: z.optional(z.nullable(z.array(z.string()))) })))),
    }),
  ),
});
export type IngressHosts = z.infer<typeof IngressHosts>;

/** Services of the source's own namespace first, then those of the others. */
export function serviceRows(services: readonly ServiceSnapshot[], here: string): readonly Row[] {
  return [...services]
    .sort(
      (a, b) =>
        Number(b.metadata.namespace === here) - Number(a.metadata.namespace === here) ||
        compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
        compareText(a.metadata.name, b.metadata.name),
    )
    .map((service) => serviceRow(service, here));
}

function serviceRow(service: ServiceSnapshot, here: string): Row {
  const { name, namespace = here } = service.metadata;
  const ports = portsOf(service);
  const texts = ports.map(({ port, protocol }) => `${port}${protocol === 'TCP' ? '' : `/${protocol}`}`);
  const word = shown(name, namespace, here);
  return {
    id: `Service ${namespace}/${name}`,
    section: namespace === here ? `Services in ${here}` : 'Services in other namespaces',
    indent: 0,
    label: word,
    facts: [
      kindOf(service),
      texts.length === 0 ? 'no port' : `port${texts.length === 1 ? '' : 's'} ${texts.join(', ')}`,
    ],
    state: null,
    chosen: { kind: 'destination', pick: { namespace: here, word }, ports },
  };
}

function kindOf({ spec }: ServiceSnapshot): string {
  if (spec.type === 'ExternalName') return 'ExternalName';
  if (spec.clusterIP === 'None') return 'headless';
  return spec.clusterIP ?? spec.type ?? 'ClusterIP';
}

function portsOf({ spec }: ServiceSnapshot): readonly PortPick[] {
  const ports = (spec.ports ?? []).map((port) => ({
    port: port.port,
    protocol: protocolOf(port),
    name: port.name ?? null,
  }));
  return ports.map((port) => ({ ...port, isShared: ports.filter((other) => other.port === port.port).length > 1 }));
}

/** The ports of a Service that has several. */
export function portRows(ports: readonly PortPick[]): readonly Row[] {
  return ports.map((pick) => ({
    id: `port ${pick.port}/${pick.protocol}`,
    section: '',
    indent: 0,
    label: String(pick.port),
    facts: [pick.protocol, pick.name ?? ''],
    state: null,
    chosen: { kind: 'port', pick },
  }));
}

export function podDestinationRows(rows: readonly TableRow[], here: string): readonly Row[] {
  return rows.map(({ metadata, cells }) => {
    const { Name = '', Ready = '', Status = '', IP = '' } = cells;
    const namespace = metadata.namespace ?? here;
    const [ready, wanted] = Ready.split('/');
    return {
      id: `Pod ${namespace}/${Name}`,
      section: 'Pods, past any Service',
      indent: 0,
      label: `pod/${shown(Name, namespace, here)}`,
      facts: [`${Status} ${Ready}`.trim(), IP === '<none>' ? '' : IP],
      state: Status === 'Running' && ready === wanted ? 'ok' : 'faulty',
      chosen: {
        kind: 'destination',
        pick: { namespace: here, word: `pod/${shown(Name, namespace, here)}` },
        ports: [],
      },
    } satisfies Row;
  });
}

/** One row for each host; a wildcard is no name that can be looked up. */
export function ingressRows(ingresses: readonly IngressHosts[], here: string): readonly Row[] {
  const hosts = new Map<string, Row>();
  for (const { metadata, spec } of ingresses) {
    const secure = new Set((spec?.tls ?? []).flatMap((tls) => tls.hosts ?? []));
    for (const { host = '' } of spec?.rules ?? []) {
      if (host === '' || host.startsWith('*')) continue;
      const word = `${secure.has(host) ? 'https' : 'http'}://${host}`;
      hosts.set(word, {
        id: `host ${word}`,
        section: 'Hosts of Ingresses',
        indent: 0,
        label: word,
        facts: [`Ingress ${shown(metadata.name, metadata.namespace ?? here, here)}`],
        state: null,
        chosen: { kind: 'destination', pick: { namespace: here, word }, ports: [] },
      });
    }
  }
  return [...hosts.values()].sort((a, b) => compareText(a.label, b.label));
}
