import dnsCorednsDown from './dns/dns-coredns-down.ts';
import dnsHostnetworkPolicy from './dns/dns-hostnetwork-policy.ts';
import dnsNameNotFound from './dns/dns-name-not-found.ts';
import dnsNameserverWrong from './dns/dns-nameserver-wrong.ts';
import dnsWrongNamespace from './dns/dns-wrong-namespace.ts';
import backendNotRunning from './endpoints/backend-not-running.ts';
import backendScaledToZero from './endpoints/backend-scaled-to-zero.ts';
import endpointsliceForeign from './endpoints/endpointslice-foreign.ts';
import endpointsliceStale from './endpoints/endpointslice-stale.ts';
import headlessPortConfusion from './endpoints/headless-port-confusion.ts';
import internalTrafficLocal from './endpoints/internal-traffic-local.ts';
import ipFamilyMismatch from './endpoints/ip-family-mismatch.ts';
import namedTargetportMissing from './endpoints/named-targetport-missing.ts';
import protocolMismatch from './endpoints/protocol-mismatch.ts';
import publishNotReady from './endpoints/publish-not-ready.ts';
import readinessFailing from './endpoints/readiness-failing.ts';
import selectorMismatch from './endpoints/selector-mismatch.ts';
import selectorTooBroad from './endpoints/selector-too-broad.ts';
import selectorlessEndpointsWrong from './endpoints/selectorless-endpoints-wrong.ts';
import sessionAffinityPinned from './endpoints/session-affinity-pinned.ts';
import targetportWrong from './endpoints/targetport-wrong.ts';
import terminatingEndpointRace from './endpoints/terminating-endpoint-race.ts';
import vipOrPortUndefined from './endpoints/vip-or-port-undefined.ts';
import zoneRoutingImbalance from './endpoints/zone-routing-imbalance.ts';
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
  dnsHostnetworkPolicy,
  dnsNameserverWrong,
  selectorMismatch,
  backendScaledToZero,
  backendNotRunning,
  readinessFailing,
  namedTargetportMissing,
  targetportWrong,
  vipOrPortUndefined,
  endpointsliceStale,
  selectorTooBroad,
  protocolMismatch,
  selectorlessEndpointsWrong,
  endpointsliceForeign,
  terminatingEndpointRace,
  internalTrafficLocal,
  zoneRoutingImbalance,
  sessionAffinityPinned,
  headlessPortConfusion,
  ipFamilyMismatch,
  publishNotReady,
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
