import { absolute, isBelow, parseCorefile } from '../dns/corefile.ts';
import { kubernetesZones } from '../dns/plugins.ts';
import type { ResolvConf, SearchReading } from '../evidence/readings.ts';
import type { PodSnapshot, ServiceSnapshot, SliceSnapshot } from '../evidence/snapshots.ts';
import type { Flow } from '../ladder/flow.ts';
import { type Backend, backendsOf, serviceAddresses } from './backends.ts';

/**
 * The cluster domain. Read from the Pod's search list (`svc.DOMAIN`), else from CoreDNS's `kubernetes` plugin, else the default.
 */
export function clusterDomain(resolvConf: ResolvConf | null, corefile: string | null): string {
  const fromPod = resolvConf?.search.find((entry) => entry.startsWith('svc.'))?.slice('svc.'.length);
  if (fromPod !== undefined && fromPod !== '') return fromPod.replace(/\.$/, '');
  return servedDomains(corefile)[0] ?? 'cluster.local';
}

/** The domains that CoreDNS's `kubernetes` plugin names; empty when it names none, or when the Corefile is unknown. */
export function servedDomains(corefile: string | null): readonly string[] {
  if (corefile === null) return [];
  const zones = kubernetesZones(parseCorefile(corefile)).map((zone) => zone.replace(/\.$/, ''));
  return [...new Set(zones.filter((zone) => zone !== ''))];
}

/** `api.shop.svc.cluster.local.` for a Service, the host with a trailing dot for an outside name, null where no name is resolved. */
export function absoluteName(flow: Flow, domain: string): string | null {
  if (flow.byAddress) return null;
  switch (flow.destination.kind) {
    case 'Service':
      return `${flow.destination.name}.${flow.destination.namespace}.svc.${domain}.`;
    case 'Host':
      return `${flow.destination.host.replace(/\.$/, '')}.`;
    case 'Pod':
    case 'Address':
    case 'Absent':
      return null;
  }
}

/** Endpoints of the cluster DNS Service for UDP 53. */
export function dnsBackends(
  service: ServiceSnapshot,
  slices: readonly SliceSnapshot[],
  pods: readonly PodSnapshot[],
): readonly Backend[] {
  const port =
    service.spec.ports?.find((candidate) => candidate.port === 53 && (candidate.protocol ?? 'TCP') === 'UDP') ??
    service.spec.ports?.[0];
  return port === undefined ? [] : backendsOf(slices, pods, port);
}

/** Whether a Pod's resolver asks the cluster DNS, directly or through a node-local cache (link-local 169.254.0.0/16). */
export function usesClusterDns(resolvConf: ResolvConf, dnsService: ServiceSnapshot): boolean {
  const own = serviceAddresses(dnsService);
  return resolvConf.nameservers.some((server) => own.includes(server) || server.startsWith('169.254.'));
}

/** A label that no zone has. Fixed, so that a run can be played again; nobody has a reason to make it. */
export const NO_SUCH_LABEL = 'netdebug-no-such-name';

/**
 * The search domain, without a dot at the end, that answered for a name which is not meant to lie there: a name of an outside
 * host, or a Service's name outside the cluster domain. Null when the answer came from where it should, or there was none.
 */
export function strangeDomain(
  search: SearchReading | null,
  resolvConf: ResolvConf | null,
  { flow, domain }: { readonly flow: Flow; readonly domain: string },
): string | null {
  const last = search?.steps.at(-1);
  if (search === null || last === undefined || last.addresses.length === 0 || resolvConf === null) return null;
  const right = absoluteName(flow, domain);
  if (last.name === right || last.name === absolute(search.typed)) return null;
  const hit = resolvConf.search.find(
    (entry) => absolute(last.name) === absolute(`${search.typed.replace(/\.$/, '')}.${entry}`),
  );
  return hit?.replace(/\.$/, '') ?? null;
}

/** The name outside the cluster domain that a flow depends on: of a host, or of the target of an ExternalName; null for all others. */
export function outsideTarget(service: ServiceSnapshot | null, flow: Flow, domain: string): string | null {
  if (flow.byAddress) return null;
  if (flow.destination.kind === 'Host') return absoluteName(flow, domain);
  const target = service?.spec.type === 'ExternalName' ? service.spec.externalName : undefined;
  if (target === undefined || target === '') return null;
  const name = absolute(target);
  return isBelow(name, absolute(domain)) ? null : name;
}
