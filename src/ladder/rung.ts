/** The five rungs of the ladder, in the order in which a request climbs them. */
export const RUNGS = ['D', 'E', 'P', 'N', 'X'] as const;

export type Rung = (typeof RUNGS)[number];

export const RUNG_NAMES: Readonly<Record<Rung, string>> = {
  D: 'DNS',
  E: 'Endpoints',
  P: 'Path',
  N: 'Policy',
  X: 'Exposure',
};

export const RUNG_QUESTIONS: Readonly<Record<Rung, string>> = {
  D: 'does the name resolve from this Pod, through its own resolv.conf, to the right address?',
  E: 'do selector, Pods, readiness, ports and EndpointSlices add up?',
  P: 'does a connection reach the Service address, and each backend by itself? who refused, and from which hop?',
  N: "what do NetworkPolicies say about this very flow, in both directions, after the Service's translation?",
  X: 'do NodePort, load balancer, Ingress, TLS and mesh let it through?',
};
