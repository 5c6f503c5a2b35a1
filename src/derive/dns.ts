import type { ResolvConf } from '../evidence/readings.ts';
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
  const zones =
    corefile
      ?.match(/^[^\S\n]*kubernetes[^\S\n]+([^{\n]+)/m)?.[1]
      ?.trim()
      .split(/\s+/) ?? [];
  return zones.filter((zone) => zone !== '' && !zone.endsWith('.arpa')).map((zone) => zone.replace(/\.$/, ''));
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
