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
import appWrongFamily from './path/app-wrong-family.ts';
import bridgeNfOff from './path/bridge-nf-off.ts';
import cidrOverlap from './path/cidr-overlap.ts';
import clientPortExhaustion from './path/client-port-exhaustion.ts';
import cniSandboxFails from './path/cni-sandbox-fails.ts';
import conntrackFull from './path/conntrack-full.ts';
import forwardDrop from './path/forward-drop.ts';
import hairpinOff from './path/hairpin-off.ts';
import hostFirewallInput from './path/host-firewall-input.ts';
import idleTimeout from './path/idle-timeout.ts';
import ipForwardOff from './path/ip-forward-off.ts';
import kubeProxyDown from './path/kube-proxy-down.ts';
import kubeProxyModeConflict from './path/kube-proxy-mode-conflict.ts';
import kubeProxyStale from './path/kube-proxy-stale.ts';
import listenOverflow from './path/listen-overflow.ts';
import masqueradeWrong from './path/masquerade-wrong.ts';
import mtuBlackhole from './path/mtu-blackhole.ts';
import neighOverflow from './path/neigh-overflow.ts';
import nodeDown from './path/node-down.ts';
import packetLoss from './path/packet-loss.ts';
import podIpConflict from './path/pod-ip-conflict.ts';
import podNetnsBroken from './path/pod-netns-broken.ts';
import proxyRulesFlushed from './path/proxy-rules-flushed.ts';
import routeMissing from './path/route-missing.ts';
import routeReturnMissing from './path/route-return-missing.ts';
import rpFilterStrict from './path/rp-filter-strict.ts';
import snatPortCollision from './path/snat-port-collision.ts';
import udpConntrackStale from './path/udp-conntrack-stale.ts';
import underlayBlocked from './path/underlay-blocked.ts';
import vxlanCsumOffload from './path/vxlan-csum-offload.ts';
import vxlanVtepStale from './path/vxlan-vtep-stale.ts';
import netpolClusterPolicyDeny from './policy/netpol-cluster-policy-deny.ts';
import netpolDefaultDenyEgress from './policy/netpol-default-deny-egress.ts';
import netpolDefaultDenyIngress from './policy/netpol-default-deny-ingress.ts';
import netpolEgressDnsMissing from './policy/netpol-egress-dns-missing.ts';
import netpolHostnetworkPeer from './policy/netpol-hostnetwork-peer.ts';
import netpolIngressControllerNotAllowed from './policy/netpol-ingress-controller-not-allowed.ts';
import netpolIpblockIgnoredIdentity from './policy/netpol-ipblock-ignored-identity.ts';
import netpolIpblockServiceCidr from './policy/netpol-ipblock-service-cidr.ts';
import netpolIpblockSnatSource from './policy/netpol-ipblock-snat-source.ts';
import netpolNamedPortUnresolved from './policy/netpol-named-port-unresolved.ts';
import netpolNamespaceLabelMissing from './policy/netpol-namespace-label-missing.ts';
import netpolNodelocaldnsNotAllowed from './policy/netpol-nodelocaldns-not-allowed.ts';
import netpolNotEnforced from './policy/netpol-not-enforced.ts';
import netpolOneSideOnly from './policy/netpol-one-side-only.ts';
import netpolPeerPodLabelMismatch from './policy/netpol-peer-pod-label-mismatch.ts';
import netpolPortIsServicePort from './policy/netpol-port-is-service-port.ts';
import netpolPropagationLag from './policy/netpol-propagation-lag.ts';
import netpolProtoOrRangeWrong from './policy/netpol-proto-or-range-wrong.ts';
import netpolSelectorAndOr from './policy/netpol-selector-and-or.ts';
import netpolVendorCrdDeny from './policy/netpol-vendor-crd-deny.ts';
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
  appWrongFamily,
  appHung,
  listenOverflow,
  clientPortExhaustion,
  hairpinOff,
  cniSandboxFails,
  podNetnsBroken,
  podIpConflict,
  mtuBlackhole,
  packetLoss,
  kubeProxyDown,
  kubeProxyStale,
  proxyRulesFlushed,
  kubeProxyModeConflict,
  bridgeNfOff,
  masqueradeWrong,
  conntrackFull,
  udpConntrackStale,
  snatPortCollision,
  idleTimeout,
  ipForwardOff,
  forwardDrop,
  hostFirewallInput,
  rpFilterStrict,
  routeMissing,
  routeReturnMissing,
  underlayBlocked,
  vxlanVtepStale,
  vxlanCsumOffload,
  cidrOverlap,
  neighOverflow,
  nodeDown,
  netpolDefaultDenyIngress,
  netpolDefaultDenyEgress,
  netpolEgressDnsMissing,
  netpolPeerPodLabelMismatch,
  netpolNamespaceLabelMissing,
  netpolPortIsServicePort,
  netpolNodelocaldnsNotAllowed,
  netpolSelectorAndOr,
  netpolNamedPortUnresolved,
  netpolProtoOrRangeWrong,
  netpolIpblockServiceCidr,
  netpolIpblockIgnoredIdentity,
  netpolIpblockSnatSource,
  netpolOneSideOnly,
  netpolHostnetworkPeer,
  netpolNotEnforced,
  netpolPropagationLag,
  netpolIngressControllerNotAllowed,
  netpolClusterPolicyDeny,
  netpolVendorCrdDeny,
];
