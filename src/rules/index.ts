import dnsAaaaUnroutable from './dns/dns-aaaa-unroutable.ts';
import dnsApiUnsynced from './dns/dns-api-unsynced.ts';
import dnsCacheStale from './dns/dns-cache-stale.ts';
import dnsConntrackRace from './dns/dns-conntrack-race.ts';
import dnsCorednsDown from './dns/dns-coredns-down.ts';
import dnsCorednsOverloaded from './dns/dns-coredns-overloaded.ts';
import dnsCorefileSyntaxError from './dns/dns-corefile-syntax-error.ts';
import dnsExternalnameBroken from './dns/dns-externalname-broken.ts';
import dnsForwardLoop from './dns/dns-forward-loop.ts';
import dnsHeadlessEmpty from './dns/dns-headless-empty.ts';
import dnsHostnetworkPolicy from './dns/dns-hostnetwork-policy.ts';
import dnsHostsOverride from './dns/dns-hosts-override.ts';
import dnsNameNotFound from './dns/dns-name-not-found.ts';
import dnsNameserverWrong from './dns/dns-nameserver-wrong.ts';
import dnsNdotsAmplification from './dns/dns-ndots-amplification.ts';
import dnsNodelocalDown from './dns/dns-nodelocal-down.ts';
import dnsReplicaPartial from './dns/dns-replica-partial.ts';
import dnsSearchWildcard from './dns/dns-search-wildcard.ts';
import dnsTcpFallbackBlocked from './dns/dns-tcp-fallback-blocked.ts';
import dnsUpstreamSlow from './dns/dns-upstream-slow.ts';
import dnsUpstreamUnreachable from './dns/dns-upstream-unreachable.ts';
import dnsWrongNamespace from './dns/dns-wrong-namespace.ts';
import backendNotRunning from './endpoints/backend-not-running.ts';
import backendScaledToZero from './endpoints/backend-scaled-to-zero.ts';
import endpointsliceStale from './endpoints/endpointslice-stale.ts';
import namedTargetportMissing from './endpoints/named-targetport-missing.ts';
import readinessFailing from './endpoints/readiness-failing.ts';
import selectorMismatch from './endpoints/selector-mismatch.ts';
import targetportWrong from './endpoints/targetport-wrong.ts';
import vipOrPortUndefined from './endpoints/vip-or-port-undefined.ts';
import appHung from './path/app-hung.ts';
import appLoopbackOnly from './path/app-loopback-only.ts';
import kubeProxyDown from './path/kube-proxy-down.ts';
import nodeDown from './path/node-down.ts';
import underlayBlocked from './path/underlay-blocked.ts';
import netpolDefaultDenyEgress from './policy/netpol-default-deny-egress.ts';
import netpolDefaultDenyIngress from './policy/netpol-default-deny-ingress.ts';
import netpolEgressDnsMissing from './policy/netpol-egress-dns-missing.ts';
import netpolNamespaceLabelMissing from './policy/netpol-namespace-label-missing.ts';
import netpolPeerPodLabelMismatch from './policy/netpol-peer-pod-label-mismatch.ts';
import netpolPortIsServicePort from './policy/netpol-port-is-service-port.ts';
import type { Rule } from './rule.ts';

/** Every root cause this version can name, in the order of the ladder. */
export const RULES: readonly Rule[] = [
  dnsNameNotFound,
  dnsWrongNamespace,
  dnsCorednsDown,
  dnsCorefileSyntaxError,
  dnsForwardLoop,
  dnsUpstreamUnreachable,
  dnsUpstreamSlow,
  dnsCorednsOverloaded,
  dnsApiUnsynced,
  dnsReplicaPartial,
  dnsConntrackRace,
  dnsNdotsAmplification,
  dnsSearchWildcard,
  dnsHostnetworkPolicy,
  dnsNameserverWrong,
  dnsHostsOverride,
  dnsCacheStale,
  dnsHeadlessEmpty,
  dnsExternalnameBroken,
  dnsTcpFallbackBlocked,
  dnsNodelocalDown,
  dnsAaaaUnroutable,
  selectorMismatch,
  backendScaledToZero,
  backendNotRunning,
  readinessFailing,
  namedTargetportMissing,
  targetportWrong,
  vipOrPortUndefined,
  endpointsliceStale,
  appLoopbackOnly,
  appHung,
  kubeProxyDown,
  underlayBlocked,
  nodeDown,
  netpolDefaultDenyIngress,
  netpolDefaultDenyEgress,
  netpolEgressDnsMissing,
  netpolPeerPodLabelMismatch,
  netpolNamespaceLabelMissing,
  netpolPortIsServicePort,
];
